package challenge

import (
	"github.com/cognitoflow/cognitoflow/internal/typed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// codeChallenge returns the spec of a challenge that asks for a code. key is the name of the
// code in the answer. After a wrong code and after the errors in again, the service keeps
// the session.
func codeChallenge(key string, again ...string) answerSpec {
	return answerSpec{
		takes: map[kind]encoder{kindCode: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
			code, flaw := typedCode(g.text)
			return Responses{params: secret.NewBox(map[string]string{key: code})}, flaw
		}},
		again: append([]string{"CodeMismatchException"}, again...),
	}
}

// typedCode returns a code without white space.
func typedCode(text string) (string, *AnswerError) {
	code, err := typed.Code(text)
	if err != nil {
		return "", unusable(err.Error())
	}
	return code, nil
}
