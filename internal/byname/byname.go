// Package byname tells a test that takes long how much to do.
package byname

import (
	"flag"
	"testing"
)

// Asked reports whether the test does all its rounds and combinations. Asked is true if
// somebody asks for tests by name, as the gate does, without the race detector and without
// -short. Otherwise the log of the test says why the test does less.
func Asked(t testing.TB) bool {
	t.Helper()
	var why string
	switch {
	case RaceDetector:
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

// Quick reports whether the test does the least. With the race detector it does more,
// as the gate runs all tests with that.
func Quick(t testing.TB) bool {
	t.Helper()
	return !Asked(t) && !RaceDetector
}
