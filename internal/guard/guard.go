// Package guard takes what a program gives: values that are not there, and code that must
// not end what others wait for.
package guard

import (
	"context"
	"errors"
	"reflect"
	"runtime/debug"
)

// IsNil reports true also for a pointer that is nil, which an interface hides: a client
// whose creation failed.
func IsNil(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

var errGoexit = errors.New("runtime.Goexit was called, as by FailNow of package testing")

// Run calls f in a goroutine of its own, because a Goexit ends a goroutine. If f
// panics, then Run returns what panicked makes of the value and the stack.
func Run(f func() error, panicked func(value any, stack []byte) error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = errGoexit // unless f gets to its end
		defer func() {
			if value := recover(); value != nil {
				err = panicked(value, debug.Stack())
			}
		}()
		err = f()
	}()
	<-done
	return err
}

// Observer returns observe with its panics contained: the operation that it observes goes
// on. The function contain runs what it is given, and reports a panic.
func Observer[Op, Out any](observe func(context.Context, Op) (context.Context, func(Out)), contain func(func())) func(context.Context, Op) (context.Context, func(Out)) {
	return func(ctx context.Context, op Op) (context.Context, func(Out)) {
		var within context.Context
		var end func(Out)
		contain(func() { within, end = observe(ctx, op) })
		if within == nil {
			within = ctx
		}
		return within, func(out Out) {
			if end != nil {
				contain(func() { end(out) })
			}
		}
	}
}
