package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Wallet is the record of one holder for one app client: at most 8 devices in at most 2,048
// bytes. Each user has one device, and a second one until the second one is confirmed. One
// more device replaces the device that was not used for the longest time. The user of the
// dropped device is asked for a code again.
//
// Each method reads the record from the store. If the store is a [Swapper], several
// processes can change one wallet at once. With another store, one of two changes at once
// is lost.
type Wallet struct {
	holder Holder
	app    string // user pool ID and client ID
}

// Entry is the device of one user in a [Wallet].
type Entry struct {
	Credentials
	State State
	Used  time.Time // the last sign-in that used the device, in seconds

	user    digest
	aliases []digest // the first 8 bytes of each, the newest first
}

// MarshalJSON returns an error. [Wallet.Put] keeps an entry, and [Credentials] have a JSON
// form.
func (e Entry) MarshalJSON() ([]byte, error) {
	return nil, errors.New("device: an Entry has no JSON form: keep the Entry with Wallet.Put, or keep its Credentials")
}

// State is the state of a device. The values are part of the record.
type State string

const (
	// Confirmed: ConfirmDevice has succeeded.
	Confirmed State = ""
	// Unconfirmed: ConfirmDevice was not called yet, has failed, or its reply was lost.
	Unconfirmed State = "unconfirmed"
	// Suspect: the service has refused the device. The next sign-in does without it.
	Suspect State = "suspect"
)

const (
	maxDevices = 8
	maxAliases = 3
	maxRecord  = 2048 // of Store

	// ConfirmDevice needs an access token of the sign-in, which lives a day at most.
	unconfirmedLife = 24 * time.Hour
)

// Wallet returns the wallet of the holder for an app client. The wallet of the zero Holder
// is empty, and its changes succeed without effect. If [Holder.Validate] fails, the
// methods of the wallet return that error.
func (h Holder) Wallet(userPoolID, clientID string) Wallet {
	return Wallet{h, userPoolID + "/" + clientID} // app client IDs have no slash
}

// Find returns the device of a user. A name is the pool's name for a user, or an alias that
// the user has signed in with. Find tries all names as names of users first, and then as
// aliases, in their order. If a user has two devices, Find returns the confirmed one.
//
// errors.Is finds [ErrNotFound], [ErrUnusable] or the error of the store. The next Put
// replaces an unusable record. Find also fails if the [ID] of the holder is of [NewID] in
// this process and has devices.
func (w Wallet) Find(ctx context.Context, names ...string) (Entry, error) {
	if w.holder.IsZero() {
		return Entry{}, ErrNotFound
	}
	_, entries, err := w.read(ctx)
	if err != nil {
		return Entry{}, err
	}
	if w.holder.fresh && len(entries) > 0 {
		return Entry{}, errFresh
	}
	for _, leadsTo := range []func(Entry, digest) bool{Entry.isOf, Entry.hasAlias} {
		for _, name := range names {
			if i := slices.IndexFunc(entries, func(e Entry) bool { return leadsTo(e, w.digest(name)) }); i >= 0 {
				e, _ := deviceOf(entries, entries[i].user)
				return e, nil
			}
		}
	}
	return Entry{}, ErrNotFound
}

var errFresh = errors.New("device: an ID of NewID has devices already. A sign-in does not use them. " +
	"Make a new ID for each browser, and read the ID of a request with ParseID")

// deviceOf returns the device of a user, a confirmed one if there is one.
func deviceOf(entries []Entry, user digest) (found Entry, ok bool) {
	for _, e := range entries {
		if e.isOf(user) && (!ok || found.State == Unconfirmed && e.State != Unconfirmed) {
			found, ok = e, true
		}
	}
	return found, ok
}

// FindKey returns the device with this device key. Errors are as those of [Wallet.Find].
func (w Wallet) FindKey(ctx context.Context, key string) (Entry, error) {
	if w.holder.IsZero() {
		return Entry{}, ErrNotFound
	}
	_, entries, err := w.read(ctx)
	if err != nil {
		return Entry{}, err
	}
	if i := slices.IndexFunc(entries, func(e Entry) bool { return e.Key == key }); i >= 0 {
		return entries[i], nil
	}
	return Entry{}, ErrNotFound
}

// IsOf reports whether e is the device of this user.
func (w Wallet) IsOf(e Entry, user string) bool { return e.isOf(w.digest(user)) }

// Put keeps the device of a user, and replaces another device of the same user. A device
// that is not confirmed does not replace a confirmed one. The aliases lead to this user
// from now on.
func (w Wallet) Put(ctx context.Context, user string, e Entry, aliases ...string) error {
	return w.change(ctx, func(entries []Entry) []Entry {
		e.user, e.aliases = w.digest(user), nil
		return w.lead(entries, e, func(other Entry) bool { return e.State != Unconfirmed || other.State == Unconfirmed }, aliases)
	})
}

