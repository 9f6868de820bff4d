package flow_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// role is the part of a request in a sign-in. The role and the fault decide the outcome for the
// user.
type role int

const (
	ofMachine  role = iota // before any answer of a person, so that the sign-in can begin again
	ofPerson               // with a person's answer, or after one
	ofDevice               // with the proof of a remembered device
	ofSettling             // after the tokens are granted
	ofRefresh
	ofSignOut
)

// matrixStep is a request of a sign-in, and the chain that leads to the request.
type matrixStep struct {
	name    string
	request string // the operation, or the challenge of an answer, name if empty
	chain   string
	role    role
	change  func(*cognitotest.PoolConfig)
	session bool // the request has a session that can expire
	grace   int  // the grace period of rotation in seconds, -1 without rotation
}

const appSetUp = "USER_SRP_AUTH -> PASSWORD_VERIFIER -> AssociateSoftwareToken -> VerifySoftwareToken -> MFA_SETUP"

var matrixSteps = []matrixStep{
	{name: "InitiateAuth", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofMachine},
	{name: "PASSWORD_VERIFIER", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofMachine, session: true},
	{name: "SELECT_MFA_TYPE", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER -> SELECT_MFA_TYPE(EMAIL_OTP) -> EMAIL_OTP", role: ofPerson, session: true},
	{name: "SOFTWARE_TOKEN_MFA", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER -> SOFTWARE_TOKEN_MFA", role: ofPerson, session: true},
	{name: "SMS_MFA", chain: "USER_PASSWORD_AUTH -> SMS_MFA", role: ofPerson, session: true},
	{name: "NEW_PASSWORD_REQUIRED", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER -> NEW_PASSWORD_REQUIRED", role: ofPerson, session: true},
	{name: "CUSTOM_CHALLENGE", chain: "CUSTOM_AUTH -> CUSTOM_CHALLENGE", role: ofPerson, session: true},
	{name: "AssociateSoftwareToken", chain: appSetUp, role: ofMachine, session: true},
	{name: "VerifySoftwareToken", chain: appSetUp, role: ofPerson, session: true},
	{name: "MFA_SETUP", chain: appSetUp, role: ofPerson, session: true},
	{name: "DEVICE_SRP_AUTH", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER -> DEVICE_SRP_AUTH -> DEVICE_PASSWORD_VERIFIER", role: ofDevice, session: true},
	{name: "DEVICE_PASSWORD_VERIFIER", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER -> DEVICE_SRP_AUTH -> DEVICE_PASSWORD_VERIFIER", role: ofDevice, session: true},
	{name: "ConfirmDevice", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofSettling, change: tracksDevices},
	{name: "Refresh", request: "GetTokensFromRefreshToken", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofRefresh, grace: -1},
	{name: "Refresh, rotation with grace", request: "GetTokensFromRefreshToken", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofRefresh, change: rotates(60), grace: 60},
	{name: "Refresh, rotation", request: "GetTokensFromRefreshToken", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofRefresh, change: rotates(0)},
	{name: "RevokeToken", chain: "USER_SRP_AUTH -> PASSWORD_VERIFIER", role: ofSignOut},
}

func tracksDevices(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
}

func rotates(grace int) func(*cognitotest.PoolConfig) {
	return func(c *cognitotest.PoolConfig) {
		for i := range c.Clients {
			c.Clients[i].RefreshTokenRotation, c.Clients[i].RetryGraceSeconds = "ENABLED", grace
		}
	}
}

func (s matrixStep) onWire() string {
	if s.request != "" {
		return s.request
	}
	return s.name
}

// outcome is the result of a call with a fault.
type outcome struct {
	tokens      bool      // the call returned tokens
	code        flow.Code // of the call's error
	prompt      string    // the prompt of the error is "live" or "dead", "" for none
	deviceError bool      // Device.Err of the tokens is set
	lost        bool      // the service refuses the refresh token afterwards
}

func (o outcome) String() string {
	text := "done"
	switch {
	case o.tokens:
		text = "tokens"
	case o.code != "":
		text = string(o.code)
	}
	if o.deviceError {
		text += " + DeviceError"
	}
	if o.prompt != "" {
		text += " + " + o.prompt + " prompt"
	}
	if o.lost {
		text += ", refresh token lost"
	}
	return text
}

// expected returns the outcome of a fault at a step by rules.
func expected(s matrixStep, f wireFault) outcome {
	ok, failed := outcome{tokens: s.role != ofSignOut}, outcome{code: f.code}
	if f.effect == harmless || f.effect == expiry && !s.session || f.effect == forgetting && s.role != ofDevice {
		return ok
	}
	refused := f.effect == refusal || f.effect == expiry
	// The SDK client repeats a request that the service did not process. If the request uses up
	// nothing, the client also repeats it after a lost reply. The client does not repeat a
	// request after a broken reply.
	spends := s.session && s.name != "PASSWORD_VERIFIER"
	if !f.always && (f.effect == notProcessed || f.effect == loss && s.role != ofMachine && !s.session) {
		if s.role == ofRefresh && s.grace == 0 && f.acts {
			return outcome{code: flow.TokenReused, lost: true}
		}
		return ok
	}
	switch s.role {
	case ofMachine:
		switch {
		case refused && s.name == "AssociateSoftwareToken":
			return outcome{code: cmp.Or(f.codeAtAnswer, f.code)}
		case refused:
			return failed
		case !f.always && (f.effect == loss || f.effect == broken):
			return ok // the sign-in begins again
		case s.name == "AssociateSoftwareToken":
			failed.prompt = liveUnless(f.acts && spends)
		}
		return failed
	case ofPerson:
		if refused {
			return outcome{code: cmp.Or(f.codeAtAnswer, f.code)}
		}
		failed.prompt = liveUnless(f.acts)
		return failed
	case ofDevice:
		switch {
		case f.effect == cancellation:
			return failed
		case f.always || f.name == "not found" || f.effect == forgetting:
			return outcome{tokens: true, deviceError: true}
		}
		return ok // the second proof of the device succeeds
	case ofSettling:
		if f.name == "empty reply" || f.effect == cancellation {
			return ok // an empty reply is the usual one, and ConfirmDevice goes on after its caller
		}
		return outcome{tokens: true, deviceError: true}
	case ofRefresh:
		if refused {
			return outcome{code: cmp.Or(f.codeAtRefresh, f.code)}
		}
		failed.lost = f.acts && s.grace == 0
		return failed
	}
	if f.name == "empty reply" {
		return ok // the usual reply to RevokeToken
	}
	if refused {
		return outcome{code: cmp.Or(f.codeAtRefresh, f.code)}
	}
	return failed
}

func liveUnless(dead bool) string {
	if dead {
		return "dead"
	}
	return "live"
}

// TestFaultMatrix makes each fault happen at each step, with a handler and step by step. The
// outcome must be that of the rules of expected. If an error has a prompt, the test answers the
// prompt. The test logs the table of outcomes.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	cells, all := 0, byname.Asked(t)
	for i, step := range matrixSteps {
		rows := map[string][]string{}
		for j, fault := range wireFaults {
			cells++
			want := expected(step, fault)
			rows[want.String()] = append(rows[want.String()], fault.name)
			for m, mode := range []string{"handler", "step by step"} {
				if mode != "handler" && (step.role >= ofRefresh || byname.RaceDetector) {
					continue
				}
				if !all && !byname.RaceDetector && step.role < ofRefresh && (i+j)%8 != 4*m {
					continue // an eighth of the combinations still has each step and each fault in both modes
				}
				t.Run(step.name+"/"+fault.name+"/"+mode, func(t *testing.T) {
					t.Parallel()
					if got := newCell(t, step, fault, mode == "handler").run(); got != want {
						t.Errorf("got  %v\nwant %v", got, want)
					}
				})
			}
		}
		var table strings.Builder
		for _, row := range slices.Sorted(maps.Keys(rows)) {
			fmt.Fprintf(&table, "\n    %-42s %s", row, strings.Join(rows[row], ", "))
		}
		t.Logf("%s%s", step.name, table.String())
	}
	t.Logf("%d steps times %d faults: %d cells", len(matrixSteps), len(wireFaults), cells)
}

type cell struct {
	*chainRun
	step      matrixStep
	fault     wireFault
	wire      *wire
	oneCall   bool // SignIn with a handler, and not step by step
	flow      flow.AuthFlow
	recordKey string // the key of the device in the wallet before the sign-in
}

func newCell(t *testing.T, step matrixStep, fault wireFault, oneCall bool) *cell {
	c := &cell{step: step, fault: fault, oneCall: oneCall}
	c.chainRun, c.flow = newChain(t, step.chain, "secret", func(config *cognitotest.PoolConfig) {
		if step.change != nil {
			step.change(config)
		}
	})
	if step.role == ofSettling {
		c.devices = &device.Memory{}
	}
	c.recordKey = c.deviceOnRecord()
	c.wire = &wire{T: t, pool: c.pool, request: step.onWire(), fault: fault, deviceKey: c.recordKey, got: map[string]int{}}
	c.more = func(o *flow.Options) {
		o.Now = func() time.Time { return c.clock.Now().Add(fault.clock) }
		o.APIOptions = append(o.APIOptions, func(o *cip.Options) {
			c.wire.next = o.HTTPClient
			o.HTTPClient = c.wire
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
		})
	}
	return c
}

func (c *cell) wallet() device.Wallet {
	return device.Browser(c.devices, c.id).Wallet(c.pool.ID(), "secret")
}

func (c *cell) deviceOnRecord() string {
	if c.devices == nil {
		return ""
	}
	kept, err := c.wallet().Find(c.Context(), username)
	if err != nil && !errors.Is(err, device.ErrNotFound) {
		c.Fatal(err)
	}
	return kept.Key
}

func (c *cell) run() outcome {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	c.wire.cancel = cancel
	if c.step.role >= ofRefresh {
		return c.runWithTokens(ctx)
	}
	c.wire.armed = true
	tokens, err := c.signIn(ctx)
	c.wire.armed = false
	got := c.outcomeOf(tokens, err)
	c.checkInvariants(tokens, err)
	var e *flow.Error
	if errors.As(err, &e) && e.Prompt != nil {
		got.prompt = c.tryPrompt(e)
	}
	return got
}

func (c *cell) signIn(ctx context.Context) (*flow.Tokens, error) {
	if c.oneCall {
		return c.driver().SignIn(ctx, c.flow, challenge.HandlerFunc(c.answer), c.here)
	}
	step, err := c.driver().Start(ctx, c.flow, c.here)
	return c.resumeWith(ctx, step, err)
}

func (c *cell) resumeWith(ctx context.Context, step flow.Step, err error) (*flow.Tokens, error) {
	for err == nil && step.Tokens == nil {
		prompt := reread(c, step.Prompt)
		var a challenge.Answer
		if a, err = c.answerOrContinue(ctx, prompt.Challenge()); err != nil {
			return nil, err
		}
		step, err = c.driver().Respond(ctx, prompt, a, c.here)
	}
	return step.Tokens, err
}

func (c *cell) answerOrContinue(ctx context.Context, asked challenge.Challenge) (challenge.Answer, error) {
	if asked.NoAnswerNeeded {
		return challenge.Continue(), nil
	}
	return c.answer(ctx, asked)
}

func (c *cell) outcomeOf(tokens *flow.Tokens, err error) outcome {
	var e *flow.Error
	switch {
	case err == nil && tokens != nil:
		return outcome{tokens: true, deviceError: tokens.Device.Err != nil}
	case err == nil:
		return outcome{}
	case !errors.As(err, &e):
		c.Errorf("the error is no flow.Error: %v", err)
		return outcome{}
	}
	return outcome{code: e.Code()}
}

// tryPrompt answers the prompt of an error, and returns "live" if the sign-in then succeeds, or
// else "dead".
func (c *cell) tryPrompt(e *flow.Error) string {
	if c.last.Name != "" {
		c.left = append([]chains.Step{c.last}, c.left...)
	}
	last := c.wire.lastSession
	mark := len(c.wire.sessions)
	_, err := c.resumeWith(c.Context(), flow.Step{Prompt: e.Prompt}, nil)
	if len(c.wire.sessions) == mark {
		c.Errorf("the answer to the prompt was not sent: %v", err)
	} else if sent := c.wire.sessions[mark]; sent != last {
		c.Errorf("the prompt has the session %q, want the last one that the service sent", sent)
	}
	if err == nil {
		return "live"
	}
	if !strings.Contains(e.Error(), "the service may have acted") {
		c.Errorf("the prompt is dead (%v), and the error does not warn of that: %v", err, e)
	}
	return "dead"
}

// runWithTokens signs in without a fault. Then runWithTokens makes the fault happen at a refresh
// or a sign-out.
func (c *cell) runWithTokens(ctx context.Context) outcome {
	tokens := c.byHandler(c.flow)
	c.wire.armed = true
	if c.step.role == ofSignOut {
		err := c.driver().SignOut(ctx, tokens)
		return c.outcomeOf(nil, err)
	}
	fresh, err := c.driver().Refresh(ctx, tokens, c.here)
	c.wire.armed = false
	got := c.outcomeOf(fresh, err)
	if err != nil {
		fresh = tokens // the caller still has these
	}
	if _, err := c.driver().Refresh(c.Context(), fresh, c.here); err != nil {
		got.lost = true
	}
	return got
}

// checkInvariants checks the rules that hold for each step and each fault.
func (c *cell) checkInvariants(tokens *flow.Tokens, err error) {
	w := c.wire
	if n := len(w.sessions); n > 30 {
		c.Errorf("%d requests", n)
	}
	if w.got["PASSWORD_VERIFIER"] > w.got["InitiateAuth"] {
		c.Errorf("more proofs of the password than starts: %v", w.got)
	}
	if w.granted && tokens == nil {
		c.Errorf("the driver got tokens and returned %v", err)
	}
	if c.recordKey != "" && err != nil && c.deviceOnRecord() != c.recordKey {
		c.Errorf("the device record is gone, and the sign-in failed: %v", err)
	}
	if c.step.role == ofPerson && w.got[w.request] > 1 {
		c.Errorf("the service got the answer of a person %d times", w.got[w.request])
	}
}
