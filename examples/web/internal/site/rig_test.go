package site

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
	"github.com/cognitoflow/cognitoflow/store"
)

// rig is the site over TLS, with a pool.
type rig struct {
	*httptest.Server
	t    *testing.T
	site *site
	pool *cognitotest.Pool
	log  *exampletest.Buffer // the log of the site
}

// each runs a test with each kind of sessions that works without a database server.
func each(t *testing.T, config cognitotest.PoolConfig, test func(t *testing.T, r *rig)) {
	for _, kind := range []string{inCookies, inMemory} {
		config.Clients = slices.Clone(config.Clients)
		t.Run(kind, func(t *testing.T) { test(t, start(t, config, "-sessions", kind)) })
	}
}

func start(t *testing.T, config cognitotest.PoolConfig, args ...string) *rig {
	t.Helper()
	return startOver(t, nil, config, args...)
}

// startOver starts a site that opens the store shared for a URL with the scheme test.
func startOver(t *testing.T, shared store.Store, config cognitotest.PoolConfig, args ...string) *rig {
	t.Helper()
	if config.Clients == nil {
		config.Clients = []cognitotest.ClientConfig{{}}
	}
	config.Clients[0].ID = "web"
	if config.Clients[0].AuthFlows == nil {
		config.Clients[0].AuthFlows = []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
	}
	pool := cognitotest.Start(t, config)
	openers := map[string]Opener{"test": func(context.Context, string) (store.Store, func() error, error) {
		return shared, func() error { return nil }, nil
	}}
	t.Setenv(envSealingKeys, goodKey)
	s, err := parse(append([]string{
		"-user-pool-id", pool.ID(), "-client-id", "web", "-endpoint", pool.Endpoint(),
		"-flows", "USER_SRP_AUTH,USER_AUTH,CUSTOM_AUTH", "-sign-up", "email", "-remember",
	}, args...), openers, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if config.Now != nil {
		s.now = config.Now
	}
	return newRig(t, s, pool)
}

func newRig(t *testing.T, s settings, pool *cognitotest.Pool) *rig {
	t.Helper()
	r := &rig{t: t, pool: pool, log: new(exampletest.Buffer)}
	var err error
	r.site, err = newSite(t.Context(), s, slog.New(slog.NewTextHandler(r.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewTLSServer(r.site.handler())
	t.Cleanup(func() {
		r.Close()
		r.site.close()
	})
	return r
}

// clock is the clock of the pool and of all instances. A test moves the clock.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.passed.Load())) }

func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// The tokens of the pool are valid for an hour.
const (
	untilDue     = 56 * time.Minute // the tokens are still valid
	untilExpired = 61 * time.Minute
)

// another returns another instance of the site.
func (r *rig) another() *rig { return newRig(r.t, r.site.settings, r.pool) }

// atInstance returns the same browser at another instance.
func (b *browser) atInstance(r *rig) *browser {
	b.t.Helper()
	same := r.browser()
	same.client.Jar = b.client.Jar
	return same
}

// browser keeps cookies and fills in forms. browser fails the test if a response does not look
// like a page of the site.
type browser struct {
	*rig
	client  *http.Client
	visited []string // all URLs, with their queries

	forwarded string // the header X-Forwarded-For of a proxy in front

	status int
	header http.Header
	body   string
}

func (r *rig) browser() *browser { return r.browserWith(*r.Client()) }

func (r *rig) browserWith(client http.Client) *browser {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	b := &browser{rig: r}
	client.Jar = jar
	client.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		b.visited = append(b.visited, next.URL.String())
		return nil
	}
	b.client = &client
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), "GET", b.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(request)
}

// submit sends the form of the page. fields has pairs of a name and a value.
func (b *browser) submit(fields ...string) *browser {
	b.t.Helper()
	return b.post(b.action(), b.form(fields...))
}

func (b *browser) post(path string, form url.Values) *browser {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), "POST", b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(request)
}

func (b *browser) do(request *http.Request) *browser {
	b.t.Helper()
	b.visited = append(b.visited, request.URL.String())
	if b.forwarded != "" {
		request.Header.Set(forwardedFor, b.forwarded)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.status, b.header, b.body = response.StatusCode, response.Header, string(body)
	return b
}

var (
	actions = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	inputs  = regexp.MustCompile(`<input [^>]*>`)
	titles  = regexp.MustCompile(`<h1>(.*?)</h1>`)
	errs    = regexp.MustCompile(`<li>(?:<a [^>]*>)?(.*?)(?:</a>)?</li>`)
)

func (b *browser) action() string {
	b.t.Helper()
	found := actions.FindStringSubmatch(b.body)
	if found == nil {
		b.t.Fatalf("status %d, no form in the page: %s", b.status, b.body)
	}
	return found[1]
}

// form returns the hidden inputs of the page and the given fields. If the page has no input or
// button for a field, form fails the test.
func (b *browser) form(fields ...string) url.Values {
	b.t.Helper()
	form := url.Values{}
	for _, input := range inputs.FindAllString(b.body, -1) {
		if attr(input, "type") == "hidden" {
			form.Set(attr(input, "name"), attr(input, "value"))
		}
	}
	for pair := range slices.Chunk(fields, 2) {
		if !strings.Contains(b.body, `name="`+pair[0]+`"`) {
			b.t.Fatalf("%q has no %q: %s", b.title(), pair[0], b.body)
		}
		form.Set(pair[0], pair[1])
	}
	return form
}

func attr(tag, name string) string {
	_, rest, _ := strings.Cut(tag, " "+name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

func (b *browser) title() string {
	if found := titles.FindStringSubmatch(b.body); found != nil {
		return html.UnescapeString(strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(found[1]))
	}
	return ""
}

// problems returns the entries of the summary at the top of the page.
func (b *browser) problems() []string {
	_, summary, _ := strings.Cut(b.body, `<div class="problem"`)
	summary, _, _ = strings.Cut(summary, "</div>")
	var list []string
	for _, found := range errs.FindAllStringSubmatch(summary, -1) {
		list = append(list, html.UnescapeString(found[1]))
	}
	return list
}

// at checks the status and the title of the page.
func (b *browser) at(status int, title string) *browser {
	b.t.Helper()
	if b.status != status || b.title() != title {
		b.t.Fatalf("status %d, %q, want %d, %q; problems %q\n%s", b.status, b.title(), status, title, b.problems(), b.log)
	}
	return b
}

// blames checks that the page has one problem, and that the problem contains text.
func (b *browser) blames(text string) *browser {
	b.t.Helper()
	if list := b.problems(); len(list) != 1 || !strings.Contains(list[0], text) {
		b.t.Fatalf("problems %q, want %q", list, text)
	}
	return b
}

// signIn submits the first page of a sign-in.
func (b *browser) signIn(username string) *browser {
	b.t.Helper()
	return b.get("/signin").at(200, "Sign in").submit("username", username, "password", demoPassword, "way", "password")
}

// code submits the last code of the user.
func (b *browser) code(username string) *browser {
	b.t.Helper()
	return b.submit("code", b.pool.LastCode(username).Code)
}

// user makes a user with an e-mail address, a phone number and the given second factors.
func user(name string, factors ...string) cognitotest.UserConfig {
	return cognitotest.UserConfig{Name: name, Password: demoPassword, MFA: factors, Attributes: demoAttributes("Full "+name, name)}
}
