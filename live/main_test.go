package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/kit"
)

// quick are probes of all kinds that wait for no code of an app.
const quick = `^(client-|pool-|level-(claims|met|unknown|token)|session-|alias-|device-|refresh-|course-(rotation|revoke|client)|chain-user-password-auth$)`

// server is a server of pools on loopback. Some of its pools belong to somebody else.
type server struct {
	*httptest.Server
	requests atomic.Int64
	answers  sync.RWMutex // each request holds the lock for reading
	down     atomic.Bool  // refuses all requests
	hooks    atomic.Pointer[hooks]
	others   int
}

// hooks run before and after the response to the nth request. A nil hook does not run.
type hooks struct{ before, after func(n int64) }

func newServer(t *testing.T, oldest cognitotest.PoolConfig) *server {
	t.Helper()
	pools, err := cognitotest.NewServer(oldest)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	s.hooks.Store(&hooks{})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answers.RLock()
		defer s.answers.RUnlock()
		if s.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		n, h := s.requests.Add(1), s.hooks.Load()
		if h.before != nil {
			h.before(n)
		}
		pools.ServeHTTP(w, r)
		if h.after != nil {
			h.after(n)
		}
	}))
	t.Cleanup(s.Close)
	for _, in := range []*cip.CreateUserPoolInput{
		{PoolName: aws.String(kit.Prefix + "of-somebody-else")},
		{PoolName: aws.String("of-somebody-else"), UserPoolTags: map[string]string{kit.Tag: "x"}},
	} {
		if _, err := s.api().CreateUserPool(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	s.others = s.pools(t)
	return s
}

func (s *server) api() *cip.Client {
	return cip.New(cip.Options{Region: "eu-west-1", BaseEndpoint: &s.URL, Credentials: madeUp("AKIDMADEUP0000000000")})
}

// pools counts the pools of the server.
func (s *server) pools(t *testing.T) int {
	t.Helper()
	n := 0
	pages := cip.NewListUserPoolsPaginator(s.api(), &cip.ListUserPoolsInput{MaxResults: aws.Int32(60)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.UserPools)
	}
	return n
}

func (s *server) wantClean(t *testing.T) {
	t.Helper()
	if n := s.pools(t); n != s.others {
		left, err := kit.New("eu-west-1", s.URL, madeUp("AKIDMADEUP0000000000")).Left(t.Context(), "")
		t.Errorf("%d pools are there, want the %d of somebody else; %q have the tag (%v)", n, s.others, left, err)
	}
}

func (s *server) args(more ...string) []string {
	return append([]string{"-region", "eu-west-1", "-endpoint", s.URL}, more...)
}

// call runs the program in this process.
func call(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	code = run(ctx, args, strings.NewReader(stdin), &out, &log)
	return code, out.String(), log.String()
}

// given has all optional flags, for a pool of package cognitotest.
var given = []string{
	"-relying-party", "login.example.net", "-email", "you@example.org", "-ses-identity", "arn:aws:ses:eu-west-1:123456789012:identity/you@example.org", "-phone", "+15555559876",
	"-sms-role", "arn:aws:iam::123456789012:role/sms", "-external-id", "made up",
	"-triggers", "arn:aws:lambda:eu-west-1:123456789012:function:triggers",
}

// asked counts the probes that can run with all flags. A skipped that is not empty leaves out the
// probes with matching names.
func asked(t *testing.T, skipped string) int {
	t.Helper()
	s, err := parse(append([]string{"-region", "eu-west-1"}, given...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	skip := regexp.MustCompile(skipped)
	return len(slices.DeleteFunc(kit.Probes(), func(p kit.Probe) bool {
		return s.given.Lacks(p) != "" || skipped != "" && skip.MatchString(p.Name)
	}))
}

// The whole kit agrees with the pool as a server. The clock of both jumps if the program waits for
// the next code of an app, so one probe runs at a time.
//
// The tests of package kit run each chain too. So go test ./... leaves out the chains here.
func TestAgreement(t *testing.T) {
	want, least := asked(t, ""), 200
	args := append([]string{"-yes", "-parallel", "1"}, given...)
	if byname.Quick(t) {
		const chains = "^chain-"
		want, least = asked(t, chains), 30
		args = append(args, "-skip", chains)
	}
	clock := cognitotest.NewClock(time.Now())
	var sent kit.Messages
	newService = func(region, endpoint string, credentials aws.CredentialsProvider) *kit.Service {
		s := kit.New(region, endpoint, credentials)
		s.Now, s.Code, s.Sure = clock.Now, sent.Code, kit.Sure
		s.Sleep = func(_ context.Context, d time.Duration) error {
			clock.Advance(d)
			return nil
		}
		return s
	}
	defer func() { newService = kit.New }()
	s := newServer(t, cognitotest.PoolConfig{Now: clock.Now, OnCode: sent.Keep, Triggers: kit.Triggers()})
	dir := filepath.Join(t.TempDir(), "recordings")
	code, stdout, stderr := call(t.Context(), "", s.args(append(args, "-record", dir)...)...)
	if code != agreed || !strings.Contains(stdout, fmt.Sprintf("%d same, 0 differ, 0 failed, ", want)) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	s.wantClean(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	incomplete, err2 := filepath.Glob(filepath.Join(dir, "incomplete", "*.json"))
	if told := fmt.Sprintf("%d recordings in %s, and %d in ", len(files), dir, len(incomplete)); !strings.Contains(stderr, told) {
		t.Errorf("the program does not say %q\n%s", told, stderr)
	}
	if err = errors.Join(err, err2); err != nil || len(files) < least {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := conversation.Parse(text)
		if err != nil || !strings.Contains(c.Source, doubleSource) || c.Region != "eu-west-1" || c.Recorded == "" {
			t.Errorf("%s: %v, of %+v", file, err, c.Origin)
		}
	}
}

func TestDifference(t *testing.T) {
	s := newServer(t, cognitotest.PoolConfig{Dialect: cognitotest.Dialect{PasswordChallenges: true}})
	code, stdout, stderr := call(t.Context(), "", s.args("-yes", "-json", "-only", "^(choice-without-password|alias-in-answers|passkey-method)$")...)
	var results []kit.Result
	if err := json.Unmarshal([]byte(stdout), &results); err != nil || len(results) != 3 || code != differed {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	for _, r := range results {
		switch r.Name {
		case "choice-without-password":
			if r.Outcome != kit.Differs || !strings.HasPrefix(r.Answer, "PASSWORD with") || !strings.HasPrefix(r.Default, "InvalidParameter") {
				t.Errorf("%+v", r)
			}
		case "alias-in-answers":
			if r.Outcome != kit.Same || r.Answer != "tokens" {
				t.Errorf("%+v", r)
			}
		case "passkey-method":
			if r.Outcome != kit.Skipped || !strings.Contains(r.Reason, "-relying-party") {
				t.Errorf("%+v", r)
			}
		}
	}
	_, table, _ := call(t.Context(), "", s.args("-yes", "-only", "^choice-without-password$")...)
	for _, want := range []string{"DIFFERS  choice-without-password", "the service: PASSWORD", "cognitotest: InvalidParameter", "the row in docs/evidence.md: a choice of PASSWORD"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not say %q:\n%s", want, table)
		}
	}
}

// The numbers in docs/live.md are the numbers of the plan.
func TestNumbers(t *testing.T) {
	doc, err := os.ReadFile("../docs/live.md")
	if err != nil {
		t.Fatal(err)
	}
	tell := func(args ...string) (pools, users, codes string) {
		_, _, stderr := call(t.Context(), "n\n", append(args, "-region", "eu-west-1", "-endpoint", "http://127.0.0.1:1")...)
		find := func(pattern string) string {
			if found := regexp.MustCompile(pattern).FindStringSubmatch(stderr); found != nil {
				return found[1]
			}
			return "0"
		}
		return find(`create (\d+) user pools`), find(`in each, and (\d+) users`), find(`messages for (\d+) probes`)
	}
	pools, users, codes := tell()
	allPools, allUsers, allCodes := tell(given...)
	for _, row := range []string{
		fmt.Sprintf("| pools, one for each probe | %s | %s |", pools, allPools),
		fmt.Sprintf("| users, at most | %s | %s |", users, allUsers),
		fmt.Sprintf("| probes that ask you for codes | %s | %s |", codes, allCodes),
	} {
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/live.md does not have the row\n%s", row)
		}
	}
}

// Without consent the program does nothing.
func TestItAsks(t *testing.T) {
	s := newServer(t, cognitotest.PoolConfig{})
	before := s.requests.Load()
	for _, stdin := range []string{"", "\n", "n\n", "nothing\n"} {
		code, stdout, stderr := call(t.Context(), stdin, s.args("-only", "^alias")...)
		if code != failed || stdout != "" || !strings.Contains(stderr, "create 1 user pool,") || !strings.Contains(stderr, kit.Prefix) || strings.Contains(stderr, "AWS") {
			t.Errorf("%q: exit code %d\n%s%s", stdin, code, stdout, stderr)
		}
	}
	if n := s.requests.Load() - before; n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if code, stdout, stderr := call(t.Context(), "yes\n", s.args("-only", "^alias")...); code != agreed {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	s.wantClean(t)
}

func TestArguments(t *testing.T) {
	for args, want := range map[string]string{
		"-list -only no-such-probe": "leave no probe",
		"-list -only [":             "-only: ",
		"-yes":                      "-region is missing",
		"-region x":                 "-region: \"x\" is not a region",
		"-list alias":               "is no flag",
		"-list -no-such-flag":       "-help lists",
		"-list -parallel 0":         "-parallel",
		"-list -email you":          "-email: \"you\"",
		"-list -phone 5555":         "-phone: \"5555\"",
		"-list -phone +15555550123": "-phone needs -sms-role",
		"-list -triggers f":         "-triggers: \"f\"",
		"-list -endpoint localhost": "-endpoint: \"localhost\"",
		"-list -clean":              "give one of them",
		"-list -skip [":             "-skip: ",
		"-region eu-west-1 -endpoint http://127.0.0.1:1 -only ^passkey-method": "needs -relying-party",
	} {
		if code, _, stderr := call(t.Context(), "", strings.Fields(args)...); code != failed || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
	}
	for args, want := range map[string]string{
		"-list": "recordings", "-list -record here": "here", "-list -record=": "", "-list -endpoint http://h": "",
	} {
		if s, err := parse(strings.Fields(args), io.Discard); err != nil || s.record != want {
			t.Errorf("%s: the recordings go to %q, %v", args, s.record, err)
		}
	}
	code, stdout, _ := call(t.Context(), "", "-list")
	for _, want := range []string{"totp-wrong: ", "chain-user-srp-auth-password-verifier: ", "(needs -triggers, ", "(needs -relying-party, "} {
		if code != agreed || !strings.Contains(stdout, want) {
			t.Errorf("-list does not have %q", want)
		}
	}
}

// The program asks for each code, and asks again if the answer is no code.
func TestItAsksForCodes(t *testing.T) {
	answers, typed := io.Pipe()
	s := newServer(t, cognitotest.PoolConfig{OnCode: func(c cognitotest.Code) {
		go fmt.Fprintf(typed, "what?\n%s\n", c.Code)
	}})
	var out, log bytes.Buffer
	code := run(t.Context(), s.args("-yes", "-email", "you@example.org", "-only", "^(verify-wrong-code|level-after-sign-up)$"), answers, &out, &log)
	if code != agreed || strings.Count(log.String(), "has sent a new code to you+live") != 4 || !strings.Contains(log.String(), "6 or 8 digits") {
		t.Errorf("exit code %d\n%s%s", code, &out, &log)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s = newServer(t, cognitotest.PoolConfig{OnCode: func(cognitotest.Code) { cancel() }}) // nobody answers
	code = run(ctx, s.args("-yes", "-email", "you@example.org", "-only", "^verify-wrong-code$"), answers, &out, &log)
	if code != failed {
		t.Errorf("interrupted: exit code %d\n%s%s", code, &out, &log)
	}
	s.wantClean(t)
	_, _, stderr := call(t.Context(), "n\n", s.args("-email", "you@example.org", "-only", "^verify-")...)
	if !strings.Contains(stderr, "messages for 3 probes") {
		t.Errorf("the program asks %s", stderr)
	}
	if code, stdout, stderr := call(t.Context(), "", s.args("-yes", "-email", "you@example.org", "-only", "^verify-again$")...); code != agreed {
		t.Errorf("a probe without a code: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// The program reports an unreachable server once, and does nothing.
func TestUnreachable(t *testing.T) {
	t.Parallel() // the SDK waits between its attempts
	code, stdout, stderr := call(t.Context(), "", "-region", "eu-west-1", "-endpoint", "http://127.0.0.1:1", "-yes")
	if code != failed || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "nothing was created: operation error Cognito Identity Provider: ListUserPools") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// -keep leaves the pools. -clean deletes these pools and no others.
func TestKeepAndClean(t *testing.T) {
	s := newServer(t, cognitotest.PoolConfig{})
	if code, stdout, stderr := call(t.Context(), "", s.args("-yes", "-keep", "-only", "^client-")...); code != agreed {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	kept := s.pools(t) - s.others
	if kept < 5 {
		t.Errorf("-keep has left %d pools", kept)
	}
	code, _, stderr := call(t.Context(), "n\n", s.args("-clean")...)
	if code != failed || s.pools(t)-s.others != kept || strings.Count(stderr, kit.Prefix) != kept {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if code, stdout, stderr := call(t.Context(), "", s.args("-yes", "-clean", "-run", "no-such-run")...); code != agreed || stdout != "0 pools deleted\n" {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := call(t.Context(), "", s.args("-yes", "-clean")...); code != agreed || stdout != "6 pools deleted\n" {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	s.wantClean(t)
}

// After an interrupt the program deletes its pools, also a pool whose creation had no reply.
func TestInterrupt(t *testing.T) {
	s := newServer(t, cognitotest.PoolConfig{})
	start := s.requests.Load()
	for _, at := range []int64{1, 2, 3, 7, 20, 40} {
		ctx, cancel := context.WithCancel(t.Context())
		s.hooks.Store(&hooks{after: func(n int64) {
			if n == start+at {
				cancel()
			}
		}})
		code, stdout, stderr := call(ctx, "", s.args("-yes", "-parallel", "1", "-only", quick)...)
		if code != failed || !strings.Contains(stderr, "interrupted") || strings.Contains(stderr, "pools may still exist") || strings.Contains(stdout, "FAILED") {
			t.Errorf("interrupted at request %d: exit code %d\n%s%s", at, code, stdout, stderr)
		}
		cancel()
		s.hooks.Store(&hooks{})
		s.wantClean(t)
		start = s.requests.Load()
	}
}

// -clean finds each pool of a run that was killed at any point.
func TestKilled(t *testing.T) {
	t.Parallel() // beside tests that wait
	if byname.Quick(t) {
		t.Skip("it builds the program and kills it: go test ./live -run TestKilled")
	}
	kills := 20
	program := filepath.Join(t.TempDir(), "live")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := newServer(t, cognitotest.PoolConfig{})
	start := s.requests.Load()
	execute := func() (*exec.Cmd, error) {
		c := exec.CommandContext(t.Context(), program, s.args("-yes", "-parallel", "4", "-only", quick)...)
		c.Stdout, c.Stderr = io.Discard, io.Discard
		return c, c.Start()
	}
	whole, err := execute()
	if err == nil {
		err = whole.Wait()
	}
	if err != nil {
		t.Fatalf("a whole run: %v", err)
	}
	total := s.requests.Load() - start
	s.wantClean(t)
	left := 0
	for range kills {
		at := s.requests.Load() + 1 + rand.Int64N(total)
		started := make(chan *exec.Cmd, 1)
		kill := func(n int64) {
			if n == at {
				s.down.Store(true)
				c := <-started
				_ = c.Process.Kill() // Wait reports a process that has ended
			}
		}
		s.hooks.Store(&hooks{before: kill})
		if rand.IntN(2) == 0 {
			s.hooks.Store(&hooks{after: kill})
		}
		c, err := execute()
		if err != nil {
			t.Fatal(err)
		}
		started <- c
		if err := c.Wait(); err == nil {
			t.Errorf("killed at request %d of %d, the program ended well", at, total)
		}
		s.CloseClientConnections() // also of unread requests
		s.answers.Lock()           // wait for a request whose client is gone
		s.hooks.Store(&hooks{})
		s.down.Store(false)
		s.answers.Unlock()
		left += s.pools(t) - s.others
		if code, stdout, stderr := call(t.Context(), "", s.args("-yes", "-clean")...); code != agreed {
			t.Errorf("-clean: exit code %d\n%s%s", code, stdout, stderr)
		}
		s.wantClean(t)
	}
	if left == 0 {
		t.Error("no run has left a pool: the test shows nothing")
	}
	t.Logf("%d requests in a run; %d killed runs had left %d pools", total, kills, left)
}

// testdata/conversations has no recording of another server.
func TestConversationsAreOfTheService(t *testing.T) {
	all, err := conversation.Load("../testdata/conversations")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if strings.Contains(c.Source, doubleSource) {
			t.Errorf("%s is not of the service: %s", c.Name, c.Source)
		}
	}
}
