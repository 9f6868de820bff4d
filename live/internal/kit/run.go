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
	Name   string   // of the probe, its pool and its recording
	Title  string   // what is asked
	Row    string   // the behaviour in the tables of package cognitotest, if it is about one
	Needs  []string // what it needs beside AWS credentials
	Users  int      // how many users it makes at most
	Driver bool     // the exchanges are those of package flow, which replays them too

	setting func(*cognitotest.PoolConfig)
	ask     func(context.Context, *Scene) (string, error)
}

// Probes lists all probes, those that the kit cannot ask included.
func Probes() []Probe { return append(chainProbes(), append(courses(), questions()...)...) }

// What can become of a probe.
const (
	Same    = "same"    // the service does what package cognitotest does by default
	Differs = "differs" // the service does something else
	Failed  = "failed"  // there is no answer
	Skipped = "skipped" // nobody was asked
)

// Result is what became of a probe.
type Result struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Row     string `json:"row,omitempty"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`      // why it failed or was skipped
	Answer  string `json:"answer,omitempty"`      // of the service
	Default string `json:"cognitotest,omitempty"` // the answer of package cognitotest
	// Unrecorded has what is missing in the recording.
	Unrecorded []string `json:"unrecorded,omitempty"`

	// Recording is the conversation, nil if there is none.
	Recording *conversation.Conversation `json:"-"`
}

// Options say how probes are run.
type Options struct {
	Parallel int  // how many at a time
	Keep     bool // leave the pools at the service
	Double   func(region string) (*Service, error)
	Done     func(Result) // called for each result, by one goroutine at a time
	Source   string       // of the recordings
}

// ErrLost says that the service could not be reached any more.
var ErrLost = errors.New("the service cannot be reached any more")

// Ask asks the service all probes, and the double the same. The results are in the order
// of the probes. The error tells which pools could not be deleted; it is that of ctx if the
// run was interrupted, and [ErrLost] if the run ended because the network is down.
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

// cleanAfter deletes what the run has left. A request whose reply was lost may have made a
// pool that the run does not know.
func (s *Service) cleanAfter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	left, err := s.Left(ctx, s.Run)
	return errors.Join(err, s.Delete(ctx, left))
}

// compare asks one probe at the service and at the double. It ends the run if the service cannot
// be reached.
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

var errMistyped = errors.New("the service refused a code that was not that of the newest message")

// answer makes the scene of a probe and asks. The scene is there to be closed after an
// error, too.
func (s *Service) answer(ctx context.Context, p Probe) (sc *Scene, answer string, err error) {
	setting := newSetting()
	if p.setting != nil {
		p.setting(setting)
	}
	limit := longestProbe
	if p.AsksForCodes() { // one probe after the other: a session lives for minutes
		setting.Clients[0].AuthSessionSeconds = int(longSession.Seconds())
		limit = longSession
		s.desk.Lock()
		defer s.desk.Unlock()
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sc = s.newScene(p.Name, setting)
	defer func() {
		if v := recover(); v != nil { // a reply without what the model requires
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
	// longSession leaves somebody the time to read codes: the most that the service has.
	longSession = 15 * time.Minute
	// longestProbe is how long other probes may take. They wait for codes of apps.
	longestProbe = 6 * time.Minute
)

// longestName keeps the name of a pool below the limit of 128 characters.
const longestName = 90

// recording makes the conversation of a scene, nil if nothing was recorded.
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

// without writes a setting without the members that have their zero value.
func without(setting *cognitotest.PoolConfig) json.RawMessage {
	text, err := json.Marshal(setting)
	if err != nil {
		panic(err) // a setting is texts, numbers, lists and maps
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	v = prune(v)
	delete(v.(map[string]any), "dialect") // a setting has none
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
		return kept // an empty object says that there is one
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
