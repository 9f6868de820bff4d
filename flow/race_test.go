//go:build race

package flow_test

// The race detector makes arithmetic on large numbers ten times as slow.
const raceEnabled = true
