// Package account has the operations on one account: sign-up, password, attributes, and
// factors. Most operations have a form for users and a form for administrators.
package account

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"SignUp":                           api.ByAnyone(signUp),
	"ConfirmSignUp":                    api.ByAnyone(confirmSignUp),
	"AdminConfirmSignUp":               api.ByAdmin(adminConfirmSignUp),
	"ResendConfirmationCode":           api.ByAnyone(resendConfirmationCode),
	"GetUser":                          api.ByUser(getUser),
	"DeleteUser":                       api.ByUser(deleteUser[api.UserRequest]),
	"AdminDeleteUser":                  api.ByAdmin(deleteUser[api.AdminRequest]),
	"ForgotPassword":                   api.ByAnyone(forgotPassword),
	"ConfirmForgotPassword":            api.ByAnyone(confirmForgotPassword),
	"AdminResetUserPassword":           api.ByAdmin(adminResetUserPassword),
	"ChangePassword":                   api.ByUser(changePassword),
	"AdminSetUserPassword":             api.ByAdmin(adminSetUserPassword),
	"UpdateUserAttributes":             api.ByUser(updateUserAttributes),
	"AdminUpdateUserAttributes":        api.ByAdmin(adminUpdateUserAttributes),
	"DeleteUserAttributes":             api.ByUser(deleteUserAttributes),
	"AdminDeleteUserAttributes":        api.ByAdmin(adminDeleteUserAttributes),
	"GetUserAttributeVerificationCode": api.ByUser(getUserAttributeVerificationCode),
	"VerifyUserAttribute":              api.ByUser(verifyUserAttribute),
	"GetUserAuthFactors":               api.ByUser(getUserAuthFactors[api.UserRequest]),
	"AdminGetUserAuthFactors":          api.ByAdmin(getUserAuthFactors[api.AdminRequest]),
	"SetUserMFAPreference":             api.ByUser(setUserMFAPreference),
	"AdminSetUserMFAPreference":        api.ByAdmin(adminSetUserMFAPreference),
	"AssociateSoftwareToken":           api.ByAnyone(associateSoftwareToken),
	"VerifySoftwareToken":              api.ByAnyone(verifySoftwareToken),
	"StartWebAuthnRegistration":        api.ByUser(startWebAuthnRegistration),
	"CompleteWebAuthnRegistration":     api.ByUser(completeWebAuthnRegistration),
	"ListWebAuthnCredentials":          api.ByUser(listWebAuthnCredentials),
	"DeleteWebAuthnCredential":         api.ByUser(deleteWebAuthnCredential),
}
