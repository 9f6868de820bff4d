package flow

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/internal/guard"
)

// PanicError is the error of a function in [SourceOptions], of a store or of an [Observer] that
// has panicked in a [TokenSource]. The program goes on, because the present tokens may be good.
type PanicError struct {
	Value any    // of the panic
	Stack []byte // of the goroutine, as in package runtime/debug
}

// Error returns a text with the value, and without the stack.
func (e *PanicError) Error() string { return bound(fmt.Sprintf("panic: %v", e.Value)) }

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// contain makes an error of a panic or a Goexit in f.
func contain(f func() error) error {
	return guard.Run(f, func(value any, stack []byte) error { return &PanicError{value, stack} })
}
