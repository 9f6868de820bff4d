package websession

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
)

// SignOut ends a web session and revokes its tokens as flow.Driver.SignOut does. No
// web session under id is no error. What fails is returned and keeps nothing else from
// being done. If errors.Is finds [ErrStore], then the web session may be there still,
// and SignOut can be called again. A ctx that ends does not keep the web session from
// being ended: each operation of the store takes Options.StoreTimeout at most, and the
// revocation 10 seconds.
func (m *Manager) SignOut(ctx context.Context, id ID) error {
	if id.IsZero() {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // users sign out on their way out
	name := m.sessionName(id)
	r, err := m.end(ctx, name)
	if r == nil {
		return err
	}
	revoked := m.revoke(ctx, &r.Tokens)
	if err != nil {
		return errors.Join(err, revoked)
	}
	// Listed or not, it has ended. A later SignOutUser finds nothing to end.
	m.report(name, m.forget(ctx, r.user(), name))
	return revoked
}

// SignOutUser ends all web sessions of a user, and revokes their tokens. The subject is
// flow.Tokens.Subject, or flow.Tokens.Username for tokens without one. A Create of the
// user that runs at the same time is overtaken and fails, or comes after SignOutUser.
// A ctx that ends does not keep SignOutUser from going on: the store has a minute for all
// web sessions, and the service 30 seconds for all revocations. Errors are as those of
// SignOut, and that of an empty subject. Tokens of the user that no web session has are for
// flow.Driver.GlobalSignOut.
func (m *Manager) SignOutUser(ctx context.Context, subject string) error {
	if subject == "" {
		return errors.New("websession: SignOutUser: the subject is empty; give flow.Tokens.Subject")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingAll) // an end half-way would leave some
	defer cancel()
	names, err := m.markEnding(ctx, subject)
	if err != nil || len(names) == 0 {
		return err
	}
	var errs []error
	var endedNames []string
	var last []*record
	for _, name := range names {
		r, err := m.end(ctx, name)
		if r != nil {
			last = append(last, r)
		}
		if err == nil {
			endedNames = append(endedNames, name)
		}
		errs = append(errs, err)
	}
	errs = append(errs, m.forget(ctx, subject, endedNames...), m.revokeAll(ctx, last))
	return errors.Join(errs...)
}

// What SignOutUser takes at most of the store and of the service, and how many requests
// it sends at once.
const (
	endingAll, revokingAll = time.Minute, 30 * time.Second
	revokedAtOnce          = 8
)

func (m *Manager) revokeAll(ctx context.Context, records []*record) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokingAll)
	defer cancel()
	errs := make([]error, len(records))
	var running sync.WaitGroup
	for first := range min(len(records), revokedAtOnce) {
		running.Go(func() {
			for n := first; n < len(records); n += revokedAtOnce {
				errs[n] = m.revoke(ctx, &records[n].Tokens)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// end deletes the record of a web session. end returns the record that was there, nil
// for none. If the store fails, end returns what this process has in memory, and the
// process uses that no more.
func (m *Manager) end(ctx context.Context, name string) (*record, error) {
	last := m.cache.get(name)
	defer m.cache.drop(name)
	for range changes {
		got, err := m.get(ctx, name)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return last, nil
		case err != nil:
			return last, storeFailed(err)
		}
		r := &record{name: name, version: got.Version}
		if openRecord(m.sealer, purposeSession, name, got.Data, &r.state) == nil {
			last = r
		}
		// A conflict is with new tokens, which are to be revoked.
		if err := m.remove(ctx, name, got.Version); !errors.Is(err, store.ErrConflict) {
			return last, err
		}
	}
	return last, storeFailed(errContended)
}

// revocation bounds what a revocation takes.
const revocation = 10 * time.Second

// revoke makes tokens worthless. Callers see to it that the end of a request does not
// leave tokens that work.
func (m *Manager) revoke(ctx context.Context, t *flow.Tokens) error {
	ctx, cancel := context.WithTimeout(ctx, revocation)
	defer cancel()
	return contain(func() error { return m.driver.SignOut(ctx, t, m.options.RefreshOptions...) })
}

// reportRevoked revokes the tokens of a web session that nobody waits for.
func (m *Manager) reportRevoked(ctx context.Context, r *record) {
	if r != nil {
		m.report(r.name, m.revoke(context.WithoutCancel(ctx), &r.Tokens))
	}
}
