package setup

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Question is cognitotest.CustomQuestion.
type Question struct{ Question, Answer string }

// checkTriggers refuses a part of the three triggers of custom authentication, because
// none of them works alone.
func checkTriggers(t trigger.Functions) error {
	switch {
	case t.Define == nil && t.Create == nil && t.Verify == nil:
		return nil
	case t.Define == nil:
		return invalid.Field("define", "missing: the three triggers work together")
	case t.Create == nil:
		return invalid.Field("create", "missing: the three triggers work together")
	case t.Verify == nil:
		return invalid.Field("verify", "missing: the three triggers work together")
	}
	return nil
}

// Triggers returns the given triggers, with triggers for custom authentication if there
// are questions.
func Triggers(given trigger.Functions, questions []Question) (trigger.Functions, error) {
	if err := checkTriggers(given); err != nil {
		return trigger.Functions{}, invalid.Within("triggers", err)
	}
	if len(questions) == 0 {
		return given, nil
	}
	if given.Define != nil {
		return trigger.Functions{}, invalid.Field("customQuestions", "the configuration has triggers for custom authentication too: set one of the two")
	}
	for i, q := range questions {
		if q.Question == "" || q.Answer == "" {
			return trigger.Functions{}, invalid.Field(fmt.Sprintf("customQuestions[%d]", i), "both question and answer are required")
		}
	}
	asking := questionTriggers(questions)
	given.Define, given.Create, given.Verify = asking.Define, asking.Create, asking.Verify
	return given, nil
}

// questionAttempts is the number of wrong answers that ends a sign-in.
const questionAttempts = 3

// questionTriggers ask all questions in order, each until the answer is right. If the
// client began with SRP, the triggers ask for the proof first.
func questionTriggers(questions []Question) trigger.Functions {
	count := func(rounds []trigger.Round, name string, passed bool) (n int) {
		for _, r := range rounds {
			if r.ChallengeName == name && r.Passed == passed {
				n++
			}
		}
		return n
	}
	return trigger.Functions{
		Define: func(e trigger.Event) (trigger.Decision, error) {
			switch {
			case count(e.Rounds, "SRP_A", true) > count(e.Rounds, "PASSWORD_VERIFIER", true):
				return trigger.Decision{ChallengeName: "PASSWORD_VERIFIER"}, nil
			case count(e.Rounds, "CUSTOM_CHALLENGE", false) >= questionAttempts:
				return trigger.Decision{FailAuthentication: true}, nil
			case count(e.Rounds, "CUSTOM_CHALLENGE", true) == len(questions):
				return trigger.Decision{IssueTokens: true}, nil
			}
			return trigger.Decision{ChallengeName: "CUSTOM_CHALLENGE"}, nil
		},
		Create: func(e trigger.Event) (trigger.Challenge, error) {
			asked := questions[count(e.Rounds, "CUSTOM_CHALLENGE", true)]
			return trigger.Challenge{
				Public:   map[string]string{"question": asked.Question},
				Private:  map[string]string{"answer": asked.Answer},
				Metadata: fmt.Sprintf("question %q", asked.Question),
			}, nil
		},
		Verify: func(e trigger.Event) (bool, error) { return e.Answer == e.Challenge.Private["answer"], nil },
	}
}
