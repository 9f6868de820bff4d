package websession

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/guard"
	"github.com/cognitoflow/cognitoflow/store"
)

// job does what is due for one web session: one goroutine, behind the requests. This
// process has one job for a web session at a time. The lease in the record keeps the
// jobs of other instances from the service.
//
//	stage    the job
//	ended    has nothing to do
//	fresh    has nothing to do: another instance has refreshed
//	idle     writes when the web session was used
//	resting  has nothing to do: another instance has failed
//	leased   reads the record again and again, until its stage is another one or the
//	         lease was unchanged for its whole length
//	due      takes the lease, refreshes, and writes the new tokens or the failure
//
// The lease is a write that names the version before it, so that one instance gets it.
// New tokens are written if nobody else has written newer ones. If the store does not
// take them, then those who wait get them all the same, and the job goes on trying.
type job struct {
	m    *Manager
	name string
	ctx  context.Context // has the values of the request that began, and does not end

	known chan struct{} // closed once there is an outcome
	end   chan struct{} // closed once there is nothing left to do

	settling sync.Once
	outcome  *record // before known is closed
	err      error
}

var errCutOff = errors.New("websession: the refresh did not come to its end")

// jobs are those under way.
type jobs struct {
	mu     sync.Mutex
	byName map[string]*job // those that a caller can join, by the name of the record
	all    map[*job]struct{}
}

// any returns a job under way, nil if there is none.
func (s *jobs) any() *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	for j := range s.all {
		return j
	}
	return nil
}

// start returns the job under way for a web session. If there is none, it starts one.
func (m *Manager) start(ctx context.Context, r *record) *job {
	m.jobs.mu.Lock()
	defer m.jobs.mu.Unlock()
	if j := m.jobs.byName[r.name]; j != nil {
		return j
	}
	j := &job{
		m: m, name: r.name, ctx: context.WithoutCancel(ctx),
		known: make(chan struct{}), end: make(chan struct{}),
	}
	m.jobs.byName[r.name], m.jobs.all[j] = j, struct{}{}
	go j.run(r)
	return j
}

func (j *job) run(r *record) {
	defer j.finish()
	watch := lookout{pause: firstPoll}
	var err error
	for r != nil {
		if r, err = j.step(r, &watch); err != nil {
			j.leave()
			j.settle(nil, err)
			j.reportStore(err)
			return
		}
	}
}

// step does what the stage of a record demands. step returns the record to go on
// with, nil if there is nothing left to do.
func (j *job) step(r *record, watch *lookout) (*record, error) {
	now := j.m.now()
	switch r.stage(now, &j.m.options) {
	case ended:
		return nil, ErrNoSession
	case fresh:
		j.settle(r, nil)
		return nil, nil
	case idle:
		j.settle(r, nil)
		j.touch(r, now)
		return nil, nil
	case resting:
		j.rest(r, nil)
		return nil, nil
	case leased:
		if !watch.isOver(r) {
			watch.sleep(r)
			return j.m.load(j.ctx, j.name)
		}
	}
	return j.lease(r)
}

// lease takes the lease and renews. If another instance was faster, then it returns
// that instance's record to go on with.
func (j *job) lease(r *record) (*record, error) {
	started := time.Now()
	mine, err := j.m.write(j.ctx, &record{r.name, r.version, r.withLease(&j.m.options)})
	if errors.Is(err, store.ErrConflict) {
		return j.m.load(j.ctx, j.name)
	}
	if err != nil {
		return nil, err
	}
	return j.renew(mine, started)
}

// finish is the end of a job, whatever has happened. Nobody hangs.
func (j *job) finish() {
	j.leave()
	j.settle(nil, errCutOff)
	j.m.jobs.mu.Lock()
	delete(j.m.jobs.all, j)
	j.m.jobs.mu.Unlock()
	close(j.end)
}

// leave makes room for the next job, since this one writes no more. A caller who comes
// from now on does not get the outcome of this job, which may be an error that has passed.
func (j *job) leave() {
	j.m.jobs.mu.Lock()
	defer j.m.jobs.mu.Unlock()
	if j.m.jobs.byName[j.name] == j {
		delete(j.m.jobs.byName, j.name)
	}
}

// settle tells those who wait. The first outcome counts.
func (j *job) settle(r *record, err error) {
	j.settling.Do(func() {
		j.outcome, j.err = r, err
		close(j.known)
	})
}

// wait returns the outcome.
func (j *job) wait(ctx context.Context) (*record, error) {
	if err := waitFor(ctx, j.known); err != nil {
		return nil, err
	}
	return j.outcome, j.err
}

func (j *job) waitEnd(ctx context.Context) error { return waitFor(ctx, j.end) }

func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("websession: given up waiting for the refresh under way: %w", context.Cause(ctx))
	}
}

// touch writes when the web session was used. If another instance has written
// meanwhile, then that is as good.
func (j *job) touch(r *record, now time.Time) {
	_, err := j.m.write(j.ctx, &record{r.name, r.version, r.touched(now)})
	j.reportStore(err)
}

