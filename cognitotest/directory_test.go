package cognitotest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

func TestPasswordPolicy(t *testing.T) {
	cases := map[string]string{
		"Aa1!aaaa":                        "",
		"Aa1!aaa":                         "long enough",
		"AA1!AAAA":                        "lowercase",
		"aa1!aaaa":                        "uppercase",
		"Aaa!aaaa":                        "numeric",
		"Aa1aaaaa":                        "symbol",
		"Éé1!éééé":                        "lowercase", // letters are basic Latin
		"Aa1éaaaaa":                       "symbol",
		"Aa1 aaaa":                        "",
		" Aa1aaaaa":                       "spaces",
		"Aa1!aaaa ":                       "spaces",
		"Aa1£aaaaaa":                      "symbol", // not one of the service's
		"Aa1!" + strings.Repeat("a", 253): "too long",
	}
	for password, want := range cases {
		got := servicePolicy.violation(password)
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

func TestLockoutIsBounded(t *testing.T) {
	start := time.Unix(0, 0)
	if got := (lockout{failures: 60, last: start}).until(); !got.Equal(start.Add(15 * time.Minute)) {
		t.Errorf("locked for %v", got.Sub(start))
	}
}

// Each pool has a group key of its own.
func TestGroupKey(t *testing.T) {
	form := regexp.MustCompile(`^-[0-9A-Za-z]{8}$`)
	for range 20 {
		if key := newGroupKey(poolDialect{}); !form.MatchString(key) {
			t.Errorf("group key %q", key)
		}
	}
}

// clockwork is a pool with an app client and a user, and the pool's clock.
type clockwork struct {
	*userPool
	client *client
	user   *user
	time   time.Time
}

func newClockwork(t *testing.T, s settings, cs clientSettings) *clockwork {
	t.Helper()
	c := &clockwork{time: time.Date(2026, 3, 7, 21, 4, 5, 0, time.UTC), user: &user{name: "alice", id: "alice"}}
	var err error
	if c.userPool, err = newUserPool("local-1_test", s, hooks{now: func() time.Time { return c.time }}, poolDialect{}); err != nil {
		t.Fatal(err)
	}
	cs.ID = "app"
	if c.client, err = newClient(c.userPool, cs); err != nil {
		t.Fatal(err)
	}
	c.index(c.user)
	return c
}

// A token lives for 30 days. One that cannot be used any more goes before.
func TestUselessRefreshTokensAreNotKept(t *testing.T) {
	c := newClockwork(t, settings{}, clientSettings{RefreshTokenRotation: "ENABLED"})
	_, token := c.newGrant(&signIn{client: c.client, user: c.user}, false)
	for range 60 {
		c.time = c.time.Add(time.Minute)
		if _, err := c.redeem(c.client, token, ""); err != nil {
			t.Fatal(err)
		}
		token = c.rotate(c.client, token)
	}
	if kept := c.refreshTokens.Len(); kept > 25 {
		t.Errorf("%d tokens are kept of one that was rotated each minute", kept)
	}
	c = newClockwork(t, settings{}, clientSettings{})
	for range 60 {
		c.time = c.time.Add(time.Minute)
		if _, token := c.newGrant(&signIn{client: c.client, user: c.user}, false); !c.revoke(c.client, token) {
			t.Fatal("the token is another client's")
		}
	}
	if kept := c.refreshTokens.Len(); kept > 25 {
		t.Errorf("%d tokens are kept, one was revoked each minute", kept)
	}
}

// The pool keeps the passwords that its history needs, the present one included.
func TestPasswordsKept(t *testing.T) {
	for history, want := range map[int]int{0: 1, 1: 1, 2: 2} {
		c := newClockwork(t, settings{policy: poolPolicy{HistorySize: history}}, clientSettings{})
		for _, password := range []string{"Correct-Horse-7!", "Battery-Staple-8?", "Another-Horse-9!"} {
			c.setPassword(c.user, password, false, srp.NewSalt())
		}
		if got := len(c.user.passwords); got != want || !c.user.hasPassword("Another-Horse-9!") {
			t.Errorf("history of %d: %d passwords are kept, want %d with the last one first", history, got, want)
		}
	}
}

// The names in the vectors: that of the pool, and those in SECRET_HASH.
func TestNamesOfVectors(t *testing.T) {
	for _, v := range vectors.Load(t).User {
		t.Run(v.Name, func(t *testing.T) {
			p := &userPool{id: v.UserPoolID}
			if p.name() != v.PoolName {
				t.Errorf("pool name %q, want %q", p.name(), v.PoolName)
			}
			if v.ClientSecret == "" {
				return
			}
			cl := &client{id: v.ClientID, secrets: []string{v.ClientSecret}}
			if err := cl.checkSecretHash(v.SecretHashInitiateAuth, v.UsernameTyped); err != nil {
				t.Error(err)
			}
			if err := cl.checkSecretHash(v.SecretHashVerifier, v.ChallengeUsername); err != nil {
				t.Error(err)
			}
		})
	}
}
