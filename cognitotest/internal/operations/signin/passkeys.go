package signin

import (
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// webAuthnChallenge asks for a signature of a passkey.
var webAuthnChallenge = challenge{
	required: []string{"CREDENTIAL"},
	choices:  firstFactorChoices,
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		if c.Pool.WebAuthn == nil {
			return nil, nil, directory.WebAuthnMissing()
		}
		options, expected, err := c.Pool.WebAuthn.BeginLogin(directory.PasskeyOwner{User: si.User})
		if err != nil {
			return nil, nil, err
		}
		si.User.Assertion = expected
		text, err := json.Marshal(options.Response)
		return map[string]string{"CREDENTIAL_REQUEST_OPTIONS": string(text)}, expected, err
	},
	answer: func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
		return "", judgeCredential(c, si, given.(*webauthn.SessionData), responses["CREDENTIAL"])
	},
}

// beginPasskey takes a credential in the answer that chooses WEB_AUTHN. The credential must
// sign the newest options of the user.
func beginPasskey(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error) {
	if !c.Pool.Dialect.CredentialInChoice || si.User.Assertion == nil {
		return "", exception.InvalidParameter("CREDENTIAL answers the options of WEB_AUTHN, which come first")
	}
	return "", judgeCredential(c, si, si.User.Assertion, parameters["CREDENTIAL"])
}

func judgeCredential(c *api.Call, si *directory.SignIn, expected *webauthn.SessionData, credential string) error {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(credential))
	if err != nil {
		return exception.InvalidParameter("CREDENTIAL is not an AuthenticationResponseJSON: %s", directory.Explained(err))
	}
	used, err := c.Pool.WebAuthn.ValidateLogin(directory.PasskeyOwner{User: si.User}, *expected, parsed)
	if err != nil {
		return exception.NotAuthorized("CREDENTIAL: %s", directory.Explained(err))
	}
	if used.Authenticator.CloneWarning {
		return exception.NotAuthorized("CREDENTIAL: the signature counter has gone back")
	}
	si.User.Passkeys[si.User.FindPasskey(used.ID)].Credential = *used // with the new counter
	si.User.Assertion = nil
	si.Passed("WEB_AUTHN")
	if parsed.AuthenticatorAttachment == protocol.CrossPlatform {
		si.Prove(directory.MethodRoamingKey)
	} else {
		si.Prove(directory.MethodPlatformKey)
	}
	return nil
}
