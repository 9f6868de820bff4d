package websession_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// engine is what the instances of a fleet share.
type engine struct {
	name string
	// run runs a test. The engine of this process alone runs it in a bubble, where a
	// lease of 15 seconds costs nothing.
	run func(t *testing.T, f func(t *testing.T))
	// open makes a place for records. Each call of the function that it returns is the
	// connection of one instance.
	open func(t *testing.T) (connect func() store.Store)
	size scale
}

// scale is how much a fleet is made to do.
type scale struct {
	sessions, instances, lifetimes int
	lease                          time.Duration
}

var engines = []engine{
	{"memory", synctest.Test, func(*testing.T) func() store.Store {
		shared := new(store.Memory)
		return func() store.Store { return shared }
	}, scale{sessions: 20, instances: 4, lifetimes: 20, lease: 15 * time.Second}},
}

// trouble is what happens to a fleet.
type trouble struct {
	kills  bool    // in each lifetime one instance, at some step of its work
	faults float64 // of the store and of the network, for each operation
}

// TestFleet sends requests at random to instances that share a store. The log of the
// service tells how often each web session was refreshed.
func TestFleet(t *testing.T) {
	for _, e := range engines {
		for name, trouble := range map[string]trouble{
			"sound":             {},
			"killed":            {kills: true},
			"killed and faulty": {kills: true, faults: 0.03},
		} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				e.run(t, func(t *testing.T) { newFleet(t, e, trouble).live() })
			})
		}
	}
}

// fleet is the instances, their users, and the judge.
type fleet struct {
	t       *testing.T
	size    scale
	trouble trouble
	service *service
	connect func() store.Store
	passed  atomic.Int64 // the fleet's clock is ahead by that

	users []string
	ids   []websession.ID
	owner map[string]string // by the name of a record

	mu      sync.Mutex
	members []*member
	killed  int
	granted map[string]int // by user
	written map[string]int
	failed  int // requests that got an error
}

func (f *fleet) now() time.Time { return time.Now().Add(time.Duration(f.passed.Load())) }

func newFleet(t *testing.T, e engine, trouble trouble) *fleet {
	f := &fleet{
		t: t, size: e.size, trouble: trouble, connect: e.open(t),
		owner: make(map[string]string), granted: make(map[string]int), written: make(map[string]int),
	}
	for n := range f.size.sessions {
		f.users = append(f.users, fmt.Sprint("user-", n))
	}
	f.service = newService(t, 60, f.now, f.users...)
	for range f.size.instances {
		f.members = append(f.members, f.newMember())
	}
	for n, user := range f.users {
		m := f.members[n%len(f.members)]
		id, err := m.Create(t.Context(), f.service.signIn(t, user, f.now))
		if err != nil {
			t.Fatal(err)
		}
		f.ids = append(f.ids, id)
		f.owner[m.Name(id)] = user
	}
	f.service.delay = func() { time.Sleep(rand.N(f.size.lease / 50)) } // so that two at once meet
	return f
}

// live goes through the lifetimes of the tokens.
func (f *fleet) live() {
	for n := range f.size.lifetimes {
		if n%2 == 0 {
			f.passed.Add(int64(dueAfter)) // due, and still valid
		} else {
			f.passed.Add(int64(lifetime))
		}
		f.arm()
		f.requests(4)
		f.settle()
		f.judge(n + 1)
	}
	lost := 0
	for _, user := range f.users {
		lost += f.granted[user] - f.written[user]
	}
	f.t.Logf("%d web sessions, %d lifetimes, %d instances killed, %d replies lost, %d requests failed",
		f.size.sessions, f.size.lifetimes, f.killed, lost, f.failed)
	if f.trouble.kills && f.killed == 0 {
		f.t.Error("nothing was killed")
	}
}

// requests asks for the tokens of each web session several times, of any instances.
func (f *fleet) requests(each int) {
	var all sync.WaitGroup
	for n := range f.ids {
		for range each {
			all.Go(func() {
				time.Sleep(rand.N(f.size.lease / 30)) // requests do not come in step
				f.request(n)
			})
		}
	}
	all.Wait()
}

// request asks an instance, and another one if that dies over it, as a proxy does.
func (f *fleet) request(n int) {
	for {
		m := f.pick()
		tokens, err := m.ask(f.t.Context(), f.ids[n])
		switch {
		case m.dead.Load():
			continue
		case err == nil && tokens.Username == f.users[n] && f.now().Before(tokens.Expiry):
			return
		case err == nil:
			f.t.Errorf("%s got tokens of %s until %v, at %v", f.users[n], tokens.Username, tokens.Expiry, f.now())
			return
		}
		f.mu.Lock()
		f.failed++
		f.mu.Unlock()
		if f.trouble.faults == 0 {
			f.t.Errorf("%s: %v", f.users[n], err)
		} else if !mayPass(err) {
			f.t.Errorf("%s: an error that does not pass: %v", f.users[n], err)
		}
		return
	}
}

// mayPass reports whether an error says that the web session is as good as before.
func mayPass(err error) bool {
	var failed *websession.RefreshError
	return errors.Is(err, websession.ErrStore) || errors.As(err, &failed) && failed.Remedy != flow.StartAgain
}

func (f *fleet) pick() *member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.members[rand.N(len(f.members))]
}

