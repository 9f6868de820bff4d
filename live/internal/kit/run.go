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

// Result is what a probe found.
type Result struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Row     string `json:"row,omitempty"`
	Skipped string `json:"skipped,omitempty"` // why it was not asked
	Answer  string `json:"answer,omitempty"`  // of the service
	Default string `json:"default,omitempty"` // of package cognitotest
	Agree   bool   `json:"agree"`
	Failed  string `json:"failed,omitempty"` // why there is no answer
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

// Ask asks the service all probes, and the double the same. The results are in the order
// of the probes. The error tells which pools could not be deleted; it is that of ctx if the
// run was interrupted.
func (s *Service) Ask(ctx context.Context, probes []Probe, o Options) ([]Result, error) {
	results := make([]Result, len(probes))
	wrong := make([]error, len(probes))
	turns := make(chan int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range max(1, o.Parallel) {
		wg.Go(func() {
			for i := range turns {
				results[i], wrong[i] = s.compare(ctx, probes[i], o)
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
	return results, errors.Join(append(wrong, ctx.Err())...)
}

// cleanAfter deletes what the run has left. A request whose reply was lost, or that was cut, may
// have made a pool that the run does not know.
func (s *Service) cleanAfter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, err := s.Clean(ctx, s.Run)
	return err
}

// compare asks one probe at the service and at the double.
func (s *Service) compare(ctx context.Context, p Probe, o Options) (Result, error) {
	r := Result{Name: p.Name, Title: p.Title, Row: p.Row}
	switch {
	case s.Lacks(p) != "":
		r.Skipped = "needs " + s.Lacks(p)
		return r, nil
	case ctx.Err() != nil:
		r.Skipped = "the run was interrupted"
		return r, nil
	}
	answer, sc, err := s.answer(ctx, p)
	var left error
	if !o.Keep {
		left = sc.close(ctx)
	}
	if err != nil {
		r.Failed = err.Error()
		return r, left
	}
	r.Answer = answer
	r.Recording, r.Unrecorded = sc.recording(p, o.Source)
	double, err := o.Double(s.Region)
	if err == nil {
		r.Default, sc, err = double.answer(ctx, p)
		err = cmp.Or(err, sc.close(ctx))
	}
	if err != nil {
		r.Failed = fmt.Sprintf("the double: %v", err)
	}
	r.Agree = err == nil && r.Answer == r.Default
	return r, left
}

// answer makes the scene of a probe and asks. The scene is there to be closed after an
// error, too.
func (s *Service) answer(ctx context.Context, p Probe) (string, *Scene, error) {
	setting := newSetting()
	if p.setting != nil {
		p.setting(setting)
	}
	if p.AsksForCodes() {
		setting.Clients[0].AuthSessionSeconds = longSession
	}
	name := p.Name[:min(len(p.Name), longestName)]
	sc, err := s.newScene(ctx, name, setting)
	if err != nil {
		return "", sc, err
	}
	if p.AsksForCodes() { // one probe after the other: a session lives for minutes
		s.desk.Lock()
		defer s.desk.Unlock()
	}
	answer, err := p.ask(ctx, sc)
	return answer, sc, err
}

// longSession leaves somebody the time to read a code, in seconds: the most that the service has.
const longSession = 15 * 60

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
