package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// preAuthentication runs the trigger of this name, if there is one, before the pool judges a
// password. A refresh does not run the trigger.
func preAuthentication(c *api.Call, si *directory.SignIn) error {
	f := c.Pool.Triggers.PreAuthentication
	if f == nil || si.Grant != nil {
		return nil
	}
	_, err := api.RunTrigger(c, "PreAuthentication_Authentication", si.User, trigger.Event{ValidationData: c.ValidationData}, api.NoResult(f))
	return err
}

// postAuthentication runs the trigger of this name, if there is one, at the end of a sign-in.
func postAuthentication(c *api.Call, si *directory.SignIn) error {
	f := c.Pool.Triggers.PostAuthentication
	if f == nil {
		return nil
	}
	event := trigger.Event{NewDeviceUsed: si.Device != nil && !si.Device.Confirmed()}
	if _, err := api.RunTrigger(c, "PostAuthentication_Authentication", si.User, event, api.NoResult(f)); err != nil {
		return err
	}
	return si.User.CheckStatus() // the status may have changed during the trigger
}

// tokenReason returns the reason for tokens, for PreTokenGeneration.
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
