//go:build race

package store_test

func init() { raceFlags = []string{"-race"} }
