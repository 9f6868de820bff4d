package challenge

import (
	"fmt"
	"maps"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Answer is what a person or a machine handler gives in reply to a challenge.
// Make one with the functions of this package; the zero value is no answer.
// It keeps codes and passwords out of everything that prints.
type Answer struct {
	given secret.Box[given]
}

type given struct {
	kind   kind
	text   string            // the code, password, address, ...
	choice Name              // what was chosen
	values map[string]string // attributes, or the whole of Raw
}

// kind is the function that made an answer, spelled for error messages.
type kind string

const (
	kindCode            kind = "Code"
	kindNewPassword     kind = "NewPassword"
	kindCurrentPassword kind = "CurrentPassword"
	kindChoose          kind = "Choose"
	kindEmail           kind = "Email"
	kindCustom          kind = "Custom"
	kindCredential      kind = "Credential"
	kindContinue        kind = "Continue"
	kindRaw             kind = "Raw"
)

// Code answers SMS_MFA, SMS_OTP, EMAIL_OTP and SOFTWARE_TOKEN_MFA with the
// code the user received, and MFA_SETUP with the first code of the user's
// authenticator app. White space is ignored.
func Code(code string) Answer { return Answer{secret.NewBox(given{kind: kindCode, text: code})} }

// NewPassword answers NEW_PASSWORD_REQUIRED. The attributes, named without a
// prefix, must include those of [Challenge.RequiredAttributes]; others that
// the app client may write can be set too. Do not send back what
// [Challenge.UserAttributes] returns.
func NewPassword(password string, attributes map[string]string) Answer {
	return Answer{secret.NewBox(given{kind: kindNewPassword, text: password, values: maps.Clone(attributes)})}
}

// CurrentPassword answers SELECT_CHALLENGE with the choice of a password and
// the password itself, and the challenges PASSWORD and PASSWORD_SRP. If by is
// PasswordSRP or "", the password is proved and does not leave this machine. If
// by is Password, the password is sent to the service. An answer that the pool
// could take only by sending the password is an error, unless by is Password.
func CurrentPassword(by Name, password string) Answer {
	return Answer{secret.NewBox(given{kind: kindCurrentPassword, choice: by, text: password})}
}

// Choose answers SELECT_CHALLENGE, SELECT_MFA_TYPE and, where
// [Challenge.Choices] has several, MFA_SETUP with one of the choices. To choose
// a password that was not given at the start use [CurrentPassword].
func Choose(choice Name) Answer {
	return Answer{secret.NewBox(given{kind: kindChoose, choice: choice})}
}

// Email answers MFA_SETUP with the address that codes shall be sent to.
func Email(address string) Answer {
	return Answer{secret.NewBox(given{kind: kindEmail, text: address})}
}

// Continue answers MFA_SETUP where [Challenge].Done says that nobody is needed. The
// driver takes the next step by itself.
func Continue() Answer { return Answer{secret.NewBox(given{kind: kindContinue})} }

// Custom answers CUSTOM_CHALLENGE; the pool's own trigger judges the answer.
func Custom(answer string) Answer {
	return Answer{secret.NewBox(given{kind: kindCustom, text: answer})}
}

// Credential answers WEB_AUTHN with an AuthenticationResponseJSON, what a
// browser's PublicKeyCredential.toJSON returns: binary values in base64url.
func Credential(json []byte) Answer {
	return Answer{secret.NewBox(given{kind: kindCredential, text: string(json)})}
}

// Raw answers any challenge with the ChallengeResponses as the service wants
// them, for handlers that compute them and for challenges that this package
// does not know yet. The driver adds USERNAME, SECRET_HASH and DEVICE_KEY.
func Raw(responses map[string]string) Answer {
	return raw(maps.Clone(responses))
}

// raw is Raw for a map that nobody else has.
func raw(responses map[string]string) Answer {
	return Answer{secret.NewBox(given{kind: kindRaw, values: responses})}
}

// String describes the answer without telling it.
func (a Answer) String() string {
	if g := a.given.Open(); g != nil {
		return fmt.Sprintf("%s answer", g.kind)
	}
	return "no answer"
}

// GoString is String, for %#v.
func (a Answer) GoString() string { return a.String() }
