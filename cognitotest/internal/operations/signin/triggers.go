package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// preAuthentication runs the trigger of that name, if the pool has it, before a
// password is judged. A refresh is no sign-in.
func preAuthentication(c *api.Call, si *directory.SignIn) error {
	f := c.Pool.Triggers.PreAuthentication
	if f == nil || si.Grant != nil {
		return nil
	}
	_, err := api.RunTrigger(c, "PreAuthentication_Authentication", si.User, trigger.Event{ValidationData: c.ValidationData}, api.NoResult(f))
	return err
}

// postAuthentication runs the trigger of that name, if the pool has it, when a
// sign-in is over.
func postAuthentication(c *api.Call, si *directory.SignIn) error {
	f := c.Pool.Triggers.PostAuthentication
	if f == nil {
		return nil
	}
	event := trigger.Event{NewDeviceUsed: si.Device != nil && !si.Device.Confirmed()}
	if _, err := api.RunTrigger(c, "PostAuthentication_Authentication", si.User, event, api.NoResult(f)); err != nil {
		return err
	}
	return si.User.CheckStatus() // which may have changed
}

// tokenReason says why there are tokens, as PreTokenGeneration is told.
func tokenReason(si *directory.SignIn) string {
	switch {
	case si.Grant != nil:
		return "RefreshTokens"
	case si.ChangedPassword:
		return "NewPasswordChallenge"
	case si.Has("DEVICE_PASSWORD_VERIFIER"):
		return "AuthenticateDevice"
	}
	return "Authentication"
}
