package kit

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

func newDouble(t testing.TB) *Service {
	t.Helper()
	s, err := Double("eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asked returns the probes that the kit can run with all means.
func asked() []Probe {
	given := Given{RelyingParty: "x", Email: "x", Identity: "x", Phone: "x", SMSRole: "x", Triggers: "x"}
	return slices.DeleteFunc(Probes(), func(p Probe) bool { return given.Lacks(p) != "" })
}

func isChain(p Probe) bool { return strings.HasPrefix(p.Name, "chain-") }

// askedInTime returns the probes of a whole run. A quick test has every tenth chain, because the
// tests of package flow run each chain.
func askedInTime(t *testing.T) []Probe {
	t.Helper()
	all := asked()
	if !byname.Quick(t) {
		return all
	}
	n := 0
	return slices.DeleteFunc(all, func(p Probe) bool {
		if !isChain(p) {
			return false
		}
		n++
		return n%10 != 0
	})
}

// wholeRun runs all probes against a double. Several tests share the run, which takes seconds.
var wholeRun struct {
	once sync.Once
	ended
	err error
}

// ended has the results of a run.
type ended struct {
	service    *Service
	results    []Result
	operations map[string]bool // the operations with a signature
}

func newWholeRun(t *testing.T) ended {
	t.Helper()
	wholeRun.once.Do(func() {
		s, err := Double("eu-west-1")
		if err != nil {
			wholeRun.err = err
			return
		}
		wire := newSigned(s)
		results, err := s.Ask(context.Background(), askedInTime(t), Options{Parallel: 1, Double: Double, Source: "a test"})
		wholeRun.ended, wholeRun.err = ended{s, results, wire.operations}, err
	})
	if wholeRun.err != nil {
		t.Fatal(wholeRun.err)
	}
	return wholeRun.ended
}

// The kit agrees with its double in each probe. A sign-in along a chain has the challenges of the
// chain.
func TestEachProbeHasAnAnswer(t *testing.T) {
	run := newWholeRun(t)
	for _, r := range run.results {
		if r.Outcome != Same || r.Answer == "" {
			t.Errorf("%s %s: answer %q, default %q, %s", r.Name, r.Outcome, r.Answer, r.Default, r.Reason)
		}
		if text, ok := strings.CutPrefix(r.Name, "chain-"); ok && text != "" {
			plan, err := chains.Read(r.Title)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Join(plan.Events(), " -> ") + " -> tokens"; r.Answer != want {
				t.Errorf("%s went %q, want %q", r.Title, r.Answer, want)
			}
		}
	}
	if left, err := run.service.Left(t.Context(), ""); err != nil || len(left) > 0 {
		t.Errorf("%d pools are left, %v", len(left), err)
	}
}

// asksFor has the probes whose answers have the exception.
var asksFor = map[string][]string{
	"ConfirmDevice/InvalidParameterException":                         {"device-numbers"},
	"CompleteWebAuthnRegistration/WebAuthnChallengeNotFoundException": {"passkey-registration-age"},
	"GetTokensFromRefreshToken/RefreshTokenReuseException":            {"refresh-rotated-out", "grace-rotated-out"},
	"ListGroups/InvalidParameterException":                            {"group-pages"},
	"ListUsers/InvalidParameterException":                             {"user-pages"},
	"ListUsersInGroup/InvalidParameterException":                      {"member-pages"},
	"ListWebAuthnCredentials/InvalidParameterException":               {"passkey-pages"},
	"RespondToAuthChallenge/NotAuthorizedException":                   {"passkey-verification", "totp-used"},
	"RespondToAuthChallenge/UserNotFoundException":                    {"deleted-user"},
	"UpdateUserAttributes/InvalidParameterException":                  {"user-empty-required"},
}

// If a service has one other behaviour, only the probes about this behaviour differ.
func TestDifferences(t *testing.T) {
	each := 1
	if byname.Quick(t) {
		each = 8 // every eighth probe of the probes that must not differ
	}
	defaults := map[string]string{}
	for _, r := range newWholeRun(t).results {
		defaults[r.Name] = r.Default
	}
	for name, c := range map[string]struct {
		change func(*cognitotest.Dialect)
		want   []string
	}{
		"TIMESTAMP": {func(d *cognitotest.Dialect) { d.TimestampSeconds = 300 }, []string{"timestamp-past", "timestamp-future", "timestamp-far"}},
		"codes":     {func(d *cognitotest.Dialect) { d.DropSessionOnCodeMismatch = true }, []string{"totp-wrong"}},
		"rotation":  {func(d *cognitotest.Dialect) { d.RotationRefusal = "InvalidParameterException" }, []string{"refresh-by-flow-under-rotation"}},
		"passwords": {func(d *cognitotest.Dialect) { d.PasswordChallenges = true }, []string{"choice-without-password"}},
		"a passkey": {func(d *cognitotest.Dialect) { d.CredentialInChoice = true }, []string{"passkey-credential"}},
		"devices":   {func(d *cognitotest.Dialect) { d.RawDeviceNumbers = true }, []string{"device-numbers"}},
		"levels":    {func(d *cognitotest.Dialect) { d.StepUp = "ALWAYS" }, []string{"level-claims", "level-no-amr"}},
		"no levels": {func(d *cognitotest.Dialect) { d.StepUp = "IGNORED" }, []string{
			"course-step-up", "level-after-sign-up", "level-below", "level-claims", "level-factors", "level-met", "level-only-higher",
			"level-token-alone", "level-token-not-valid", "level-token-of-another", "level-unknown", "level-unreachable", "level-wrong-factor",
			"passkey-method",
		}},
		"texts": {
			func(d *cognitotest.Dialect) {
				d.Messages = map[string]string{}
				for exception := range asksFor {
					d.Messages[exception] = "Another text"
				}
			},
			slices.Concat(slices.Collect(maps.Values(asksFor))...),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var dialect cognitotest.Dialect
			c.change(&dialect)
			s, err := double("eu-west-1", dialect)
			if err != nil {
				t.Fatal(err)
			}
			probes := slices.DeleteFunc(asked(), isChain)
			var differ []string
			for i, p := range probes {
				if i%each != 0 && !slices.Contains(c.want, p.Name) {
					continue
				}
				sc, answer, err := s.answer(t.Context(), p)
				if err != nil || answer != defaults[p.Name] {
					differ = append(differ, p.Name)
					t.Logf("%s: %s, %v", p.Name, answer, err)
				}
				if err := sc.close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			for _, name := range c.want {
				if !slices.Contains(differ, name) {
					t.Errorf("%s does not differ", name)
				}
			}
			if len(differ) != len(c.want) {
				t.Errorf("%q differ, want %q", differ, c.want)
			}
		})
	}
}

// The bisection finds the limit of a service with a limit.
func TestBisection(t *testing.T) {
	t.Parallel()
	limits := []int{1, 300, 3600, 43200, 1000000}
	if byname.Quick(t) {
		limits = []int{1, 3600, 1000000}
	}
	for _, limit := range limits {
		s, err := double("eu-west-1", cognitotest.Dialect{TimestampSeconds: limit})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range asked() {
			if p.Name != "timestamp-past" && p.Name != "timestamp-future" {
				continue
			}
			sc, answer, err := s.answer(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if err := sc.close(t.Context()); err != nil {
				t.Error(err)
			}
			low, high := boundsIn(t, answer)
			if at := float64(limit); low > at+1 || high < at-1 || high-low > max(2, at/100) {
				t.Errorf("%s, limit %d s: %s", p.Name, limit, answer)
			}
		}
	}
}

// boundsIn returns the seconds in an answer of the bisection.
func boundsIn(t *testing.T, answer string) (low, high float64) {
	t.Helper()
	match := regexp.MustCompile(`^accepted at (\S+), refused at (\S+): `).FindStringSubmatch(answer)
	if match == nil {
		t.Fatalf("the bisection says %q", answer)
	}
	for i, bound := range []*float64{&low, &high} {
		d, err := time.ParseDuration(match[i+1])
		if err != nil {
			t.Fatal(err)
		}
		*bound = d.Seconds()
	}
	return low, high
}

// behaviours returns the rows of docs/evidence.md. A row is true if it is open: evidence settles
// nothing of the row, or not all of it.
func behaviours(t *testing.T) map[string]bool {
	t.Helper()
	page, err := os.ReadFile("../../../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _ := strings.Cut(string(page), "\n## Behaviours\n")
	rows, open := map[string]bool{}, 0
	for line := range strings.Lines(tables) {
		cells := strings.Split(line, " |")
		if len(cells) != 5 || strings.HasPrefix(line, "| ---") {
			continue
		}
		isOpen := regexp.MustCompile(`\bopen\b`).MatchString(cells[3])
		rows[strings.ReplaceAll(strings.TrimPrefix(cells[0], "| "), "`", "")] = isOpen
		if isOpen {
			open++
		}
	}
	if want := strings.Count(tables, "| open") + strings.Count(tables, ". open: "); open != want || open == 0 {
		t.Fatalf("%d open rows of %d: the test reads the tables wrongly", open, want)
	}
	return rows
}

// Each open row of docs/evidence.md has a probe, and each probe names a row that exists. A probe
// without a question needs something that nobody can give.
func TestEachOpenRowHasAProbe(t *testing.T) {
	possible := map[string]bool{}
	for _, p := range asked() {
		possible[p.Name] = true
	}
	rows := behaviours(t)
	probed := map[string]bool{}
	for _, p := range Probes() {
		if _, ok := rows[p.Row]; p.Row != "" && !ok {
			t.Errorf("%s: docs/evidence.md has no row %q", p.Name, p.Row)
		}
		asks := p.ask != nil
		if !asks && possible[p.Name] {
			t.Errorf("%s asks nothing, and somebody can give what it needs", p.Name)
		}
		probed[p.Row] = probed[p.Row] || asks == possible[p.Name]
	}
	for row, open := range rows {
		if open && !probed[row] {
			t.Errorf("no probe is about %q", row)
		}
	}
}

// Names of probes are names of files and of pools.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Probes() {
		if !regexp.MustCompile(`^[a-z][a-z0-9-]+$`).MatchString(p.Name) || seen[p.Name] || p.Title == "" {
			t.Errorf("the name %q, the title %q", p.Name, p.Title)
		}
		seen[p.Name] = true
	}
}

// The driver and the pool can replay the recordings of the kit.
func TestRecordingsReplay(t *testing.T) {
	dir, files := t.TempDir(), 0
	for _, r := range newWholeRun(t).results {
		if r.Recording == nil {
			continue
		}
		if len(r.Unrecorded) > 0 && !strings.HasPrefix(r.Name, "passkey-") && !strings.Contains(r.Name, "-web-authn") {
			t.Errorf("%s: %q is missing in the recording", r.Name, r.Unrecorded)
		}
		if len(r.Unrecorded) > 0 { // the recording of a passkey
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, r.Name+".json"), []byte(encoded(t, r.Recording)), 0o600); err != nil {
			t.Fatal(err)
		}
		files++
	}
	least := 230
	if byname.Quick(t) {
		least = 50
	}
	if files < least {
		t.Errorf("%d recordings, want %d at least", files, least)
	}
	if !byname.Asked(t) {
		t.Skip("a replay builds the tests of two packages: go test ./live/internal/kit -run TestRecordingsReplay")
	}
	for _, side := range []string{"flow", "cognitotest"} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		command := exec.CommandContext(ctx, "go", "test", "../../../"+side, "-count=1", "-v", "-run", "^TestConversations$", "-conversations", dir)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", side, err, out)
		}
		if !strings.Contains(string(out), "--- PASS: TestConversations/") {
			t.Errorf("%s has replayed nothing:\n%s", side, out)
		}
	}
}

