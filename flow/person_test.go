package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
)

// answer answers as the person. The answer is that of the next step of the chain. answer also checks
// the user name and the delivery in the prompt.
func (r *chainRun) answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	step, err := r.next(c.Name)
	if err != nil {
		return challenge.Answer{}, err
	}
	// Until the pool tells another name, in USERNAME or USER_ID_FOR_SRP, the prompt has the name
	// that the user gave.
	tells := []string{"PASSWORD_VERIFIER"}
	if r.tellsMore {
		tells = append(tells, "CUSTOM_CHALLENGE")
	}
	told := r.Has(tells...) && c.Name != challenge.SelectChallenge && c.Name != challenge.PasswordSRP
	if c.Username != r.user && c.Username != userID && (told || c.Username != r.typed) {
		return challenge.Answer{}, fmt.Errorf("%s is for %q", c.Name, c.Username)
	}
	detail := challenge.Name(step.Detail)
	switch c.Name {
	case challenge.SMSMFA, challenge.SMSOTP, challenge.EmailOTP:
		sent := r.pool.LastCode(r.user)
		want := challenge.Delivery{}
		if r.tellsMore {
			want = challenge.Delivery{Medium: sent.Medium, Destination: sent.Masked}
		}
		if told := c.Delivery(); told != want || sent.Challenge != string(c.Name) {
			return challenge.Answer{}, fmt.Errorf("%s went to %+v, the prompt says %+v", c.Name, sent, told)
		}
		return challenge.Code(codeOr(step.Wrong, sent.Code)), nil
	case challenge.SoftwareTokenMFA:
		return challenge.Code(codeOr(step.Wrong, r.pool.TOTP(r.user))), nil
	case challenge.SelectMFAType:
		return challenge.Choose(detail), mustOffer(c, detail)
	case challenge.SelectChallenge:
		// If the challenge of the choice follows in the chain, the choice has no password.
		if withPassword := detail == challenge.Password || detail == challenge.PasswordSRP; withPassword && !r.followed(step.Detail) {
			return challenge.CurrentPassword(detail, password), mustOffer(c, detail)
		}
		return challenge.Choose(detail), mustOffer(c, detail)
	case challenge.Password, challenge.PasswordSRP:
		return challenge.CurrentPassword(c.Name, password), nil
	case challenge.MFASetup:
		return r.setUp(c, step)
	case challenge.NewPasswordRequired:
		return newPassword(c, step.Wrong)
	case challenge.CustomChallenge:
		if c.Parameters["question"] != "is the sky blue?" {
			return challenge.Answer{}, fmt.Errorf("the parameters of the custom challenge are %q", c.Parameters)
		}
		if step.Wrong {
			return challenge.Custom("no"), nil
		}
		return challenge.Custom(rightAnswer), nil
	case challenge.WebAuthn:
		options, err := c.CredentialRequest()
		if err != nil {
			return challenge.Answer{}, err
		}
		return r.passkey.sign(options)
	}
	return challenge.Answer{}, challenge.ErrNoAnswer
}

// codeOr returns the code, or a code with another last digit if the answer must be wrong.
func codeOr(wrong bool, code string) string {
	if !wrong || code == "" {
		return code
	}
	last := len(code) - 1
	return code[:last] + string('0'+(code[last]-'0'+1)%10)
}

func mustOffer(c challenge.Challenge, name challenge.Name) error {
	choices, err := c.Choices()
	if err == nil && !slices.Contains(choices, name) {
		err = fmt.Errorf("%s offers %q, not %s", c.Name, choices, name)
	}
	return err
}

func (r *chainRun) setUp(c challenge.Challenge, step chains.Step) (challenge.Answer, error) {
	switch {
	case step.Name == "choose":
		return challenge.Choose(challenge.Name(step.Detail)), mustOffer(c, challenge.Name(step.Detail))
	case step.Detail == "EMAIL":
		return challenge.Email("ada@example.net"), mustOffer(c, challenge.EmailOTP)
	}
	code, err := totp.GenerateCode(c.TOTPSecret.Reveal(), r.clock.Now())
	return challenge.Code(codeOr(step.Wrong, code)), err
}

func newPassword(c challenge.Challenge, wrong bool) (challenge.Answer, error) {
	required, err := c.RequiredAttributes()
	if err != nil || !slices.Equal(required, []string{"given_name"}) {
		return challenge.Answer{}, fmt.Errorf("required attributes %q, %w", required, err)
	}
	if _, err := c.UserAttributes(); err != nil {
		return challenge.Answer{}, err
	}
	chosen := "Battery-Staple-8?"
	if wrong {
		chosen = "short"
	}
	return challenge.NewPassword(chosen, map[string]string{"given_name": "Ada"}), nil
}

// passkey is an authenticator of another library than the pool's.
type passkey struct {
	party         virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	credential    virtualwebauthn.Credential
}

func (k *passkey) sign(options json.RawMessage) (challenge.Answer, error) {
	parsed, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		return challenge.Answer{}, err
	}
	if k.authenticator.FindAllowedCredential(*parsed) == nil {
		return challenge.Answer{}, errors.New("the pool does not ask for the passkey")
	}
	return challenge.Credential([]byte(virtualwebauthn.CreateAssertionResponse(k.party, k.authenticator, k.credential, *parsed))), nil
}

// registerPasskey registers a passkey for a user who is signed in.
func registerPasskey(t testing.TB, pool *cognitotest.Pool, tokens *flow.Tokens) *passkey {
	t.Helper()
	accessToken := tokens.AccessToken.Reveal()
	started, err := pool.Client().StartWebAuthnRegistration(t.Context(), &cip.StartWebAuthnRegistrationInput{AccessToken: &accessToken})
	if err != nil {
		t.Fatal(err)
	}
	var options map[string]any
	if err := started.CredentialCreationOptions.UnmarshalSmithyDocument(&options); err != nil {
		t.Fatal(err)
	}
	parsed, err := virtualwebauthn.ParseAttestationOptions(jsonOf(t, options))
	if err != nil {
		t.Fatal(err)
	}
	k := &passkey{
		party:         virtualwebauthn.RelyingParty{ID: "example.com", Origin: passkeyURL},
		authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(tokens.Subject)}),
		credential:    passkeytest.NewCredential(),
	}
	var made map[string]any
	response := virtualwebauthn.CreateAttestationResponse(k.party, k.authenticator, k.credential, *parsed)
	if err := json.Unmarshal([]byte(response), &made); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Client().CompleteWebAuthnRegistration(t.Context(), &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: &accessToken, Credential: document.NewLazyDocument(made),
	}); err != nil {
		t.Fatal(err)
	}
	k.authenticator.AddCredential(k.credential)
	return k
}
