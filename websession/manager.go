package websession

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/guard"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
)

// Manager keeps the web sessions of one app. Each instance of a backend has a Manager
// with the same store and the same keys. A Manager is safe for concurrent use. A Manager
// does not print its content.
type Manager struct {
	driver  *flow.Driver
	store   store.Store
	sealer  *seal.Sealer
	options Options
	app     flow.App
	cache   *cache
	jobs    *jobs // fmt does not follow pointers, so it does not race with a job
}

// New returns a manager of the web sessions of the driver's app. The keys of the sealer
// encrypt the records. New fails if an argument is nil, if the sealer is for another app
// client or pool, or if an option is not valid. New does not use the store or the service.
func New(d *flow.Driver, s store.Store, sealer *seal.Sealer, optFns ...func(*Options)) (*Manager, error) {
	if d == nil || guard.IsNil(s) || sealer == nil {
		return nil, errors.New("websession: New: the driver, the store or the sealer is nil")
	}
	m := &Manager{driver: d, store: s, sealer: sealer, app: d.App(), jobs: &jobs{byName: make(map[string]*job), all: make(map[*job]struct{})}}
	if sealed := sealer.App(); sealed.UserPoolID != m.app.UserPoolID || sealed.ClientID != m.app.ClientID {
		return nil, fmt.Errorf("websession: New: the driver is for app client %q of %q, and the sealer for %q of %q: give seal.New the app of the driver",
			m.app.ClientID, m.app.UserPoolID, sealed.ClientID, sealed.UserPoolID)
	}
	for _, fn := range optFns {
		fn(&m.options)
	}
	if m.options.Now == nil {
		m.options.Now = d.LocalNow
	}
	if err := m.options.complete(); err != nil {
		return nil, err
	}
	m.cache = newCache(m.options.CacheSize)
	return m, nil
}

// Format prints a placeholder for every verb.
func (m *Manager) Format(w fmt.State, _ rune) {
	fmt.Fprintf(w, "websession.Manager(%s)", m.app.ClientID)
}

// Create makes a web session of the tokens of a sign-in and returns its random
// identifier. Call Create at each sign-in, so that an identifier from before the sign-in
// is worthless. [Manager.Begin] does so for a browser.
//
// If the user has Options.MaxPerUser web sessions, the oldest one ends.
//
// Create fails without tokens, without a Subject and a Username in them, and if they take
// more than 14 KiB as JSON. If the store fails, errors.Is finds [ErrStore]. If the user
// is signed out at the same time by [Manager.SignOutUser], errors.Is finds [ErrNoSession].
func (m *Manager) Create(ctx context.Context, t *flow.Tokens) (ID, error) {
	if t == nil || t.AccessToken.IsZero() {
		return ID{}, errors.New("websession: Create: there are no tokens")
	}
	id := newID()
	name, user, now := m.sessionName(id), userOf(t), m.now()
	if user == "" {
		return ID{}, errors.New("websession: Create: the tokens have no Subject and no Username, and SignOutUser needs one of the two")
	}
	first := newState(t, now, &m.options)
	if err := first.checkSize(); err != nil {
		return ID{}, fmt.Errorf("websession: Create: %w", err)
	}
	if err := m.enter(ctx, user, name, now); err != nil {
		return ID{}, err
	}
	if _, err := m.write(ctx, &record{name: name, state: first}); err != nil {
		return ID{}, err
	}
	if err := m.checkEntered(ctx, user, name); err != nil {
		_, ended := m.end(context.WithoutCancel(ctx), name)
		return ID{}, errors.Join(err, ended)
	}
	return id, nil
}

// Tokens returns valid tokens of a web session. Tokens reads the store once.
//
// While the present tokens are valid, Tokens does not wait for a refresh. The refresh runs
// in the background, and does not end with ctx. If the tokens have expired, Tokens waits
// for the refresh until ctx ends. One instance refreshes a web session at a time.
//
// If the store fails, Tokens returns valid tokens from the memory of this process, and
// tells Options.OnError. errors.Is finds one of these in the error:
//
//   - [ErrNoSession]: the user has to sign in.
//   - [ErrStore]: the store failed, and there are no valid tokens in memory.
//   - The code of a [RefreshError]: the tokens have expired, and the refresh failed.
//   - The error of ctx: the refresh or the store has not answered yet.
func (m *Manager) Tokens(ctx context.Context, id ID) (*flow.Tokens, error) {
	r, err := m.current(ctx, id)
	if err != nil {
		return nil, err
	}
	return cloneTokens(&r.Tokens), nil
}

// current returns a record with valid tokens.
func (m *Manager) current(ctx context.Context, id ID) (*record, error) {
	if id.IsZero() {
		return nil, ErrNoSession
	}
	name := m.sessionName(id)
	for {
		r, err := m.load(ctx, name)
		if err != nil {
			return m.fromMemory(ctx, name, err)
		}
		j, err := m.attend(ctx, r)
		if err != nil || j == nil {
			return r, err
		}
		r, err = j.wait(ctx)
		if err != nil || r.isValid(m.now()) {
			return r, err
		}
		// The job only wrote the time of a call, or the new tokens have expired since.
		if err := j.waitEnd(ctx); err != nil {
			return nil, err
		}
	}
}

