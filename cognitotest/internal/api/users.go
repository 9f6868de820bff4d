package api

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// FindUser returns a user by name or alias. If there is no such user, the app client decides:
// FindUser returns an exception with the text missing, or an invented user.
func (c *Call) FindUser(name, missing string) (*directory.User, error) {
	if found := c.Pool.UserNamed(name); found != nil {
		return found, nil
	}
	if c.Client.RevealsUsers {
		return nil, exception.New("UserNotFoundException", "%s", missing)
	}
	return c.Pool.Ghost(name), nil
}
