package directory

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
		"Éé1!éééé":                        "lowercase", // only basic Latin letters count
		"Aa1éaaaaa":                       "symbol",
		"Aa1 aaaa":                        "",
		" Aa1aaaaa":                       "spaces",
		"Aa1!aaaa ":                       "spaces",
		"Aa1£aaaaaa":                      "symbol", // no symbol of the service
		"Aa1!" + strings.Repeat("a", 253): "too long",
	}
	for password, want := range cases {
		got := ServicePolicy.violation(password)
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

// Two pools have different group keys.
func TestGroupKey(t *testing.T) {
	form := regexp.MustCompile(`^-[0-9A-Za-z]{8}$`)
	for range 20 {
		if key := newGroupKey(Dialect{}); !form.MatchString(key) {
			t.Errorf("group key %q", key)
		}
	}
}

// clockwork is a pool with a clock, an app client and a user.
type clockwork struct {
	*Pool
	client *Client
	user   *User
	time   time.Time
}

func newClockwork(t *testing.T, s Settings, cs ClientSettings) *clockwork {
	t.Helper()
	c := &clockwork{time: time.Date(2026, 3, 7, 21, 4, 5, 0, time.UTC), user: &User{Name: "alice", ID: "alice"}}
	var err error
	if c.Pool, err = New("local-1_test", s, Hooks{Now: func() time.Time { return c.time }}, Dialect{}); err != nil {
		t.Fatal(err)
	}
	if c.client, err = NewClient(c.Pool, "app", cs); err != nil {
		t.Fatal(err)
	}
	c.Index(c.user)
	return c
}

// The pool deletes a useless refresh token before the end of its 30 days.
func TestUselessRefreshTokensAreNotKept(t *testing.T) {
	c := newClockwork(t, Settings{}, ClientSettings{RefreshTokenRotation: "ENABLED"})
	_, token := c.NewGrant(&SignIn{Client: c.client, User: c.user}, false)
	for range 60 {
		c.time = c.time.Add(time.Minute)
		if _, err := c.Redeem(c.client, token, ""); err != nil {
			t.Fatal(err)
		}
		token = c.Rotate(c.client, token)
	}
	if kept := c.refreshTokens.Len(); kept > 25 {
		t.Errorf("%d tokens are kept of one that was rotated each minute", kept)
	}
	c = newClockwork(t, Settings{}, ClientSettings{})
	for range 60 {
		c.time = c.time.Add(time.Minute)
		if _, token := c.NewGrant(&SignIn{Client: c.client, User: c.user}, false); !c.Revoke(c.client, token) {
			t.Fatal("the token is another client's")
		}
	}
	if kept := c.refreshTokens.Len(); kept > 25 {
		t.Errorf("%d tokens are kept, one was revoked each minute", kept)
	}
}

// The pool keeps as many passwords as its history needs. The present password counts.
func TestPasswordsKept(t *testing.T) {
	for history, want := range map[int]int{0: 1, 1: 1, 2: 2} {
		c := newClockwork(t, Settings{Policy: PasswordPolicy{HistorySize: history}}, ClientSettings{})
		for _, password := range []string{"Correct-Horse-7!", "Battery-Staple-8?", "Another-Horse-9!"} {
			c.SetPassword(c.user, password, false, srp.NewSalt())
		}
		if got := len(c.user.passwords); got != want || !c.user.HasPassword("Another-Horse-9!") {
			t.Errorf("history of %d: %d passwords are kept, want %d with the last one first", history, got, want)
		}
	}
}

// The pool name and the SECRET_HASH agree with the vectors.
func TestNamesOfVectors(t *testing.T) {
	for _, v := range vectors.Load(t).User {
		t.Run(v.Name, func(t *testing.T) {
			p := &Pool{ID: v.UserPoolID}
			if p.Name() != v.PoolName {
				t.Errorf("pool name %q, want %q", p.Name(), v.PoolName)
			}
			if v.ClientSecret == "" {
				return
			}
			cl := &Client{ID: v.ClientID, Secrets: []ClientSecret{{Value: v.ClientSecret}}}
			if err := cl.CheckSecretHash(v.SecretHashInitiateAuth, v.UsernameTyped); err != nil {
				t.Error(err)
			}
			if err := cl.CheckSecretHash(v.SecretHashVerifier, v.ChallengeUsername); err != nil {
				t.Error(err)
			}
		})
	}
}

// The policy accepts a password that the pool made.
func TestTemporaryPassword(t *testing.T) {
	seen := make(map[string]bool)
	for _, length := range []int{0, 8, 99, maxPassword} {
		policy := ServicePolicy
		policy.MinimumLength = length
		p, err := New("local-1_pool", Settings{Policy: policy}, Hooks{}, Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		password := p.TemporaryPassword()
		if err := p.CheckNewPassword(&User{}, password); err != nil || seen[password] {
			t.Errorf("length %d: %v, seen before: %v", length, err, seen[password])
		}
		seen[password] = true
	}
}

// A request looks for its app client before it has the lock of the pool. The race detector
// reports a missing lock.
func TestClientIsFoundWhileItIsConfigured(t *testing.T) {
	p, err := New("local-1_pool", Settings{}, Hooks{}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	cl, err := NewClient(p, "app", ClientSettings{})
	if err != nil {
		t.Fatal(err)
	}
	var s Service
	if err := s.Add(p, []*Client{cl}); err != nil {
		t.Fatal(err)
	}
	configured := make(chan error)
	go func() {
		p.Lock()
		defer p.Unlock()
		configured <- cl.Configure(ClientSettings{AccessTokenSeconds: 900})
	}()
	if found := s.Client("app"); found != cl || len(s.ClientsOf(p)) != 1 {
		t.Errorf("found %v", found)
	}
	if err := <-configured; err != nil || cl.AccessLife != 15*time.Minute {
		t.Errorf("%v, %v", cl.AccessLife, err)
	}
}
