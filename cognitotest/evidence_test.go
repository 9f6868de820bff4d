package cognitotest

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
)

// evidenceRow is a row of the tables in docs/evidence.md.
type evidenceRow struct{ behaviour, switches, evidence string }

// tablesIn returns the rows of the tables in a section of docs/evidence.md, without
// the heads. The section ends at the next heading of its level.
func tablesIn(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile("../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n"+heading+"\n")
	if !found {
		t.Fatalf("docs/evidence.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "| --- |"):
			rows = rows[:len(rows)-1] // the head of the table
		case strings.HasPrefix(line, "|"):
			var cells []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// evidenceTables reads the tables, so that no row claims a default that no test shows.
func evidenceTables(t *testing.T) (rows []evidenceRow) {
	t.Helper()
	plain := strings.NewReplacer("`", "")
	for _, cells := range tablesIn(t, "## Behaviours") {
		if len(cells) != 4 {
			t.Fatalf("row %q has %d columns of 4", cells, len(cells))
		}
		rows = append(rows, evidenceRow{plain.Replace(cells[0]), plain.Replace(cells[2]), cells[3]})
	}
	return rows
}

// checkSwitches checks that the fields in the column exist.
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

// kindOfEvidence is the beginning of the evidence of a row. Only an open row may have no source.
var kindOfEvidence = regexp.MustCompile(`^([RCDT]: \S|open(: \S|\. [RCDT]: \S|$))`)

// TestEvidence runs the test of each row of docs/evidence.md.
func TestEvidence(t *testing.T) {
	left := make(map[string]func(*testing.T))
	for _, tests := range []map[string]func(*testing.T){
		evidenceOfAccounts, evidenceOfAdministration, evidenceOfChallenges, evidenceOfDevices, evidenceOfGroups, evidenceOfLevels,
		evidenceOfMFA, evidenceOfNames, evidenceOfPasskeys, evidenceOfPasswords, evidenceOfPools, evidenceOfSRP, evidenceOfSessions,
		evidenceOfTokens, evidenceOfTransport, evidenceOfTriggers,
	} {
		maps.Copy(left, tests)
	}
	rows := evidenceTables(t)
	for _, row := range rows {
		if !kindOfEvidence.MatchString(row.evidence) {
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

// docs/evidence.md lists all operations, each with its family.
func TestOperationsAreDocumented(t *testing.T) {
	listed := make(map[string][]string)
	for _, cells := range tablesIn(t, "## Operations") {
		if len(cells) != 2 {
			t.Fatalf("row %q has %d columns of 2", cells, len(cells))
		}
		listed[cells[0]] = append(listed[cells[0]], strings.Split(cells[1], ", ")...)
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
		t.Errorf("docs/evidence.md lists the family %q", family)
	}
}
