package challenge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
)

// row says how one challenge is answered.
type row struct {
	// takes has, per kind of answer, the function that makes the responses of
	// it. Raw is taken everywhere and not listed.
	takes map[kind]encoder

	// needs says what a program lacks whose machine handlers cannot answer. A
	// challenge that has it is not for a person.
	needs string

	// again lists the service's errors that leave the session as it was, so
	// that another answer can be given.
	again []string
}

// encoder makes the responses of an answer, or an error that says what is wrong
// with the answer and does not repeat it.
type encoder func(c Challenge, g given) (Responses, error)

// table is every challenge of the service. A challenge that is new is a row
// here and a file beside it. Rows without an encoder are answered by machine
// handlers, or with Raw.
var table = map[Name]row{
	SMSMFA:           codeRow("SMS_MFA_CODE"),
	SMSOTP:           codeRow("SMS_OTP_CODE"),
	EmailOTP:         codeRow("EMAIL_OTP_CODE"),
	SoftwareTokenMFA: codeRow("SOFTWARE_TOKEN_MFA_CODE", "ExpiredCodeException"),

	SelectMFAType:       selectMFAType,
	MFASetup:            mfaSetup,
	NewPasswordRequired: newPasswordRequired,
	CustomChallenge:     customChallenge,
	SelectChallenge:     selectChallenge,
	WebAuthn:            webAuthn,

	Password:         password,
	PasswordSRP:      passwordSRP,
	PasswordVerifier: {needs: "the password in the same call: give UserSRPAuth, CustomAuth or UserAuth the Password"},

	DeviceSRPAuth:          deviceProof,
	DevicePasswordVerifier: deviceProof,

	// In the enum, and never seen on the wire: ADMIN_NO_SRP_AUTH is the old
	// name of a flow. Raw answers it, should it ever come.
	AdminNoSRPAuth: {},
}

// Responses is an answer as the driver sends it.
type Responses struct {
	params secret.Box[map[string]string]

	// Verify is the code for VerifySoftwareToken, which the driver calls before
	// it answers MFA_SETUP.
	Verify secret.String

	// Choice is what the user chose. To MFA_SETUP it is not sent: the service
	// does not ask for it.
	Choice Name

	// Password is the password of CurrentPassword, which the driver proves, or
	// sends if Choice is PASSWORD.
	Password secret.String

	// Repeatable says that the same answer is right in a sign-in that begins
	// again. Codes, signatures and new passwords are not.
	Repeatable bool
}

// Params returns the ChallengeResponses without those that are the same for every
// answer: USERNAME, SECRET_HASH and DEVICE_KEY. The map must not be changed.
func (r Responses) Params() map[string]string {
	if params := r.params.Open(); params != nil {
		return *params
	}
	return nil
}

// Responses returns a as an answer to c. An answer that c does not take, or that
// lacks something, is an error that says what is missing and does not contain
// the answer.
func (c Challenge) Responses(a Answer) (Responses, error) {
	g := a.given.Open()
	if g == nil {
		return Responses{}, fmt.Errorf("challenge: no answer to %s; give %s", quoteName(c.Name), c.takes())
	}
	if g.kind == kindRaw {
		return Responses{params: secret.NewBox(g.values)}, nil
	}
	encode := table[c.Name].takes[g.kind]
	if encode == nil {
		return Responses{}, fmt.Errorf("challenge: %s does not take %s; give %s", quoteName(c.Name), g.kind, c.takes())
	}
	responses, err := encode(c, *g)
	if err != nil {
		return Responses{}, fmt.Errorf("challenge: %s: %w", quoteName(c.Name), err)
	}
	return responses, nil
}

// ForMachine reports whether no person can answer c, and what a program whose
// handlers cannot answer it lacks.
func (c Challenge) ForMachine() (lacks string, ok bool) {
	lacks = table[c.Name].needs
	return lacks, lacks != ""
}

// takes lists the functions that make an answer to c.
func (c Challenge) takes() string {
	names := []string{string(kindRaw)}
	for k := range table[c.Name].takes {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return strings.Join(names, " or ")
}

// CanAnswerAgain reports whether c can be answered again after err, an error
// of the service: whether the service keeps the session.
func (c Challenge) CanAnswerAgain(err error) bool {
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && slices.Contains(table[c.Name].again, coded.ErrorCode())
}

// text encodes an answer as one response.
func text(key, what string) encoder {
	return func(_ Challenge, g given) (Responses, error) {
		if g.text == "" {
			return Responses{}, fmt.Errorf("the %s is empty", what)
		}
		return Responses{params: secret.NewBox(map[string]string{key: g.text})}, nil
	}
}

// choice encodes one of the challenge's choices as ANSWER.
func choice(c Challenge, g given) (Responses, error) {
	if err := checkOffered(c, g.choice); err != nil {
		return Responses{}, err
	}
	return Responses{params: secret.NewBox(map[string]string{"ANSWER": string(g.choice)}), Choice: g.choice, Repeatable: true}, nil
}

// checkOffered refuses a choice that the challenge does not have. A list that is
// missing or cannot be read refuses nothing: the service decides.
func checkOffered(c Challenge, name Name) error {
	if name == "" {
		return errors.New("the choice is empty")
	}
	choices, err := c.Choices()
	if err == nil && len(choices) > 0 && !slices.Contains(choices, name) {
		return fmt.Errorf("%s is not among the choices %s", quote(string(name)), quoteList(choices))
	}
	return nil
}
