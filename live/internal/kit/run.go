package kit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// Probe is one question to the service.
type Probe struct {
	Name   string   // the name of the probe, of its pool and of its recording
	Title  string   // the question
	Row    string   // the behaviour in docs/evidence.md, if the probe is about one
	Needs  []string // the needs beside AWS credentials
	Users  int      // the most users that the probe makes
	Driver bool     // package flow makes the exchanges, and can replay them

	setting func(*cognitotest.PoolConfig)
	ask     func(context.Context, *Scene) (string, error)
}

// Probes returns all probes, also probes that the kit cannot run.
func Probes() []Probe { return append(chainProbes(), append(courses(), questions()...)...) }

// The outcomes of a probe.
const (
	Same    = "same"    // the service behaves as package cognitotest does by default
	Differs = "differs" // the service behaves in another way
	Failed  = "failed"  // the service gave no answer
	Skipped = "skipped" // the kit asked nothing
)

// Result is the outcome of a probe.
type Result struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Row     string `json:"row,omitempty"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`      // the reason of Failed or Skipped
	Answer  string `json:"answer,omitempty"`      // the answer of the service
	Default string `json:"cognitotest,omitempty"` // the answer of package cognitotest
	// Unrecorded has the values that the recording lacks.
	Unrecorded []string `json:"unrecorded,omitempty"`

	// Recording is the conversation, nil if there is none.
	Recording *conversation.Conversation `json:"-"`
}

// Options are the options of a run.
type Options struct {
	Parallel int  // the number of probes at a time
	Keep     bool // do not delete the pools
	Double   func(region string) (*Service, error)
	Done     func(Result) // gets each result, from one goroutine at a time
	Source   string       // the member source of the recordings
}

// ErrLost means that the run ended because the network is down.
var ErrLost = errors.New("the service cannot be reached any more")

// Ask runs all probes against the service and against the double. The results are in the order of the
// probes. The error can join several errors: a [NotDeletedError] for each pool that still exists, the
// error of ctx after an interrupt, and [ErrLost].
func (s *Service) Ask(ctx context.Context, probes []Probe, o Options) ([]Result, error) {
	run, end := context.WithCancelCause(ctx)
	defer end(nil)
	results := make([]Result, len(probes))
	wrong := make([]error, len(probes))
	turns := make(chan int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range max(1, o.Parallel) {
		wg.Go(func() {
			for i := range turns {
				results[i], wrong[i] = s.compare(run, end, probes[i], o)
				if o.Done != nil {
					mu.Lock()
					o.Done(results[i])
					mu.Unlock()
				}
			}
		})
	}
	for i := range probes {
		turns <- i
	}
	close(turns)
	wg.Wait()
	if !o.Keep {
		wrong = append(wrong, s.cleanAfter(ctx))
	}
	return results, errors.Join(append(wrong, context.Cause(run))...)
}

// cleanAfter deletes the remaining pools of the run. If the reply of CreateUserPool was lost, the run
// does not know the pool.
func (s *Service) cleanAfter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	left, err := s.Left(ctx, s.Run)
	return errors.Join(err, s.Delete(ctx, left))
}

// compare runs one probe against the service and against the double. An unreachable service ends the
// run.
func (s *Service) compare(ctx context.Context, end context.CancelCauseFunc, p Probe, o Options) (Result, error) {
	r := Result{Name: p.Name, Title: p.Title, Row: p.Row, Outcome: Skipped}
	if r.Reason = s.Lacks(p); r.Reason != "" {
		return r, nil
	}
	const interrupted = "the run was interrupted"
	if ctx.Err() != nil {
		r.Reason = interrupted
		return r, nil
	}
	sc, answer, err := s.answer(ctx, p)
	var left error
	if !o.Keep {
		left = sc.close(ctx)
	}
	switch {
	case ctx.Err() != nil:
		r.Reason = interrupted
		return r, left
	case err != nil:
		if isLost(err) {
			end(ErrLost)
		}
		r.Outcome, r.Reason = Failed, Tell(err, sc.recorder.Message)
		return r, left
	}
	r.Answer = answer
	r.Recording, r.Unrecorded = sc.recording(p, o.Source)
	double, err := o.Double(s.Region)
	if err == nil {
		sc, r.Default, err = double.answer(ctx, p)
		err = cmp.Or(err, sc.close(ctx))
	}
	switch {
	case err != nil:
		r.Outcome, r.Reason = Failed, "cognitotest: "+err.Error()
	case r.Answer == r.Default:
		r.Outcome = Same
	default:
		r.Outcome = Differs
	}
	return r, left
}

