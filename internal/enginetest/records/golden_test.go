package records

import (
	"database/sql"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

var rows = flag.String("rows", "", "the file of a table and a row of the first release")

// This release reads, replaces and deletes a row of the first release. Schema does not change the
// table of the first release.
func TestGoldenRows(t *testing.T) {
	if *rows == "" {
		t.Skip("the flag -rows is missing. The tests of store/sqlstore set it to a file")
	}
	script, err := os.ReadFile(*rows)
	if err != nil {
		t.Fatal(err)
	}
	db, err := enginetest.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %s: %v", *rows, statement, err)
		}
	}
	run("DROP TABLE IF EXISTS golden_rows")
	for statement := range strings.SplitSeq(strings.TrimSpace(string(script)), ";\n") {
		run(strings.TrimSuffix(statement, ";"))
	}
	s := goldenStore(t, db)
	run(s.Schema())
	name := store.Name("golden", "one")
	r, err := s.Get(t.Context(), name)
	if err != nil || string(r.Data) != "golden data" {
		t.Fatalf("%s: the row is read as %q, %v", *rows, r.Data, err)
	}
	version, err := s.Put(t.Context(), name, []byte("more"), r.Version, time.Time{})
	if err != nil {
		t.Fatalf("%s: the row is not replaced: %v", *rows, err)
	}
	if err := s.Delete(t.Context(), name, version); err != nil {
		t.Errorf("%s: the row is not deleted: %v", *rows, err)
	}
}

func goldenStore(t *testing.T, db *sql.DB) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Table = "golden_rows" })
	if err != nil {
		t.Fatal(err)
	}
	return s
}
