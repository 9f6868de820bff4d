package flow_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// If a request fails after a right code, the user is not asked again. The service would refuse
// the same code as used.
func TestSetUpGoesOnAfterTheCode(t *testing.T) {
	for name, keep := range keeping {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, setsUpAnApp, ada)
			d := newDriver(t, pool, "public")
			step, err := d.Start(t.Context(), srpAuth("ada"))
			if err != nil {
				t.Fatal(err)
			}
			if step.Prompt.Challenge().NoAnswerNeeded {
				t.Error("no answer is needed before the code")
			}
			pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: "TooManyRequestsException", Times: 2})
			p, answer := step.Prompt, appCode(t, step.Prompt.Challenge())
			for range 2 { // both requests are throttled
				_, err = d.Respond(t.Context(), keep(t, p), answer)
				e := flowError(t, err)
				if e.Code() != flow.Throttled || e.Remedy() != flow.TryLater || e.Prompt == nil {
					t.Fatalf("got %v", err)
				}
				p, answer = keep(t, e.Prompt), challenge.Continue()
				if c := p.Challenge(); !c.NoAnswerNeeded || c.Name != challenge.MFASetup {
					t.Errorf("the prompt asks %+v", c)
				}
			}
			if step, err = d.Respond(t.Context(), p, answer); err != nil || step.Tokens == nil {
				t.Fatal(err)
			}
			if n := len(calls(pool, "VerifySoftwareToken")); n != 1 {
				t.Errorf("%d codes were verified", n)
			}
		})
	}
}

// If the request for the app's secret fails, the user is not asked for a code. The answer
// Continue gets the secret.
func TestSetUpGoesOnBeforeTheSecret(t *testing.T) {
	for name, keep := range keeping {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, setsUpAnApp, ada)
			d := newDriver(t, pool, "public")
			pool.Fail(cognitotest.Fault{Operation: "AssociateSoftwareToken", Error: "TooManyRequestsException"})
			_, err := d.Start(t.Context(), srpAuth("ada"))
			p := flowError(t, err).Prompt
			if p == nil || !p.Challenge().NoAnswerNeeded || !p.Challenge().TOTPSecret.IsZero() {
				t.Fatalf("got %v with prompt %v", err, p)
			}
			step, err := d.Respond(t.Context(), keep(t, p), challenge.Continue())
			if err != nil {
				t.Fatal(err)
			}
			p = keep(t, step.Prompt)
			if step, err = d.Respond(t.Context(), p, appCode(t, p.Challenge())); err != nil || step.Tokens == nil {
				t.Error(err)
			}
		})
	}
}

// If a challenge needs an answer of a person, Continue is not usable.
func TestContinueAnswersNothing(t *testing.T) {
	for _, c := range []challenge.Name{challenge.SMSMFA, challenge.MFASetup, challenge.CustomChallenge} {
		api := &fakeAPI{replies: []fakeReply{{challenge: c}, {tokens: true}}}
		d := api.driver(t)
		step, err := d.Start(t.Context(), srpAuth(username))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Respond(t.Context(), step.Prompt, challenge.Continue()); !errors.Is(err, flow.AnswerNotUsable) {
			t.Errorf("%s: got %v", c, err)
		}
	}
}

// The prompt keeps the choice between methods, because the service does not get the choice.
func TestChosenSetUpIsKept(t *testing.T) {
	for name, keep := range keeping {
		t.Run(name, func(t *testing.T) {
			pool := newPool(t, func(c *cognitotest.PoolConfig) { c.MFA = "ON" }, cognitotest.UserConfig{Name: "ada", Password: password})
			d := newDriver(t, pool, "public")
			step, err := d.Start(t.Context(), srpAuth("ada"))
			if err != nil {
				t.Fatal(err)
			}
			want := []challenge.Name{challenge.SoftwareTokenMFA, challenge.EmailOTP}
			all, err := step.Prompt.Challenge().Choices()
			if slices.Sort(all); err != nil || !slices.Equal(all, slices.Sorted(slices.Values(want))) {
				t.Fatalf("the choices are %q, %v", all, err)
			}
			for _, chosen := range want {
				if chosen == challenge.SoftwareTokenMFA { // the request for the secret fails
					pool.Fail(cognitotest.Fault{Operation: "AssociateSoftwareToken", Error: "TooManyRequestsException"})
				}
				next, err := d.Respond(t.Context(), keep(t, step.Prompt), challenge.Choose(chosen))
				p := next.Prompt
				if err != nil {
					p = flowError(t, err).Prompt
				}
				if left, err := keep(t, p).Challenge().Choices(); err != nil || !slices.Equal(left, []challenge.Name{chosen}) {
					t.Errorf("after the choice of %s there are %q, %v", chosen, left, err)
				}
			}
			// The first prompt still has both methods.
			if left, err := step.Prompt.Challenge().Choices(); err != nil || len(left) != 2 {
				t.Errorf("the choices are %q, %v", left, err)
			}
		})
	}
}

// MFA_SETUP may come without the list of methods. The user can still choose a method, and the
// next prompt asks for that method alone.
func TestChoiceOfASetUpThatIsNotListed(t *testing.T) {
	for name, keep := range keeping {
		t.Run(name, func(t *testing.T) {
			d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup}, {tokens: true}}}).driver(t)
			first, err := d.Start(t.Context(), srpAuth(username))
			if err != nil {
				t.Fatal(err)
			}
			second, err := d.Respond(t.Context(), keep(t, first.Prompt), challenge.Choose(challenge.EmailOTP))
			if err != nil {
				t.Fatal(err)
			}
			chosen := keep(t, second.Prompt)
			if choices, err := chosen.Challenge().Choices(); err != nil || !slices.Equal(choices, []challenge.Name{challenge.EmailOTP}) {
				t.Errorf("the choices are %q, %v", choices, err)
			}
			if before := first.Prompt.Challenge().Parameters; before != nil {
				t.Errorf("the first prompt has the parameters %q", before)
			}
			if last, err := d.Respond(t.Context(), chosen, challenge.Email(email)); err != nil || last.Tokens == nil {
				t.Error(err)
			}
		})
	}
}
