// Package printing prints values in every way that a program may, for tests that look for
// secrets in the output.
package printing

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
)

// Hushed is the secret that must not appear.
const Hushed = "hush-7Fq"

// Leaks reports whether Hushed appears in a text: as it is, in hexadecimal, or as numbers.
func Leaks(text string) bool {
	decimal := strings.Trim(fmt.Sprint([]byte(Hushed)), "[]")
	for _, form := range []string{Hushed, fmt.Sprintf("%x", Hushed), fmt.Sprintf("% x", Hushed), decimal} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

// nested is a struct of a caller. Package fmt cannot call methods of its unexported fields.
type nested[T any] struct {
	value   T
	pointer *T
	list    []T
	byName  map[string]T
	any     any
	deeper  struct{ value, any any }
}

// Nest returns a struct of a caller that has a value at several depths.
func Nest[T any](v T) any {
	n := nested[T]{value: v, pointer: &v, list: []T{v}, byName: map[string]T{"k": v}, any: v}
	n.deeper.value, n.deeper.any = &v, []any{v, &v}
	return n
}

// Ways returns the texts that the verbs of fmt and the handlers of slog write for a value, by the
// way of printing. For a result of Nest, Ways also has the texts of the value inside.
func Ways(v any) map[string]string {
	ways := map[string]string{}
	inside := reflect.ValueOf(v)
	if inside.Kind() == reflect.Struct {
		inside = inside.FieldByName("value")
	}
	for _, verb := range strings.Split("%v %+v %#v %s %q %x %X %d %t %T %e %g %c %U %b %o %p % x %#q %+q", " %") {
		verb = "%" + strings.TrimPrefix(verb, "%")
		ways[verb] = fmt.Sprintf(verb, v)
		if inside.IsValid() {
			ways[verb+" on its own"] = fmt.Sprintf(verb, inside)
		}
	}
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("m", "v", v, slog.Group("g", "v", v))
		ways["slog as "+name] = log.String()
	}
	return ways
}
