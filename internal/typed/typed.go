// Package typed checks texts that people type before the texts are sent. The checks follow the
// patterns of the service's API model.
package typed

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameFlaw returns the reason why a name cannot be a user name or an alias, "" if it can. A name
// has 128 characters of \p{L}\p{M}\p{S}\p{N}\p{P} at most (InitiateAuth, SignUp).
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

// PasswordFlaw returns the reason why the service does not accept a new password, "" if there is
// none. A password has 2 to 256 characters, and no white space at its beginning or end
// (PasswordType). A pool can have more rules.
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

// Code returns a code without white space, because mail programs and authenticator apps put spaces
// into a code. The error is that of a code without other characters.
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
