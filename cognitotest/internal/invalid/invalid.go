// Package invalid has the errors of configurations and settings, which name the
// field that is wrong.
package invalid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error says what is wrong with which field of a configuration.
type Error struct{ path, reason string }

func (e *Error) Error() string { return e.path + ": " + e.reason }

// Field says what is wrong with the field at the path.
func Field(path, format string, args ...any) error {
	return &Error{path, fmt.Sprintf(format, args...)}
}

// Within puts the path of an outer field before that of an error.
func Within(outer string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{outer + "." + e.path, e.reason}
}

// Renamed gives the outermost field in the path of an error another name, if names has
// one.
func Renamed(err error, names map[string]string) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	end := strings.IndexAny(e.path+".", ".[")
	if name, ok := names[e.path[:end]]; ok {
		return &Error{name + e.path[end:], e.reason}
	}
	return err
}

// OneOf refuses a value that is not among those allowed.
func OneOf(path, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return Field(path, "%q is none of %s", value, strings.Join(named, ", "))
}

// AllOneOf refuses a list with a value that is not among those allowed.
func AllOneOf(path string, values []string, allowed ...string) error {
	for i, value := range values {
		if err := OneOf(fmt.Sprintf("%s[%d]", path, i), value, allowed...); err != nil {
			return err
		}
	}
	return nil
}
