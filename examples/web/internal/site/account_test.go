package site

import (
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// operations counts the calls of one operation that the pool has received.
func (r *rig) operations(name string) (n int) {
	for _, request := range r.pool.Requests() {
		if request.Operation == name {
			n++
		}
	}
	return n
}

func TestRefresh(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{RefreshTokenRotation: "ENABLED", AccessTokenSeconds: 600, IDTokenSeconds: 600}},
		Users:   []cognitotest.UserConfig{user("ada")},
	})
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	b.get("/").at(200, "Hello, ada")
	if n := r.operations("GetTokensFromRefreshToken"); n != 0 {
		t.Errorf("%d refreshes of tokens that last for ten minutes", n)
	}
	b.post("/refresh", nil).at(200, "Hello, ada")
	b.post("/refresh", nil).at(200, "Hello, ada") // with the refresh token that came of the first
	if n := r.operations("GetTokensFromRefreshToken"); n != 2 {
		t.Errorf("%d refreshes, want 2", n)
	}
}

// refresh has the user ask for fresh tokens, or shows the page where the site gives no way
// to ask.
func (b *browser) refresh() *browser {
	b.t.Helper()
	if strings.Contains(b.get("/").body, `action="/refresh"`) {
		return b.post("/refresh", nil)
	}
	return b
}

func TestTokensAreRefreshedInTime(t *testing.T) {
	passed := new(clock)
	each(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{RefreshTokenRotation: "ENABLED"}},
		Users:   []cognitotest.UserConfig{user("ada")}, Now: passed.now,
	}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		for want := range 3 {
			if n := r.operations("GetTokensFromRefreshToken"); n != want {
				t.Errorf("%d refreshes when %d tokens have expired", n, want)
			}
			passed.pass(untilExpired)
			b.get("/").at(200, "Hello, ada")
		}
	})
}

// A token that has expired on its way to the service says nothing about the user.
func TestLastMinute(t *testing.T) {
	passed := new(clock)
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}, Now: passed.now}, "-sessions", "memory")
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	r.pool.Fail(cognitotest.Fault{Operation: "GetUser", Error: "NotAuthorizedException"})
	passed.pass(time.Hour - 30*time.Second)
	b.get("/").at(503, "Try again")
	b.get("/").at(200, "Hello, ada")
}

func TestSignOut(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b, copied := r.browser(), r.browser()
		b.signIn("ada").at(200, "Hello, ada")
		address := b.address()
		copied.client.Jar.SetCookies(address, b.client.Jar.Cookies(address))
		copied.get("/").at(200, "Hello, ada")

		b.post("/signout", nil).at(200, "Sign in")
		b.get("/").at(200, "Sign in")
		if n := r.operations("RevokeToken"); n != 1 {
			t.Errorf("%d revocations, want 1", n)
		}
		copied.get("/").at(200, "Sign in") // the service has revoked the tokens
	})
}

// The service is not there for a moment: nobody loses a session over it.
func TestTroubleKeepsTheSession(t *testing.T) {
	once(t)
	failing := func(operation string) cognitotest.Fault {
		return cognitotest.Fault{Operation: operation, Error: "InternalErrorException", Status: 500}
	}
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		r.pool.Fail(failing("GetUser"))
		b.get("/").at(503, "Try again")
		b.get("/").at(200, "Hello, ada")
	})

	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	r.pool.Fail(failing("GetTokensFromRefreshToken"))
	b.post("/refresh", nil).at(503, "Try again")
	b.get("/").at(200, "Hello, ada")
}

// The service has revoked the tokens: the user is told, and can sign in again.
func TestTokensRevoked(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		r.pool.Fail(cognitotest.Fault{Operation: "GetUser", Error: "NotAuthorizedException"})
		b.get("/").at(200, "Sign in").blames(problemEnded)
		b.get("/").at(200, "Sign in")
		b.signIn("ada").at(200, "Hello, ada")
	})
}

// A pool that remembers every device does not do so against the user's will.
func TestBrowserThatIsNotRemembered(t *testing.T) {
	each(t, cognitotest.PoolConfig{
		MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
	}, func(t *testing.T, r *rig) {
		code := func() string { return r.pool.LastCode("ada").Code }
		b := r.browser()
		b.signIn("ada").submit("code", code()).at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada")
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Enter your code")
		b.submit("code", code(), "remember", "yes").at(200, "Hello, ada")
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Hello, ada")
		if strings.Contains(r.log.String(), "msg=device") {
			t.Errorf("trouble with the device:\n%s", r.log)
		}
	})
}

func TestRememberedBrowser(t *testing.T) {
	each(t, cognitotest.PoolConfig{
		MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{
			ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true,
		},
	}, func(t *testing.T, r *rig) {
		code := func() string { return r.pool.LastCode("ada").Code }
		b := r.browser()
		b.signIn("ada").submit("code", code()).at(200, "Hello, ada")
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Enter your code") // nobody wanted to be remembered

		b.submit("code", code(), "remember", "yes").at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada") // which takes the device's key
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Hello, ada")
		r.browser().signIn("ada").at(200, "Enter your code") // another browser is another device
		if strings.Contains(r.log.String(), "msg=device") {
			t.Errorf("trouble with the device:\n%s", r.log)
		}
	})
}

// A device whose confirmation was throttled costs nobody a session: the next page
// confirms the device, and then the tokens can be refreshed.
func TestDeviceIsConfirmedLater(t *testing.T) {
	once(t)
	each(t, cognitotest.PoolConfig{
		Users:               []cognitotest.UserConfig{user("ada")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
	}, func(t *testing.T, r *rig) {
		r.pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", Error: "TooManyRequestsException"})
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		b.get("/").at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada")
	})
}
