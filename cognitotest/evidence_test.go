package cognitotest

import (
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// evidenceRow is a row of the table in the package documentation.
type evidenceRow struct{ behaviour, evidence string }

// evidenceTable reads the table, so that it cannot say what no test shows.
func evidenceTable(t *testing.T) []evidenceRow {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(file.Doc.Text(), "behaviour | default | evidence | switch\n")
	if !found {
		t.Fatal("doc.go has no table")
	}
	var rows []evidenceRow
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "\t") {
			break
		}
		columns := strings.Split(strings.TrimSpace(line), " |")
		if len(columns) != 4 {
			t.Fatalf("row %q has %d columns", line, len(columns))
		}
		rows = append(rows, evidenceRow{columns[0], strings.TrimSpace(columns[2])})
	}
	return rows
}

// TestEvidence shows each row of the table to be the default.
func TestEvidence(t *testing.T) {
	left := make(map[string]func(*testing.T))
	for _, tests := range []map[string]func(*testing.T){evidenceOfSessions, evidenceOfNames, evidenceOfChallenges, evidenceOfTexts} {
		maps.Copy(left, tests)
	}
	rows := evidenceTable(t)
	for _, row := range rows {
		switch kind, _, _ := strings.Cut(strings.NewReplacer(":", " ", ";", " ").Replace(row.evidence), " "); kind {
		case "R", "C", "D", "T", "open":
		default:
			t.Errorf("%s: the evidence %q is of no kind", row.behaviour, row.evidence)
		}
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
