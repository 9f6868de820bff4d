package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func (b *browser) address() *url.URL {
	b.t.Helper()
	address, err := url.Parse(b.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return address
}

func TestPromptOfAnotherBrowser(t *testing.T) {
	each(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}}, func(t *testing.T, r *rig) {
		theirs := r.browser().signIn("ada").at(200, "Enter your code")
		stolen := theirs.form("code", r.pool.LastCode("ada").Code)
		answers := r.operations("RespondToAuthChallenge")

		r.browser().get("/signin").post("/signin", stolen).at(403, "Not accepted")
		r.browser().post("/signin", stolen).at(403, "Not accepted") // without a browser session
		changed := url.Values{"code": stolen["code"], "prompt": {stolen.Get("prompt")[1:]}}
		theirs.post("/signin", changed).at(403, "Not accepted")
		if n := r.operations("RespondToAuthChallenge"); n != answers {
			t.Errorf("the pool got %d answers", n-answers)
		}
		theirs.post("/signin", stolen).at(200, "Hello, ada")
	})
}

func TestExpiredPrompt(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}}, "-prompt-lifetime", "1ns")
	b := r.browser().signIn("ada").at(200, "Enter your code")
	b.code("ada").at(422, "Sign in").blames(problemExpired)
	if !strings.Contains(b.body, `name="username" value="ada"`) {
		t.Errorf("the user has to type the name again: %s", b.body)
	}
}

func TestPromptThatThePoolHasForgotten(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}})
	b := r.browser().signIn("ada").at(200, "Enter your code")
	r.pool.ExpireSessions()
	b.code("ada").at(422, "Sign in").blames(problemExpired)
}

func TestRequestsOfOtherSites(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		for name, header := range map[string]http.Header{
			"cross-site":       {"Sec-Fetch-Site": {"cross-site"}},
			"same-site":        {"Sec-Fetch-Site": {"same-site"}}, // a neighbouring host
			"an older browser": {"Origin": {"https://evil.example"}},
			"a hidden origin":  {"Origin": {"null"}},
		} {
			for _, path := range []string{
				"/signin", "/signup", "/refresh", "/signout", "/passkey", "/forgot", "/password", "/factors", "/authenticator", "/confirm",
			} {
				request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Header = header
				if b.do(request); b.status != http.StatusForbidden {
					t.Errorf("%s, POST %s: status %d", name, path, b.status)
				}
			}
		}
		b.get("/").at(200, "Hello, ada")
	})
}

func TestHeaders(t *testing.T) {
	each(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}}, func(t *testing.T, r *rig) {
		b := r.browser()
		for _, visit := range []func(){
			func() { b.get("/signin") }, func() { b.get("/signup") }, func() { b.get("/nowhere") },
			func() { b.get("/forgot") },
			func() { b.signIn("ada") }, func() { b.code("ada") }, func() { b.post("/signin", nil) },
			func() { b.get("/password") }, func() { b.get("/factors") }, func() { b.get("/secret") }, func() { b.post("/authenticator", nil) },
		} {
			visit()
			policy := b.header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
				if !strings.Contains(policy, part) {
					t.Errorf("%s: the policy %q lacks %q", b.title(), policy, part)
				}
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("%s: the policy is %q", b.title(), policy)
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
				"Content-Type": "text/html; charset=utf-8",
			} {
				if got := b.header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", b.title(), name, got, want)
				}
			}
			for _, inline := range []string{" style=", "<style", " onclick=", " onload=", "<script>"} {
				if strings.Contains(b.body, inline) {
					t.Errorf("%s: %q would not pass the policy", b.title(), inline)
				}
			}
		}
	})
}

