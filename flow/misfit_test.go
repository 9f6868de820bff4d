package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

// A handler that gives the wrong kind of answer is asked once, because the handler would give that
// kind again. The error names the challenge and the handler. The prompt can be answered with the
// right kind.
func TestHandlerOfTheWrongKind(t *testing.T) {
	for name, answer := range map[string]challenge.Answer{"another kind": challenge.Custom("x"), "the zero Answer": {}} {
		asked := 0
		wrong := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			asked++
			return answer, nil
		})
		inOptions := func(o *flow.Options) { o.Handlers = challenge.Mux{challenge.SoftwareTokenMFA: wrong} }
		for caller, test := range map[string]struct {
			handler string
			signIn  func(d *flow.Driver) error
		}{
			"SignIn": {"the handler given to SignIn", func(d *flow.Driver) error { _, err := d.SignIn(t.Context(), srpAuth("ada"), wrong); return err }},
			"SignIn, Options.Handlers": {"Options.Handlers", func(d *flow.Driver) error {
				_, err := d.SignIn(t.Context(), srpAuth("ada"), wrong, inOptions)
				return err
			}},
			"Start, Options.Handlers": {"Options.Handlers", func(d *flow.Driver) error { _, err := d.Start(t.Context(), srpAuth("ada"), inOptions); return err }},
		} {
			pool := newCodePool(t)
			d := newDriver(t, pool, "public")
			asked = 0
			e := flowError(t, test.signIn(d))
			if e.Code() != flow.AnswerNotUsable || e.Remedy() != flow.AnswerPrompt || e.Challenge != challenge.SoftwareTokenMFA {
				t.Errorf("%s, %s: got %v with the remedy %q", name, caller, e, e.Remedy())
			}
			for _, want := range []string{"SOFTWARE_TOKEN_MFA", "challenge.Code", test.handler} {
				if !strings.Contains(e.Error(), want) {
					t.Errorf("%s, %s: %q does not say %q", name, caller, e, want)
				}
			}
			if asked != 1 {
				t.Errorf("%s, %s: the handler was asked %d times, want once", name, caller, asked)
			}
			step, err := d.Respond(t.Context(), e.Prompt, challenge.Code(pool.TOTP("ada")))
			if err != nil || step.Tokens == nil {
				t.Errorf("%s, %s: the right answer after that: %v", name, caller, err)
			}
		}
	}
}

// If the handler of a machine's challenge gives the wrong kind, the error has no prompt, because no
// person can answer.
func TestMachineHandlerOfTheWrongKind(t *testing.T) {
	verifier := fakeReply{challenge: challenge.PasswordVerifier, params: map[string]string{"USER_ID_FOR_SRP": username}}
	api := &fakeAPI{replies: []fakeReply{verifier}}
	asked := 0
	wrong := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		asked++
		return challenge.Code("123456"), nil
	})
	_, err := api.driver(t).Start(t.Context(), srpAuth(username), func(o *flow.Options) {
		o.Handlers = challenge.Mux{challenge.PasswordVerifier: wrong}
	})
	e := flowError(t, err)
	if e.Code() != flow.AnswerNotUsable || e.Remedy() != "" || e.Prompt != nil || asked != 1 || len(api.sent) != 1 {
		t.Errorf("got %v with the remedy %q after %d calls of the handler and %d requests", e, e.Remedy(), asked, len(api.sent))
	}
}

// A caller of Respond who gives the wrong kind again and again reaches the limit.
func TestWrongKindsReachTheLimit(t *testing.T) {
	_, d, p := atTheCode(t)
	for n := range 10 {
		_, err := d.Respond(t.Context(), p, challenge.Custom("x"))
		e := flowError(t, err)
		if last := n == 9; last != errors.Is(err, flow.LimitReached) || last != (e.Prompt == nil) {
			t.Fatalf("answer %d: got %v", n+1, err)
		}
		p = e.Prompt
	}
}
