package flow_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/flow"
)

// rounds makes custom authentication ask n questions.
func rounds(n int) func(*cognitotest.PoolConfig) {
	return func(c *cognitotest.PoolConfig) {
		c.Triggers = trigger.Functions{
			Define: func(e trigger.Event) (trigger.Decision, error) {
				if len(e.Rounds) == n {
					return trigger.Decision{IssueTokens: true}, nil
				}
				return trigger.Decision{ChallengeName: "CUSTOM_CHALLENGE"}, nil
			},
			Create: func(trigger.Event) (trigger.Challenge, error) {
				return trigger.Challenge{}, nil
			},
			Verify: func(trigger.Event) (bool, error) { return true, nil },
		}
	}
}

func TestLimits(t *testing.T) {
	custom := flow.CustomAuth{Username: "ada"}
	for name, test := range map[string]struct {
		limits flow.Limits
		change func(*cognitotest.PoolConfig)
		user   cognitotest.UserConfig
		flow   flow.AuthFlow
		wrong  bool // the person gives wrong codes
		asked  int
		says   string // a part of the error, which names the limit
	}{
		"answers":  {flow.Limits{Answers: 3}, rounds(4), ada, custom, false, 4, "3 answers were given, and Options.Limits.Answers allows no more:"},
		"refusals": {flow.Limits{Refusals: 2}, func(c *cognitotest.PoolConfig) { c.MFA = "ON" }, deskUser("ada"), srpAuth("ada"), true, 2, "2 answers were refused, and Options.Limits.Refusals allows no more:"},
		// USER_SRP_AUTH, PASSWORD_VERIFIER and AssociateSoftwareToken come before the answer of
		// the person. The answer to MFA_SETUP comes after it.
		"requests":    {flow.Limits{Requests: 3}, setsUpAnApp, ada, srpAuth("ada"), false, 1, "3 requests needed no person, and Options.Limits.Requests allows no more:"},
		"one answer":  {flow.Limits{Answers: 1}, rounds(2), ada, custom, false, 2, "1 answer was given,"},
		"one refusal": {flow.Limits{Refusals: 1}, func(c *cognitotest.PoolConfig) { c.MFA = "ON" }, deskUser("ada"), srpAuth("ada"), true, 1, "1 answer was refused,"},
		"one request": {flow.Limits{Requests: 1}, nil, ada, srpAuth("ada"), false, 0, "1 request needed no person,"},
	} {
		for mode, signIn := range modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				pool := newPool(t, test.change, test.user)
				limited := func(more int) (int, error) {
					d := newDriver(t, pool, "public", func(o *flow.Options) {
						o.Limits = test.limits
						o.Limits.Answers += more
						o.Limits.Requests += more
					})
					asked := 0
					_, err := signIn(t, d, test.flow, challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
						asked++
						switch {
						case test.wrong:
							return challenge.Code("no digits"), nil
						case c.Name == challenge.CustomChallenge:
							return challenge.Custom("42"), nil
						}
						return appCode(t, c), nil
					}))
					return asked, err
				}
				asked, err := limited(0)
				var e *flow.Error
				if !errors.As(err, &e) || e.Code() != flow.LimitReached || e.Remedy() != flow.StartAgain || e.Prompt != nil {
					t.Fatalf("got %v, want the end of the sign-in by a limit", err)
				}
				if text := err.Error(); !strings.Contains(text, test.says) {
					t.Errorf("%q does not name the limit: %s", text, test.says)
				}
				if asked != test.asked {
					t.Errorf("the person was asked %d times, want %d", asked, test.asked)
				}
				if test.wrong {
					return
				}
				if _, err := limited(1); err != nil {
					t.Errorf("with a limit that is higher by one: %v", err)
				}
			})
		}
	}
}

// If a refusal reaches the limit, the sign-in ends at once with both. The person is not asked
// again.
func TestTenWrongCodes(t *testing.T) {
	for mode, signIn := range modes {
		t.Run(mode, func(t *testing.T) {
			pool := newCodePool(t)
			var attempts []int
			_, err := signIn(t, newDriver(t, pool, "public"), srpAuth("ada"), challenge.HandlerFunc(
				func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
					attempts = append(attempts, c.Attempt)
					return challenge.Code("no digits"), nil
				}))
			if !errors.Is(err, flow.LimitReached) || len(attempts) != 10 || attempts[9] != 9 {
				t.Errorf("attempts %v, then %v", attempts, err)
			}
			// The error wraps the last refusal, and has its message for the user.
			e := flowError(t, err)
			if !is[*types.CodeMismatchException](err) || e.Message() != "Invalid code received for user" || e.RequestID() == "" {
				t.Errorf("got %v with the message %q", err, e.Message())
			}
			if !strings.Contains(err.Error(), "CodeMismatchException") || !strings.Contains(err.Error(), "10 answers were refused") {
				t.Errorf("%q does not have the last refusal and the limit", err)
			}
		})
	}
}

func TestHundredRounds(t *testing.T) {
	for mode, signIn := range modes {
		t.Run(mode, func(t *testing.T) {
			pool := newPool(t, rounds(100), ada)
			tokens, err := signIn(t, newDriver(t, pool, "public"), flow.CustomAuth{Username: "ada"}, answering(challenge.Custom("42")))
			if err != nil || tokens == nil {
				t.Error(err)
			}
		})
	}
}

// A stored prompt with an impossible number is damaged. The driver does not read the number
// as 0.
func TestForgedSpending(t *testing.T) {
	pool := newCodePool(t)
	step, err := newDriver(t, pool, "public").Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	spent := func(value any) func(map[string]any) { return func(code map[string]any) { code["c"] = value } }
	cases := map[string]func(map[string]any){
		"text": spent("nothing"), "a list": spent([]int{1}), "a fraction": spent(map[string]any{"a": 1.5}), "beyond numbers": spent(map[string]any{"q": 1e300}),
		"a negative stage": func(code map[string]any) { code["g"] = -1 }, "a stage of tomorrow": func(code map[string]any) { code["g"] = 3 },
	}
	for _, field := range []string{"q", "a", "r", "b", "p", "d"} {
		cases["negative "+field] = spent(map[string]any{field: -1})
	}
	for name, change := range cases {
		if _, err := forge(t, step.Prompt, change); err == nil || !strings.HasSuffix(err.Error(), "stored prompt: damaged") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// A number above the limit counts as the limit.
	for field, answer := range map[string]challenge.Answer{"a": challenge.Code("123456"), "r": challenge.Code("123456")} {
		p, err := forge(t, step.Prompt, spent(map[string]any{field: math.MaxInt32}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newDriver(t, pool, "public").Respond(t.Context(), p, answer); !errors.Is(err, flow.LimitReached) {
			t.Errorf("%s spent: got %v", field, err)
		}
	}
}
