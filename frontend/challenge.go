package frontend

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Version is the version of the form, in the member version of each object.
const Version = 1

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of challenges, answers and errors.
func Schema() []byte { return bytes.Clone(schema) }

// ServeSchema is an http.HandlerFunc that serves the JSON Schema.
func ServeSchema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	w.Write(schema)
}

// Challenge is a challenge as a front end needs it. encoding/json writes all of a
// Challenge, with the member version. fmt and slog leave out the key of an authenticator
// app.
type Challenge struct {
	Name       challenge.Name `json:"name"`       // the service's name
	AnswerWith []Member       `json:"answerWith"` // the members that an answer has

	// Attempt counts the answers that were refused so far. Message is why the last one
	// was refused, in English and for the user; "" if there is no text for users.
	Attempt int    `json:"attempt"`
	Message string `json:"message,omitempty"`

	NoAnswerNeeded     bool             `json:"noAnswerNeeded,omitempty"`     // the answer is {"continue":true}
	Delivery           *Delivery        `json:"delivery,omitempty"`           // where the code went; nil: not told
	Choices            []challenge.Name `json:"choices,omitempty"`            // in the service's order
	RequiredAttributes []string         `json:"requiredAttributes,omitempty"` // that the user does not have yet
	PasskeyRequest     json.RawMessage  `json:"passkeyRequest,omitempty"`     // for PublicKeyCredential.parseRequestOptionsFromJSON
	TOTP               *TOTP            `json:"totp,omitempty"`               // the authenticator app to set up

	// Parameters are those of a CUSTOM_CHALLENGE, or of a challenge that this package
	// does not know. The package documentation says which.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Delivery says where a code was sent.
type Delivery struct {
	Medium      string `json:"medium,omitempty"`      // "SMS" or "EMAIL"
	Destination string `json:"destination,omitempty"` // masked by the service, such as "a***@e***"
}

// TOTP is what a user's new authenticator app has to know.
type TOTP struct {
	Secret secret.String // in base32, for users who type it
	URI    secret.String // with scheme otpauth, for a QR code
}

// LogValue is a placeholder: a slog.JSONHandler would write the secret.
func (t TOTP) LogValue() slog.Value { return slog.AnyValue(t.Secret) }

// MarshalJSON writes the secret, which the user has to see.
func (t TOTP) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Secret string `json:"secret"`
		URI    string `json:"uri"`
	}{t.Secret.Reveal(), t.URI.Reveal()})
}

// MarshalJSON writes the challenge whole, with the key of an authenticator app.
func (c Challenge) MarshalJSON() ([]byte, error) {
	type members Challenge
	return json.Marshal(struct {
		Version int `json:"version"`
		members
	}{Version, members(c)})
}

// LogValue is the name: a slog.JSONHandler would write the challenge whole.
func (c Challenge) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%q", c.Name)) }

// Member is a member of an answer.
type Member string

const (
	Code        Member = "code"
	Choice      Member = "choice"
	Password    Member = "password"
	NewPassword Member = "newPassword"
	Attributes  Member = "attributes"
	Email       Member = "email"
	Custom      Member = "custom"
	Credential  Member = "credential"
	Continue    Member = "continue"
	Raw         Member = "raw"
)

// FromChallenge returns c as a front end needs it. Authenticator apps show the issuer,
// your service's name, beside the user's name.
//
// The error is that of a challenge that no person can answer, or of parameters that
// cannot be read. The error is for logs. A Challenge is as large as the parameters of c,
// which in a prompt have at most 64 KiB.
func FromChallenge(c challenge.Challenge, issuer string) (Challenge, error) {
	f := Challenge{Name: c.Name, Attempt: c.Attempt, NoAnswerNeeded: c.NoAnswerNeeded}
	if _, machine := c.ForMachine(); machine || c.Name == "" {
		return Challenge{}, fmt.Errorf("frontend: %.60q is no challenge that a person can answer", c.Name)
	}
	var refused *flow.Error
	if errors.As(c.Reason, &refused) {
		f.Message = refused.Message()
	}
	if c.NoAnswerNeeded {
		f.AnswerWith = []Member{Continue}
		return f, nil
	}
	if !c.TOTPSecret.IsZero() {
		f.TOTP = &TOTP{c.TOTPSecret, secret.New(c.TOTPURI(issuer, ""))}
	}
	fill, known := forms[c.Name]
	if !known {
		fill = fillUnknown
	}
	if err := fill(&f, c); err != nil {
		return Challenge{}, fmt.Errorf("frontend: %w", err)
	}
	return f, nil
}

