package api

import (
	"errors"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Migrate asks the trigger UserMigration for a user that the pool does not have, and adds the
// user. The password is the password of the sign-in, and empty outside of a sign-in. Without
// the trigger Migrate does nothing.
func (c *Call) Migrate(reason, name, password string, validationData map[string]string) error {
	f := c.Pool.Triggers.UserMigration
	if f == nil || c.Pool.UserNamed(name) != nil {
		return nil
	}
	event := trigger.Event{Username: name, Password: password, ValidationData: validationData}
	found, err := RunTriggerBeforeUser(c, "UserMigration_"+reason, event, f)
	if err != nil || c.Pool.UserNamed(name) != nil { // another call may have added the user meanwhile
		return err
	}
	err = c.addMigrated(name, password, found)
	if err == nil {
		return nil
	}
	if !c.Client.RevealsUsers {
		return exception.WrongCredentials()
	}
	var refused *exception.Error
	if !errors.As(err, &refused) {
		return err
	}
	return exception.New("UserNotFoundException", "Exception migrating user in app client %s: %s", c.Client.ID, refused.Message)
}

// addMigrated makes the user that the trigger found. The policy does not judge the password.
func (c *Call) addMigrated(sought, password string, found trigger.Migration) error {
	if !slices.Contains([]string{"", "CONFIRMED", "RESET_REQUIRED"}, found.FinalStatus) {
		return exception.InvalidParameter("finalUserStatus is neither CONFIRMED nor RESET_REQUIRED")
	}
	p := c.Pool
	u := &directory.User{Name: sought, ID: random.UUID(), Attributes: map[string]string{}, Created: p.Now(), Modified: p.Now()}
	maps.Copy(u.Attributes, found.Attributes)
	if name := u.Attributes["username"]; name != "" {
		u.Name = name
	}
	delete(u.Attributes, "username")
	for name := range u.Attributes {
		if err := directory.CheckAdminWritable(name); err != nil {
			return err
		}
	}
	if err := directory.CheckVerified(u.Attributes); err != nil {
		return err
	}
	if err := p.NameNewUser(u); err != nil {
		return err
	}
	if !p.IsNamed(u, sought) {
		return exception.InvalidParameter("Invalid username or missing email / phone_number / preferred_username attributes")
	}
	if err := p.ClaimNames(u, "User account already exists", found.ForceAliasCreation); err != nil {
		return err
	}
	if password != "" {
		p.SetPassword(u, password, false, srp.NewSalt())
	}
	u.ResetRequired = found.FinalStatus == "RESET_REQUIRED"
	p.Index(u)
	return nil
}
