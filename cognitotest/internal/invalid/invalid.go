// Package invalid has the errors of configurations and settings. Such an error names the wrong
// field.
package invalid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error has the path of the wrong field, and the reason.
type Error struct{ path, reason string }

func (e *Error) Error() string { return e.path + ": " + e.reason }

// Field makes the error of the field at the path.
func Field(path, format string, args ...any) error {
	return &Error{path, fmt.Sprintf(format, args...)}
}

// Within puts the path of an outer field before the path of an error.
func Within(outer string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{outer + "." + e.path, e.reason}
}

// Renamed replaces the name of the outermost field in the path of an error, if names has
// another name for the field.
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

// OneOf returns an error if the value is not one of allowed.
func OneOf(path, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return Field(path, "%q is none of %s", value, strings.Join(named, ", "))
}

// AllOneOf returns an error if a value of the list is not one of allowed.
func AllOneOf(path string, values []string, allowed ...string) error {
	for i, value := range values {
		if err := OneOf(fmt.Sprintf("%s[%d]", path, i), value, allowed...); err != nil {
			return err
		}
	}
	return nil
}
