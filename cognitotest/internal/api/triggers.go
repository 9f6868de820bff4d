package api

import (
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// RunTrigger calls one of the pool's triggers about a user, without the pool's
// lock. The call names an app client. The caller fills in what the trigger is told
// beside the user, the client and the metadata. An error or a panic of the trigger becomes an exception.
func RunTrigger[R any](c *Call, name string, u *directory.User, event directory.TriggerEvent, f func(directory.TriggerEvent) (R, error)) (result R, err error) {
	event.ClientID, event.Username = c.Client.ID, u.Name
	event.Attributes = maps.Clone(u.Attributes)
	if event.Attributes == nil {
		event.Attributes = make(map[string]string)
	}
	event.Attributes["sub"] = u.ID
	event.UserNotFound = u.Ghost
	event.ClientMetadata = maps.Clone(c.Metadata)
	event.Rounds = slices.Clone(event.Rounds)
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