func encoded(t testing.TB, c *conversation.Conversation) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The policy in docs/live.md has the operations that the kit signs, and no others.
func TestPolicy(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/live.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var policy struct {
		Statement []struct {
			Action    []string
			Condition map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, s := range policy.Statement {
		for _, action := range s.Action {
			allowed[strings.TrimPrefix(action, "cognito-idp:")] = true
		}
		for tag := range s.Condition["Null"] {
			if _, name, _ := strings.Cut(tag, "/"); name != Tag {
				t.Errorf("the policy is about the tag %q", name)
			}
		}
	}
	run := newWholeRun(t)
	s := newDouble(t)
	wire := newSigned(s)
	maps.Copy(wire.operations, run.operations)
	wire.operations["TagResource"] = true // by CreateUserPool
	if err := s.newScene("left", newSetting()).make(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := s.Left(t.Context(), "")
	if err = errors.Join(err, s.Delete(t.Context(), left)); err != nil || len(left) != 1 {
		t.Errorf("%d pools were left, %v", len(left), err)
	}
	for operation := range wire.operations {
		if !allowed[operation] {
			t.Errorf("the policy does not allow %s", operation)
		}
	}
	for operation := range allowed {
		if !wire.operations[operation] {
			t.Errorf("the policy allows %s, which the kit does not call", operation)
		}
	}
}

// signed keeps the names of signed operations.
type signed struct {
	below      cip.HTTPClient
	operations map[string]bool
}

// newSigned puts a signed before a service.
func newSigned(s *Service) *signed {
	wire := &signed{below: s.HTTP, operations: map[string]bool{}}
	s.HTTP = wire
	return wire
}

func (s *signed) Do(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") != "" {
		_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
		s.operations[operation] = true
	}
	return s.below.Do(request)
}
