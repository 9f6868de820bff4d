// Package guard protects this module from the values and functions of a program: from nil
// values, and from functions that panic or end their goroutine.
package guard

import (
	"context"
	"errors"
	"reflect"
	"runtime/debug"
)

// IsNil reports whether a value is nil, or a nil pointer in an interface. A program may give such
// a pointer if it ignores the error of making a client.
func IsNil(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

var errGoexit = errors.New("runtime.Goexit was called, as by FailNow of package testing")

// Run calls f in a new goroutine, because runtime.Goexit ends a goroutine, and returns the error of
// f. If f panics, Run returns the error that panicked makes of the value and the stack. If f
// calls runtime.Goexit, Run returns an error too.
func Run(f func() error, panicked func(value any, stack []byte) error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = errGoexit // stays if f does not return
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

// Observer returns a function that calls observe by contain. The function contain calls its
// argument and reports a panic, so that the observed operation goes on.
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
