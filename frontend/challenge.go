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

// Version is the value of the member version in each object.
const Version = 1

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of challenges, answers, errors and replies.
func Schema() []byte { return bytes.Clone(schema) }

// ServeSchema is an http.HandlerFunc that serves the JSON Schema.
func ServeSchema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	w.Write(schema)
}

// Challenge is a challenge for a front end. encoding/json writes the whole Challenge, with
// the member version. Packages fmt and log/slog leave out the key of an authenticator app.
type Challenge struct {
	Name       challenge.Name `json:"name"`       // the service's name
	AnswerWith []Member       `json:"answerWith"` // the members of an answer

	// Attempt counts the answers that were refused.
	Attempt int `json:"attempt"`

	// Message tells the user why the last answer was refused, in English. Message is ""
	// if there is no text for users.
	Message string `json:"message,omitempty"`

	NoAnswerNeeded     bool             `json:"noAnswerNeeded,omitempty"`     // the answer is {"continue":true}
	Delivery           *Delivery        `json:"delivery,omitempty"`           // the destination of the code, or nil
	Choices            []challenge.Name `json:"choices,omitempty"`            // in the service's order
	RequiredAttributes []string         `json:"requiredAttributes,omitempty"` // that the user does not have yet
	PasskeyRequest     json.RawMessage  `json:"passkeyRequest,omitempty"`     // for PublicKeyCredential.parseRequestOptionsFromJSON
	TOTP               *TOTP            `json:"totp,omitempty"`               // the authenticator app to set up

	// Parameters are parameters of a CUSTOM_CHALLENGE, or of a challenge that this
	// package does not know. See the package documentation (Secrets).
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Delivery has the medium and the destination of a code.
type Delivery struct {
	Medium      string `json:"medium,omitempty"`      // "SMS" or "EMAIL"
	Destination string `json:"destination,omitempty"` // masked by the service, such as "a***@e***"
}

// TOTP is the key for a new authenticator app.
type TOTP struct {
	Secret secret.String // in base32, for users who type it
	URI    secret.String // with scheme otpauth, for a QR code
}

// LogValue returns a placeholder, because a slog.JSONHandler would write the secret.
func (t TOTP) LogValue() slog.Value { return slog.AnyValue(t.Secret) }

// MarshalJSON writes the secret, because the user has to see it.
func (t TOTP) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Secret string `json:"secret"`
		URI    string `json:"uri"`
	}{t.Secret.Reveal(), t.URI.Reveal()})
}

// MarshalJSON writes the whole challenge, with the key of an authenticator app.
func (c Challenge) MarshalJSON() ([]byte, error) {
	type members Challenge
	return json.Marshal(struct {
		Version int `json:"version"`
		members
	}{Version, members(c)})
}

// LogValue returns the name, because a slog.JSONHandler would write the whole challenge.
func (c Challenge) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%q", c.Name)) }

// Member is a member of an answer.
type Member string

// The members of answers. The package documentation lists the challenges of each member.
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

// FromChallenge returns c for a front end. Authenticator apps show the issuer beside the
// user's name. The issuer is the name of your site.
//
// FromChallenge fails if no person can answer c, or if parameters cannot be read. Log the
// error, and do not show it. The Challenge is as large as the parameters of c, at most 64
// KiB for a challenge of a prompt.
func FromChallenge(c challenge.Challenge, issuer string) (Challenge, error) {
	f := Challenge{Name: c.Name, Attempt: c.Attempt, NoAnswerNeeded: c.NoAnswerNeeded}
	if _, machine := c.ForMachine(); machine || c.Name == "" {
		return Challenge{}, fmt.Errorf("frontend: a person cannot answer the challenge %.60q", c.Name)
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

// forms has a function for each challenge that a person answers, which fills in the
// Challenge. For other challenges see fillUnknown.
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

// fillFirstFactor asks for a choice, and for the password if the choice is a password.
func fillFirstFactor(f *Challenge, c challenge.Challenge) error {
	err := fillChoice(f, c)
	f.AnswerWith = []Member{Choice, Password}
	return err
}

func fillPassword(f *Challenge, _ challenge.Challenge) error {
	f.AnswerWith = []Member{Password}
	return nil
}

// fillSetUp asks for a choice first. Then fillSetUp asks for the first code of an app, or for
// an e-mail address.
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

// visible leaves out the parameters that the driver adds to an answer by itself.
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
		return errors.New("WEB_AUTHN has no CREDENTIAL_REQUEST_OPTIONS, or they are not a JSON object")
	}
	return nil
}
