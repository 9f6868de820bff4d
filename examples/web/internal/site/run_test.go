package site

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
	"github.com/cognitoflow/cognitoflow/secret"
)

// An instance runs the executable of its parent. In a test this is the test binary, which then
// runs the program.
const envProgram = "WEB_TEST_IS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(envProgram) != "" {
		os.Exit(Main(nil))
	}
	os.Unsetenv(envSessions) // the environment of a developer may have the variable
	os.Exit(m.Run())
}

var (
	served   = regexp.MustCompile(`(?m)^Serving (http://\S+)/$`)
	lastCode = regexp.MustCompile(`(?m)^Code for ada, by EMAIL to ada@example.com: (\d{6})$`)
	process  = regexp.MustCompile(`(?m)^Instance (\d) is process (\d+)`)
)

// program runs the whole program until the test ends. The results are a browser at the
// program and the standard output.
func program(t *testing.T, args ...string) (b *browser, stdout *exampletest.Buffer) {
	t.Helper()
	t.Setenv(envProgram, "yes")
	ctx, cancel := context.WithCancel(t.Context())
	stdout = new(exampletest.Buffer)
	stderr, ended := new(exampletest.Buffer), make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"-listen", "127.0.0.1:0", "-insecure-cookies"}, args...), nil, stdout, stderr)
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d:\n%s", code, stderr)
		}
	})
	waitFor(t, "an address", func() bool { return served.MatchString(stdout.String()) })
	url := served.FindStringSubmatch(stdout.String())[1]
	r := &rig{Server: &httptest.Server{URL: url}, t: t, log: stderr}
	return r.browserWith(http.Client{}), stdout
}

// waitFor polls until a condition holds. Use waitFor if the test gets no event.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("no %s within 30 seconds", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestDemo(t *testing.T) {
	b, stdout := program(t)
	b.signIn("ada").at(200, "Enter your code")
	b.submit("code", lastCode.FindStringSubmatch(stdout.String())[1]).at(200, "Hello, ada")
	for _, demo := range demoUsers {
		if !strings.Contains(stdout.String(), "  "+demo.user.Name+" ") {
			t.Errorf("the output does not name %s:\n%s", demo.user.Name, stdout)
		}
	}
}

// A sign-in goes on after the death of all instances.
func TestInstances(t *testing.T) {
	b, stdout := program(t, "-instances", "2")
	b.signIn("ada").at(200, "Enter your code")
	for _, found := range process.FindAllStringSubmatch(stdout.String(), -1) {
		kill(t, found[2])
	}
	b.submit("code", lastCode.FindStringSubmatch(stdout.String())[1]).at(200, "Hello, ada")
}

func kill(t *testing.T, pid string) {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(pid, &n); err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(n)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The proxy does not repeat a lost request, and sends the next request to another instance.
func TestProxy(t *testing.T) {
	var lost atomic.Int32
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		lost.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer dropping.Close()
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, " for ", settings{listen: inherited}.browserAddress(r))
	}))
	defer here.Close()
	var upstreams []*url.URL
	for _, server := range []*httptest.Server{dropping, here} {
		at, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		upstreams = append(upstreams, at)
	}
	proxy := settings{}.newProxy(upstreams, io.Discard)
	statuses := map[int]int{}
	for range 10 {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "http://site.example/signin", strings.NewReader("code=123456"))
		r.RemoteAddr = "203.0.113.7:4711"
		r.Header.Set(forwardedFor, "198.51.100.9")
		proxy.ServeHTTP(w, r)
		statuses[w.Code]++
		if w.Code == http.StatusOK && w.Body.String() != "site.example for 203.0.113.7" {
			t.Errorf("the host is %q at the instance", w.Body)
		}
	}
	if statuses[http.StatusOK] != 5 || statuses[http.StatusBadGateway] != 5 || lost.Load() != 5 {
		t.Errorf("statuses %v, %d requests lost, want 5 of each", statuses, lost.Load())
	}
}

func TestCommandLine(t *testing.T) {
	t.Setenv(envSealingKeys, "")
	t.Setenv(envSessions, "")
	for line, want := range map[string]string{
		"-instances 0":                  "-instances 0",
		"-flows USER_PASSWORD_AUTH":     `"USER_PASSWORD_AUTH"`,
		"-flows ,":                      "-flows is empty",
		"-user-pool-id local-1_x":       "give both",
		"-client-id x":                  "give both",
		"-instances 3 -sessions memory": "-instances 3: with -sessions memory each instance",
		"-sessions file":                "give cookie, memory, or a URL",
		"-sessions redis://host":        "go -C examples/web/stores run . -help",

		"-threat-protection": "set COGNITO_CLIENT_SECRET",

		"-user-pool-id local-1_x -client-id x -sessions redis://host": "WEB_SEALING_KEYS is not set",
		"extra":                             `unexpected argument "extra"`,
		"-nonsense":                         "web -help",
		"-listen 256.0.0.1:0":               "-listen",
		"-user-pool-id nonsense -client-id": "flag needs an argument",
	} {
		stderr := new(exampletest.Buffer)
		if code := run(t.Context(), strings.Fields(line), nil, io.Discard, stderr); code == 0 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %q, want %q", line, code, stderr, want)
		}
	}
}

const goodKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" // 32 bytes of zero

func TestSealingKeys(t *testing.T) {
	const good = goodKey
	for text, want := range map[string]string{
		good + ", " + good:        "",
		good + ",not base64!":     "WEB_SEALING_KEYS: key 1 is not base64",
		good + ",c2hvcnQ=":        "key 1 has 5 bytes",
		"bm90IGEga2V5Cg==" + good: "key 0 is not base64",
	} {
		s, err := parse([]string{"-user-pool-id", "local-1_x", "-client-id", "x", "-endpoint", "http://localhost"}, nil, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		s.sealingKeys = secret.New(text)
		if err = s.validate(); err == nil {
			_, err = newSite(t.Context(), s, nil)
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), text[len(text)-9:]) {
			t.Errorf("the error quotes a key: %v", err)
		}
	}
}
