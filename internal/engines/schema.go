package engines

import (
	"os"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/sqltable"
)

// TestSchemaIsDocumented compares the statements that create a table with those in
// doc.go. The tests on engines run what schema returns, and a reader of the
// documentation runs those.
func TestSchemaIsDocumented(t *testing.T, schema func(sqltable.Dialect) string) {
	t.Helper()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documentation := strings.ReplaceAll(string(source), "\n//\t", "\n")
	for _, dialect := range []sqltable.Dialect{sqltable.PostgreSQL, sqltable.MySQL, sqltable.SQLite} {
		if want := "-- " + string(dialect) + "\n" + schema(dialect) + "\n"; !strings.Contains(documentation, want) {
			t.Errorf("doc.go does not have\n%s", want)
		}
	}
}
