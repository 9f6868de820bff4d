// Package byname tells a long test how many of its rounds to do.
package byname

import (
	"flag"
	"testing"
)

// Asked reports whether the test does all its rounds and combinations. Asked is true with the flag
// -run, as in the gate, if the race detector and -short are off. Otherwise the log of the test says
// why the test does less.
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

// Quick reports whether the test does as little as it can. With the race detector, Quick is false,
// because the gate runs all tests with the race detector.
func Quick(t testing.TB) bool {
	t.Helper()
	return !Asked(t) && !RaceDetector
}
