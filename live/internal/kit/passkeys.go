package kit

import (
	"context"
	"encoding/json"
	"fmt"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
)

// madeUpRelyingParty is the relying party in recordings.
const madeUpRelyingParty = "example.com"

// withPasskeys lets users sign in with passkeys.
func withPasskeys(c *cognitotest.PoolConfig) {
	c.AllowedFirstFactors = []string{"PASSWORD", "WEB_AUTHN"}
	c.WebAuthn = &cognitotest.WebAuthnConfig{RPID: madeUpRelyingParty, Origins: []string{"https://" + madeUpRelyingParty}}
}

// passkey is a virtual authenticator with one credential of the user.
type passkey struct {
	party         virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	credential    virtualwebauthn.Credential
}

// register gives the user a passkey.
func (sc *Scene) register(ctx context.Context) (*passkey, error) {
	token, err := sc.accessToken(ctx, sc.user)
	if err != nil {
		return nil, err
	}
	begun, err := sc.stage.StartWebAuthnRegistration(ctx, &cip.StartWebAuthnRegistrationInput{AccessToken: token})
	if err != nil {
		return nil, err
	}
	var options any
	if err := begun.CredentialCreationOptions.UnmarshalSmithyDocument(&options); err != nil {
		return nil, fmt.Errorf("CredentialCreationOptions: %w", err)
	}
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(text))
	if err != nil {
		return nil, fmt.Errorf("CredentialCreationOptions: %w", err)
	}
	k := &passkey{
		party:         virtualwebauthn.RelyingParty{ID: sc.RelyingParty, Origin: "https://" + sc.RelyingParty},
		authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(parsed.UserID)}),
		credential:    passkeytest.NewCredential(),
	}
	var made map[string]any
	if err := json.Unmarshal([]byte(virtualwebauthn.CreateAttestationResponse(k.party, k.authenticator, k.credential, *parsed)), &made); err != nil {
		return nil, err
	}
	_, err = sc.stage.CompleteWebAuthnRegistration(ctx, &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: token, Credential: document.NewLazyDocument(made),
	})
	if err != nil {
		return nil, err
	}
	k.authenticator.AddCredential(k.credential)
	return k, nil
}

// sign answers CREDENTIAL_REQUEST_OPTIONS.
func (k *passkey) sign(options string) (string, error) {
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		return "", fmt.Errorf("CREDENTIAL_REQUEST_OPTIONS: %w", err)
	}
	k.credential.Counter++ // which a real authenticator moves on, too
	return virtualwebauthn.CreateAssertionResponse(k.party, k.authenticator, k.credential, *parsed), nil
}

// passkeyQuestions are about passkeys. They need a relying party.
func passkeyQuestions() []Probe {
	return []Probe{
		{
			Name: "passkey-parameters", Title: "parameters of WEB_AUTHN, and the whole ceremony", Row: "options of WEB_AUTHN",
			Needs: []string{Passkey}, Users: 1, setting: withPasskeys,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.ceremony(ctx, nil, func(asked *cip.InitiateAuthOutput, options string) string {
					var o struct {
						Timeout          int
						UserVerification string
						AllowCredentials []any
					}
					if err := json.Unmarshal([]byte(options), &o); err != nil {
						return "options that are no JSON"
					}
					return fmt.Sprintf("%s, timeout %d, userVerification %s, %d credentials, %d AvailableChallenges, Session %s",
						names(asked.ChallengeParameters), o.Timeout, o.UserVerification, len(o.AllowCredentials), len(asked.AvailableChallenges), presence(asked.Session))
				})
			},
		},
		{
			Name: "passkey-credential", Title: "CREDENTIAL along with the choice of WEB_AUTHN",
			Row: "CREDENTIAL along with the choice of WEB_AUTHN", Needs: []string{Passkey}, Users: 1, setting: withPasskeys, ask: credentialInChoice,
		},
		{
			Name: "passkey-method", Title: "the method of a passkey in amr", Row: "the method of a passkey", Needs: []string{Passkey}, Users: 1, setting: withPasskeys,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.ceremony(ctx, map[string]string{"TARGET_ACR_VALUES": flow.Level3}, func(*cip.InitiateAuthOutput, string) string { return "level 3" })
			},
		},
	}
}

// ceremony signs in with a new passkey. The function tell says what there is to say about the
// challenge. With more parameters, which ask for a level, the claims of the tokens are told too.
func (sc *Scene) ceremony(ctx context.Context, more map[string]string, tell func(*cip.InitiateAuthOutput, string) string) (string, error) {
	k, err := sc.register(ctx)
	if err != nil {
		return "the registration: " + sc.describe(err), ctx.Err()
	}
	parameters := map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN"}
	for name, value := range more {
		parameters[name] = value
	}
	asked, err := sc.start(ctx, types.AuthFlowTypeUserAuth, parameters)
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	options := asked.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"]
	told := tell(asked, options)
	signed, err := k.sign(options)
	if err != nil {
		return joined(told, "options that the authenticator cannot read"), nil
	}
	out, err := sc.respond(ctx, types.ChallengeNameTypeWebAuthn, asked.Session, map[string]string{"CREDENTIAL": signed})
	if err != nil {
		return joined(told, sc.describe(err)), ctx.Err()
	}
	if out.AuthenticationResult == nil {
		return joined(told, string(out.ChallengeName)), nil
	}
	if more == nil {
		return joined(told, "tokens"), nil
	}
	return joined(told, levelIn(out.AuthenticationResult)), nil
}

func credentialInChoice(ctx context.Context, sc *Scene) (string, error) {
	k, err := sc.register(ctx)
	if err != nil {
		return "the registration: " + sc.describe(err), ctx.Err()
	}
	first, err := sc.start(ctx, types.AuthFlowTypeUserAuth, map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN"})
	if err != nil {
		return "the first start: " + sc.describe(err), ctx.Err()
	}
	signed, err := k.sign(first.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"])
	if err != nil {
		return "options that the authenticator cannot read", nil
	}
	second, err := sc.start(ctx, types.AuthFlowTypeUserAuth, nil)
	if err != nil {
		return "the second start: " + sc.describe(err), ctx.Err()
	}
	out, err := sc.respond(ctx, second.ChallengeName, second.Session, map[string]string{"ANSWER": "WEB_AUTHN", "CREDENTIAL": signed})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
}