// forms has what fills in each challenge that a person answers and that this package
// knows. Others pass through.
var forms = map[challenge.Name]func(*Challenge, challenge.Challenge) error{
	challenge.SMSMFA:              fillCode,
	challenge.SMSOTP:              fillCode,
	challenge.EmailOTP:            fillCode,
	challenge.SoftwareTokenMFA:    fillCode,
	challenge.SelectMFAType:       fillChoice,
	challenge.SelectChallenge:     fillFirstFactor,
	challenge.Password:            fillPassword,
	challenge.PasswordSRP:         fillPassword,
	challenge.MFASetup:            fillSetUp,
	challenge.NewPasswordRequired: fillNewPassword,
	challenge.CustomChallenge:     fillCustom,
	challenge.WebAuthn:            fillPasskey,
}

func fillCode(f *Challenge, c challenge.Challenge) error {
	f.AnswerWith = []Member{Code}
	if to := c.Delivery(); to != (challenge.Delivery{}) {
		f.Delivery = &Delivery{to.Medium, to.Destination}
	}
	return nil
}

func fillChoice(f *Challenge, c challenge.Challenge) (err error) {
	f.AnswerWith = []Member{Choice}
	f.Choices, err = c.Choices()
	return err
}

// fillFirstFactor asks for a choice. A password goes along with its choice.
func fillFirstFactor(f *Challenge, c challenge.Challenge) error {
	err := fillChoice(f, c)
	f.AnswerWith = []Member{Choice, Password}
	return err
}

func fillPassword(f *Challenge, _ challenge.Challenge) error {
	f.AnswerWith = []Member{Password}
	return nil
}

// fillSetUp asks for the next of up to three things: a choice, and then the first code
// of an app or an address.
func fillSetUp(f *Challenge, c challenge.Challenge) error {
	if err := fillChoice(f, c); err != nil {
		return err
	}
	switch {
	case f.TOTP != nil:
		f.AnswerWith, f.Choices = []Member{Code}, nil
	case slices.Equal(f.Choices, []challenge.Name{challenge.EmailOTP}):
		f.AnswerWith, f.Choices = []Member{Email}, nil
	}
	return nil
}

func fillNewPassword(f *Challenge, c challenge.Challenge) error {
	f.AnswerWith = []Member{NewPassword, Attributes}
	has, err := c.UserAttributes()
	if err != nil {
		return err
	}
	required, err := c.RequiredAttributes()
	f.RequiredAttributes = slices.DeleteFunc(required, func(name string) bool { return has[name] != "" })
	return err
}

func fillCustom(f *Challenge, c challenge.Challenge) error {
	f.AnswerWith, f.Parameters = []Member{Custom}, visible(c.Parameters)
	return nil
}

func fillUnknown(f *Challenge, c challenge.Challenge) error {
	f.AnswerWith, f.Parameters = []Member{Raw}, visible(c.Parameters)
	return nil
}

// visible leaves out what the driver answers with by itself.
func visible(parameters map[string]string) map[string]string {
	shown := maps.Clone(parameters)
	for _, name := range []string{"USERNAME", "USER_ID_FOR_SRP", "DEVICE_KEY"} {
		delete(shown, name)
	}
	return shown
}

func fillPasskey(f *Challenge, c challenge.Challenge) (err error) {
	f.AnswerWith = []Member{Credential}
	if f.PasskeyRequest, err = c.CredentialRequest(); err != nil {
		return err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(f.PasskeyRequest), []byte("{")) {
		return errors.New("WEB_AUTHN came without CREDENTIAL_REQUEST_OPTIONS, or they are no JSON object")
	}
	return nil
}
