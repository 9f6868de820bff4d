package challenge

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Name is the name of a challenge, spelled as the service spells it. A name
// that this package does not know is passed on as it is.
type Name string

// The challenges of the service's ChallengeNameType. The table in this
// package's documentation says who answers which.
const (
	AdminNoSRPAuth         Name = "ADMIN_NO_SRP_AUTH"
	CustomChallenge        Name = "CUSTOM_CHALLENGE"
	DevicePasswordVerifier Name = "DEVICE_PASSWORD_VERIFIER"
	DeviceSRPAuth          Name = "DEVICE_SRP_AUTH"
	EmailOTP               Name = "EMAIL_OTP"
	MFASetup               Name = "MFA_SETUP"
	NewPasswordRequired    Name = "NEW_PASSWORD_REQUIRED"
	Password               Name = "PASSWORD"
	PasswordSRP            Name = "PASSWORD_SRP"
	PasswordVerifier       Name = "PASSWORD_VERIFIER"
	SelectChallenge        Name = "SELECT_CHALLENGE"
	SelectMFAType          Name = "SELECT_MFA_TYPE"
	SMSMFA                 Name = "SMS_MFA"
	SMSOTP                 Name = "SMS_OTP"
	SoftwareTokenMFA       Name = "SOFTWARE_TOKEN_MFA"
	WebAuthn               Name = "WEB_AUTHN"
)

// Challenge is what the pool asks next. Each accessor method reads the parameters
// of one kind of challenge, and returns a zero value for every other kind.
type Challenge struct {
	Name Name

	// Parameters are the ChallengeParameters as they came. The service leaves
	// some of them out, so a program must do without any of them.
	Parameters map[string]string

	// Available are the AvailableChallenges. They come with SELECT_CHALLENGE, and
	// with EMAIL_OTP, SMS_OTP and WEB_AUTHN as the first factor of USER_AUTH.
	Available []Name

	// Username is the name that the answer is sent under: the pool's name for the
	// user, or the typed name until the pool has told its own.
	Username string

	// SignInName is the name that the user typed, such as an e-mail address.
	SignInName string

	// Attempt counts the answers to this challenge that were refused or not
	// usable so far. Reason is the error of the last one, of type *flow.Error. Show its Message
	// to the user. Its Remedy is "" in a handler, because the next answer of the handler is the remedy. If a
	// CUSTOM_CHALLENGE follows another one, Attempt counts that too, and Reason is
	// [ErrAskedAgain]. A prompt that was stored has lost Reason, and keeps Attempt.
	Attempt int
	Reason  error

	// NoAnswerNeeded says that MFA_SETUP needs nobody at this point, such as after
	// a fault of the network. The sign-in only has to go on: give [Continue]. The
	// driver takes any other answer for Continue, too.
	NoAnswerNeeded bool

	// TOTPSecret is the key for an authenticator app, in base32 as the user
	// may type it: set for MFA_SETUP once the service has made one.
	TOTPSecret secret.String
}

// Clone returns a copy that shares no map or slice with c.
func (c Challenge) Clone() Challenge {
	c.Parameters, c.Available = maps.Clone(c.Parameters), slices.Clone(c.Available)
	return c
}

// Delivery says where a code was sent.
type Delivery struct {
	Medium      string // "SMS" or "EMAIL"
	Destination string // masked by the service, such as "a***@e***"
}

// Delivery returns where the code of an SMS_MFA, SMS_OTP or EMAIL_OTP
// challenge was sent; the fields are empty where the service does not tell.
func (c Challenge) Delivery() Delivery {
	return Delivery{
		Medium:      c.Parameters["CODE_DELIVERY_DELIVERY_MEDIUM"],
		Destination: c.Parameters["CODE_DELIVERY_DESTINATION"],
	}
}

