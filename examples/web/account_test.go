package main

import (
	"strings"
	"testing"

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

func TestTokensAreRefreshedInTime(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{AccessTokenSeconds: 30, IDTokenSeconds: 30}},
		Users:   []cognitotest.UserConfig{user("ada")},
	})
	r.browser().signIn("ada").at(200, "Hello, ada")
	if n := r.operations("GetTokensFromRefreshToken"); n != 1 {
		t.Errorf("%d refreshes, want one, before the account is shown", n)
	}
}

func TestSignOut(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b, copied := r.browser(), r.browser()
	b.signIn("ada").at(200, "Hello, ada")
	address := b.address()
	copied.client.Jar.SetCookies(address, b.client.Jar.Cookies(address))
	copied.get("/").at(200, "Hello, ada")

	b.post("/signout", nil).at(200, "Sign in")
	b.get("/").at(200, "Sign in")
	copied.get("/").at(200, "Sign in").blames("session has ended") // the service has revoked the tokens
	if n := r.operations("RevokeToken"); n != 1 {
		t.Errorf("%d revocations, want 1", n)
	}
}

// The service is not there for a moment: nobody loses a session over it.
func TestTroubleKeepsTheSession(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	r.pool.Fail(cognitotest.Fault{Operation: "GetTokensFromRefreshToken", Error: "InternalErrorException", Status: 500, Times: 10})
	b.post("/refresh", nil).at(503, "Try again")
	b.get("/").at(200, "Hello, ada")
}

func TestRememberedBrowser(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		MFA: "ON", Users: []cognitotest.UserConfig{user("ada", "EMAIL_OTP")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{
			ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true,
		},
	})
	code := func() string { return r.pool.LastCode("ada").Code }
	b := r.browser()
	b.signIn("ada").submit("code", code()).at(200, "Hello, ada")
	b.post("/signout", nil)
	b.signIn("ada").at(200, "Enter your code") // nobody wanted to be remembered

	b.submit("code", code(), "remember", "yes").at(200, "Hello, ada")
	b.post("/refresh", nil).at(200, "Hello, ada") // which takes the device's key
	b.post("/signout", nil)
	b.signIn("ada").at(200, "Hello, ada")
	r.browser().signIn("ada").at(200, "Enter your code") // another browser is another device
	if strings.Contains(r.log.String(), "msg=device") {
		t.Errorf("trouble with the device:\n%s", r.log)
	}
}

// A device whose confirmation was throttled costs nobody a session: the next page
// confirms the device, and then the tokens can be refreshed.
func TestDeviceIsConfirmedLater(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{
		Users:               []cognitotest.UserConfig{user("ada")},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
	})
	r.pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", Error: "TooManyRequestsException", Times: 4}) // the SDK tries three times
	b := r.browser().signIn("ada").at(200, "Hello, ada")
	b.get("/").at(200, "Hello, ada")
	b.post("/refresh", nil).at(200, "Hello, ada")
}
