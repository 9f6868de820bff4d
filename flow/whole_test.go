package flow_test

import (
	"flag"
	"testing"
)

// whole says whether a test that takes long does all its rounds and combinations. It does
// if somebody asks for it by name, as the gate does: go test ./... has not the time. The
// race detector and -short have not either.
func whole(t *testing.T) bool {
	t.Helper()
	var why string
	switch {
	case raceEnabled:
		why = "-race"
	case testing.Short():
		why = "-short"
	case flag.Lookup("test.run").Value.String() == "":
		why = "no -run"
	default:
		return true
	}
	t.Logf("not all rounds or combinations: %s", why)
	return false
}
