package main

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// No error has the password of a URL, after a wrong URL and without a server.
func TestErrorsOfURLs(t *testing.T) {
	const password = "Tr0ub4dor"
	for _, address := range []string{
		"postgres://u:" + password + "@127.0.0.1:1/db", // nobody listens on the port
		"postgres://u:" + password + "@127.0.0.1:port/db",
		"postgres://u:" + password + "@127.0.0.1:1/db?sslmode=nonsense",
		"postgres://127.0.0.1:1/db?user=u&password=" + password,
		"postgres://127.0.0.1:1/db?sslmode=nonsense&password=" + password,
		"redis://:" + password + "@127.0.0.1:1",
		"redis://:" + password + "@127.0.0.1:port",
		"redis://:" + password + "@127.0.0.1:1/no-number",
		"rediss://:" + password + "@127.0.0.1:1/?nonsense=1",
	} {
		scheme, _, _ := strings.Cut(address, "://")
		_, _, err := openers[scheme](t.Context(), address)
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%s: the error is %v", strings.ReplaceAll(address, password, "..."), err)
		}
	}
}

// Processes that start at the same time on an empty database all find the table.
func TestStartTogether(t *testing.T) {
	database := engines.Postgres(t)
	for round := range 10 {
		schema := fmt.Sprintf("round%d", round)
		admin, err := sql.Open("pgx", database.DataSource)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
			t.Fatal(err)
		}
		admin.Close()
		var together sync.WaitGroup
		for range 8 {
			together.Go(func() {
				_, closeStore, err := openPostgres(t.Context(), database.DataSource+" search_path="+schema)
				if err != nil {
					t.Error(err)
					return
				}
				closeStore()
			})
		}
		together.Wait()
	}
}
