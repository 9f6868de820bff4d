package kit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// Given has the means that a person can give beside AWS credentials. A zero value makes the kit skip
// the probes that need the value.
type Given struct {
	// RelyingParty is a domain for passkeys.
	RelyingParty string
	// Email is the address of a mailbox. Each user of a pool gets the address with another tag,
	// such as you+live2k7@example.com.
	Email string
	// Identity is the ARN of a verified address of Amazon SES, which the service needs to send
	// codes of EMAIL_OTP.
	Identity string
	// Phone is a number in E.164 form that receives SMS. SMSRole is the ARN of a role that lets
	// the service send SMS. ExternalID is the external ID in the trust policy of the role.
	Phone, SMSRole, ExternalID string
	// Triggers is the ARN of the Lambda function in live/triggers.
	Triggers string
	// Code asks for the code that the service has sent to an address or a number for a probe.
	Code func(ctx context.Context, probe, to string) (string, error)
	// Sure asks whether the last typed code was the code of the newest message. The kit calls
	// Sure after the service has refused a code.
	Sure func(ctx context.Context) (bool, error)
}

// Needs of probes beside AWS credentials.
const (
	Passkey = "needs -relying-party, a domain for passkeys"
	Mailbox = "needs -email, a mailbox"
	OTP     = "needs -email and -ses-identity, a mailbox and an address of Amazon SES"
	SMS     = "needs -phone and -sms-role, a phone and a role for SMS"
	Lambda  = "needs -triggers, the Lambda function in live/triggers"
	// Nobody can give these.
	passwordless = "not possible: no service asks for the proof of a device after a passkey or a code"
	unknown      = "not possible: no service poses PASSWORD and PASSWORD_SRP as challenges"
)

// Lacks returns the needs of a probe that the person has not given, or an empty string.
func (g *Given) Lacks(p Probe) string {
	given := map[string]bool{
		Passkey: g.RelyingParty != "",
		Mailbox: g.Email != "",
		OTP:     g.Email != "" && g.Identity != "",
		SMS:     g.Phone != "" && g.SMSRole != "",
		Lambda:  g.Triggers != "",
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(p.Needs), func(need string) bool { return given[need] }), "; ")
}

// AsksForCodes reports whether a person must read codes for a probe.
func (p Probe) AsksForCodes() bool {
	return slices.ContainsFunc(p.Needs, func(need string) bool { return need == Mailbox || need == OTP || need == SMS })
}

// address makes the address of a user.
func (g *Given) address(name string) string {
	local, domain, found := strings.Cut(g.Email, "@")
	if !found {
		return name + "@example.com" // the address gets no message
	}
	return local + "+" + name + "@" + domain
}

// Messages keeps the codes of a pool of package cognitotest, for tests and for the double. Set
// [cognitotest.PoolConfig].OnCode to Keep. Messages is safe for concurrent use.
type Messages struct {
	mu   sync.Mutex
	last map[string]string // the code by address
}

// Keep keeps the code of a message.
func (m *Messages) Keep(c cognitotest.Code) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil {
		m.last = map[string]string{}
	}
	m.last[c.Destination] = c.Code
}

var errNoMessage = errors.New("the pool has sent no code to the address")

// Code returns the newest code for an address or a phone number.
func (m *Messages) Code(_ context.Context, _, to string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	code, ok := m.last[to]
	if !ok {
		return "", errNoMessage
	}
	return code, nil
}

// Sure returns true, because nobody types the codes of Messages.
func Sure(context.Context) (bool, error) { return true, nil }

// delivered asks for a sent code, and tells the recorder the code. The kit makes wrong codes of the
// right one, which stays valid.
func (sc *Scene) delivered(ctx context.Context, to string, wrong, again bool) (string, error) {
	if !again {
		var err error
		if sc.sent, err = sc.Code(ctx, sc.name, to); err != nil {
			sc.fault = err
			return "", err
		}
	}
	sc.typed = !wrong
	placeholder, code := "code>", sc.sent
	if len(code) > 6 {
		placeholder = "long " + placeholder
	}
	if wrong {
		placeholder, code = "wrong "+placeholder, conversation.WrongCode(code)
	}
	sc.recorder.Code(code, "<"+placeholder)
	return code, nil
}
