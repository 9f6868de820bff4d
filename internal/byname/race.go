//go:build race

package byname

// RaceDetector reports whether the race detector is on. Tests are then smaller.
const RaceDetector = true