// rest settles with a record, or with its failure: cause is the error if this job has
// got it.
func (j *job) rest(r *record, cause error) {
	if r.Failure == nil || r.isValid(j.m.now()) {
		j.settle(r, nil)
		return
	}
	j.settle(nil, r.Failure.error(cause))
}

// renew refreshes. The request ends before the lease does, which began at started.
func (j *job) renew(lease *record, started time.Time) (*record, error) {
	ctx, cancel := context.WithDeadline(j.ctx, started.Add(lease.Lease/3*2))
	defer cancel()
	next, err := j.refresh(ctx, &lease.Tokens)
	now := j.m.now()
	if err != nil {
		defer j.report(err) // last: OnError may be slow, and the lease ends
		return j.giveBack(&record{lease.name, lease.version, lease.failed(err, now, &j.m.options)}, err)
	}
	renewed, err := lease.succeeded(next, now, &j.m.options)
	j.keep(&record{lease.name, lease.version, renewed}, err)
	j.report(next.Device.Err)
	j.report(err)
	return nil, nil
}

// refresh asks the service, and so calls the program's API and Observer.
func (j *job) refresh(ctx context.Context, t *flow.Tokens) (next *flow.Tokens, err error) {
	err = contain(func() (err error) {
		next, err = j.m.driver.Refresh(ctx, t, append(slices.Clip(j.m.options.RefreshOptions), j.containObserver)...)
		return err
	})
	return next, err
}

// containObserver keeps an Observer that panics from costing the tokens that have come.
func (j *job) containObserver(o *flow.Options) {
	if o.Observe != nil {
		o.Observe = guard.Observer(o.Observe, func(f func()) { j.report(contain(func() error { f(); return nil })) })
	}
}

// report tells OnError in a goroutine of its own, so that a Goexit there ends nothing
// else.
func (j *job) report(err error) {
	if err == nil {
		return
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		j.m.report(j.name, err)
	}()
	<-told
}

// reportStore tells OnError of a failure of the store. That others were faster, or
// that a web session has ended, is none.
func (j *job) reportStore(err error) {
	if errors.Is(err, ErrStore) {
		j.report(err)
	}
}

// giveBack ends the lease with a failure. If that is not written, then the lease ends
// with its time. If another instance has written meanwhile, then it may have tokens, and
// giveBack returns its record to go on with.
func (j *job) giveBack(r *record, cause error) (*record, error) {
	_, err := j.m.write(j.ctx, r)
	if errors.Is(err, store.ErrConflict) {
		return j.m.load(j.ctx, j.name)
	}
	j.leave()
	j.rest(r, cause)
	j.reportStore(err)
	return nil, nil
}

// keep writes new tokens, or what there is of them after a failure with this cause. keep
// tries until the store has them, or has newer ones, or until the web session has ended.
func (j *job) keep(r *record, cause error) {
	j.m.cache.put(r) // newer than what the store has, until the write succeeds
	pause := j.m.options.MinBackoff
	for r != nil && j.m.now().Before(r.ends(&j.m.options)) {
		written, err := j.m.write(j.ctx, r)
		switch {
		case err == nil:
			j.leave()
			j.rest(written, cause)
			return
		case errors.Is(err, store.ErrConflict):
			r, err = j.rebase(r)
		case !errors.Is(err, ErrStore): // no record can be made of these tokens
			j.leave()
			j.settle(nil, err)
			j.report(err)
			return
		}
		if err != nil {
			j.rest(r, cause)
			j.report(fmt.Errorf("new tokens are not in the store yet: %w", err))
			time.Sleep(pause - random(pause/2))
			pause = min(2*pause, j.m.options.MaxBackoff)
		}
	}
}

// rebase returns r on top of the present record. rebase settles and returns nil if r is
// of no use any more.
func (j *job) rebase(r *record) (*record, error) {
	present, err := j.m.load(j.ctx, j.name)
	switch {
	case errors.Is(err, ErrNoSession): // by a sign-out, which has not seen the new tokens
		j.settle(nil, err)
		j.report(j.m.revoke(j.ctx, &r.Tokens))
		return nil, nil
	case err != nil:
		return r, err
	case present.Generation >= r.Generation:
		j.settle(present, nil)
		return nil, nil
	}
	return &record{r.name, present.version, r.state}, nil
}

// firstPoll is how soon a leased record is read again; the pauses double up to a
// second, which is when a refresh takes long.
const firstPoll, lastPoll = 50 * time.Millisecond, time.Second

// lookout watches a lease of another instance.
type lookout struct {
	version string // of the record that was seen
	since   time.Time
	pause   time.Duration
}

// isOver reports whether the lease was unchanged for its whole length, by this
// machine's clock alone.
func (l *lookout) isOver(r *record) bool {
	if l.version != r.version {
		l.version, l.since = r.version, time.Now()
	}
	return time.Since(l.since) >= r.Lease
}

func (l *lookout) sleep(r *record) {
	time.Sleep(min(l.pause-random(l.pause/2), r.Lease-time.Since(l.since)))
	l.pause = min(2*l.pause, lastPoll)
}
