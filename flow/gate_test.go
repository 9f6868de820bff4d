package flow

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
)

// Goroutines that hurry go first. The others have every fourth turn.
func TestGateTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate{most: 1}
		if err := g.enter(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var order []bool
		for i := range 12 {
			go func() {
				hurries := i >= 3 // the first three wait longest, and do not hurry
				if g.enter(t.Context(), hurries) == nil {
					order = append(order, hurries)
					g.leave()
				}
			}()
			synctest.Wait()
		}
		g.leave()
		synctest.Wait()
		want := []bool{true, true, true, false, true, true, true, false, true, true, true, false}
		if !slices.Equal(order, want) || g.busy != 0 {
			t.Errorf("the order is %v, %d busy", order, g.busy)
		}
	})
}

// If the function panics or ends its goroutine, compute does the same in the goroutine of the
// caller, and gives the room back.
func TestComputeEndsAsItsFunction(t *testing.T) {
	h := newHandshakes(0)
	h.computing.most = 1
	errPanic := errors.New("panic")
	for name, f := range map[string]func(){"nothing": func() {}, "a panic": func() { panic(errPanic) }, "Goexit": runtime.Goexit} {
		returned, ended := false, make(chan any)
		go func() {
			defer func() { ended <- recover() }()
			if err := h.compute(t.Context(), f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			returned = true
		}()
		panicked := <-ended
		if returned != (name == "nothing") || (panicked == errPanic) != (name == "a panic") || h.computing.busy != 0 {
			t.Errorf("%s: returned %v, panicked %v, %d busy", name, returned, panicked, h.computing.busy)
		}
	}
}
