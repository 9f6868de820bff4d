package device

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
)

// findFormer finds a device in the form before wallets: a record for each user,
// and one for each alias with the user's name in it. It moves what it finds into
// the wallet. Only holders with a store of their own have such records.
func (w Wallet) findFormer(ctx context.Context, entries []Entry, names []string) (Entry, error) {
	store := w.holder.store
	for _, name := range names {
		alias, err := store.Get(ctx, w.app+"/alias/"+name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Entry{}, err
		}
		user, aliases := name, []string(nil)
		if err == nil {
			user, aliases = string(alias), []string{name}
		}
		if i := slices.IndexFunc(entries, func(e Entry) bool { return w.IsOf(e, user) }); i >= 0 {
			w.moveFormer(ctx, user, entries[i], aliases)
			return entries[i], nil
		}
		data, err := store.Get(ctx, w.app+"/user/"+user)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		var e Entry
		if err == nil {
			err = e.UnmarshalJSON(data)
		}
		if err != nil {
			return Entry{}, err
		}
		var former struct{ Suspect bool }
		if json.Unmarshal(data, &former) == nil && former.Suspect {
			e.State = Suspect
		}
		e.user = w.digest(user)
		w.moveFormer(ctx, user, e, aliases)
		return e, nil
	}
	return Entry{}, ErrNotFound
}

// moveFormer writes the wallet and then deletes. A failure is no loss: the former
// records are found again the next time.
func (w Wallet) moveFormer(ctx context.Context, user string, e Entry, aliases []string) {
	if err := w.Put(ctx, user, e, aliases...); err != nil {
		return
	}
	for _, alias := range aliases {
		w.holder.store.Delete(ctx, w.app+"/alias/"+alias)
	}
	w.holder.store.Delete(ctx, w.app+"/user/"+user)
}
