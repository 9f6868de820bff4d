package cognitotest

import (
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
)

// evidenceRow is a row of the tables in the package documentation.
type evidenceRow struct{ behaviour, switches, evidence string }

// documentationAfter returns the package documentation between a text and the
// next heading.
func documentationAfter(t *testing.T, text string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(file.Doc.Text(), text)
	if !found {
		t.Fatalf("doc.go does not have %q", text)
	}
	section, _, _ := strings.Cut(after, "\n# ")
	return section
}

// evidenceTables reads the tables, so that they cannot say what no test shows.
func evidenceTables(t *testing.T) []evidenceRow {
	t.Helper()
	tables := documentationAfter(t, "behaviour | switch | default | evidence\n")
	var rows []evidenceRow
	for line := range strings.Lines(tables) {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		columns := strings.Split(strings.TrimSpace(line), " |")
		if len(columns) != 4 || len("//"+line) > 121 {
			t.Fatalf("row %q has %d columns of 4, or is too long for a screen", line, len(columns))
		}
		rows = append(rows, evidenceRow{columns[0], strings.TrimSpace(columns[1]), strings.TrimSpace(columns[3])})
	}
	return rows
}

// checkSwitches finds the fields that the column names.
func checkSwitches(t *testing.T, row evidenceRow) {
	t.Helper()
	types := map[string]reflect.Type{
		"Dialect": reflect.TypeFor[Dialect](), "PoolConfig": reflect.TypeFor[PoolConfig](),
		"ClientConfig": reflect.TypeFor[ClientConfig](), "PasswordPolicy": reflect.TypeFor[PasswordPolicy](),
		"WebAuthnConfig": reflect.TypeFor[WebAuthnConfig](),
	}
	for name := range strings.SplitSeq(row.switches, ", ") {
		owner, field, ok := strings.Cut(name, ".")
		if !ok {
			owner, field = "Dialect", name
		}
		of := types[owner]
		if of == nil {
			t.Errorf("%s: no type %s is known", row.behaviour, owner)
		} else if _, ok := of.FieldByName(field); !ok && name != "" {
			t.Errorf("%s: %s has no field %q", row.behaviour, owner, field)
		}
	}
}

// TestEvidence shows each row of the tables to be the default.
func TestEvidence(t *testing.T) {
	left := make(map[string]func(*testing.T))
	for _, tests := range []map[string]func(*testing.T){evidenceOfSessions, evidenceOfNames, evidenceOfChallenges, evidenceOfTexts, evidenceOfLevels, evidenceOfPools, evidenceOfAccounts, evidenceOfAdministration, evidenceOfGroups, evidenceOfTriggers, evidenceOfPasskeys} {
		maps.Copy(left, tests)
	}
	rows := evidenceTables(t)
	for _, row := range rows {
		switch kind, _, _ := strings.Cut(strings.NewReplacer(":", " ", ";", " ").Replace(row.evidence), " "); kind {
		case "R", "C", "D", "T", "open":
		default:
			t.Errorf("%s: the evidence %q is of no kind", row.behaviour, row.evidence)
		}
		checkSwitches(t, row)
		test := left[row.behaviour]
		if test == nil {
			t.Errorf("%s: no test, or two rows", row.behaviour)
			continue
		}
		delete(left, row.behaviour)
		t.Run(row.behaviour+" ("+row.evidence+")", test)
	}
	for _, behaviour := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s: not in the table", behaviour)
	}
	t.Logf("%d rows", len(rows))
}

// The list of operations in the package documentation is whole, and names the
// family of each.
func TestOperationsAreDocumented(t *testing.T) {
	listed := make(map[string][]string)
	family := ""
	for line := range strings.Lines(documentationAfter(t, "# Operations\n")) {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		words := strings.Fields(strings.ReplaceAll(line, ",", " "))
		if !strings.HasPrefix(line, "\t ") {
			family, words = words[0], words[1:]
		}
		listed[family] = append(listed[family], words...)
	}
	seen := make(map[string]string)
	for family, implemented := range operations.Families {
		if want := slices.Sorted(maps.Keys(implemented)); !slices.Equal(slices.Sorted(slices.Values(listed[family])), want) {
			t.Errorf("%s: listed %q, implemented %q", family, listed[family], want)
		}
		delete(listed, family)
		for name := range implemented {
			if seen[name] != "" {
				t.Errorf("%s is in %s and in %s", name, seen[name], family)
			}
			seen[name] = family
		}
	}
	for family := range listed {
		t.Errorf("the documentation lists the family %q", family)
	}
}
