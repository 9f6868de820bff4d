package records

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// TestCostOfTokens compares a call of Tokens for a valid token with a read of a row by hand.
func TestCostOfTokens(t *testing.T) {
	s, db := newStore(t, "cost")
	storerig.TestCostOfTokens(t, string(enginetest.Dialect()), s, readByHand(db))
}

// readByHand returns a function that reads a row by SQL, as a program without this module does.
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
