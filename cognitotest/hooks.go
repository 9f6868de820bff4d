package cognitotest

import (
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// poolTriggers are the Lambda triggers of a pool. The types of package
// cognitotest that have the same names say what the fields mean.
type poolTriggers struct {
	Define func(poolEvent) (poolDecision, error)
	Create func(poolEvent) (poolChallenge, error)
	Verify func(poolEvent) (bool, error)
}

func (t poolTriggers) isZero() bool { return t.Define == nil && t.Create == nil && t.Verify == nil }

// poolEvent is what a trigger is told.
type poolEvent struct {
	ClientID       string
	Username       string
	Attributes     map[string]string
	UserNotFound   bool
	ClientMetadata map[string]string
	Rounds         []round
	Challenge      poolChallenge
	Answer         string
}

// round is one challenge of a sign-in that has been answered.
type round struct {
	ChallengeName string
	Passed        bool
	Metadata      string
}

// poolDecision is the result of the Define trigger.
type poolDecision struct {
	ChallengeName                   string
	IssueTokens, FailAuthentication bool
}

// poolChallenge is the result of the Create trigger.
type poolChallenge struct {
	Public, Private map[string]string
	Metadata        string
}

// trigger calls one of the pool's triggers about a user, without the pool's lock.
// The caller fills in what the trigger is told beside the user and the client.
func trigger[R any](c *call, name string, u *user, event poolEvent, f func(poolEvent) (R, error)) (result R, err error) {
	event.ClientID, event.Username = c.client.id, u.name
	event.Attributes = maps.Clone(u.attributes)
	if event.Attributes == nil {
		event.Attributes = make(map[string]string)
	}
	event.Attributes["sub"] = u.id
	event.UserNotFound = u.ghost
	event.ClientMetadata = maps.Clone(c.metadata)
	event.Rounds = slices.Clone(event.Rounds)
	c.pool.unlocked(func() {
		defer func() {
			if reason := recover(); reason != nil {
				err = exception.New("UnexpectedLambdaException", "%s failed with error %v.", name, reason)
			}
		}()
		if result, err = f(event); err != nil {
			err = exception.New("UserLambdaValidationException", "%s failed with error %v.", name, err)
		}
	})
	return result, err
}
