package challenge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
)

// answerSpec describes the answers to one challenge.
type answerSpec struct {
	// takes has the encoder of each kind of answer. Every challenge takes Raw too.
	takes map[kind]encoder

	// needs names the missing part of the program if no machine handler can answer. A
	// challenge with needs does not become a prompt.
	needs string

	// again lists the service's errors after which the service keeps the session and
	// accepts another answer.
	again []string
}

// encoder makes the responses of an answer, or the error without the challenge's name.
type encoder func(c Challenge, g answerContent) (Responses, *AnswerError)

// table has every challenge of the service. If a person answers a new challenge, add a row
// and, if necessary, an encoder in a new file. A challenge without an encoder takes only
// Raw, for example of a machine handler.
var table = map[Name]answerSpec{
	SMSMFA:           codeChallenge("SMS_MFA_CODE"),
	SMSOTP:           codeChallenge("SMS_OTP_CODE"),
	EmailOTP:         codeChallenge("EMAIL_OTP_CODE"),
	SoftwareTokenMFA: codeChallenge("SOFTWARE_TOKEN_MFA_CODE", "ExpiredCodeException"),

	SelectMFAType:       selectMFAType,
	MFASetup:            mfaSetup,
	NewPasswordRequired: newPasswordRequired,
	CustomChallenge:     customChallenge,
	SelectChallenge:     selectChallenge,
	WebAuthn:            webAuthn,

	Password:         password,
	PasswordSRP:      passwordSRP,
	PasswordVerifier: passwordProof,

	DeviceSRPAuth:          deviceProof,
	DevicePasswordVerifier: deviceProof,

	// ADMIN_NO_SRP_AUTH is the former name of an auth flow. The API model lists it as a
	// challenge, but no recording has it.
	AdminNoSRPAuth: {},
}

// Names returns the names of all challenges that this package knows, sorted. A later release
// may know more.
func Names() []Name { return slices.Sorted(maps.Keys(table)) }

// Responses is an answer in the form that the driver of package flow sends. A program that
// uses the driver does not need Responses.
type Responses struct {
	params secret.Box[map[string]string]

	// Verify is the code for VerifySoftwareToken. The driver calls that operation
	// before it answers MFA_SETUP.
	Verify secret.String

	// Choice is the choice of the user, and "" if the answer is not a choice. A choice
	// for MFA_SETUP is not sent, because the service has no parameter for it.
	Choice Name

	// Password is the password of CurrentPassword. If Choice is PASSWORD, the driver
	// sends the password. Otherwise the driver proves the password.
	Password secret.String

	// Repeatable says that the driver may give the same answer again if the sign-in
	// starts again. Choices and the current password are repeatable. Codes, signatures,
	// custom answers and new passwords are not repeatable.
	Repeatable bool
}

// Params returns the ChallengeResponses (RespondToAuthChallenge) without USERNAME,
// SECRET_HASH and DEVICE_KEY. The driver adds these three. Do not change the map.
func (r Responses) Params() map[string]string {
	if params := r.params.Open(); params != nil {
		return *params
	}
	return nil
}

// Responses returns the answer a in the form that the driver sends. If a is the zero Answer,
// does not fit c or is incomplete, the error is an [*AnswerError].
func (c Challenge) Responses(a Answer) (Responses, error) {
	responses, flaw := c.encode(a.content.Open())
	if flaw != nil {
		flaw.Challenge = c.Name
		return Responses{}, flaw
	}
	return responses, nil
}

func (c Challenge) encode(g *answerContent) (Responses, *AnswerError) {
	switch {
	case g == nil:
		return Responses{}, misfit("there is no answer", "give "+c.Takes())
	case g.kind == kindRaw:
		return Responses{params: secret.NewBox(g.values)}, nil
	}
	encode := table[c.Name].takes[g.kind]
	if encode == nil {
		return Responses{}, misfit("the challenge does not take this kind of answer", fmt.Sprintf("in place of challenge.%s give %s", g.kind, c.Takes()))
	}
	return encode(c, *g)
}

// ForMachine reports whether only machine handlers answer c. If ok is true, lacks tells the
// programmer the input that the handlers need.
func (c Challenge) ForMachine() (lacks string, ok bool) {
	lacks = table[c.Name].needs
	return lacks, lacks != ""
}

// Takes lists the functions that make an answer to c, for programmers, such as
// "challenge.Choose or challenge.CurrentPassword". Raw is in the list only if no other function
// is, although each challenge takes Raw.
func (c Challenge) Takes() string {
	kinds := slices.Sorted(maps.Keys(table[c.Name].takes))
	if len(kinds) == 0 {
		kinds = []kind{kindRaw}
	}
	var names []string
	for _, k := range kinds {
		names = append(names, "challenge."+string(k))
	}
	return strings.Join(names, " or ")
}

// CanAnswerAgain reports whether the service keeps the session and accepts another answer to
// c after err. CanAnswerAgain compares the name of the service's exception in err.
func (c Challenge) CanAnswerAgain(err error) bool {
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && slices.Contains(table[c.Name].again, coded.ErrorCode())
}

// text encodes an answer as the one response key.
func text(key, what string) encoder {
	return func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the " + what + " is empty")
		}
		return Responses{params: secret.NewBox(map[string]string{key: g.text})}, nil
	}
}

// choice encodes a choice as ANSWER.
func choice(c Challenge, g answerContent) (Responses, *AnswerError) {
	if flaw := checkOffered(c, g.choice); flaw != nil {
		return Responses{}, flaw
	}
	return Responses{params: secret.NewBox(map[string]string{"ANSWER": string(g.choice)}), Choice: g.choice, Repeatable: true}, nil
}

// checkOffered refuses a choice that the challenge does not offer. If the list of choices is
// missing or cannot be read, the service decides.
func checkOffered(c Challenge, name Name) *AnswerError {
	if name == "" {
		return unusable("the choice is empty")
	}
	choices, err := c.Choices()
	if err == nil && len(choices) > 0 && !slices.Contains(choices, name) {
		return unusable(fmt.Sprintf("%s is not among the choices %s", quote(string(name)), quoteList(choices)))
	}
	return nil
}
