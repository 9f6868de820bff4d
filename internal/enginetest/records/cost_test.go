package records

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
	"github.com/cognitoflow/cognitoflow/websession"
)

// noting remembers the name that was read last.
type noting struct {
	store.Store
	name string
}

func (n *noting) Get(ctx context.Context, name string) (store.Record, error) {
	n.name = name
	return n.Store.Get(ctx, name)
}

// TestCostOfTokens compares a call of Tokens for a valid token with a read of the same
// row that a program makes by hand. Both take turns, so that what else the machine does
// slows both.
func TestCostOfTokens(t *testing.T) {
	const (
		count = 100 // web sessions
		calls = 4000
		most  = 1.3
	)
	s, db := newStore(t, "cost")
	noting := &noting{Store: s}
	sessions := newSessions(t, noting)
	ids, names := make([]websession.ID, count), make([]string, count)
	for n := range ids {
		var err error
		if ids[n], err = sessions.Create(t.Context(), validTokens()); err != nil {
			t.Fatal(err)
		}
		if _, err := sessions.Tokens(t.Context(), ids[n]); err != nil {
			t.Fatal(err)
		}
		names[n] = noting.name
	}
	byHand := readByHand(db)
	var tokens, reads []time.Duration
	for range calls {
		n := rand.N(count)
		tokens = append(tokens, timed(t, func() error { _, err := sessions.Tokens(t.Context(), ids[n]); return err }))
		n = rand.N(count)
		reads = append(reads, timed(t, func() error { return byHand(t.Context(), names[n]) }))
	}
	ratio := float64(median(tokens)) / float64(median(reads))
	t.Logf("%s: a call of Tokens takes %v, a read by hand %v (medians of %d): ratio %.2f, want %.1f at most",
		enginetest.Dialect(), median(tokens), median(reads), calls, ratio, most)
	if ratio > most {
		t.Errorf("the ratio is %.2f", ratio)
	}
}

// readByHand is a read as a program writes it that has its sessions in a table.
func readByHand(db *sql.DB) func(ctx context.Context, name string) error {
	statement := "SELECT data, version FROM cost WHERE name = ? AND expires > ?"
	if enginetest.Dialect() == sqlstore.PostgreSQL {
		statement = strings.Replace(strings.Replace(statement, "?", "$1", 1), "?", "$2", 1)
	}
	return func(ctx context.Context, name string) error {
		var data []byte
		var version string
		return db.QueryRowContext(ctx, statement, name, time.Now().Unix()).Scan(&data, &version)
	}
}

func timed(t *testing.T, f func() error) time.Duration {
	t.Helper()
	started := time.Now()
	if err := f(); err != nil {
		t.Fatal(err)
	}
	return time.Since(started)
}

func median(of []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(of))[len(of)/2]
}

// newSessions returns a manager that has no pool: nothing is refreshed here.
func newSessions(t *testing.T, s store.Store) *websession.Manager {
	t.Helper()
	app := flow.App{UserPoolID: "local-1_records", ClientID: "app"}
	driver, err := flow.New(cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String("http://pool.invalid"), Credentials: aws.AnonymousCredentials{},
	}), app)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := websession.New(driver, s, sealer)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// validTokens are as long as those of the service.
func validTokens() *flow.Tokens {
	return &flow.Tokens{
		Subject: fmt.Sprint(rand.Int()), Username: "ada", TokenType: "Bearer", Expiry: time.Now().Add(24 * time.Hour),
		AccessToken:  secret.New(strings.Repeat("a", 1100)),
		IDToken:      secret.New(strings.Repeat("i", 1100)),
		RefreshToken: secret.New(strings.Repeat("r", 1800)),
	}
}
