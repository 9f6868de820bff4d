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
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// engine is a store that the instances of a fleet share.
type engine struct {
	name string
	// run runs a test. The engine of this process alone runs it in a bubble, where a
	// lease of 15 seconds costs nothing.
	run func(t *testing.T, f func(t *testing.T))
	// open makes a place for records. Each call of the function that it returns makes
	// an instance over it, as the node of a member.
	open func(f *fleet) (start func(m *member) node)
	size scale
	// troubles are the names of the troubles for the fleet.
	troubles []string
	// waits says that a successor waits for a lease in real time.
	waits bool
}

// node is an instance. kill ends it.
type node interface {
	Create(ctx context.Context, tokens *flow.Tokens) (websession.ID, error)
	Tokens(ctx context.Context, id websession.ID) (*flow.Tokens, error)
	Wait(ctx context.Context) error
	kill()
}

// scale is the amount of work of a fleet.
type scale struct {
	sessions, instances, lifetimes int
	lease                          time.Duration
	requests                       int           // of each web session in a lifetime
	atOnce                         int           // requests
	refreshes                      int           // that the service does at once before requests have to wait (0: any number)
	expired                        bool          // the tokens of the first lifetime have expired, and are not only due
	pace                           time.Duration // requests and replies of the service are apart by up to that
	fuse                           int           // steps that an instance goes before it is killed, at most
	// silent says that an instance can die between a write and the note of it.
	silent bool
}

// sharedEngines starts with the engines that wait, so that the others use the time. A quick test
// leaves the fleets of processes out, as each of their lifetimes costs a lease of real time.
func sharedEngines(quick bool) []engine {
	var shared []engine
	lifetimes, fuse := 20, 200
	if quick {
		lifetimes, fuse = 6, 50 // nearly all burn down
	} else {
		redis := onProcesses("Redis", engines.Redis, "store/redisstore/internal/instance", 1000)
		redis.size.expired = true // so that the first lifetimes are not all alike
		shared = []engine{
			onProcesses("PostgreSQL", engines.Postgres, "internal/enginetest/instance", 1000),
			redis,
			onProcesses("the DynamoDB emulator", engines.DynamoDB, "store/dynamostore/internal/instance", 100),
		}
	}
	return append(shared,
		engine{
			name: "memory", run: synctest.Test,
			open: func(f *fleet) func(m *member) node {
				shared := new(store.Memory)
				return func(m *member) node { return newGoroutines(m, shared) }
			},
			size: scale{
				sessions: 20, instances: 4, lifetimes: lifetimes, lease: 15 * time.Second,
				requests: 4, atOnce: 80, pace: 500 * time.Millisecond, fuse: fuse,
			},
			troubles: []string{"sound", "killed", "killed and faulty"},
		})
}

// trouble is a set of faults for a fleet.
type trouble struct {
	kills  bool    // in each lifetime one instance, at some step of its work
	faults float64 // of the store and of the network, for each operation
}

var troubles = map[string]trouble{
	"sound":             {},
	"killed":            {kills: true},
	"killed and faulty": {kills: true, faults: 0.03},
}

// TestFleet sends requests at random to instances that share a store. The log of the
// service tells how often each web session was refreshed.
func TestFleet(t *testing.T) {
	var together sync.WaitGroup
	defer together.Wait()
	for _, e := range sharedEngines(byname.Quick(t)) {
		for _, name := range e.troubles {
			test := func() {
				t.Run(e.name+"/"+name, func(t *testing.T) {
					e.run(t, func(t *testing.T) { newFleet(t, e, troubles[name]).live() })
				})
			}
			if e.waits {
				together.Go(test) // t.Parallel runs no more tests at once than there are processors
			} else {
				test()
			}
		}
	}
}

// fleet is the instances, their users, and the judge.
type fleet struct {
	t       *testing.T
	size    scale
	trouble trouble
	service *service
	start   func(m *member) node
	passed  atomic.Int64 // the fleet's clock is ahead by that
	lived   int          // lifetimes

	users []string
	ids   []websession.ID
	owner map[string]string // by the name of a record

	mu      sync.Mutex
	quiet   *sync.Cond // of mu: busy has become less
	busy    int        // requests that the service works on
	members []*member
	killed  int
	granted map[string]int // by user
	written map[string]int
	judged  map[string]verdict // by user, after the lifetime before
	failed  int                // requests that got an error
	lost    map[string]bool    // users whose web session was not there
}

