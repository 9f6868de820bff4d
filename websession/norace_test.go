//go:build !race

package websession_test

const raceDetector = false
