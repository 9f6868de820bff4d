package challenge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
)

// challengeSpec is a row of the table: what the package knows of one challenge.
type challengeSpec struct {
	answerSpec
	traits traits
}

// answerSpec says how one challenge is answered.
type answerSpec struct {
	// takes has the encoder of each kind of answer. Every challenge takes Raw,
	// which is not listed.
	takes map[kind]encoder

	// needs names what a program lacks if its machine handlers cannot answer. A
	// challenge with needs is not put to a person.
	needs string

	// again lists the service's errors that leave the session as it was, so
	// that another answer can be given.
	again []string
}

// traits are the properties of a challenge by which the driver of package flow decides.
// The methods of [Name] in traits.go say what each of them means.
type traits struct {
	takesPassword, sendsPassword, setsPassword     bool
	opensSRP, provesSRP, provesDevice, omitsDevice bool
	sendsCode                                      bool
	takesChoice, choosesFirstFactor                bool
	setsUpFactor, repeats                          bool
}

// encoder makes the responses of an answer, or the error without the challenge's name.
type encoder func(c Challenge, g answerContent) (Responses, *AnswerError)

// table has every challenge of the service. A new challenge that a person answers
// is a row in the table and, unless an encoder fits, a file beside this one. A challenge without
// an encoder is answered by machine handlers or with Raw.
var table = map[Name]challengeSpec{
	SMSMFA:           {codeChallenge("SMS_MFA_CODE"), traits{sendsCode: true}},
	SMSOTP:           {codeChallenge("SMS_OTP_CODE"), traits{sendsCode: true}},
	EmailOTP:         {codeChallenge("EMAIL_OTP_CODE"), traits{sendsCode: true}},
	SoftwareTokenMFA: {codeChallenge("SOFTWARE_TOKEN_MFA_CODE", "ExpiredCodeException"), traits{}},

	SelectMFAType:       {selectMFAType, traits{takesChoice: true}},
	MFASetup:            {mfaSetup, traits{takesChoice: true, setsUpFactor: true}},
	NewPasswordRequired: {newPasswordRequired, traits{setsPassword: true}},
	CustomChallenge:     {customChallenge, traits{repeats: true}},
	SelectChallenge:     {selectChallenge, traits{takesChoice: true, choosesFirstFactor: true}},
	WebAuthn:            {webAuthn, traits{omitsDevice: true}},

	Password:         {password, traits{takesPassword: true, sendsPassword: true}},
	PasswordSRP:      {passwordSRP, traits{takesPassword: true, opensSRP: true}},
	PasswordVerifier: {passwordProof, traits{provesSRP: true}},

	DeviceSRPAuth:          {deviceProof, traits{opensSRP: true, provesDevice: true}},
	DevicePasswordVerifier: {deviceProof, traits{provesSRP: true, provesDevice: true}},

	// In the enum, and never seen on the wire: ADMIN_NO_SRP_AUTH is the old
	// name of a flow. Raw answers it, should it ever come.
	AdminNoSRPAuth: {},
}

// Names returns the names of all challenges that this package knows, sorted. A new
// release may know more.
func Names() []Name { return slices.Sorted(maps.Keys(table)) }

// Responses is an answer in the form that the driver of package flow sends. A
// program that uses the driver does not need it.
type Responses struct {
	params secret.Box[map[string]string]

	// Verify is the code for VerifySoftwareToken. The driver calls that operation
	// before it answers MFA_SETUP.
	Verify secret.String

	// Choice is what the user chose, "" if the answer is no choice. A choice in
	// answer to MFA_SETUP is not sent: the service has no parameter for it.
	Choice Name

	// Password is that of CurrentPassword. The driver sends the password if Choice
	// is PASSWORD, and proves it otherwise.
	Password secret.String

	// Repeatable says that the driver may give the same answer again if the
	// sign-in begins again. Choices and the current password are repeatable;
	// codes, signatures, custom answers and new passwords are not.
	Repeatable bool
}

// Params returns the ChallengeResponses (RespondToAuthChallenge) without USERNAME,
// SECRET_HASH and DEVICE_KEY, which the driver adds to every answer. Do not change the map.
func (r Responses) Params() map[string]string {
	if params := r.params.Open(); params != nil {
		return *params
	}
	return nil
}

// Responses returns a in the form that the driver sends in answer to c. It fails
// if a is the zero Answer, if c does not take this kind of answer, or if the
// answer lacks something. The error is an [*AnswerError].
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
		return Responses{}, misfit("there is no answer", "give "+c.takes())
	case g.kind == kindRaw:
		return Responses{params: secret.NewBox(g.values)}, nil
	}
	encode := table[c.Name].takes[g.kind]
	if encode == nil {
		return Responses{}, misfit("the challenge does not take this kind of answer", fmt.Sprintf("in place of challenge.%s give %s", g.kind, c.takes()))
	}
	return encode(c, *g)
}

// ForMachine reports whether c is for machine handlers alone. If ok is true, lacks
// names what a program has to set so that a handler can answer.
func (c Challenge) ForMachine() (lacks string, ok bool) {
	lacks = table[c.Name].needs
	return lacks, lacks != ""
}

// takes lists the functions that make an answer to c. Each challenge takes Raw, too,
// which is in the list if no other function is.
func (c Challenge) takes() string {
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

// CanAnswerAgain reports whether the service keeps the session and takes another
// answer to c after err, an error of the service. It goes by the name of the
// exception.
func (c Challenge) CanAnswerAgain(err error) bool {
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && slices.Contains(table[c.Name].again, coded.ErrorCode())
}

// text encodes an answer as one response.
func text(key, what string) encoder {
	return func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		if g.text == "" {
			return Responses{}, unusable("the " + what + " is empty")
		}
		return Responses{params: secret.NewBox(map[string]string{key: g.text})}, nil
	}
}

// choice encodes one of the challenge's choices as ANSWER.
func choice(c Challenge, g answerContent) (Responses, *AnswerError) {
	if flaw := checkOffered(c, g.choice); flaw != nil {
		return Responses{}, flaw
	}
	return Responses{params: secret.NewBox(map[string]string{"ANSWER": string(g.choice)}), Choice: g.choice, Repeatable: true}, nil
}

// checkOffered refuses a choice that the challenge does not have. A list that is
// missing or cannot be read refuses nothing: the service decides.
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
