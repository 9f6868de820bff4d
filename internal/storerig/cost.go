package storerig

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// Sessions are web sessions in a store, with tokens that are valid for a day.
type Sessions struct {
	manager *websession.Manager
	ids     []websession.ID
	names   []string // of their records
}

// NewSessions makes web sessions. They have no pool: nothing is refreshed.
func NewSessions(t testing.TB, s store.Store, count int, optFns ...func(*websession.Options)) *Sessions {
	t.Helper()
	app := flow.App{UserPoolID: "local-1_cost", ClientID: "app"}
	driver, err := flow.New(cip.New(cip.Options{Region: "local-1"}), app)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)})
	if err != nil {
		t.Fatal(err)
	}
	noting := &lastNameStore{Store: s}
	manager, err := websession.New(driver, noting, sealer, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	sessions := &Sessions{manager: manager}
	for n := range count {
		id, err := manager.Create(t.Context(), validTokens(fmt.Sprint("user ", n)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := manager.Tokens(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		sessions.ids, sessions.names = append(sessions.ids, id), append(sessions.names, noting.name)
	}
	return sessions
}

// lastNameStore remembers the name that was read last.
type lastNameStore struct {
	store.Store
	name string
}

func (n *lastNameStore) Get(ctx context.Context, name string) (store.Record, error) {
	n.name = name
	return n.Store.Get(ctx, name)
}

// validTokens are as long as those of the service.
func validTokens(user string) *flow.Tokens {
	return &flow.Tokens{
		Subject: user, Username: user, TokenType: "Bearer", Expiry: time.Now().Add(24 * time.Hour),
		AccessToken:  secret.New(strings.Repeat("a", 1100)),
		IDToken:      secret.New(strings.Repeat("i", 1100)),
		RefreshToken: secret.New(strings.Repeat("r", 1800)),
	}
}

// TestCostOfTokens wants a call of Tokens to take little more than a read by hand from the
// engine of this name.
func TestCostOfTokens(t *testing.T, engine string, s store.Store, byHand func(ctx context.Context, name string) error) {
	t.Helper()
	if byname.RaceDetector {
		t.Skip("the race detector slows Tokens and not the engine, so the ratio says nothing")
	}
	const (
		count = 100 // web sessions
		calls = 4000
		most  = 1.3
	)
	left := calls
	cost := NewSessions(t, s, count).Cost(t, func() bool { left--; return left >= 0 }, byHand)
	t.Logf("%s: a call of Tokens takes %v, a read by hand %v (medians of %d): ratio %.2f, want %.1f at most",
		engine, cost.Tokens, cost.ByHand, calls, cost.Ratio(), most)
	if cost.Ratio() > most {
		t.Errorf("the ratio is %.2f", cost.Ratio())
	}
}

// Cost is the median time of a call of Tokens and of a read by hand. A mean would count
// the moments in which the machine did something else.
type Cost struct{ Tokens, ByHand time.Duration }

// Ratio is how much longer a call of Tokens takes.
func (c Cost) Ratio() float64 { return float64(c.Tokens) / float64(c.ByHand) }

// Report gives the cost to a benchmark.
func (c Cost) Report(b *testing.B) {
	b.ReportMetric(c.Ratio(), "ratio")
	b.ReportMetric(float64(c.Tokens), "ns/Tokens")
	b.ReportMetric(float64(c.ByHand), "ns/by-hand")
}

// Cost compares Tokens for a valid token with a read of a record that a program makes by
// hand. Both take turns for as long as more returns true, so that a busy machine slows
// both. Both take different records: the second read of one record finds it in the caches
// of the processor.
func (s *Sessions) Cost(t testing.TB, more func() bool, byHand func(ctx context.Context, name string) error) Cost {
	t.Helper()
	var tokens, reads []time.Duration
	for more() {
		n, other := rand.N(len(s.ids)), rand.N(len(s.ids))
		started := time.Now()
		if _, err := s.manager.Tokens(t.Context(), s.ids[n]); err != nil {
			t.Fatal(err)
		}
		between := time.Now()
		if err := byHand(t.Context(), s.names[other]); err != nil {
			t.Fatal(err)
		}
		tokens, reads = append(tokens, between.Sub(started)), append(reads, time.Since(between))
	}
	return Cost{median(tokens), median(reads)}
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}
