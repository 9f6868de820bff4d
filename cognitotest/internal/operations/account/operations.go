// Package account has the operations that a user calls for the account: sign-up, a
// forgotten password, attributes, and the set-up of factors.
package account

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"SignUp":                       api.ByAnyone(signUp),
	"ConfirmSignUp":                api.ByAnyone(confirmSignUp),
	"ResendConfirmationCode":       api.ByAnyone(resendConfirmationCode),
	"ForgotPassword":               api.ByAnyone(forgotPassword),
	"ConfirmForgotPassword":        api.ByAnyone(confirmForgotPassword),
	"ChangePassword":               api.ByUser(changePassword),
	"GetUser":                      api.ByUser(getUser),
	"GetUserAuthFactors":           api.ByUser(api.GetUserAuthFactors[api.UserRequest]),
	"AssociateSoftwareToken":       api.ByAnyone(associateSoftwareToken),
	"VerifySoftwareToken":          api.ByAnyone(verifySoftwareToken),
	"SetUserMFAPreference":         api.ByUser(setUserMFAPreference),
	"StartWebAuthnRegistration":    api.ByUser(startWebAuthnRegistration),
	"CompleteWebAuthnRegistration": api.ByUser(completeWebAuthnRegistration),
	"ListWebAuthnCredentials":      api.ByUser(listWebAuthnCredentials),
	"DeleteWebAuthnCredential":     api.ByUser(deleteWebAuthnCredential),
}
