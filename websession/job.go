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

// job does the work that is due for one web session, on a background goroutine. A process
// has one job for a web session at a time. The lease in the record keeps the jobs of
// other instances from the service.
//
//	stage    the job
//	ended    has nothing to do
//	fresh    has nothing to do: another instance has refreshed
//	idle     writes when the web session was used
//	resting  has nothing to do: another instance has failed
//	leased   reads the record again and again, until its stage changes or the lease was
//	         unchanged for its whole length
//	due      takes the lease, refreshes, and writes the new tokens or the failure
//
// The lease is a write that names the version before it, so that one instance gets the
// lease. The job writes new tokens unless another instance has written newer ones. If the
// store fails, waiting callers get the new tokens all the same, and the job tries again.
type job struct {
	m    *Manager
	name string
	ctx  context.Context // has the values of the first request, and does not end

	known chan struct{} // closed when there is an outcome
	end   chan struct{} // closed when the job is done

	settling sync.Once
	outcome  *record // set before known is closed
	err      error
}

var errCutOff = errors.New("websession: the refresh has stopped before its end")

// jobs are the jobs of a manager.
type jobs struct {
	mu     sync.Mutex
	byName map[string]*job // the jobs that a caller can join, by the name of the record
	all    map[*job]struct{}
}

// any returns one of the jobs, and nil if there is none.
func (s *jobs) any() *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	for j := range s.all {
		return j
	}
	return nil
}

// start returns the job for a web session, and starts the job if there is none.
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

// step does the work for the stage of a record. step returns the record of the next
// step, and nil after the last step.
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

// lease takes the lease and renews. If another instance was faster, lease returns the
// record of that instance for the next step.
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

// finish ends a job, also after a panic or a Goexit, so that no caller waits for ever.
func (j *job) finish() {
	j.leave()
	j.settle(nil, errCutOff)
	j.m.jobs.mu.Lock()
	delete(j.m.jobs.all, j)
	j.m.jobs.mu.Unlock()
	close(j.end)
}

// leave makes room for the next job, since this job writes no more. Later callers do not
// get the outcome of this job: an error may have passed.
func (j *job) leave() {
	j.m.jobs.mu.Lock()
	defer j.m.jobs.mu.Unlock()
	if j.m.jobs.byName[j.name] == j {
		delete(j.m.jobs.byName, j.name)
	}
}

// settle gives the outcome to waiting callers. The first outcome counts.
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

// touch writes when the web session was used. A conflict does not matter: a later call
// writes its time.
func (j *job) touch(r *record, now time.Time) {
	_, err := j.m.write(j.ctx, &record{r.name, r.version, r.touched(now)})
	j.reportStore(err)
}

// rest settles with a record, or with its failure if the tokens have expired. cause is
// the error of the refresh, and nil if another job got the error.
func (j *job) rest(r *record, cause error) {
	if r.Failure == nil || r.isValid(j.m.now()) {
		j.settle(r, nil)
		return
	}
	j.settle(nil, r.Failure.error(cause))
}

// renew refreshes the tokens. The lease began at started, and the request ends before it.
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

// refresh calls the service, and so the program's API and Observer.
func (j *job) refresh(ctx context.Context, t *flow.Tokens) (next *flow.Tokens, err error) {
	err = contain(func() (err error) {
		next, err = j.m.driver.Refresh(ctx, t, append(slices.Clip(j.m.options.RefreshOptions), j.containObserver)...)
		return err
	})
	return next, err
}

// containObserver keeps the new tokens if the program's Observer panics.
func (j *job) containObserver(o *flow.Options) {
	if o.Observe != nil {
		o.Observe = guard.Observer(o.Observe, func(f func()) { j.report(contain(func() error { f(); return nil })) })
	}
}

// report tells OnError on another goroutine, so that a Goexit in OnError does not end the
// job.
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

// reportStore tells OnError of a failure of the store. A conflict and the end of a web
// session are no failures.
func (j *job) reportStore(err error) {
	if errors.Is(err, ErrStore) {
		j.report(err)
	}
}

// giveBack ends the lease with a failure. If the write fails, the lease ends with its time.
// If another instance has written meanwhile, giveBack returns its record for the next
// step, because that record may have new tokens.
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

// keep writes new tokens. After a failure with a cause, only a part of them is new. keep
// tries until the store has these or newer tokens, or until the web session has ended.
func (j *job) keep(r *record, cause error) {
	j.m.cache.put(r) // newer than the record in the store, until the write succeeds
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
		case !errors.Is(err, ErrStore): // sealRecord has failed, and would fail again
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

// rebase returns r with the version of the present record. If that record has newer tokens
// or is gone, rebase settles and returns nil.
func (j *job) rebase(r *record) (*record, error) {
	present, err := j.m.load(j.ctx, j.name)
	switch {
	case errors.Is(err, ErrNoSession): // a sign-out has not revoked the new tokens
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

// firstPoll is the pause before a leased record is read again. The pauses double up to
// lastPoll.
const firstPoll, lastPoll = 50 * time.Millisecond, time.Second

// lookout watches the lease of another instance.
type lookout struct {
	version string // of the record
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
