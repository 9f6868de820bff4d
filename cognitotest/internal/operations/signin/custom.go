package signin

import (
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

var customFlow = authFlow{
	allow: []string{"ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"}, public: true, admin: true,
	required: []string{"USERNAME"},
	identify: identifyByName, begin: beginCustom, steps: []step{newPasswordStep, defineStep},
}

// beginCustom only records the start of the client. The trigger Define chooses the first
// challenge.
func beginCustom(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error) {
	if c.Pool.Triggers.Define == nil {
		return "", exception.InvalidParameter("Custom auth lambda trigger is not configured for the user pool.")
	}
	switch name := parameters["CHALLENGE_NAME"]; name {
	case "", "CUSTOM_CHALLENGE":
		return "", nil
	case "SRP_A":
		// Without SRP_A the triggers get the same event. The trigger Define cannot ask for the
		// proof.
		if parameters["SRP_A"] != "" {
			if _, err := beginSRP(c, si, parameters); err != nil {
				return "", err
			}
		}
		si.Passed("SRP_A")
		return "", nil
	default:
		return "", exception.InvalidParameter("CHALLENGE_NAME is neither SRP_A nor CUSTOM_CHALLENGE")
	}
}

// definable are the challenges that the trigger Define may name.
var definable = []string{"CUSTOM_CHALLENGE", "PASSWORD_VERIFIER", "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

func defineStep(c *api.Call, si *directory.SignIn) (string, error) {
	decided, err := api.RunTrigger(c, "DefineAuthChallenge_Authentication", si.User, trigger.Event{Rounds: si.Rounds}, c.Pool.Triggers.Define)
	if err != nil {
		return "", err
	}
	name := decided.ChallengeName
	switch decided {
	case trigger.Decision{IssueTokens: true}:
		return "", nil
	case trigger.Decision{FailAuthentication: true}:
		return "", exception.WrongCredentials()
	case trigger.Decision{ChallengeName: name}:
		if slices.Contains(definable, name) && (name != "PASSWORD_VERIFIER" || si.PublicA != nil) {
			return name, nil
		}
	}
	return "", exception.New("InvalidLambdaResponseException", "Unrecognizable lambda output from DefineAuthChallenge")
}

// customChallenge sends the challenge of the trigger Create. A wrong answer is no error,
// because the trigger Define decides about the next step.
var customChallenge = challenge{
	optional: []string{"USERNAME"},
	present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
		made, err := api.RunTrigger(c, "CreateAuthChallenge_Authentication", si.User, trigger.Event{Rounds: si.Rounds}, c.Pool.Triggers.Create)
		if err != nil {
			return nil, nil, err
		}
		parameters := maps.Clone(made.Public)
		if parameters == nil {
			parameters = map[string]string{}
		}
		if si.First {
			parameters["USERNAME"] = si.User.Name
		}
		return parameters, made, nil
	},
	answer: func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
		answer, ok := responses["ANSWER"]
		if !ok {
			return "", exception.MissingParameter("ANSWER") // the trigger Verify judges an empty answer
		}
		made := given.(trigger.Challenge)
		right, err := api.RunTrigger(c, "VerifyAuthChallengeResponse_Authentication", si.User, trigger.Event{Rounds: si.Rounds, Challenge: made, Answer: answer}, c.Pool.Triggers.Verify)
		if err != nil {
			return "", err
		}
		si.Note(trigger.Round{ChallengeName: "CUSTOM_CHALLENGE", Passed: right, Metadata: made.Metadata})
		return "", nil
	},
}
