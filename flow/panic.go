package flow

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/internal/guard"
)

// PanicError is the error of a callback that has panicked. The program goes on: the
// tokens at hand may still be good.
type PanicError struct {
	Value any    // of the panic
	Stack []byte // of the goroutine, as in package runtime/debug
}

// Error has the value, and not the stack.
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
