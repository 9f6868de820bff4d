package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// RunTrigger calls a trigger about a user, without the lock of the pool. The source is the
// name of the trigger, an underscore, and the reason. The caller fills in the event, except for
// the user, the app client and the metadata. An error or a panic of the trigger becomes an
// exception.
func RunTrigger[R any](c *Call, source string, u *directory.User, event trigger.Event, f func(trigger.Event) (R, error)) (result R, err error) {
	event.Username, event.UserNotFound = u.Name, u.Ghost
	event.Attributes = maps.Clone(u.Attributes)
	if event.Attributes == nil {
		event.Attributes = make(map[string]string)
	}
	event.Attributes["sub"] = u.ID
	if !u.Ghost {
		event.Attributes["cognito:user_status"] = u.Status()
	}
	return runTrigger(c, source, event, f)
}

// RunTriggerBeforeUser is RunTrigger for a user who is not in the pool yet. The
// caller fills in the user.
func RunTriggerBeforeUser[R any](c *Call, source string, event trigger.Event, f func(trigger.Event) (R, error)) (R, error) {
	event.Attributes = maps.Clone(event.Attributes)
	return runTrigger(c, source, event, f)
}

func runTrigger[R any](c *Call, source string, event trigger.Event, f func(trigger.Event) (R, error)) (result R, err error) {
	event.Source, event.ClientID = source, "CLIENT_ID_NOT_APPLICABLE"
	if c.Client != nil {
		event.ClientID = c.Client.ID
	}
	event.ClientMetadata = maps.Clone(c.Metadata)
	event.ValidationData = maps.Clone(event.ValidationData)
	event.Rounds = slices.Clone(event.Rounds)
	name, _, _ := strings.Cut(source, "_")
	if name == "TokenGeneration" {
		name = "PreTokenGeneration" // the only source with a name that differs
	}
	c.Pool.Unlocked(func() {
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

// NoResult gives a result to a trigger that returns only an error.
func NoResult(f func(trigger.Event) error) func(trigger.Event) (Nothing, error) {
	return func(e trigger.Event) (Nothing, error) { return Nothing{}, f(e) }
}

// PreSignUp runs the trigger of this name, if there is one, about a user who is not in the
// pool yet.
func (c *Call) PreSignUp(reason string, u *directory.User, validationData []Attribute) (trigger.SignUp, error) {
	f := c.Pool.Triggers.PreSignUp
	if f == nil {
		return trigger.SignUp{}, nil
	}
	event := trigger.Event{Username: u.Name, Attributes: u.Attributes}
	for _, a := range validationData {
		if event.ValidationData == nil {
			event.ValidationData = make(map[string]string)
		}
		event.ValidationData[a.Name] = a.Value
	}
	return RunTriggerBeforeUser(c, "PreSignUp_"+reason, event, f)
}

// PostConfirmation runs the trigger of this name, if there is one.
func (c *Call) PostConfirmation(reason string, u *directory.User) error {
	f := c.Pool.Triggers.PostConfirmation
	if f == nil {
		return nil
	}
	_, err := RunTrigger(c, "PostConfirmation_"+reason, u, trigger.Event{}, NoResult(f))
	return err
}
