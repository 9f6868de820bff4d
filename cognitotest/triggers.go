package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Triggers are the Lambda triggers of custom authentication (CUSTOM_AUTH), as
// Go functions. Those of several sign-ins run at the same time; they may call
// methods of the pool.
//
// The client gets UserLambdaValidationException for an error of a trigger,
// with its text; UnexpectedLambdaException for a panic; and
// InvalidLambdaResponseException for a result that makes no sense.
type Triggers struct {
	// Define decides how a sign-in goes on (DefineAuthChallenge).
	Define func(TriggerEvent) (Decision, error)
	// Create makes a custom challenge (CreateAuthChallenge).
	Create func(TriggerEvent) (CustomChallenge, error)
	// Verify says whether the answer to a custom challenge is right
	// (VerifyAuthChallengeResponse).
	Verify func(TriggerEvent) (bool, error)
}

// TriggerEvent is what a trigger is told.
type TriggerEvent struct {
	// ClientID is the app client that the user signs in to.
	ClientID string
	// Username is the user's name, not an alias.
	Username string
	// Attributes are the user's attributes, sub among them.
	Attributes map[string]string
	// UserNotFound says that nobody has this name.
	UserNotFound bool
	// ClientMetadata is that of the answer being dealt with. Triggers do not
	// see that of the request that starts a sign-in.
	ClientMetadata map[string]string
	// Rounds are the challenges answered so far: the event's session.
	Rounds []Round
	// Challenge is the custom challenge answered, and Answer the answer to
	// it. Only Verify gets them.
	Challenge CustomChallenge
	Answer    string
}

// Round is one challenge of a sign-in that has been answered.
type Round struct {
	// ChallengeName is the challenge, "SRP_A" for a sign-in that began with
	// SRP, and "PASSWORD" for a password in the first request.
	ChallengeName string
	// Passed says whether the answer was right.
	Passed bool
	// Metadata is that of the custom challenge.
	Metadata string
}

// Decision is the result of the Define trigger: exactly one field is set.
type Decision struct {
	// ChallengeName is what to ask: CUSTOM_CHALLENGE, PASSWORD_VERIFIER if
	// the client began with SRP, or a challenge that asks for a code.
	ChallengeName string
	// IssueTokens ends the sign-in with success, FailAuthentication without.
	IssueTokens, FailAuthentication bool
}

// CustomChallenge is the result of the Create trigger.
type CustomChallenge struct {
	// Public goes to the client, Private to Verify alone.
	Public, Private map[string]string
	// Metadata names the challenge in later events.
	Metadata string
}

// validate wants all triggers or none: none of them works alone.
func (t Triggers) validate() error {
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
func triggersOf(config PoolConfig) (directory.Triggers, error) {
	given := config.Triggers
	if err := given.validate(); err != nil {
		return directory.Triggers{}, invalid.Within("triggers", err)
	}
	if len(config.CustomQuestions) == 0 {
		return given.inPool(), nil
	}
	if given.Define != nil {
		return directory.Triggers{}, invalid.Field("customQuestions", "the pool has triggers, which ask what they like")
	}
	for i, q := range config.CustomQuestions {
		if q.Question == "" || q.Answer == "" {
			return directory.Triggers{}, invalid.Field(fmt.Sprintf("customQuestions[%d]", i), "question and answer are both needed")
		}
	}
	return questionTriggers(config.CustomQuestions).inPool(), nil
}

// inPool gives the triggers the types of the pool.
func (t Triggers) inPool() directory.Triggers {
	if t.Define == nil {
		return directory.Triggers{}
	}
	return directory.Triggers{
		Define: func(e directory.TriggerEvent) (directory.Decision, error) {
			decided, err := t.Define(eventOf(e))
			return directory.Decision(decided), err
		},
		Create: func(e directory.TriggerEvent) (directory.CustomChallenge, error) {
			made, err := t.Create(eventOf(e))
			return directory.CustomChallenge(made), err
		},
		Verify: func(e directory.TriggerEvent) (bool, error) { return t.Verify(eventOf(e)) },
	}
}

func eventOf(e directory.TriggerEvent) TriggerEvent {
	event := TriggerEvent{
		ClientID: e.ClientID, Username: e.Username, Attributes: e.Attributes, UserNotFound: e.UserNotFound,
		ClientMetadata: e.ClientMetadata, Challenge: CustomChallenge(e.Challenge), Answer: e.Answer,
	}
	for _, r := range e.Rounds {
		event.Rounds = append(event.Rounds, Round(r))
	}
	return event
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
func questionTriggers(questions []CustomQuestion) Triggers {
	count := func(rounds []Round, name string, passed bool) (n int) {
		for _, r := range rounds {
			if r.ChallengeName == name && r.Passed == passed {
				n++
			}
		}
		return n
	}
	return Triggers{
		Define: func(e TriggerEvent) (Decision, error) {
			switch {
			case count(e.Rounds, "SRP_A", true) > count(e.Rounds, "PASSWORD_VERIFIER", true):
				return Decision{ChallengeName: "PASSWORD_VERIFIER"}, nil
			case count(e.Rounds, "CUSTOM_CHALLENGE", false) >= questionAttempts:
				return Decision{FailAuthentication: true}, nil
			case count(e.Rounds, "CUSTOM_CHALLENGE", true) == len(questions):
				return Decision{IssueTokens: true}, nil
			}
			return Decision{ChallengeName: "CUSTOM_CHALLENGE"}, nil
		},
		Create: func(e TriggerEvent) (CustomChallenge, error) {
			asked := questions[count(e.Rounds, "CUSTOM_CHALLENGE", true)]
			return CustomChallenge{
				Public:   map[string]string{"question": asked.Question},
				Private:  map[string]string{"answer": asked.Answer},
				Metadata: fmt.Sprintf("question %q", asked.Question),
			}, nil
		},
		Verify: func(e TriggerEvent) (bool, error) { return e.Answer == e.Challenge.Private["answer"], nil },
	}
}