// attend starts the job that is due for a web session. attend returns the job if the
// caller has to wait for its end.
func (m *Manager) attend(ctx context.Context, r *record) (*job, error) {
	now := m.now()
	at, isValid := r.stage(now, &m.options), r.isValid(now)
	switch {
	case at == ended:
		return nil, ErrNoSession
	case at == fresh:
		return nil, nil
	case at == resting && isValid:
		return nil, nil
	case at == resting:
		return nil, r.Failure.error(nil)
	}
	j := m.start(ctx, r)
	if isValid {
		return nil, nil
	}
	return j, nil
}

// fromMemory returns the record that this process has in memory, after the store has
// failed with err.
func (m *Manager) fromMemory(ctx context.Context, name string, err error) (*record, error) {
	switch {
	case errors.Is(err, ErrNoSession):
		return nil, err
	case ctx.Err() != nil:
		return nil, fmt.Errorf("websession: given up waiting for the store: %w", context.Cause(ctx))
	}
	r, now := m.cache.get(name), m.now()
	if r == nil || !r.isValid(now) || r.stage(now, &m.options) == ended {
		return nil, err // not ErrNoSession: another instance may have prolonged the web session
	}
	m.report(name, err)
	return r, nil
}

// load reads a record. load decrypts only a version that is not in memory.
func (m *Manager) load(ctx context.Context, name string) (*record, error) {
	got, err := m.get(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		m.cache.drop(name)
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, storeFailed(err)
	}
	if r := m.cache.get(name); r != nil && r.version == got.Version {
		return r, nil
	}
	r := &record{name: name, version: got.Version}
	err = openRecord(m.sealer, purposeSession, name, got.Data, &r.state)
	if err == nil && r.Form != form {
		err = errForm
	}
	if err != nil {
		return nil, storeFailed(err)
	}
	m.cache.put(r)
	return r, nil
}

// write replaces the version of the record in the store, and returns the record with its
// new version. The error of a conflict is store.ErrConflict, and not ErrStore.
func (m *Manager) write(ctx context.Context, r *record) (*record, error) {
	expires := r.ends(&m.options)
	data, err := sealRecord(m.sealer, purposeSession, r.name, r.state, expires)
	if err != nil {
		return nil, err
	}
	version, err := m.put(ctx, r.name, data, r.version, expires)
	if err != nil {
		return nil, err
	}
	written := &record{r.name, version, r.state}
	m.cache.put(written)
	return written, nil
}

// get returns the error of the store as it is. Only get, put and remove call the store.
func (m *Manager) get(ctx context.Context, name string) (got store.Record, err error) {
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(ctx, m.options.StoreTimeout)
	defer cancel()
	return m.store.Get(ctx, name)
}

// put fails with store.ErrConflict or ErrStore.
func (m *Manager) put(ctx context.Context, name string, data []byte, version string, expires time.Time) (written string, err error) {
	defer storeError(&err)
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(ctx, m.options.StoreTimeout)
	defer cancel()
	return store.Write(ctx, m.store, name, data, version, expires)
}

// remove deletes a record if it has this version. Errors are as those of put.
func (m *Manager) remove(ctx context.Context, name, version string) (err error) {
	defer storeError(&err)
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(ctx, m.options.StoreTimeout)
	defer cancel()
	return m.store.Delete(ctx, name, version)
}

// recovered makes an error of a panic of the store: the web session may be unharmed.
func recovered(err *error) {
	if value := recover(); value != nil {
		*err = &flow.PanicError{Value: value, Stack: debug.Stack()}
	}
}

// storeError wraps the error of a write in ErrStore, unless the error is of a conflict.
func storeError(err *error) {
	if *err != nil && !errors.Is(*err, store.ErrConflict) {
		*err = storeFailed(*err)
	}
}

// Wait returns nil when no refresh is under way, and an error if ctx ends first. Call Wait
// before the process ends, when it takes no more requests.
//
// If the process ends during a refresh, another instance repeats the refresh with the
// former refresh token. Under rotation the app client needs a grace period for that.
func (m *Manager) Wait(ctx context.Context) error {
	for j := m.jobs.any(); j != nil; j = m.jobs.any() {
		if err := j.waitEnd(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sessionName returns the name of the record of a web session. The name does not reveal
// the identifier.
func (m *Manager) sessionName(id ID) string {
	return store.Name("web session", m.app.UserPoolID, m.app.ClientID, id.Reveal())
}

// now reads the wall clock. The monotonic clock stands still while a machine sleeps, and
// other instances cannot read it.
func (m *Manager) now() time.Time { return m.options.Now().Round(0) }

// report tells OnError. The text begins with eight letters of the record's name, which
// tell web sessions apart in a log.
func (m *Manager) report(name string, err error) {
	if err != nil && m.options.OnError != nil {
		m.options.OnError(fmt.Errorf("websession: %.8s: %w", name, err))
	}
}
