package kit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// madeUpRelyingParty is the relying party in recordings.
const madeUpRelyingParty = "example.com"

// withPasskeys allows passkeys as the first factor.
func withPasskeys(c *cognitotest.PoolConfig) {
	c.AllowedFirstFactors = []string{"PASSWORD", "WEB_AUTHN"}
	c.WebAuthn = &cognitotest.WebAuthnConfig{RPID: madeUpRelyingParty, Origins: []string{"https://" + madeUpRelyingParty}}
}

// passkey is a virtual authenticator with one credential of the user.
type passkey struct {
	party         virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	credential    virtualwebauthn.Credential
	attachment    string // "platform", "cross-platform", or empty for none
}

// transports are the transports that a browser names for an authenticator with this attachment.
var transports = map[string][]string{"platform": {"internal"}, "cross-platform": {"usb"}}

// newPasskey makes an authenticator with a new credential.
func (sc *Scene) newPasskey(attachment string) *passkey {
	return &passkey{
		party:         virtualwebauthn.RelyingParty{ID: sc.RelyingParty, Origin: "https://" + sc.RelyingParty},
		authenticator: virtualwebauthn.NewAuthenticator(), credential: passkeytest.NewCredential(), attachment: attachment,
	}
}

// register gives the user a passkey.
func (sc *Scene) register(ctx context.Context) (*passkey, error) {
	token, err := sc.accessToken(ctx, sc.user)
	if err != nil {
		return nil, err
	}
	k := sc.newPasskey("")
	return k, sc.registerAs(ctx, token, k)
}

// registerAs gives a passkey to the user of the access token.
func (sc *Scene) registerAs(ctx context.Context, token *string, k *passkey) error {
	options, err := sc.beginRegistration(ctx, token)
	if err != nil {
		return err
	}
	return sc.endRegistration(ctx, token, k, options)
}

func (sc *Scene) beginRegistration(ctx context.Context, token *string) (*virtualwebauthn.AttestationOptions, error) {
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
	return parsed, nil
}

func (sc *Scene) endRegistration(ctx context.Context, token *string, k *passkey, options *virtualwebauthn.AttestationOptions) error {
	k.authenticator.Options.UserHandle = []byte(options.UserID)
	var made map[string]any
	if err := json.Unmarshal([]byte(virtualwebauthn.CreateAttestationResponse(k.party, k.authenticator, k.credential, *options)), &made); err != nil {
		return err
	}
	if k.attachment != "" {
		made["authenticatorAttachment"] = k.attachment
		made["response"].(map[string]any)["transports"] = transports[k.attachment]
	}
	_, err := sc.stage.CompleteWebAuthnRegistration(ctx, &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: token, Credential: document.NewLazyDocument(made),
	})
	return err
}

// sign answers CREDENTIAL_REQUEST_OPTIONS.
func (k *passkey) sign(options string) (string, error) {
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		return "", fmt.Errorf("CREDENTIAL_REQUEST_OPTIONS: %w", err)
	}
	k.credential.Counter++ // as a real authenticator does
	signed := virtualwebauthn.CreateAssertionResponse(k.party, k.authenticator, k.credential, *parsed)
	if k.attachment == "" {
		return signed, nil
	}
	var made map[string]any
	if err := json.Unmarshal([]byte(signed), &made); err != nil {
		return "", err
	}
	made["authenticatorAttachment"] = k.attachment
	text, err := json.Marshal(made)
	return string(text), err
}

