package flow

import (
	"context"
	"fmt"
	"runtime"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
)

// handshakes bounds the time between a challenge and the proof that answers the challenge, for
// any number of sign-ins. A handshake is one SRP exchange.
//
// The first gate bounds the handshakes under way. Other sign-ins wait before the service asks.
// The second gate lets each processor compute one handshake, in the order of arrival. The
// scheduler promises no order to goroutines that compute, and some of them waited for seconds.
type handshakes struct {
	underWay  gate // from the making of SRP_A to the proof
	computing gate
}

// handshakesPerProcessor is the default of Options.Handshakes. A handshake takes a
// processor some 2 ms, so a challenge waits for 0.3 s if the processors do nothing else.
const handshakesPerProcessor = 128

func newHandshakes(most int) *handshakes {
	processors := runtime.GOMAXPROCS(0)
	if most == 0 {
		most = handshakesPerProcessor * processors
	}
	return &handshakes{underWay: gate{most: most}, computing: gate{most: processors}}
}

// noRoomError is the error of a call whose context has ended while it waited.
type noRoomError struct{ cause error }

func (e *noRoomError) Error() string {
	return fmt.Sprintf("given up while other sign-ins were under way (see Options.Handshakes), and not sent: %v", e.cause)
}

func (e *noRoomError) Unwrap() error { return e.cause }

// prove asks one of the driver's own handlers for one half of a handshake.
func (e *engine) prove(ctx context.Context, own challenge.Handler, c challenge.Challenge) (a challenge.Answer, err error) {
	proof := traits.Of(c.Name).ProvesSRP
	if !proof && !traits.Of(c.Name).OpensSRP {
		return own.Answer(ctx, c)
	}
	if err := e.enterHandshake(ctx); err != nil {
		return a, &noRoomError{err}
	}
	if proof {
		defer e.leaveHandshake()
	}
	if waited := e.handshakes.compute(ctx, func() { a, err = own.Answer(ctx, c) }); waited != nil {
		return a, waited
	}
	return a, err
}

// compute runs f at its turn, in a separate goroutine. The arithmetic of SRP takes 16 kB of
// stack. The goroutine of the caller would keep that stack while it waits for the network.
func (h *handshakes) compute(ctx context.Context, f func()) error {
	if err := h.computing.enter(ctx, false); err != nil {
		return &noRoomError{err}
	}
	defer h.computing.leave()
	var panicked any
	finished := false
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		f()
		finished = true
	}()
	<-done
	switch {
	case finished:
		return nil
	case panicked == nil:
		runtime.Goexit() // as f did
	}
	panic(panicked)
}

// enterHandshake waits for room, unless this call has room already. A sign-in that has begun
// goes first, because its session may expire, and a person may have given a code.
func (e *engine) enterHandshake(ctx context.Context) error {
	if e.inHandshake {
		return nil
	}
	err := e.handshakes.underWay.enter(ctx, e.st.spent.Requests+e.st.spent.Answers > 0)
	e.inHandshake = err == nil
	return err
}

func (e *engine) leaveHandshake() {
	if e.inHandshake {
		e.inHandshake = false
		e.handshakes.underWay.leave()
	}
}
