// Package typed tells what people type apart from what the service can take. Each
// function is by the patterns of the service's API model.
package typed

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameFlaw says why the service cannot know a user by a name, "" if it can
// (InitiateAuth and SignUp: at most 128 characters of \p{L}\p{M}\p{S}\p{N}\p{P}).
func NameFlaw(name string) string {
	switch strange := strings.IndexFunc(name, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P) }); {
	case strings.TrimSpace(name) != name:
		return "has white space at its beginning or end"
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case strange >= 0:
		return "has white space or a control character in it"
	case utf8.RuneCountInString(name) > 128:
		return "is longer than 128 characters"
	}
	return ""
}

// PasswordFlaw says why the service cannot take a new password, "" if it can
// (PasswordType: 2 to 256 characters, the first and the last one no white space). The
// rules of a pool come on top.
func PasswordFlaw(password string) string {
	switch {
	case strings.TrimSpace(password) != password:
		return "has white space at its beginning or end, which the service does not take"
	case !utf8.ValidString(password):
		return "is not UTF-8"
	case utf8.RuneCountInString(password) < 2:
		return "is shorter than 2 characters"
	case utf8.RuneCountInString(password) > 256:
		return "is longer than 256 characters"
	}
	return ""
}

// Code drops white space: mail programs and authenticator apps put spaces into a code
// to make the code readable. The error says that nothing is left.
func Code(code string) (string, error) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code)
	if code == "" {
		return "", errors.New("the code is empty")
	}
	return code, nil
}
