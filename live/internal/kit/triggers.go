package kit

import (
	"errors"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// The triggers of the kit read their plan from the attribute profile of the user. The Lambda function in
// live/triggers does the same.
const (
	plan = "profile"

	// Words of a plan for a user who signs up. Other words are the challenges to ask, in order.
	confirmIt   = "confirm"          // PreSignUp confirms the user
	verifyPhone = "verify-phone"     // PreSignUp makes the phone number verified
	failAfter   = "fail-afterwards"  // PostConfirmation fails
	question    = "colour"           // the question of a custom challenge
	rightAnswer = "blue"             //
	wrongAnswer = "green"            //
	failure     = "the plan says so" // the error of PostConfirmation
)

// Triggers returns the triggers for pools of package cognitotest, which stand for the Lambda function in
// live/triggers.
func Triggers() trigger.Functions {
	has := func(e trigger.Event, word string) bool {
		return slices.Contains(strings.Fields(e.Attributes[plan]), word)
	}
	return trigger.Functions{
		PreSignUp: func(e trigger.Event) (trigger.SignUp, error) {
			return trigger.SignUp{AutoConfirm: has(e, confirmIt), AutoVerifyPhone: has(e, verifyPhone)}, nil
		},
		PostConfirmation: func(e trigger.Event) error {
			if has(e, failAfter) {
				return errors.New(failure)
			}
			return nil
		},
		Define: func(e trigger.Event) (trigger.Decision, error) {
			asked := strings.Fields(e.Attributes[plan])
			rounds := slices.DeleteFunc(slices.Clone(e.Rounds), func(r trigger.Round) bool {
				return r.ChallengeName == "SRP_A" || strings.HasPrefix(r.ChallengeName, "DEVICE")
			})
			if len(rounds) >= len(asked) {
				return trigger.Decision{IssueTokens: true}, nil
			}
			return trigger.Decision{ChallengeName: asked[len(rounds)]}, nil
		},
		Create: func(trigger.Event) (trigger.Challenge, error) {
			return trigger.Challenge{Public: map[string]string{"question": question}, Private: map[string]string{"answer": rightAnswer}}, nil
		},
		Verify: func(e trigger.Event) (bool, error) { return e.Answer == e.Challenge.Private["answer"], nil },
	}
}

// ledThrough returns the challenges that the triggers ask along a chain.
func ledThrough(p chains.Plan) (asked []string) {
	for _, step := range p.Steps {
		skipped := step.Wrong && step.Name != "CUSTOM_CHALLENGE" // a wrong code adds no round
		if !skipped && (step.Name == "CUSTOM_CHALLENGE" || step.Name == "PASSWORD_VERIFIER" || slices.Contains(chains.SecondFactors, step.Name)) {
			asked = append(asked, step.Name)
		}
	}
	return asked
}

// replayTriggers sets the triggers of the recording, or the reason why nobody can replay the recording.
func (sc *Scene) replayTriggers(p chains.Plan) {
	asked := ledThrough(p)
	switch {
	case p.Start.Name != "CUSTOM_AUTH":
	case len(asked) == 0:
		sc.unrecordable("the triggers of a replay ask something")
	case slices.ContainsFunc(p.Steps, func(step chains.Step) bool { return step.Wrong && step.Name == "CUSTOM_CHALLENGE" }):
		sc.unrecordable("the triggers of a replay end a sign-in after a wrong answer")
	default:
		sc.triggers = &conversation.Triggers{Ask: asked, Public: map[string]string{"question": question}, Answer: rightAnswer}
	}
}

// withTriggers gives a pool triggers, and the user a plan for them.
func withTriggers(c *cognitotest.PoolConfig, functions trigger.Functions, asked []string) {
	c.Triggers = functions
	withAttribute(&c.Users[0], plan, strings.Join(asked, " "))
}
