package site

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

const webSecret = "a_client_secret_of_the_web_site"

// The pool gets the address of the browser with all requests before the sign-in. App clients
// without the feature do not send the address.
func TestThreatProtection(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want any
	}{
		"off":                {nil, nil},
		"on":                 {[]string{"-threat-protection"}, "127.0.0.1"},
		"behind a TLS proxy": {[]string{"-threat-protection", "-tls-proxy"}, "203.0.113.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(envClientSecret, webSecret)
			r := start(t, cognitotest.PoolConfig{
				MFA: "OPTIONAL", Clients: []cognitotest.ClientConfig{{Secret: webSecret}}, Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
			}, test.args...)
			b := r.browser()
			b.forwarded = "198.51.100.9, 203.0.113.7" // the browser invented the first address
			b.signIn("ada").at(200, "Enter your code").code("ada").at(200, "Hello, ada")
			b.get("/forgot").submit("username", "ada").at(200, "Reset your password")
			b.code("ada").submit("code", r.pool.LastCode("ada").Code, "password", newPassword).at(200, "Enter your code")
			b.get("/signup").submit(newUser...).at(200, "Confirm your address").submit("resend", "yes").code("katherine").at(200, "Hello, katherine")
			for _, operation := range []string{
				"InitiateAuth", "RespondToAuthChallenge", "ForgotPassword", "ConfirmForgotPassword", "SignUp", "ConfirmSignUp", "ResendConfirmationCode",
			} {
				body := r.sent(operation)
				told, _ := body["UserContextData"].(map[string]any)
				if body == nil || told["IpAddress"] != test.want {
					t.Errorf("%s: told %v, want %v", operation, told, test.want)
				}
			}
		})
	}
}

func TestBrowserAddress(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8::1]:4711"
	if got := (settings{}).browserAddress(r); got != "2001:db8::1" {
		t.Errorf("%q of a connection over IPv6", got)
	}
	r.Header.Add(forwardedFor, "evil")
	r.Header.Add(forwardedFor, "2001:db8::2")
	if got := (settings{tlsProxy: true}).browserAddress(r); got != "2001:db8::2" {
		t.Errorf("%q of two header fields", got)
	}
	if got := (settings{listen: inherited}).browserAddress(r); got != "2001:db8::2" {
		t.Errorf("%q at an instance", got)
	}
}

// Strict-Transport-Security is in responses over TLS only.
func TestStrictTransport(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{})
	for name, test := range map[string]struct {
		target string
		proxy  bool
		want   bool
	}{
		"over TLS":              {"https://site.example/signin", false, true},
		"over plain HTTP":       {"http://site.example/signin", false, false},
		"behind a TLS proxy":    {"http://site.example/signin", true, true},
		"a file over TLS":       {"https://site.example/static/style.css", false, true},
		"a file over plain":     {"http://site.example/static/style.css", false, false},
		"a refusal over TLS":    {"https://site.example/nowhere", false, true},
		"a refusal over no TLS": {"http://site.example/nowhere", false, false},
	} {
		r.site.tlsProxy = test.proxy
		w := httptest.NewRecorder()
		r.site.handler().ServeHTTP(w, httptest.NewRequest("GET", test.target, nil))
		header := w.Result().Header.Get("Strict-Transport-Security")
		if strings.HasPrefix(header, "max-age=") != test.want || !test.want && header != "" || strings.Contains(header, "includeSubDomains") {
			t.Errorf("%s: %q", name, header)
		}
	}
}

func TestInstancesGetTheSettings(t *testing.T) {
	t.Setenv(envClientSecret, webSecret)
	t.Setenv(envSealingKeys, goodKey)
	for _, args := range [][]string{{"-tls-proxy"}, {"-threat-protection"}, nil} {
		args = append(args, "-user-pool-id", "local-1_x", "-client-id", "x")
		given, err := parse(args, nil, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := parse(given.instanceArgs(), nil, io.Discard)
		if err != nil || instance.tlsProxy != given.tlsProxy || instance.threatProtected != given.threatProtected {
			t.Errorf("%q: an instance is behind TLS %t, tells addresses %t, %v", args, instance.tlsProxy, instance.threatProtected, err)
		}
	}
}
