package challenge

import (
	"encoding/json"
	"errors"
)

// webAuthn: a passkey signs the options that came with the challenge.
var webAuthn = row{
	takes: map[kind]encoder{kindCredential: func(_ Challenge, g given) (map[string]string, error) {
		if !json.Valid([]byte(g.text)) {
			return nil, errors.New("the credential is not JSON; give what PublicKeyCredential.toJSON returned")
		}
		return map[string]string{"CREDENTIAL": g.text}, nil
	}},
}