func (f *fleet) now() time.Time { return time.Now().Add(time.Duration(f.passed.Load())) }

func newFleet(t *testing.T, e engine, trouble trouble) *fleet {
	f := &fleet{
		t: t, size: e.size, trouble: trouble,
		owner: make(map[string]string), lost: make(map[string]bool),
		granted: make(map[string]int), written: make(map[string]int), judged: make(map[string]verdict),
	}
	f.quiet = sync.NewCond(&f.mu)
	for n := range f.size.sessions {
		f.users = append(f.users, fmt.Sprint("user-", n))
	}
	f.service = newService(t, 60, f.now, f.users...)
	f.start = e.open(f)
	names := newInstance(t, f.service, new(store.Memory)) // tells the names of records
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
		f.mu.Lock()
		f.owner[names.Name(id)] = user
		f.mu.Unlock()
	}
	f.service.delay = func() { time.Sleep(rand.N(f.size.pace)) } // so that two at once meet
	return f
}

// live goes through the lifetimes of the tokens.
func (f *fleet) live() {
	defer f.report()
	for n := range f.size.lifetimes {
		if (n%2 == 1) == f.size.expired {
			f.passed.Add(int64(dueAfter)) // due, and still valid
		} else {
			f.passed.Add(int64(lifetime))
		}
		f.arm()
		f.requests(f.size.requests)
		f.settle()
		f.lived++
		f.judge()
	}
	f.expire()
	if f.trouble.kills && f.killed == 0 {
		f.t.Error("nothing was killed")
	}
}

// report logs the counts, also after a failure.
func (f *fleet) report() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.service.mu.Lock()
	defer f.service.mu.Unlock()
	unwritten, refreshes := 0, 0
	for _, user := range f.users {
		unwritten += f.granted[user] - f.written[user]
		refreshes += f.service.granted[user]
	}
	once := f.size.sessions * f.lived
	f.t.Logf("%d web sessions, %d lifetimes: %d refreshes, one for each web session and lifetime, and %d more;"+
		" %d instances killed, which had %d replies that they had not written; web sessions lost: %d; requests that failed: %d",
		f.size.sessions, f.lived, once, refreshes-once, f.killed, unwritten, len(f.lost), f.failed)
}

// requests asks for the tokens of each web session several times, of any instances.
func (f *fleet) requests(each int) {
	var all sync.WaitGroup
	places := make(chan struct{}, f.size.atOnce)
	for _, n := range rand.Perm(each * len(f.ids)) {
		places <- struct{}{}
		f.admit()
		all.Go(func() {
			defer func() { <-places }()
			time.Sleep(rand.N(f.size.pace)) // requests do not come in step
			f.request(n % len(f.ids))
		})
	}
	all.Wait()
}

// admit limits the work at a time. The service, the database and all instances share the
// cores of this machine, and without a limit a refresh could take longer than a lease.
func (f *fleet) admit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.size.refreshes > 0 && f.busy >= f.size.refreshes {
		f.quiet.Wait()
	}
}

// begin and end are around the work of the service on a request.
func (f *fleet) begin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy++
}

func (f *fleet) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	f.quiet.Broadcast()
}

// request sends a request to an instance, and to another one if the first one dies, as a proxy
// does.
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
		if errors.Is(err, websession.ErrNoSession) {
			f.lost[f.users[n]] = true
		}
		f.mu.Unlock()
		if f.trouble.faults == 0 {
			f.t.Errorf("%s: %v", f.users[n], err)
		} else if !mayPass(err) {
			f.t.Errorf("%s: an error that does not pass: %v", f.users[n], err)
		}
		return
	}
}

// mayPass reports whether the web session may be unharmed after an error.
func mayPass(err error) bool {
	var failed *websession.RefreshError
	return errors.Is(err, websession.ErrStore) || errors.As(err, &failed) && failed.Remedy() != flow.StartAgain
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
		f.members[rand.N(len(f.members))].fuse.Store(1 + rand.Int64N(int64(f.size.fuse)))
	}
}

// settle waits for all refreshes under way. The trouble is over by then: another instance
// refreshes a web session whose instance has died.
func (f *fleet) settle() {
	for _, m := range f.alive() {
		m.faulty.Store(false)
		m.fuse.Store(0)
	}
	if f.trouble.faults > 0 {
		time.Sleep(2 * time.Second) // the longest pause after one or two failures
	}
	f.requests(1)
	for _, m := range f.alive() {
		if err := m.Wait(f.t.Context()); err != nil {
			f.t.Error(err)
		}
	}
}

