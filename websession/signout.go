package websession

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
)

// SignOut ends a web session and revokes its tokens as flow.Driver.SignOut does. SignOut
// succeeds if there is no web session under id.
//
// SignOut does both parts even if one fails, and returns the errors. If errors.Is finds
// [ErrStore], the web session may still exist: call SignOut again. The end of ctx does
// not stop SignOut. Each operation of the store takes Options.StoreTimeout at most, and
// the revocation 10 seconds.
func (m *Manager) SignOut(ctx context.Context, id ID) error {
	if id.IsZero() {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // a user may close the browser at once
	name := m.sessionName(id)
	r, err := m.end(ctx, name)
	if r == nil {
		return err
	}
	revoked := m.revoke(ctx, &r.Tokens)
	if err != nil {
		return errors.Join(err, revoked)
	}
	// The web session has ended, even if its entry in the index stays. Then a later
	// SignOutUser has nothing to do for the entry.
	m.report(name, m.forget(ctx, r.user(), name))
	return revoked
}

// SignOutUser ends all web sessions of a user, and revokes their tokens. The subject is
// flow.Tokens.Subject, or flow.Tokens.Username for tokens without a subject. To revoke
// tokens outside web sessions too, call flow.Driver.GlobalSignOut.
//
// If a Create for the user runs at the same time, it fails or it comes after
// SignOutUser. The end of ctx does not stop SignOutUser. The store has a minute for all
// web sessions, and the service has 30 seconds for all revocations. Errors are as those
// of [Manager.SignOut]. SignOutUser also fails if the subject is empty.
func (m *Manager) SignOutUser(ctx context.Context, subject string) error {
	if subject == "" {
		return errors.New("websession: SignOutUser: the subject is empty: give flow.Tokens.Subject")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingAll) // to stop half-way would leave some web sessions
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

// endingAll bounds the work of SignOutUser with the store, and revokingAll its work with the
// service. revokedAtOnce is the number of requests at a time.
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

// end deletes the record of a web session from the store and the cache. end returns the
// record for its revocation, and nil if there was none. If the store fails, end returns
// the record of the cache.
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
		// After a conflict the record has new tokens, and the caller must revoke them.
		if err := m.remove(ctx, name, got.Version); !errors.Is(err, store.ErrConflict) {
			return last, err
		}
	}
	return last, storeFailed(errContended)
}

// revocation is the time limit of a revocation.
const revocation = 10 * time.Second

// revoke revokes tokens. The caller gives a ctx that does not end with a request, so that
// no valid tokens are left.
func (m *Manager) revoke(ctx context.Context, t *flow.Tokens) error {
	ctx, cancel := context.WithTimeout(ctx, revocation)
	defer cancel()
	return contain(func() error { return m.driver.SignOut(ctx, t, m.options.RefreshOptions...) })
}

// reportRevoked revokes the tokens of a web session, and tells OnError of a failure.
func (m *Manager) reportRevoked(ctx context.Context, r *record) {
	if r != nil {
		m.report(r.name, m.revoke(context.WithoutCancel(ctx), &r.Tokens))
	}
}
