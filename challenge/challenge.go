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

// Name is the service's name of a challenge. Names that this package does not know are
// possible too.
type Name string

// The challenges of the service's ChallengeNameType. The package documentation lists their
// answers.
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

// Challenge is the next demand of the service in a sign-in. Each method for parameters
// returns a zero value for other kinds of challenges.
type Challenge struct {
	Name Name

	// Parameters are the ChallengeParameters of the reply. A program must not rely on
	// any of them, because the service may leave parameters out.
	Parameters map[string]string

	// Available are the AvailableChallenges of the reply. The service sends
	// AvailableChallenges with SELECT_CHALLENGE, and with EMAIL_OTP, SMS_OTP and
	// WEB_AUTHN as the first factor of USER_AUTH.
	Available []Name

	// Username is the USERNAME of the answer: the pool's name for the user if the
	// service has told the name, and SignInName otherwise.
	Username string

	// SignInName is the name that the user typed, such as an e-mail address.
	SignInName string

	// Attempt counts the answers to this challenge that were refused or not usable. If a
	// CUSTOM_CHALLENGE follows another one, Attempt counts up too. A stored prompt keeps
	// Attempt.
	Attempt int

	// Reason is the error of the last such answer, of type *flow.Error. Show the Message
	// of Reason to the user. In a handler the Remedy of Reason is "", because the handler
	// answers again. If a CUSTOM_CHALLENGE follows another one, Reason is
	// [ErrAskedAgain]. A stored prompt loses Reason.
	Reason error

	// NoAnswerNeeded says that MFA_SETUP does not need the user at this point, for
	// example after a fault of the network. Give [Continue]. The driver treats any
	// other answer as Continue.
	NoAnswerNeeded bool

	// TOTPSecret is the key for an authenticator app, in base32 as the user may type
	// it. TOTPSecret is set for MFA_SETUP after the service has made a key.
	TOTPSecret secret.String
}

// Clone returns a copy that shares no map or slice with c.
func (c Challenge) Clone() Challenge {
	c.Parameters, c.Available = maps.Clone(c.Parameters), slices.Clone(c.Available)
	return c
}

// Delivery has the medium and the destination of a code.
type Delivery struct {
	Medium      string // "SMS" or "EMAIL"
	Destination string // masked by the service, such as "a***@e***"
}

// Delivery returns the medium and the destination of the code of SMS_MFA, SMS_OTP or
// EMAIL_OTP. A field is empty if the service does not tell.
func (c Challenge) Delivery() Delivery {
	return Delivery{
		Medium:      c.Parameters["CODE_DELIVERY_DELIVERY_MEDIUM"],
		Destination: c.Parameters["CODE_DELIVERY_DESTINATION"],
	}
}

// Choices returns the choices of SELECT_CHALLENGE, SELECT_MFA_TYPE and MFA_SETUP, in the
// service's order. Choices can have names that this package does not know. For MFA_SETUP,
// Choices leaves out SMS_MFA, because a sign-in cannot set it up. Without the parameter
// the choices are nil. If the parameter cannot be read, the error names it.
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
		// The service sets up SMS_MFA through the phone number of the user's profile.
		return slices.DeleteFunc(all, func(name Name) bool { return name == SMSMFA }), err
	}
	return nil, nil
}

// attributePrefix is in front of names of attributes in NEW_PASSWORD_REQUIRED: in the list of
// required attributes and in the answer.
const attributePrefix = "userAttributes."

// RequiredAttributes returns the names of the attributes that an answer to
// NEW_PASSWORD_REQUIRED must give, without the prefix "userAttributes.". If the parameter
// cannot be read, the error names it.
func (c Challenge) RequiredAttributes() ([]string, error) {
	names, err := parameter[[]string](c, "requiredAttributes")
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], attributePrefix)
	}
	return names, err
}

// UserAttributes returns the present attributes of the user, from NEW_PASSWORD_REQUIRED. You
// can show the attributes. Do not send them back, because the service refuses such an
// answer. If the parameter cannot be read, the error names it.
func (c Challenge) UserAttributes() (map[string]string, error) {
	return parameter[map[string]string](c, "userAttributes")
}

// CredentialRequest returns the PublicKeyCredentialRequestOptions of WEB_AUTHN as JSON, with
// binary values in base64url. Give the JSON to
// PublicKeyCredential.parseRequestOptionsFromJSON in the browser. If the parameter cannot
// be read, the error names it.
func (c Challenge) CredentialRequest() (json.RawMessage, error) {
	return parameter[json.RawMessage](c, "CREDENTIAL_REQUEST_OPTIONS")
}

// TOTPURI returns the otpauth URI of TOTPSecret: see the function [TOTPURI]. If account is
// empty, TOTPURI takes SignInName.
func (c Challenge) TOTPURI(issuer, account string) string {
	return TOTPURI(c.TOTPSecret, issuer, cmp.Or(account, c.SignInName, c.Username))
}

// TOTPURI returns the otpauth URI for the QR code of an authenticator app. The key is the
// SecretCode of AssociateSoftwareToken, in base32. The app shows the issuer and the
// account. The issuer is the name of your site, and the account is a name of the user, such
// as the e-mail address. The URI contains the key. If the key is empty, the URI is "".
func TOTPURI(key secret.String, issuer, account string) string {
	if key.IsZero() {
		return ""
	}
	// QueryEscape writes '+' for a space, and some apps show the '+'.
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	query, label := "secret="+escape(key.Reveal()), escape(account)
	if issuer != "" {
		query += "&issuer=" + escape(issuer)
		label = escape(issuer) + ":" + label
	}
	return "otpauth://totp/" + label + "?" + query
}

// parameter reads a parameter that is JSON in a string. A missing parameter is the zero
// value.
func parameter[T any](c Challenge, key string) (T, error) {
	var value T
	text, ok := c.Parameters[key]
	if !ok || text == "" {
		return value, nil
	}
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		var zero T
		return zero, fmt.Errorf("challenge: parameter %s of %s is not JSON of type %T: %s", key, quoteName(c.Name), zero, quote(text))
	}
	return value, nil
}

// quoteName prepares the name of a challenge for an error: the service may send any text.
func quoteName(name Name) string {
	isOdd := func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }
	if name != "" && len(name) <= 40 && !strings.ContainsFunc(string(name), isOdd) {
		return string(name)
	}
	return quote(string(name))
}

// quote prepares text of the service for an error. quote does not cut text: the text may
// repeat a secret, and package flow would not find and replace a half of the secret.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		return fmt.Sprintf("(%d bytes)", len(text))
	}
	return fmt.Sprintf("%q", text)
}

// quoteList prepares names of the service for an error. The number of names is limited.
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
