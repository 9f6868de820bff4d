//go:build race

package engines

// RaceDetector says that the race detector is on. Tests are then smaller.
const RaceDetector = true