// Change edits a device of Find, and makes the aliases lead to its user. If edit confirms
// the device, it replaces the other device of the user. If the wallet does not have the
// device any more, Change does nothing.
func (w Wallet) Change(ctx context.Context, found Entry, edit func(*Entry), aliases ...string) error {
	return w.change(ctx, func(entries []Entry) []Entry {
		i := slices.IndexFunc(entries, func(e Entry) bool { return e.Key == found.Key && e.isOf(found.user) })
		if i < 0 {
			return entries // another process has removed the device, or put a newer one
		}
		e := entries[i]
		entries = slices.Delete(entries, i, i+1)
		before := e.State
		edit(&e)
		return w.lead(entries, e, func(Entry) bool { return before == Unconfirmed && e.State == Confirmed }, aliases)
	})
}

// Remove removes the device of a user if the device has this device key. If the device is
// of another user, it stays, and the aliases do not lead to it any more.
func (w Wallet) Remove(ctx context.Context, user, key string, aliases ...string) error {
	return w.change(ctx, func(entries []Entry) []Entry {
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return e.Key == key && w.IsOf(e, user) })
		for i, e := range entries {
			if e.Key == key {
				entries[i].aliases = w.without(e.aliases, aliases...)
			}
		}
		return entries
	})
}

// lead puts an entry first, and removes the entries of its user that it replaces. The
// aliases lead to this user alone.
func (w Wallet) lead(entries []Entry, e Entry, replaces func(Entry) bool, aliases []string) []Entry {
	var led []digest
	for _, alias := range aliases {
		if alias != "" && !w.IsOf(e, alias) {
			led = slices.Insert(led, 0, w.digest(alias).short()) // the last alias is the newest
		}
	}
	e.aliases = append(led, e.aliases...)
	var others []Entry
	for _, other := range entries {
		switch {
		case !other.isOf(e.user):
			other.aliases = w.without(other.aliases, aliases...)
			others = append(others, other)
		case other.Key == e.Key, replaces(other):
			e.aliases = append(e.aliases, other.aliases...)
		case other.State == Unconfirmed && !other.Used.IsZero() && e.Used.Sub(other.Used) > unconfirmedLife:
		default: // second, so that the user's new device does not push it out
			others = slices.Insert(others, 0, other)
		}
	}
	e.aliases = distinct(e.aliases)
	e.aliases = e.aliases[:min(len(e.aliases), maxAliases)]
	return append([]Entry{e}, others...)
}

// distinct keeps the first of equal values.
func distinct[T comparable](all []T) []T {
	var kept []T
	for _, one := range all {
		if !slices.Contains(kept, one) {
			kept = append(kept, one)
		}
	}
	return kept
}

func (w Wallet) without(digests []digest, names ...string) []digest {
	return slices.DeleteFunc(slices.Clone(digests), func(d digest) bool {
		return slices.ContainsFunc(names, func(name string) bool { return w.digest(name).short() == d })
	})
}

// recordName returns the name of the record in the store.
func (w Wallet) recordName() string { return w.app + "/" + w.holder.name }

func (w Wallet) read(ctx context.Context) (data []byte, entries []Entry, err error) {
	if w.holder.err != nil {
		return nil, nil, w.holder.err
	}
	if data, err = w.holder.store.Get(ctx, w.recordName()); errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	if err == nil {
		entries, err = decode(data)
	}
	return data, entries, err
}

// changes is how often a change is tried in case of conflicts.
const changes = 100

// change rewrites the record, unless nothing changes.
func (w Wallet) change(ctx context.Context, edit func([]Entry) []Entry) error {
	if w.holder.IsZero() {
		return nil
	}
	for range changes {
		if done, err := w.tryChange(ctx, edit); err != nil || done {
			return err
		}
	}
	return fmt.Errorf("device: the record was changed by others %d times in a row", changes)
}

// tryChange reports false if others have changed the record meanwhile.
func (w Wallet) tryChange(ctx context.Context, edit func([]Entry) []Entry) (bool, error) {
	old, entries, err := w.read(ctx)
	isUnusable := errors.Is(err, ErrUnusable)
	if err != nil && !isUnusable {
		return false, err
	}
	edited := edit(entries)
	if len(entries)+len(edited) == 0 {
		return true, nil // do not delete an unusable record: a later release may read it
	}
	data, err := encode(edited)
	if err != nil || bytes.Equal(data, old) {
		return true, err
	}
	swapper, canSwap := w.holder.store.(Swapper)
	if !canSwap || isUnusable && old == nil { // a store cannot compare a record that it cannot open
		return true, w.write(ctx, data)
	}
	return swapper.Swap(ctx, w.recordName(), old, data)
}

func (w Wallet) write(ctx context.Context, data []byte) error {
	if data == nil {
		return w.holder.store.Delete(ctx, w.recordName())
	}
	return w.holder.store.Put(ctx, w.recordName(), data)
}
