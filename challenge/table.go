package challenge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// row says how one challenge is answered.
type row struct {
	// takes has, per kind of answer, the function that makes the
	// ChallengeResponses of it. Raw is taken everywhere and not listed.
	takes map[kind]encoder

	// again lists the service's errors that leave the session as it was, so
	// that another answer can be given.
	again []string
}

// encoder makes ChallengeResponses from an answer, or an error that says what
// is wrong with the answer and does not repeat it.
type encoder func(c Challenge, g given) (map[string]string, error)

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
	PasswordVerifier: {},

	DeviceSRPAuth:          {},
	DevicePasswordVerifier: {},

	// In the enum, and never seen on the wire: ADMIN_NO_SRP_AUTH is the old
	// name of a flow. Raw answers it, should it ever come.
	AdminNoSRPAuth: {},
}

// Responses returns the ChallengeResponses that carry a as an answer to c.
// It leaves out what is the same for every answer: USERNAME, SECRET_HASH and
// DEVICE_KEY. An answer that c does not take, or that lacks something, is an
// error that says what is missing and never the answer itself.
func (c Challenge) Responses(a Answer) (map[string]string, error) {
	g := a.given.Open()
	if g == nil {
		return nil, fmt.Errorf("challenge: no answer to %s; give %s", c.Name, c.takes())
	}
	if g.kind == kindRaw {
		return maps.Clone(g.values), nil
	}
	encode := table[c.Name].takes[g.kind]
	if encode == nil {
		return nil, fmt.Errorf("challenge: %s does not take %s; give %s", c.Name, g.kind, c.takes())
	}
	responses, err := encode(c, *g)
	if err != nil {
		return nil, fmt.Errorf("challenge: %s: %w", c.Name, err)
	}
	return responses, nil
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
	return func(_ Challenge, g given) (map[string]string, error) {
		if g.text == "" {
			return nil, fmt.Errorf("the %s is empty", what)
		}
		return map[string]string{key: g.text}, nil
	}
}

// choice encodes one of the challenge's choices as ANSWER.
func choice(c Challenge, g given) (map[string]string, error) {
	if err := offered(c, g.choice); err != nil {
		return nil, err
	}
	return map[string]string{"ANSWER": string(g.choice)}, nil
}

// offered refuses a choice that the challenge does not have. A list that is
// missing or cannot be read refuses nothing: the service decides.
func offered(c Challenge, name Name) error {
	if name == "" {
		return errors.New("the choice is empty")
	}
	choices, err := c.Choices()
	if err == nil && len(choices) > 0 && !slices.Contains(choices, name) {
		return fmt.Errorf("%q is not among the choices %q", name, choices)
	}
	return nil
}
