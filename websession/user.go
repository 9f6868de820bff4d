package websession

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
)

// index lists the web sessions of one user, for SignOutUser. An index lists each web
// session that has not ended, and may list web sessions that have ended.
type index struct {
	Form     int     `json:"form"`
	Sessions []entry `json:"sessions"` // the oldest first

	version string
}

// entry is a web session in an index. The names are short, because the index has to
// fit into a record.
type entry struct {
	Name    string `json:"n"` // of the record
	Created int64  `json:"c"` // in seconds since 1970
	// Ending says that SignOutUser ends the web session. If Create finds its own entry
	// so, the user was signed out at the same time, and Create fails.
	Ending bool `json:"e,omitempty"`
}

func (e entry) ends(o *Options) time.Time { return time.Unix(e.Created, 0).Add(o.Lifetime) }

func (x *index) find(name string) int {
	return slices.IndexFunc(x.Sessions, func(e entry) bool { return e.Name == name })
}

// userOf returns the subject, which stays the same for a user. Tokens of imitations of
// the service may have no subject.
func userOf(t *flow.Tokens) string { return cmp.Or(t.Subject, t.Username) }

func (m *Manager) indexName(user string) string {
	return store.Name("web sessions of a user", m.app.UserPoolID, m.app.ClientID, user)
}

var (
	errOvertaken = fmt.Errorf("%w: the user was signed out at the same time", ErrNoSession)
	errContended = fmt.Errorf("the record was changed by others %d times in a row", changes)
)

// changes is how often a change is tried in case of conflicts.
const changes = 100

// enter lists a web session before its record is written. If the process ends in between,
// the index has an entry without a record.
func (m *Manager) enter(ctx context.Context, user, name string, now time.Time) error {
	return m.changeIndex(ctx, user, func(x *index) error {
		if x.find(name) >= 0 {
			return nil // an earlier try was written, though the store told of a conflict
		}
		x.Sessions = slices.DeleteFunc(x.Sessions, func(e entry) bool { return !now.Before(e.ends(&m.options)) })
		for len(x.Sessions) >= m.options.MaxPerUser {
			i, err := m.dispensable(ctx, x, now)
			if err != nil {
				return err
			}
			last, err := m.end(ctx, x.Sessions[i].Name)
			if err != nil {
				return err
			}
			m.reportRevoked(ctx, last)
			x.Sessions = slices.Delete(x.Sessions, i, i+1)
		}
		x.Sessions = append(x.Sessions, entry{Name: name, Created: now.Unix()})
		return nil
	})
}

// entering is longer than the time of a Create from the entry to the record.
const entering = time.Minute

// dispensable returns the place of the entry that makes room in a full index. An entry
// whose web session has ended by idle time goes first, and else the oldest entry.
func (m *Manager) dispensable(ctx context.Context, x *index, now time.Time) (int, error) {
	for i, e := range x.Sessions {
		if now.Sub(time.Unix(e.Created, 0)) < entering {
			break // its record may not be written yet
		}
		_, err := m.get(ctx, e.Name)
		if errors.Is(err, store.ErrNotFound) {
			return i, nil
		}
		if err != nil {
			return 0, storeFailed(err)
		}
	}
	return 0, nil
}

// checkEntered fails if SignOutUser ran after the entry and before the record was written.
// Such a SignOutUser found no record to delete.
func (m *Manager) checkEntered(ctx context.Context, user, name string) error {
	x, err := m.loadIndex(ctx, user)
	if err != nil {
		return err
	}
	if i := x.find(name); i < 0 || x.Sessions[i].Ending {
		return errOvertaken
	}
	return nil
}

// forget removes entries of web sessions that have ended.
func (m *Manager) forget(ctx context.Context, user string, names ...string) error {
	return m.changeIndex(ctx, user, func(x *index) error {
		x.Sessions = slices.DeleteFunc(x.Sessions, func(e entry) bool { return slices.Contains(names, e.Name) })
		return nil
	})
}

// markEnding marks all web sessions of a user, and returns their names.
func (m *Manager) markEnding(ctx context.Context, user string) (names []string, err error) {
	err = m.changeIndex(ctx, user, func(x *index) error {
		names = nil
		for i := range x.Sessions {
			x.Sessions[i].Ending = true
			names = append(names, x.Sessions[i].Name)
		}
		return nil
	})
	return names, err
}

// changeIndex edits and writes an index, again if another instance has changed the index
// meanwhile.
func (m *Manager) changeIndex(ctx context.Context, user string, edit func(*index) error) error {
	for range changes {
		x, err := m.loadIndex(ctx, user)
		if err != nil {
			return err
		}
		listed := len(x.Sessions)
		if err := edit(&x); err != nil {
			return err
		}
		if listed+len(x.Sessions) == 0 {
			return nil
		}
		if err := m.writeIndex(ctx, user, x); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return storeFailed(errContended)
}

// loadIndex returns an empty index if there is none.
func (m *Manager) loadIndex(ctx context.Context, user string) (index, error) {
	name := m.indexName(user)
	got, err := m.get(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return index{Form: form}, nil
	}
	x := index{version: got.Version}
	if err == nil {
		err = openRecord(m.sealer, purposeIndex, name, got.Data, &x)
	}
	if err == nil && x.Form != form {
		err = errForm
	}
	if err != nil {
		return index{}, storeFailed(err)
	}
	return x, nil
}

func (m *Manager) writeIndex(ctx context.Context, user string, x index) error {
	name := m.indexName(user)
	if len(x.Sessions) == 0 {
		return m.remove(ctx, name, x.version)
	}
	var expires time.Time
	for _, e := range x.Sessions {
		if ends := e.ends(&m.options); ends.After(expires) {
			expires = ends
		}
	}
	data, err := sealRecord(m.sealer, purposeIndex, name, x, expires)
	if err != nil {
		return err
	}
	_, err = m.put(ctx, name, data, x.version, expires)
	return err
}
