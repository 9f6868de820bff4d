package account

import (
	"reflect"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// SignUpCode is the type of stored sign-ups.
var SignUpCode = reflect.TypeFor[signUpCode]()

// NewSignUp returns a sign-up that waits for a code.
func NewSignUp(c *Client, username, session string) *SignUp {
	app := c.driver.App()
	return &SignUp{secret.NewBox(state{
		userPoolID: app.UserPoolID, clientID: app.ClientID, username: username, subject: "a-subject", session: session,
		delivery: challenge.Delivery{Medium: "EMAIL", Destination: "b***@e***"}, issued: time.Unix(1_700_000_000, 0),
	})}
}
