package cognitotest

// accountOperations are the operations of this family.
var accountOperations = map[string]operation{
	"SignUp":                       unsigned(signUp),
	"ConfirmSignUp":                unsigned(confirmSignUp),
	"ResendConfirmationCode":       unsigned(resendConfirmationCode),
	"ForgotPassword":               unsigned(forgotPassword),
	"ConfirmForgotPassword":        unsigned(confirmForgotPassword),
	"GetUser":                      byUser(getUser),
	"AssociateSoftwareToken":       unsigned(associateSoftwareToken),
	"VerifySoftwareToken":          unsigned(verifySoftwareToken),
	"SetUserMFAPreference":         byUser(setUserMFAPreference),
	"StartWebAuthnRegistration":    byUser(startWebAuthnRegistration),
	"CompleteWebAuthnRegistration": byUser(completeWebAuthnRegistration),
	"ListWebAuthnCredentials":      byUser(listWebAuthnCredentials),
	"DeleteWebAuthnCredential":     byUser(deleteWebAuthnCredential),
}
