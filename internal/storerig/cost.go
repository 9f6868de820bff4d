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

// NewSessions makes web sessions in a store. The tokens are not refreshed, because there is no pool.
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

// lastNameStore keeps the name of the record that was read last.
type lastNameStore struct {
	store.Store
	name string
}

func (n *lastNameStore) Get(ctx context.Context, name string) (store.Record, error) {
	n.name = name
	return n.Store.Get(ctx, name)
}

// validTokens returns tokens as long as those of the service.
func validTokens(user string) *flow.Tokens {
	return &flow.Tokens{
		Subject: user, Username: user, TokenType: "Bearer", Expiry: time.Now().Add(24 * time.Hour),
		AccessToken:  secret.New(strings.Repeat("a", 1100)),
		IDToken:      secret.New(strings.Repeat("i", 1100)),
		RefreshToken: secret.New(strings.Repeat("r", 1800)),
	}
}

// TestCostOfTokens wants a call of Tokens to take 1.3 times as long as a read by hand at most.
// The race detector skips the test.
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
	t.Logf("%s: a call of Tokens takes %v, a read by hand takes %v (medians of %d), and the ratio is %.2f, want %.1f at most",
		engine, cost.Tokens, cost.ByHand, calls, cost.Ratio(), most)
	if cost.Ratio() > most {
		t.Errorf("the ratio is %.2f", cost.Ratio())
	}
}

// Cost has the median times of a call of Tokens and of a read by hand. A mean would also count the
// moments in which the machine ran another program.
type Cost struct{ Tokens, ByHand time.Duration }

// Ratio returns the time of a call of Tokens divided by that of a read by hand.
func (c Cost) Ratio() float64 { return float64(c.Tokens) / float64(c.ByHand) }

// Report reports the cost as metrics of a benchmark.
func (c Cost) Report(b *testing.B) {
	b.ReportMetric(c.Ratio(), "ratio")
	b.ReportMetric(float64(c.Tokens), "ns/Tokens")
	b.ReportMetric(float64(c.ByHand), "ns/by-hand")
}

// Cost compares Tokens with a read of a record by hand. The tokens are valid. The two operations
// take turns until more returns false, so that a busy machine slows both. The operations read
// different records, because the second read of a record finds it in the caches of the processor.
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
