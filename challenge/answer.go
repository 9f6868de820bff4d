package challenge

import (
	"fmt"
	"maps"

	"github.com/cognitoflow/cognitoflow/secret"
)

// Answer is an answer of a person or a machine handler to a challenge. Make an Answer with a
// function of this package. The zero Answer is no answer. An Answer prints only its kind,
// such as "Code answer".
//
// If an answer does not fit the challenge or is incomplete, package flow sends nothing. The
// error has the code AnswerNotUsable, and wraps an [AnswerError].
type Answer struct {
	content secret.Box[answerContent]
}

// AnswerError says why an answer does not fit a challenge. An AnswerError does not contain
// the answer, except for a choice that the challenge does not offer.
type AnswerError struct {
	Challenge Name

	// Message tells the user the fault of the answer, in English, without names of Go.
	Message string

	// Advice tells the programmer the function of this package to call. Advice is "" if
	// there is none.
	Advice string

	// Misfit says that the program has called the wrong function of this package, or
	// has given the zero Answer. Another answer of the user does not help.
	Misfit bool
}

// Error returns the challenge, the message and the advice.
func (e *AnswerError) Error() string {
	text := "challenge: " + quoteName(e.Challenge) + ": " + e.Message
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

// unusable returns the error of an answer that the user can correct.
func unusable(message string) *AnswerError { return &AnswerError{Message: message} }

// misfit returns the error of an answer of the wrong function.
func misfit(message, advice string) *AnswerError {
	return &AnswerError{Message: message, Advice: advice, Misfit: true}
}

type answerContent struct {
	kind   kind
	text   string            // the code, password, address, ...
	choice Name              // the chosen challenge
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

// Code answers SMS_MFA, SMS_OTP, EMAIL_OTP and SOFTWARE_TOKEN_MFA with the user's code. Code
// also answers MFA_SETUP, with the first code of a new authenticator app. White space in
// the code does not matter. An empty code is not usable.
func Code(code string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCode, text: code})}
}

// NewPassword answers NEW_PASSWORD_REQUIRED. The names of attributes have no prefix, such as
// "given_name". Give all [Challenge.RequiredAttributes] that the user does not have yet.
// You may give other attributes that the app client can write.
//
// If the user has an attribute with the same value ([Challenge.UserAttributes]), the
// request leaves the attribute out. Otherwise the service would refuse the answer.
func NewPassword(password string, attributes map[string]string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindNewPassword, text: password, values: maps.Clone(attributes)})}
}

// CurrentPassword answers SELECT_CHALLENGE with the choice of a password and the password
// itself. CurrentPassword also answers the challenges PASSWORD and PASSWORD_SRP.
//
// If by is PasswordSRP or "", the password is proved by SRP and is not sent. If the service
// accepts the password only in clear, such an answer is not usable. If by is Password, the
// password is sent to the service.
func CurrentPassword(by Name, password string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCurrentPassword, choice: by, text: password})}
}

// Choose answers SELECT_CHALLENGE, SELECT_MFA_TYPE, and MFA_SETUP with several choices. The
// choice is one of [Challenge.Choices]. To choose a password that was not given in the same
// call of package flow, use [CurrentPassword].
func Choose(choice Name) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindChoose, choice: choice})}
}

// Email answers MFA_SETUP with the user's e-mail address for codes.
func Email(address string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindEmail, text: address})}
}

// Continue answers MFA_SETUP if [Challenge].NoAnswerNeeded is true. The driver takes the next
// step by itself.
func Continue() Answer { return Answer{secret.NewBox(answerContent{kind: kindContinue})} }

// Custom answers CUSTOM_CHALLENGE. The pool's trigger VerifyAuthChallengeResponse judges the
// answer. An empty answer is possible.
func Custom(answer string) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCustom, text: answer})}
}

// Credential answers WEB_AUTHN with an AuthenticationResponseJSON (Web Authentication Level
// 3, section 5.1). PublicKeyCredential.toJSON in the browser returns this JSON, with binary
// values in base64url.
func Credential(json []byte) Answer {
	return Answer{secret.NewBox(answerContent{kind: kindCredential, text: string(json)})}
}

// Raw answers any challenge with the ChallengeResponses of RespondToAuthChallenge. Use Raw in
// handlers that compute ChallengeResponses, and for challenges that this package does not
// know. The driver adds USERNAME, SECRET_HASH and DEVICE_KEY.
func Raw(responses map[string]string) Answer {
	return raw(maps.Clone(responses))
}

// raw is Raw without a copy of the map.
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

// GoString returns the same as String, for %#v.
func (a Answer) GoString() string { return a.String() }
