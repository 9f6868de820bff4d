package challenge

import (
	"strings"
	"unicode"

	"github.com/cognitoflow/cognitoflow/secret"
)

// codeChallenge returns the spec of a challenge that asks for a code and wants the
// code under key. After a wrong code, and after the errors in again, the service
// keeps the session.
func codeChallenge(key string, again ...string) challengeSpec {
	return challengeSpec{
		takes: map[kind]encoder{kindCode: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
			code, flaw := withoutSpace(g.text)
			return Responses{params: secret.NewBox(map[string]string{key: code})}, flaw
		}},
		again: append([]string{"CodeMismatchException"}, again...),
	}
}

// withoutSpace drops white space: mail programs and authenticator apps put spaces
// into a code to make the code readable.
func withoutSpace(code string) (string, *AnswerError) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code)
	if code == "" {
		return "", unusable("the code is empty")
	}
	return code, nil
}