var errMistyped = errors.New("the service refused a code, which was not the code of the newest message")

// answer makes the scene of a probe and runs the probe. The caller must close the scene, also after an
// error.
func (s *Service) answer(ctx context.Context, p Probe) (sc *Scene, answer string, err error) {
	setting := newSetting()
	if p.setting != nil {
		p.setting(setting)
	}
	limit := longestProbe
	if p.AsksForCodes() { // one probe at a time, because a session lives for minutes
		setting.Clients[0].AuthSessionSeconds = int(longSession.Seconds())
		limit = longSession
		s.desk.Lock()
		defer s.desk.Unlock()
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sc = s.newScene(p.Name, setting)
	defer func() {
		if v := recover(); v != nil { // a reply may lack a member that the model requires
			err = fmt.Errorf("a fault of the probe: %v", v)
		}
	}()
	if err := sc.make(ctx); err != nil {
		return sc, "", err
	}
	answer, err = p.ask(ctx, sc)
	if err = cmp.Or(err, sc.fault); err != nil || !sc.doubted {
		return sc, answer, err
	}
	if sure, err := s.Sure(ctx); err != nil || !sure {
		return sc, "", cmp.Or(err, errMistyped)
	}
	return sc, answer, nil
}

const (
	// longSession is the longest lifetime of a session at the service. A person needs time to read codes.
	longSession = 15 * time.Minute
	// longestProbe is the limit of other probes, which wait for codes of apps.
	longestProbe = 6 * time.Minute
)

// longestName keeps the name of a pool below the limit of 128 characters.
const longestName = 90

// recording returns the conversation of a scene, or nil, and the values that the conversation lacks.
func (sc *Scene) recording(p Probe, source string) (*conversation.Conversation, []string) {
	exchanges, problems := sc.recorder.Recorded()
	switch {
	case len(exchanges) == 0:
		return nil, nil
	case sc.notReplayed != "":
		return nil, []string{sc.notReplayed}
	}
	c := &conversation.Conversation{
		Name: p.Name, Title: p.Title, Exchanges: exchanges,
		Origin: conversation.Origin{
			Source: source + ", probe " + p.Name, Recorded: sc.Now().UTC().Format(time.DateOnly), Region: sc.Region, Evidence: "R",
		},
		Pool: without(sc.setting), Triggers: sc.triggers,
	}
	if !p.Driver {
		c.PoolOnly = "the probe sends what our driver does not send"
	}
	if record.ProvesPassword(exchanges) {
		c.Password = madeUpPassword
	}
	return c, problems
}

// without returns a setting as JSON without the members that have their zero value.
func without(setting *cognitotest.PoolConfig) json.RawMessage {
	text, err := json.Marshal(setting)
	if err != nil {
		panic(err) // a setting has only texts, numbers, lists and maps
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	v = prune(v)
	delete(v.(map[string]any), "dialect") // a setting has no dialect
	if text, err = json.Marshal(v); err != nil {
		panic(err)
	}
	return text
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range v {
			if inner = prune(inner); inner != nil {
				kept[name] = inner
			}
		}
		return kept // an empty object has a meaning too
	case []any:
		var kept []any
		for _, inner := range v {
			kept = append(kept, prune(inner))
		}
		if len(kept) > 0 {
			return kept
		}
		return nil
	}
	if v == nil || reflect.ValueOf(v).IsZero() {
		return nil
	}
	return v
}