func TestCookies(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		prefix string
		secure bool
		size   int // of all cookies with their names, at most
	}{
		"default":         {nil, "__Host-", true, 4096},
		"insecure":        {[]string{"-insecure-cookies"}, "", false, 4096},
		"memory":          {[]string{"-sessions", "memory"}, "__Host-", true, 200},
		"insecure memory": {[]string{"-sessions", "memory", "-insecure-cookies"}, "", false, 200},
	} {
		r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, test.args...)
		b := r.browser()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		b.signIn("ada")
		set := (&http.Response{Header: b.header}).Cookies()
		if len(set) < 2 {
			t.Fatalf("%s: %d cookies, want the browser's ID and the tokens or their ID", name, len(set))
		}
		size := 0
		for _, c := range b.client.Jar.Cookies(b.address()) {
			size += len(c.Name) + len(c.Value)
		}
		if size > test.size {
			t.Errorf("%s: cookies of %d bytes, want %d at most", name, size, test.size)
		}
		for _, c := range set {
			if !c.HttpOnly || c.Secure != test.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" ||
				!strings.HasPrefix(c.Name, test.prefix) || len(c.String()) > 4096 {
				t.Errorf("%s: %s", name, c)
			}
		}
	}
}

// request makes a request with cookies. kept returns the cookies that a browser keeps after a
// response.
func request(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func kept(w *httptest.ResponseRecorder) (cookies []*http.Cookie) {
	for _, c := range w.Result().Cookies() {
		if c.MaxAge >= 0 {
			cookies = append(cookies, c)
		}
	}
	return cookies
}

// Tokens of the service are longer than tokens of the test pool.
func TestTokensOfAnySize(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	id := []byte("browser")
	in := request(r.site.cookie("browser", string(id)))
	for _, size := range []int{9000, 100} { // the second response must delete cookies of the first
		tokens := flow.Tokens{AccessToken: secret.New(strings.Repeat("a", size)), Username: "ada", Expiry: time.Now()}
		out := httptest.NewRecorder()
		sealed := sealedSessions{r.site}
		if err := sealed.keep(out, in, id, &tokens); err != nil {
			t.Fatal(err)
		}
		in = request(append(kept(out), r.site.cookie("browser", string(id)))...)
		back := sealed.kept(in)
		if back == nil || back.AccessToken.Reveal() != tokens.AccessToken.Reveal() {
			t.Errorf("%d bytes are not kept", size)
		}
	}
	if n := len(in.Cookies()); n != 2 {
		t.Errorf("%d cookies are left, want the browser's ID and one part", n)
	}
}

// No URL and no log line has a secret.
func TestSecretsStayInside(t *testing.T) {
	each(t, cognitotest.PoolConfig{MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Enter your code")
		sealed := b.form().Get("prompt")
		b.submit("code", "271828").at(422, "Enter your code")
		code := r.pool.LastCode("ada").Code
		b.submit("code", code).at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada")
		visited := strings.Join(b.visited, "\n")
		b.get("/signin?password=in-a-query-by-mistake")

		secrets := map[string]string{
			"password": demoPassword, "wrong code": "271828", "code": code, "sealed prompt": sealed[20:60], "query": "in-a-query",
		}
		for _, request := range r.pool.Requests() {
			for _, name := range []string{"Session", "AccessToken", "RefreshToken"} {
				if text, ok := request.Body[name].(string); ok {
					secrets[request.Operation+" "+name] = text[:40]
				}
			}
		}
		for _, c := range b.client.Jar.Cookies(b.address()) {
			secrets["cookie "+c.Name] = c.Value
		}
		log := r.log.String()
		if !strings.Contains(log, "EMAIL_OTP") || len(secrets) < 8 {
			t.Fatalf("%d secrets to look for in the log:\n%s", len(secrets), log)
		}
		for name, text := range secrets {
			if strings.Contains(log, text) {
				t.Errorf("%s is in the log", name)
			}
			if strings.Contains(visited, text) {
				t.Errorf("%s is in a URL:\n%s", name, visited)
			}
		}
		if strings.Contains(visited, "?") {
			t.Errorf("a page has a query:\n%s", visited)
		}
	})
}