// expire sets the clock of the fleet ahead by more than Options.Idle. No web session may
// outlive that, also if the engine has another clock for the removal of records.
func (f *fleet) expire() {
	f.passed.Add(int64(25 * time.Hour))
	for n, user := range f.users {
		if _, err := f.pick().ask(f.t.Context(), f.ids[n]); !errors.Is(err, websession.ErrNoSession) {
			f.t.Errorf("%s: a web session that was idle for a day returned %v, want ErrNoSession", user, err)
		}
	}
}

func (f *fleet) alive() []*member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*member(nil), f.members...)
}

// verdict has the counts of a web session: its refreshes by the log of the service, and its
// refreshes whose new tokens were not written.
type verdict struct{ refreshes, lost int }

// judge checks each web session after a lifetime. One refresh is right, and one more for
// each refresh of this lifetime whose new tokens were not written.
func (f *fleet) judge() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, user := range f.users {
		now, before := verdict{f.service.granted[user], f.granted[user] - f.written[user]}, f.judged[user]
		f.judged[user] = now
		again, lost := now.refreshes-before.refreshes-1, now.lost-before.lost
		if again < 0 || again > lost || again < lost && !f.size.silent {
			f.t.Errorf("%s: %d refreshes in lifetime %d, with %d replies lost", user, again+1, f.lived, lost)
		}
		if f.trouble.faults == 0 && f.service.sent[user] != f.service.granted[user] {
			f.t.Errorf("%s: %d refreshes were sent, and %d granted", user, f.service.sent[user], f.service.granted[user])
		}
	}
	for n, m := range f.members {
		if left := m.unwritten(); left > 0 && f.trouble.faults == 0 {
			f.t.Errorf("instance %d lives, and has not written new tokens of %d web sessions", n, left)
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
// operation of the store and of the service. The goroutines of a dead member end at their next
// step, and their results are lost.
type member struct {
	node
	f       *fleet
	dead    atomic.Bool
	fuse    atomic.Int64 // steps until the member dies (0: it lives)
	faulty  atomic.Bool
	mu      sync.Mutex
	pending map[string]bool // users whose new tokens it has not written
}

func (f *fleet) newMember() *member {
	m := &member{f: f, pending: make(map[string]bool)}
	m.node = f.start(m)
	return m
}

// ask is one request, and ends when the instance dies.
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

// step is a place at which an instance may die. Another instance replaces it at once.
func (m *member) step() {
	if m.fuse.Load() > 0 && m.fuse.Add(-1) == 0 && m.dead.CompareAndSwap(false, true) {
		m.kill()
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

// grant notes a refresh that has succeeded. The reply may still be lost on the way.
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
	m.f.mu.Lock()
	user := m.f.owner[name]
	m.f.mu.Unlock()
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

// unwritten returns how many new tokens the instance has, and the store does not.
func (m *member) unwritten() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	count := 0
	for _, has := range m.pending {
		if has {
			count++
		}
	}
	return count
}

// goroutines is an instance without a process, and the store of this instance.
type goroutines struct {
	*websession.Manager
	member *member
	next   store.Store
}

func newGoroutines(m *member, shared store.Store) node {
	g := &goroutines{member: m, next: shared}
	l := &line{service: m.f.service, granted: m.grant,
		before: func(context.Context, string) error { m.step(); return m.fault() },
		after:  func(context.Context, string) error { m.step(); return nil },
	}
	var err error
	g.Manager, err = websession.New(l.driver(m.f.t, app, m.f.now), g, newSealer(m.f.t, app, key), func(o *websession.Options) {
		o.Now = m.f.now
		o.Lease = m.f.size.lease
	})
	if err != nil {
		m.f.t.Fatal(err)
	}
	return g
}

// kill does nothing: the goroutines end by themselves.
func (g *goroutines) kill() {}

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

func (g *goroutines) Get(ctx context.Context, name string) (r store.Record, err error) {
	err = g.member.do(func() (err error) {
		r, err = g.next.Get(ctx, name)
		return err
	})
	return r, err
}

func (g *goroutines) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (next string, err error) {
	err = g.member.do(func() (err error) {
		if next, err = g.next.Put(ctx, name, data, version, expires); err == nil {
			g.member.write(name)
		}
		return err
	})
	return next, err
}

func (g *goroutines) Delete(ctx context.Context, name, version string) error {
	return g.member.do(func() error { return g.next.Delete(ctx, name, version) })
}
