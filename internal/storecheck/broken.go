package storecheck

import (
	"slices"
	"testing"
	"testing/synctest"
)

// Broken is a store with a fault, and the name of the check that must find the fault.
type Broken[S any] struct {
	Fault, Check string
	New          func() S
}

// TestFinds tests the suite. The checks must find the faults of all broken stores, and each check
// must find a fault. The tests run in bubbles of package synctest. So if a broken store sleeps
// between two steps of a write, other goroutines run between these steps each time.
func (s Suite[S, T]) TestFinds(t *testing.T, broken []Broken[S]) {
	for _, b := range broken {
		t.Run(b.Check+"/"+b.Fault, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { s.testFinds(t, b) }) })
	}
	for _, c := range s.Checks {
		if !slices.ContainsFunc(broken, func(b Broken[S]) bool { return b.Check == c.Name }) {
			t.Errorf("no broken store fails the check %q", c.Name)
		}
	}
}

func (s Suite[S, T]) testFinds(t *testing.T, b Broken[S]) {
	i := slices.IndexFunc(s.Checks, func(c Check[S, T]) bool { return c.Name == b.Check })
	if i < 0 {
		t.Fatalf("there is no check %q", b.Check)
	}
	if err := s.try(t.Context(), s.Checks[i], b.New()); err == nil {
		t.Errorf("the check %q did not find the fault", b.Check)
	}
	if err := s.Check(t.Context(), b.New()); err == nil {
		t.Error("Check did not find the fault")
	}
}