// passkeyQuestions are about passkeys. All need a relying party.
func passkeyQuestions() []Probe {
	return []Probe{
		{
			Name: "passkey-parameters", Title: "parameters of WEB_AUTHN, and the whole ceremony", Row: "options of WEB_AUTHN",
			Needs: []string{Passkey}, Users: 1, setting: withPasskeys,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				k, err := sc.register(ctx)
				if err != nil {
					return "the registration: " + sc.describe(err), ctx.Err()
				}
				return sc.ceremony(ctx, k, nil, func(asked *cip.InitiateAuthOutput, options string) string {
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
			Name: "passkey-method", Title: "the method in amr of passkeys of several kinds", Row: "the method of a passkey",
			Needs: []string{Passkey}, Users: 1, setting: withPasskeys, ask: methodsOfPasskeys,
		},
		{
			Name: "passkey-verification", Title: "a passkey without user verification in a pool that requires user verification",
			Row: "UserVerification required, sign-in", Needs: []string{Passkey}, Users: 1, ask: unverified,
			setting: func(c *cognitotest.PoolConfig) {
				withPasskeys(c)
				c.WebAuthn.UserVerification = "required"
			},
		},
		{
			Name: "passkey-registration-age", Title: "the lifetime of a registration, up to five minutes", Row: "a registration that is too old",
			Needs: []string{Passkey}, Users: len(ages), setting: withPasskeys, ask: registrationAge,
		},
		{
			Name: "passkey-pages", Title: "order and pages of ListWebAuthnCredentials", Row: "pages of ListWebAuthnCredentials",
			Needs: []string{Passkey}, Users: 1, setting: withPasskeys, ask: pagesOfPasskeys,
		},
	}
}

// methodsOfPasskeys registers one passkey of each kind. A passkey that can move between machines has a
// flag.
func methodsOfPasskeys(ctx context.Context, sc *Scene) (string, error) {
	token, err := sc.accessToken(ctx, sc.user)
	if err != nil {
		return "", err
	}
	var told []string
	for _, kind := range []struct {
		name, attachment string
		moves            bool
	}{{"without attachment", "", false}, {"platform", "platform", false}, {"platform, synchronised", "platform", true}, {"cross-platform", "cross-platform", false}} {
		k := sc.newPasskey(kind.attachment)
		k.authenticator.Options.BackupEligible, k.authenticator.Options.BackupState = kind.moves, kind.moves
		answer := ""
		if err := sc.registerAs(ctx, token, k); err != nil {
			answer = "the registration: " + sc.describe(err)
		} else if answer, err = sc.ceremony(ctx, k, map[string]string{"TARGET_ACR_VALUES": flow.Level3},
			func(*cip.InitiateAuthOutput, string) string { return "level 3" }); err != nil {
			return "", err
		}
		told = append(told, kind.name+": "+answer)
	}
	return joined(told...), ctx.Err()
}

// unverified registers a passkey with user verification. The user signs in without user verification,
// and then with it.
func unverified(ctx context.Context, sc *Scene) (string, error) {
	k, err := sc.register(ctx)
	if err != nil {
		return "the registration: " + sc.describe(err), ctx.Err()
	}
	var told [2]string
	for i, without := range []bool{true, false} {
		k.authenticator.Options.UserNotVerified = without
		if told[i], err = sc.ceremony(ctx, k, nil, func(*cip.InitiateAuthOutput, string) string { return "WEB_AUTHN" }); err != nil {
			return "", err
		}
	}
	return joined("without verification: "+told[0], "with it: "+told[1]), ctx.Err()
}

// ages are the ages of registrations, one user for each. Three minutes and five minutes are usual
// limits. The last age is shorter than the limit of a probe.
var ages = []time.Duration{time.Minute, 170 * time.Second, 190 * time.Second, 290 * time.Second, 310 * time.Second}

func registrationAge(ctx context.Context, sc *Scene) (string, error) {
	type registration struct {
		token   *string
		options *virtualwebauthn.AttestationOptions
		begun   time.Time
	}
	var all []registration
	for i := range ages {
		p := sc.user
		var err error
		if i > 0 {
			if p, err = sc.newPerson(ctx, sc.setting.Users[0]); err != nil {
				return "", err
			}
		}
		r := registration{}
		if r.token, err = sc.accessToken(ctx, p); err != nil {
			return "", err
		}
		if r.options, err = sc.beginRegistration(ctx, r.token); err != nil {
			return "the start: " + sc.describe(err), ctx.Err()
		}
		r.begun = sc.ServiceNow()
		all = append(all, r)
	}
	var told []string
	for i, age := range ages {
		r := all[i]
		if err := sc.pause(ctx, r.begun.Add(age).Sub(sc.ServiceNow())); err != nil {
			return "", err
		}
		err := sc.endRegistration(ctx, r.token, sc.newPasskey(""), r.options)
		told = append(told, fmt.Sprintf("after %v: %s", age, sc.exceptionOr(err, "accepted")))
	}
	return joined(told...), ctx.Err()
}

func pagesOfPasskeys(ctx context.Context, sc *Scene) (string, error) {
	token, err := sc.accessToken(ctx, sc.user)
	if err != nil {
		return "", err
	}
	const longest = 20
	var made []string
	for range listed {
		k := sc.newPasskey("")
		if err := sc.registerAs(ctx, token, k); err != nil {
			return "the registration: " + sc.describe(err), ctx.Err()
		}
		made = append(made, base64.RawURLEncoding.EncodeToString(k.credential.ID))
	}
	return sc.pages(ctx, made, nil, longest, func(limit *int32, next *string) (ids []string, _ *string, err error) {
		out, err := sc.stage.ListWebAuthnCredentials(ctx, &cip.ListWebAuthnCredentialsInput{AccessToken: token, MaxResults: limit, NextToken: next})
		if err != nil {
			return nil, nil, err
		}
		for _, c := range out.Credentials {
			ids = append(ids, aws.ToString(c.CredentialId))
		}
		return ids, out.NextToken, nil
	})
}

// ceremony signs in with a passkey. The function tell describes the challenge. If more parameters ask
// for a level, the answer has the claims of the tokens too.
func (sc *Scene) ceremony(
	ctx context.Context, k *passkey, more map[string]string, tell func(*cip.InitiateAuthOutput, string) string,
) (string, error) {
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
		return joined(told, record.Word(string(out.ChallengeName))), nil
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