// Choices returns what SELECT_CHALLENGE, SELECT_MFA_TYPE and MFA_SETUP let the
// user choose from, in the service's order and with names nobody knows yet. Of
// MFA_SETUP it leaves out SMS_MFA, which a sign-in cannot set up. Without the
// parameter the choices are nil. The error names the parameter that could not be
// read.
func (c Challenge) Choices() ([]Name, error) {
	switch c.Name {
	case SelectChallenge:
		return slices.Clone(c.Available), nil
	case SelectMFAType:
		return parameter[[]Name](c, "MFAS_CAN_CHOOSE")
	case MFASetup:
		key := "MFAS_CAN_SETUP"
		if c.Parameters[key] == "" {
			key = "MFA_CAN_SETUP" // the spelling of the API reference in 2022
		}
		all, err := parameter[[]Name](c, key)
		// A phone number is set elsewhere, before the sign-in.
		return slices.DeleteFunc(all, func(name Name) bool { return name == SMSMFA }), err
	}
	return nil, nil
}

// attributePrefix stands before attribute names in NEW_PASSWORD_REQUIRED, in
// the list of required ones and in the answer.
const attributePrefix = "userAttributes."

// RequiredAttributes returns the names of the attributes that an answer to
// NEW_PASSWORD_REQUIRED must give, without their wire prefix.
func (c Challenge) RequiredAttributes() ([]string, error) {
	names, err := parameter[[]string](c, "requiredAttributes")
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], attributePrefix)
	}
	return names, err
}

// UserAttributes returns the attributes the user already has, as
// NEW_PASSWORD_REQUIRED tells them. They are for display: the service refuses
// an answer that sends them back.
func (c Challenge) UserAttributes() (map[string]string, error) {
	return parameter[map[string]string](c, "userAttributes")
}

// CredentialRequest returns the PublicKeyCredentialRequestOptions of WEB_AUTHN
// as JSON, with binary values in base64url: what a browser's
// PublicKeyCredential.parseRequestOptionsFromJSON takes.
func (c Challenge) CredentialRequest() (json.RawMessage, error) {
	return parameter[json.RawMessage](c, "CREDENTIAL_REQUEST_OPTIONS")
}

// TOTPURI returns the otpauth URI of TOTPSecret: see the function [TOTPURI]. An empty
// account is the name that the user typed.
func (c Challenge) TOTPURI(issuer, account string) string {
	return TOTPURI(c.TOTPSecret, issuer, cmp.Or(account, c.SignInName, c.Username))
}

// TOTPURI returns the otpauth URI that authenticator apps read from a QR code. The key is
// the SecretCode of AssociateSoftwareToken, in base32. The app shows the issuer, your
// service's name, and the account, such as the e-mail address of the user. The URI
// contains the key. The URI is "" if the key is empty.
func TOTPURI(key secret.String, issuer, account string) string {
	if key.IsZero() {
		return ""
	}
	// Apps do not agree on '+' for a space, which QueryEscape writes.
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	query, label := "secret="+escape(key.Reveal()), escape(account)
	if issuer != "" {
		query += "&issuer=" + escape(issuer)
		label = escape(issuer) + ":" + label
	}
	return "otpauth://totp/" + label + "?" + query
}

// parameter reads a challenge parameter that holds JSON in a string. A missing
// one is the zero value.
func parameter[T any](c Challenge, key string) (T, error) {
	var value T
	text, ok := c.Parameters[key]
	if !ok || text == "" {
		return value, nil
	}
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		var zero T
		return zero, fmt.Errorf("challenge: parameter %s of %s is not the JSON expected (%T): %s", key, quoteName(c.Name), zero, quote(text))
	}
	return value, nil
}

// quoteName makes the name of a challenge fit for an error message: the peer may
// have sent any text.
func quoteName(name Name) string {
	isOdd := func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }
	if name != "" && len(name) <= 40 && !strings.ContainsFunc(string(name), isOdd) {
		return string(name)
	}
	return quote(string(name))
}

// quote makes text from the peer fit for an error message. No text is cut: the peer may
// repeat a secret, and nobody who replaces secrets would find half of it.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		return fmt.Sprintf("(%d bytes)", len(text))
	}
	return fmt.Sprintf("%q", text)
}

// quoteList is quote for names from the peer, of which there may be any number.
func quoteList[T ~string](names []T) string {
	const most = 8
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, quote(string(name)))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return "[" + strings.Join(list, " ") + "]"
}
