package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// checkTriggers wants all triggers of custom authentication or none: none of them
// works alone.
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

// triggersOf are the triggers of a configuration, those made of its questions
// included.
func triggersOf(config PoolConfig) (trigger.Functions, error) {
	given := config.Triggers
	if err := checkTriggers(given); err != nil {
		return trigger.Functions{}, invalid.Within("triggers", err)
	}
	if len(config.CustomQuestions) == 0 {
		return given, nil
	}
	if given.Define != nil {
		return trigger.Functions{}, invalid.Field("customQuestions", "the triggers of custom authentication ask what they like; set one of the two")
	}
	for i, q := range config.CustomQuestions {
		if q.Question == "" || q.Answer == "" {
			return trigger.Functions{}, invalid.Field(fmt.Sprintf("customQuestions[%d]", i), "question and answer are both needed")
		}
	}
	asking := questionTriggers(config.CustomQuestions)
	given.Define, given.Create, given.Verify = asking.Define, asking.Create, asking.Verify
	return given, nil
}

// CustomQuestion is a question with a fixed answer, for pools whose
// configuration is a file.
type CustomQuestion struct {
	// Question goes to the client as the parameter "question".
	Question string `json:"question"`
	// Answer is the only right one.
	Answer string `json:"answer"`
}

// questionAttempts is how many wrong answers end a sign-in by questions.
const questionAttempts = 3

// questionTriggers ask all of the questions in order, each until the answer
// is right, after the password if the client began with one.
func questionTriggers(questions []CustomQuestion) trigger.Functions {
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
