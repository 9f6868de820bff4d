package device

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// The form before wallets had a record for each user, and one for each alias with the
// user's name in it. Holders with a store of their own can have such records. To find
// a device does not move it: anybody can type a name.

func (w Wallet) formerName(kind, name string) string { return w.app + "/" + kind + "/" + name }

// getFormer reads a record of the former form. A store need not take every name.
func (w Wallet) getFormer(ctx context.Context, kind, name string) ([]byte, error) {
	record := w.formerName(kind, name)
	if len(record) > maxName || strings.Contains(name, "\x00") || !utf8.ValidString(name) {
		return nil, ErrNotFound
	}
	return w.holder.store.Get(ctx, record)
}

// findFormer finds a device by the records of the former form, or the device of the
// wallet that a former alias leads to.
func (w Wallet) findFormer(ctx context.Context, entries []Entry, names []string) (Entry, error) {
	for _, user := range names {
		if e, err := w.readFormer(ctx, entries, user); !errors.Is(err, ErrNotFound) {
			return e, err
		}
	}
	for _, alias := range names {
		user, err := w.getFormer(ctx, "alias", alias)
		var e Entry
		if err == nil {
			e, err = w.readFormer(ctx, entries, string(user))
			e.former = append(e.former, w.formerName("alias", alias))
		}
		if !errors.Is(err, ErrNotFound) {
			return e, err
		}
	}
	return Entry{}, ErrNotFound
}

// readFormer returns the device of a user from the wallet, or from its record.
func (w Wallet) readFormer(ctx context.Context, entries []Entry, user string) (Entry, error) {
	if e, ok := deviceOf(entries, w.digest(user)); ok {
		return e, nil
	}
	data, err := w.getFormer(ctx, "user", user)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{user: w.digest(user), former: []string{w.formerName("user", user)}}
	if err := e.Credentials.UnmarshalJSON(data); err != nil {
		return Entry{}, err
	}
	var former struct{ Suspect bool }
	if json.Unmarshal(data, &former) == nil && former.Suspect {
		e.State = Suspect
	}
	return e, nil
}

// deleteFormer deletes the records that a device was found by. Those that stay
// after a failure lead to the wallet's device from then on.
func (w Wallet) deleteFormer(ctx context.Context, e Entry) error {
	var errs []error
	for _, name := range distinct(e.former) {
		errs = append(errs, w.holder.store.Delete(ctx, name))
	}
	return errors.Join(errs...)
}

// removeFormer is Remove for records of the former form.
func (w Wallet) removeFormer(ctx context.Context, user, key string, aliases []string) error {
	e, err := w.readFormer(ctx, nil, user)
	if err != nil || e.Key != key {
		e.former = nil
	}
	for _, alias := range aliases {
		if leadsTo, err := w.getFormer(ctx, "alias", alias); err == nil && string(leadsTo) != user {
			e.former = append(e.former, w.formerName("alias", alias))
		}
	}
	return w.deleteFormer(ctx, e)
}
