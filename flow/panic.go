package flow

import (
	"errors"
	"fmt"
	"runtime/debug"
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

var errGoexit = errors.New("runtime.Goexit was called, as by FailNow of package testing")

// contain calls f in a goroutine of its own, because a Goexit ends a goroutine.
func contain(f func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = errGoexit // unless f gets to its end
		defer func() {
			if value := recover(); value != nil {
				err = &PanicError{value, debug.Stack()}
			}
		}()
		err = f()
	}()
	<-done
	return err
}
