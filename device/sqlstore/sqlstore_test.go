package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/device/sqlstore"
	"github.com/cognitoflow/cognitoflow/internal/engines"
)

// noDatabase is a driver whose database is down.
type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("down") }
func (noDatabase) Driver() driver.Driver                        { return nil }

func TestNewRefuses(t *testing.T) {
	db := sql.OpenDB(noDatabase{})
	table := func(name string) func(*sqlstore.Options) {
		return func(o *sqlstore.Options) { o.Table = name }
	}
	lifetime := func(d time.Duration) func(*sqlstore.Options) {
		return func(o *sqlstore.Options) { o.Lifetime = d }
	}
	tests := map[string]struct {
		db      *sql.DB
		dialect sqlstore.Dialect
		option  func(*sqlstore.Options)
	}{
		"no database":          {nil, sqlstore.SQLite, table("")},
		"no dialect":           {db, "", table("")},
		"unknown dialect":      {db, "Oracle", table("")},
		"quote in table":       {db, sqlstore.SQLite, table(`devices"`)},
		"statement in table":   {db, sqlstore.SQLite, table("devices; DROP TABLE users")},
		"parameter in table":   {db, sqlstore.PostgreSQL, table("devices?")},
		"line end after table": {db, sqlstore.SQLite, table("devices\n")},
		"digit before table":   {db, sqlstore.SQLite, table("1devices")},
		"letter é in table":    {db, sqlstore.SQLite, table("appareils_mémorisés")},
		"two schemas":          {db, sqlstore.PostgreSQL, table("a.b.devices")},
		"64 bytes of table":    {db, sqlstore.PostgreSQL, table(strings.Repeat("d", 64))},
		"negative lifetime":    {db, sqlstore.SQLite, lifetime(-time.Hour)},
		"lifetime of 1 ms":     {db, sqlstore.SQLite, lifetime(time.Millisecond)},
	}
	for name, tt := range tests {
		if store, err := sqlstore.New(tt.db, tt.dialect, tt.option); err == nil || store != nil {
			t.Errorf("%s: New returned %v, %v, want an error", name, store, err)
		}
	}
	for _, name := range []string{"", "d", "Devices_2", "app.devices", strings.Repeat("d", 63)} {
		if _, err := sqlstore.New(db, sqlstore.PostgreSQL, table(name)); err != nil {
			t.Errorf("table %q: %v", name, err)
		}
	}
}

func TestSchemaIsDocumented(t *testing.T) {
	engines.TestSchemaIsDocumented(t, func(d sqlstore.Dialect) string {
		store, err := sqlstore.New(sql.OpenDB(noDatabase{}), d)
		if err != nil {
			t.Fatal(err)
		}
		return store.Schema()
	})
}
