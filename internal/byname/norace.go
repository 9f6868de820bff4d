//go:build !race

package byname

// RaceDetector says that the race detector is on. Tests are then smaller.
const RaceDetector = false
