// Package challenge has the challenges of an Amazon Cognito user pool: their
// names, typed access to their parameters, the answers they take, and the
// handlers that compute answers.
//
// A pool asks with a challenge until it is satisfied: for the proof of a
// password, for a code, for a new password. Package flow drives the exchange;
// this package knows what each challenge means. Nothing here calls the service.
//
// # Who answers what
//
//	PASSWORD_VERIFIER, PASSWORD_SRP, PASSWORD     machine: PasswordHandlers
//	DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER     machine: DeviceHandlers
//	SMS_MFA, SMS_OTP, EMAIL_OTP                   Code; Challenge.Delivery says where it went
//	SOFTWARE_TOKEN_MFA                            Code
//	SELECT_MFA_TYPE                               Choose, of Challenge.Choices
//	SELECT_CHALLENGE                              Choose or CurrentPassword, of Challenge.Choices
//	MFA_SETUP                                     Code for the app that was given Challenge.TOTPSecret,
//	                                              Email, or Choose where there are several
//	NEW_PASSWORD_REQUIRED                         NewPassword with Challenge.RequiredAttributes
//	CUSTOM_CHALLENGE                              Custom
//	WEB_AUTHN                                     Credential for Challenge.CredentialRequest
//	ADMIN_NO_SRP_AUTH and what is to come         Raw
//
// # Handlers
//
// A [Handler] is asked for the answer to a challenge. Most programs write one
// function that asks their user, or a [Mux] of one function per challenge:
//
//	challenge.Mux{
//		challenge.SoftwareTokenMFA: challenge.HandlerFunc(
//			func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
//				return challenge.Code(readLine("Code from your app: ")), nil
//			}),
//	}
//
// The machine handlers are handlers like any other, and each can be replaced.
//
// # A new challenge
//
// What AWS adds tomorrow reaches the caller under its own name, with its
// parameters as they are, and is answered with [Raw]. To give it answers of its
// own takes a row in table.go and, unless an existing kind of answer fits, a
// file beside it.
package challenge
