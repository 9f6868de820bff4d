package challenge

import (
	"errors"
	"strings"
	"unicode"

	"github.com/cognitoflow/cognitoflow/secret"
)

// codeRow is the row of a challenge that asks for a code and wants it under
// key. A wrong code leaves the session usable; so do the errors in again.
func codeRow(key string, again ...string) row {
	return row{
		takes: map[kind]encoder{kindCode: func(_ Challenge, g given) (Responses, error) {
			code, err := withoutSpace(g.text)
			return Responses{params: secret.NewBox(map[string]string{key: code})}, err
		}},
		again: append([]string{"CodeMismatchException"}, again...),
	}
}

// withoutSpace drops the spaces that mail programs and authenticator apps show in a
// code to make it readable.
func withoutSpace(code string) (string, error) {
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
