package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

type deliveryDetails struct{ Destination, DeliveryMedium, AttributeName string }

// codeRequest has the members of the operations that send a code to a user
// who is not signed in.
type codeRequest struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	SecretHash        string
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	UserContextData   *api.UserContextData
}

type codeOutput struct{ CodeDeliveryDetails *deliveryDetails }

// findForCode finds the user of an operation outside of a sign-in. A made-up
// user gets no code, and so knows none.
func findForCode(c *api.Call, name, hash string) (*directory.User, error) {
	if err := c.Client.CheckSecretHash(hash, name); err != nil {
		return nil, err
	}
	return c.FindUser(name, "Username/client id combination not found.")
}

// wrongVerificationCode is what is said of a code outside of a sign-in.
const wrongVerificationCode = "Invalid verification code provided, please try again."

// sendSignUpCode sends the code that ConfirmSignUp takes, to the first address that the
// user has.
func sendSignUpCode(c *api.Call, u *directory.User) (*deliveryDetails, error) {
	by := directory.Email
	if u.Attributes["email"] == "" && !u.Ghost {
		by = directory.SMS
	}
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeSignUp}, by)
}

// sendResetCode sends the code that ConfirmForgotPassword takes, to the first address
// that is verified.
func sendResetCode(c *api.Call, u *directory.User) (*deliveryDetails, error) {
	by := directory.Email
	if !u.IsVerified("email") && !u.Ghost {
		by = directory.SMS
	}
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeForgotPassword}, by)
}

// sendVerification sends a code that shows an address to be the user's own.
func sendVerification(c *api.Call, u *directory.User, by directory.Delivery) (*deliveryDetails, error) {
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeVerify, Attribute: by.Attribute}, by)
}

func sendCode(c *api.Call, u *directory.User, purpose directory.Purpose, by directory.Delivery) (*deliveryDetails, error) {
	sent, err := c.Deliver(u, purpose.Operation, by, directory.CodeDigits)
	if err != nil {
		return nil, err
	}
	// A made-up user is gone with the call.
	c.Pool.KeepCode(u, purpose, directory.SentCode{Code: sent.Code, By: by, To: sent.Destination})
	return &deliveryDetails{Destination: sent.Masked, DeliveryMedium: sent.Medium, AttributeName: by.Attribute}, nil
}
