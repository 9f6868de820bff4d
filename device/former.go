package device

import (
	"context"
	"encoding/json"
	"errors"
)

// findFormer finds a device in the form before wallets: a record for each user,
// and one for each alias with the user's name in it. It moves what it finds into
// the wallet. Only holders with a store of their own have such records.
func (w Wallet) findFormer(ctx context.Context, entries []Entry, names []string) (Entry, error) {
	for _, user := range names {
		if e, err := w.moveFormer(ctx, entries, user); !errors.Is(err, ErrNotFound) {
			return e, err
		}
	}
	for _, alias := range names {
		user, err := w.holder.store.Get(ctx, w.formerName("alias", alias))
		var e Entry
		if err == nil {
			e, err = w.moveFormer(ctx, entries, string(user), alias)
		}
		if !errors.Is(err, ErrNotFound) {
			return e, err
		}
	}
	return Entry{}, ErrNotFound
}

func (w Wallet) formerName(kind, name string) string { return w.app + "/" + kind + "/" + name }

// moveFormer moves the device of a user, and the aliases, which may be all that is
// left to move. The wallet is written first, and the former records are deleted
// then. A failure is no loss: the former records are found again the next time.
func (w Wallet) moveFormer(ctx context.Context, entries []Entry, user string, aliases ...string) (Entry, error) {
	e, err := w.readFormer(ctx, entries, user)
	if err != nil {
		return Entry{}, err
	}
	err = w.change(ctx, func(present []Entry) []Entry {
		if newer, ok := deviceOf(present, e.user); ok {
			e = newer
		}
		return w.lead(present, e, func(Entry) bool { return false }, aliases)
	})
	if err != nil {
		return e, nil
	}
	for _, alias := range aliases {
		w.holder.store.Delete(ctx, w.formerName("alias", alias))
	}
	w.holder.store.Delete(ctx, w.formerName("user", user))
	return e, nil
}

// readFormer returns the device of a user from the wallet, or from its record.
func (w Wallet) readFormer(ctx context.Context, entries []Entry, user string) (Entry, error) {
	if e, ok := deviceOf(entries, w.digest(user)); ok {
		return e, nil
	}
	data, err := w.holder.store.Get(ctx, w.formerName("user", user))
	if err != nil {
		return Entry{}, err
	}
	e := Entry{user: w.digest(user)}
	if err := e.UnmarshalJSON(data); err != nil {
		return Entry{}, err
	}
	var former struct{ Suspect bool }
	if json.Unmarshal(data, &former) == nil && former.Suspect {
		e.State = Suspect
	}
	return e, nil
}
