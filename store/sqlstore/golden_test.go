package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

const rowsFormat = "rows-v1"

// goldenRows returns the file of a table and a row, as the first release had created and written
// them. The file is an argument of the tests on an engine. TestGoldenRows in internal/enginetest/records reads the file.
func goldenRows(t *testing.T, dialect sqlstore.Dialect) string {
	t.Helper()
	name := strings.ToLower(string(dialect)) + ".sql"
	golden.Data(t, rowsFormat, name, func(t *testing.T) []byte {
		data := "X'%x'"
		if dialect == sqlstore.PostgreSQL {
			data = `'\x%x'`
		}
		return fmt.Appendf(nil, "%s;\nINSERT INTO golden_rows (name, version, data, expires) VALUES ('%s', 'GOLDENGOLDENGOLDENGOLDEN22', "+data+", 4102444800);\n",
			goldenSchema(t, dialect), store.Name("golden", "one"), "golden data")
	})
	path, err := filepath.Abs(filepath.Join("testdata", rowsFormat, name))
	if err != nil {
		t.Fatal(err)
	}
	return "-rows=" + path
}

func goldenSchema(t *testing.T, dialect sqlstore.Dialect) string {
	t.Helper()
	return strings.ReplaceAll(newStore(t, dialect).Schema(), "cognitoflow_records", "golden_rows")
}

func TestGoldenRowsAreAllRead(t *testing.T) {
	golden.Covered(t, rowsFormat, "sqlite.sql", "postgresql.sql", "mysql.sql")
}
