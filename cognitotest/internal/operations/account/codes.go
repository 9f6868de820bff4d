package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

type deliveryDetails struct{ Destination, DeliveryMedium, AttributeName string }

// codeRequest has the members of operations that send a code to a user without tokens.
type codeRequest struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	SecretHash        string
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	UserContextData   *api.UserContextData
}

type codeOutput struct{ CodeDeliveryDetails *deliveryDetails }

// findForCode returns the user of an operation outside of a sign-in. An invented user gets no
// code.
func findForCode(c *api.Call, name, hash string) (*directory.User, error) {
	if err := c.Client.CheckSecretHash(hash, name); err != nil {
		return nil, err
	}
	return c.FindUser(name, "Username/client id combination not found.")
}

// wrongVerificationCode is the text about a wrong code outside of a sign-in.
const wrongVerificationCode = "Invalid verification code provided, please try again."

// sendSignUpCode sends the code for ConfirmSignUp to the first address of the user.
func sendSignUpCode(c *api.Call, u *directory.User) (*deliveryDetails, error) {
	by := directory.Email
	if u.Attributes["email"] == "" && !u.Ghost {
		by = directory.SMS
	}
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeSignUp}, by)
}

// sendResetCode sends the code for ConfirmForgotPassword to the first verified address of the
// user.
func sendResetCode(c *api.Call, u *directory.User) (*deliveryDetails, error) {
	by := directory.Email
	if !u.IsVerified("email") && !u.Ghost {
		by = directory.SMS
	}
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeForgotPassword}, by)
}

// sendVerification sends a code that verifies an address.
func sendVerification(c *api.Call, u *directory.User, by directory.Delivery) (*deliveryDetails, error) {
	return sendCode(c, u, directory.Purpose{Operation: directory.PurposeVerify, Attribute: by.Attribute}, by)
}

func sendCode(c *api.Call, u *directory.User, purpose directory.Purpose, by directory.Delivery) (*deliveryDetails, error) {
	sent, err := c.Deliver(u, purpose.Operation, by, directory.CodeDigits)
	if err != nil {
		return nil, err
	}
	// Nobody keeps an invented user after the call.
	c.Pool.KeepCode(u, purpose, directory.SentCode{Code: sent.Code, By: by, To: sent.Destination})
	return &deliveryDetails{Destination: sent.Masked, DeliveryMedium: sent.Medium, AttributeName: by.Attribute}, nil
}
