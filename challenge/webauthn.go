package challenge

import (
	"encoding/json"

	"github.com/cognitoflow/cognitoflow/secret"
)

// webAuthn: a passkey signs the options of the challenge.
var webAuthn = answerSpec{
	takes: map[kind]encoder{kindCredential: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		if !json.Valid([]byte(g.text)) {
			return Responses{}, &AnswerError{
				Message: "the answer of the passkey cannot be read", Advice: "give challenge.Credential the JSON of PublicKeyCredential.toJSON"}
		}
		return Responses{params: secret.NewBox(map[string]string{"CREDENTIAL": g.text})}, nil
	}},
}
