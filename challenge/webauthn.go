package challenge

import (
	"encoding/json"
	"errors"

	"github.com/cognitoflow/cognitoflow/secret"
)

// webAuthn: a passkey signs the options that came with the challenge.
var webAuthn = challengeSpec{
	takes: map[kind]encoder{kindCredential: func(_ Challenge, g answerContent) (Responses, error) {
		if !json.Valid([]byte(g.text)) {
			return Responses{}, errors.New("the credential is not JSON; give what PublicKeyCredential.toJSON returned")
		}
		return Responses{params: secret.NewBox(map[string]string{"CREDENTIAL": g.text})}, nil
	}},
}
