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

// Given is what the user of the kit can give beside AWS credentials. Each zero value leaves
// out the probes that need it.
type Given struct {
	// RelyingParty is a domain for passkeys.
	RelyingParty string
	// Email is an address whose mailbox the user reads. Each user of a pool has the address
	// with a tag of its own, such as you+live2k7@example.com.
	Email string
	// Identity is the ARN of a verified address of Amazon SES, which the service needs to send
	// codes of EMAIL_OTP.
	Identity string
	// Phone is a number in E.164 form that receives SMS. SMSRole is the ARN of a role that lets
	// the service send them, ExternalID what the trust policy of the role asks for.
	Phone, SMSRole, ExternalID string
	// Triggers is the ARN of the Lambda function in live/triggers.
	Triggers string
	// Code asks for the code that was sent to an address or a phone number for a probe.
	Code func(ctx context.Context, probe, to string) (string, error)
	// Sure asks whether the code that was typed last is that of the newest message: the service
	// has refused it.
	Sure func(ctx context.Context) (bool, error)
}

// What a probe can need beside AWS credentials.
const (
	Passkey = "needs -relying-party, a domain for passkeys"
	Mailbox = "needs -email, a mailbox"
	OTP     = "needs -email and -ses-identity, a mailbox and an address of Amazon SES"
	SMS     = "needs -phone and -sms-role, a phone and a role for SMS"
	Lambda  = "needs -triggers, the Lambda function in live/triggers"
	// Nobody gives these.
	passwordless = "not possible: no service asks a device to prove itself after a passkey or a code"
	unknown      = "not possible: no service poses PASSWORD and PASSWORD_SRP as challenges"
)

// Lacks says what a probe needs that was not given, "" for nothing.
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

// AsksForCodes says whether somebody has to read codes for a probe.
func (p Probe) AsksForCodes() bool {
	return slices.ContainsFunc(p.Needs, func(need string) bool { return need == Mailbox || need == OTP || need == SMS })
}

// address makes the address of a user.
func (g *Given) address(name string) string {
	local, domain, found := strings.Cut(g.Email, "@")
	if !found {
		return name + "@example.com" // which gets no message
	}
	return local + "+" + name + "@" + domain
}

// Messages are the messages that a pool of package cognitotest has sent, for tests and for the
// double: [cognitotest.PoolConfig].OnCode gives them to Keep. It is safe for concurrent use.
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

var errNoMessage = errors.New("no code was sent there")

// Code returns the code that was last sent to an address or a phone number.
func (m *Messages) Code(_ context.Context, _, to string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	code, ok := m.last[to]
	if !ok {
		return "", errNoMessage
	}
	return code, nil
}

// Sure is for those whose codes nobody types.
func Sure(context.Context) (bool, error) { return true, nil }

// delivered asks for a code that was sent, and has the recorder know it. Wrong codes are made of
// the right one, which stays valid.
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
