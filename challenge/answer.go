package challenge

import (
	"fmt"
	"maps"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Answer is what a person or a machine handler gives in reply to a challenge.
// Make one with the functions of this package. The zero Answer is no answer. An
// Answer prints as its kind only, such as "Code answer".
//
// An answer is checked when it is given to a challenge. If the challenge does not
// take it, or if it lacks something, nothing is sent, and package flow returns an
// error of code AnswerNotUsable, which wraps an [AnswerError].
type Answer struct {
	content secret.Box[answerContent]
}

// AnswerError says why a challenge does not take an answer. It does not contain the
// answer, except for a choice that is not offered.
type AnswerError struct {
	Challenge Name

	// Message is for the user: what is wrong with the answer, in English and without
	// names of Go.
	Message string

	// Advice is for the programmer: the function of this package to call. It is "" if
	// Message says all.
	Advice string

	// Misfit says that the program has called the wrong function of this package, or
	// has given the zero Answer. A user who answers once more does not mend that.
	Misfit bool
}

// Error returns the challenge, the message and the advice.
func (e *AnswerError) Error() string {
	text := "challenge: " + quoteName(e.Challenge) + ": " + e.Message
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// unusable is the error of an answer that the user can mend.
func unusable(message string) *AnswerError { return &AnswerError{Message: message} }

// misfit is the error of an answer that the program has made with the wrong function.
func misfit(message, advice string) *AnswerError {
	return &AnswerError{Message: message, Advice: advice, Misfit: true}
}

type answerContent struct {
	kind   kind
	text   string            // the code, password, address, ...
	choice Name              // what was chosen
	values map[string]string // attributes, or the whole of Raw
}

// kind is the function that made an answer.
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
// user's code. It answers MFA_SETUP with the first code of the user's new
// authenticator app. White space is dropped; an empty code is not usable.
func Code(code string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCode, text: code})}
}

// NewPassword answers NEW_PASSWORD_REQUIRED. The attributes are named without a
// prefix, such as "given_name". They must include those of
// [Challenge.RequiredAttributes] that the user does not have yet, and may include
// others that the app client can write. An attribute that the user already has
// with the same value ([Challenge.UserAttributes]) is left out of the request: the
// service would refuse the answer.
func NewPassword(password string, attributes map[string]string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindNewPassword, text: password, values: maps.Clone(attributes)})}
}

// CurrentPassword answers SELECT_CHALLENGE with the choice of a password and the
// password itself. It answers the challenges PASSWORD and PASSWORD_SRP too.
//
// If by is PasswordSRP or "", the password is proved by SRP and is not sent. If by
// is Password, the password is sent to the service. If by is "" or PasswordSRP and
// the pool takes the password only in clear, the answer is not usable.
func CurrentPassword(by Name, password string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCurrentPassword, choice: by, text: password})}
}

// Choose answers SELECT_CHALLENGE and SELECT_MFA_TYPE with one of
// [Challenge.Choices]. It answers MFA_SETUP if there are several choices. To
// choose a password that was not given in the same call, use [CurrentPassword].
func Choose(choice Name) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindChoose, choice: choice})}
}

// Email answers MFA_SETUP with the address to send codes to.
func Email(address string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindEmail, text: address})}
}

// Continue answers MFA_SETUP where [Challenge].NoAnswerNeeded is true.
// The driver takes the next step by itself.
func Continue() Answer { return Answer{secret.NewBox(answerContent{kind: kindContinue})} }

// Custom answers CUSTOM_CHALLENGE. The pool's trigger VerifyAuthChallengeResponse
// judges the answer, which may be empty.
func Custom(answer string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCustom, text: answer})}
}

// Credential answers WEB_AUTHN with an AuthenticationResponseJSON (Web
// Authentication Level 3, section 5.1). A browser's PublicKeyCredential.toJSON
// returns it, with binary values in base64url.
func Credential(json []byte) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCredential, text: string(json)})}
}

// Raw answers any challenge with the ChallengeResponses of
// RespondToAuthChallenge. It is for handlers that compute them, and for challenges
// that this package does not know yet. The driver adds USERNAME, SECRET_HASH and
// DEVICE_KEY.
func Raw(responses map[string]string) Answer {
	return raw(maps.Clone(responses))
}

// raw is Raw for a map that nobody else has.
func raw(responses map[string]string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindRaw, values: responses})}
}

// String returns the kind of the answer.
func (a Answer) String() string {
	if g := a.content.Open(); g != nil {
		return fmt.Sprintf("%s answer", g.kind)
	}
	return "no answer"
}

// GoString is String, for %#v.
func (a Answer) GoString() string { return a.String() }
