package site

import (
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// operations counts the calls of an operation at the pool.
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
	b.post("/refresh", nil).at(200, "Hello, ada") // with the refresh token of the first refresh
	if n := r.operations("GetTokensFromRefreshToken"); n != 2 {
		t.Errorf("%d refreshes, want 2", n)
	}
}

// refresh presses the button for fresh tokens. If the site has no such button, refresh loads
// the account page.
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

// If a token expires on its way to the service, the user stays signed in.
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

// If the service does not answer for a moment, the user stays signed in.
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

// After a revocation by the service, the page says so, and the user can sign in again.
func TestTokensRevoked(t *testing.T) {
	each(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}}, func(t *testing.T, r *rig) {
		b := r.browser().signIn("ada").at(200, "Hello, ada")
		r.pool.Fail(cognitotest.Fault{Operation: "GetUser", Error: "NotAuthorizedException"})
		b.get("/").at(200, "Sign in").blames(problemEnded)
		b.get("/").at(200, "Sign in")
		b.signIn("ada").at(200, "Hello, ada")
	})
}

// If the pool remembers each device and the user does not agree, the browser keeps no device.
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
		b.signIn("ada").at(200, "Enter your code") // the user has not agreed to be remembered

		b.submit("code", code(), "remember", "yes").at(200, "Hello, ada")
		b.refresh().at(200, "Hello, ada") // the refresh needs the device key
		b.post("/signout", nil)
		b.signIn("ada").at(200, "Hello, ada")
		r.browser().signIn("ada").at(200, "Enter your code") // another browser is another device
		if strings.Contains(r.log.String(), "msg=device") {
			t.Errorf("trouble with the device:\n%s", r.log)
		}
	})
}

// If the service throttles the confirmation of a device, the user stays signed in. The next
// page confirms the device, and a refresh works.
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