// arm lets one instance die after some more steps.
func (f *fleet) arm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		m.faulty.Store(true)
	}
	if f.trouble.kills {
		f.members[rand.N(len(f.members))].fuse.Store(1 + rand.Int64N(int64(10*f.size.sessions)))
	}
}

// settle has what is under way come to its end. The trouble is over by then: a web
// session whose instance has died is refreshed by another one.
func (f *fleet) settle() {
	for _, m := range f.alive() {
		m.faulty.Store(false)
		m.fuse.Store(0)
	}
	time.Sleep(2 * time.Second) // the longest pause after one or two failures
	f.requests(1)
	for _, m := range f.alive() {
		if err := m.Wait(f.t.Context()); err != nil {
			f.t.Error(err)
		}
	}
}

func (f *fleet) alive() []*member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*member(nil), f.members...)
}

// judge compares what the service has seen with the number of lifetimes. A refresh
// beyond that is one whose reply no store has got.
func (f *fleet) judge(lifetimes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, user := range f.users {
		lost := f.granted[user] - f.written[user]
		if got := f.service.granted[user]; got != lifetimes+lost {
			f.t.Errorf("%s: %d refreshes in %d lifetimes, with %d replies lost", user, got, lifetimes, lost)
		}
		if f.trouble.faults == 0 && f.service.sent[user] != f.service.granted[user] {
			f.t.Errorf("%s: %d refreshes were sent, and %d granted", user, f.service.sent[user], f.service.granted[user])
		}
	}
	if f.service.atOnce > 1 {
		f.t.Errorf("%d refreshes of one web session at once", f.service.atOnce)
	}
	if len(f.service.refused) > 0 {
		f.t.Errorf("the service has refused %v", f.service.refused)
	}
	if f.t.Failed() {
		f.t.FailNow()
	}
}

// member is an instance that can die at each step of its work: before and after each
// operation of the store and of the service. The goroutines of one that has died end at
// their next step, and nobody hears what they have got.
type member struct {
	*websession.Manager
	f       *fleet
	next    store.Store
	line    *line
	dead    atomic.Bool
	fuse    atomic.Int64 // steps until it dies; 0: it does not
	faulty  atomic.Bool
	mu      sync.Mutex
	pending map[string]bool // users whose new tokens it has not written
}

func (f *fleet) newMember() *member {
	m := &member{f: f, next: f.connect(), pending: make(map[string]bool)}
	m.line = &line{service: f.service, granted: m.grant,
		before: func(context.Context, string) error { m.step(); return m.fault() },
		after:  func(context.Context, string) error { m.step(); return nil },
	}
	var err error
	m.Manager, err = websession.New(m.line.driver(f.t, app, f.now), m, newSealer(f.t, app, key), func(o *websession.Options) {
		o.Now = f.now
		o.Lease = f.size.lease
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

// ask is one request. It ends with its instance.
func (m *member) ask(ctx context.Context, id websession.ID) (tokens *flow.Tokens, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = errors.New("the instance has died")
		tokens, err = m.Tokens(ctx, id)
	}()
	<-done
	return tokens, err
}

// step is where an instance may die. Another one takes its place at once.
func (m *member) step() {
	if m.fuse.Load() > 0 && m.fuse.Add(-1) == 0 && m.dead.CompareAndSwap(false, true) {
		m.f.mu.Lock()
		m.f.killed++
		for n, other := range m.f.members {
			if other == m {
				m.f.members[n] = m.f.newMember()
			}
		}
		m.f.mu.Unlock()
	}
	if m.dead.Load() {
		runtime.Goexit()
	}
}

// fault fails an operation now and then.
func (m *member) fault() error {
	if m.faulty.Load() && rand.Float64() < m.f.trouble.faults {
		return errDown
	}
	return nil
}

// grant notes a refresh that has succeeded. Its reply may be lost on the way.
func (m *member) grant(user string) error {
	err := m.fault()
	m.mu.Lock()
	m.pending[user] = err == nil
	m.mu.Unlock()
	m.f.mu.Lock()
	m.f.granted[user]++
	m.f.mu.Unlock()
	return err
}

// write notes that new tokens are in the store.
func (m *member) write(name string) {
	user := m.f.owner[name]
	m.mu.Lock()
	was := m.pending[user]
	delete(m.pending, user)
	m.mu.Unlock()
	if was {
		m.f.mu.Lock()
		m.f.written[user]++
		m.f.mu.Unlock()
	}
}

// do is an operation of the store between two steps.
func (m *member) do(operation func() error) error {
	m.step()
	if err := m.fault(); err != nil {
		return err
	}
	if err := operation(); err != nil {
		m.step()
		return err
	}
	m.step()
	return m.fault()
}

func (m *member) Get(ctx context.Context, name string) (r store.Record, err error) {
	err = m.do(func() (err error) {
		r, err = m.next.Get(ctx, name)
		return err
	})
	return r, err
}

func (m *member) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (next string, err error) {
	err = m.do(func() (err error) {
		if next, err = m.next.Put(ctx, name, data, version, expires); err == nil {
			m.write(name)
		}
		return err
	})
	return next, err
}

func (m *member) Delete(ctx context.Context, name, version string) error {
	return m.do(func() error { return m.next.Delete(ctx, name, version) })
}
