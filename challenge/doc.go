// Package challenge has the challenges of an Amazon Cognito user pool: their names, their
// parameters, the answers to them, and the handlers that compute answers.
//
// The service asks challenges until a sign-in succeeds: for the proof of a password, for a
// code, for a new password. Package flow sends the answers. Package challenge sends
// nothing.
//
// # Answers
//
//	PASSWORD_VERIFIER                             machine: PasswordHandlers
//	PASSWORD_SRP, PASSWORD                        machine: PasswordHandlers, or CurrentPassword
//	DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER     machine: DeviceHandlers
//	SMS_MFA, SMS_OTP, EMAIL_OTP                   Code. Challenge.Delivery has the destination
//	SOFTWARE_TOKEN_MFA                            Code
//	SELECT_MFA_TYPE                               Choose, of Challenge.Choices
//	SELECT_CHALLENGE                              Choose or CurrentPassword, of Challenge.Choices
//	MFA_SETUP                                     Choose if there are several Challenge.Choices,
//	                                              Code of an app with Challenge.TOTPSecret, Email,
//	                                              or Continue if Challenge.NoAnswerNeeded
//	NEW_PASSWORD_REQUIRED                         NewPassword with Challenge.RequiredAttributes
//	CUSTOM_CHALLENGE                              Custom
//	WEB_AUTHN                                     Credential for Challenge.CredentialRequest
//	ADMIN_NO_SRP_AUTH and unknown challenges      Raw
//
// A challenge for machines does not become a prompt for a person. If no machine handler
// answers, the error of package flow names the missing part: the password, or the device
// record.
//
// # Refused answers
//
// After some errors the service keeps the session and accepts another answer:
// [Challenge.CanAnswerAgain] has the list. Then package flow returns the challenge again
// with Attempt and Reason. If an answer does not fit the challenge, package flow sends
// nothing, and returns the challenge in the same way.
//
// # Handlers
//
// A [Handler] answers challenges. Most programs have one function that asks their user, or
// a [Mux] with one function for each challenge:
//
//	challenge.Mux{
//		challenge.SoftwareTokenMFA: challenge.HandlerFunc(
//			func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
//				return challenge.Code(readLine("Code from your app: ")), nil
//			}),
//	}
//
// You can replace each machine handler: see Options.Handlers of package flow. The handlers
// of [PasswordHandlers] and [DeviceHandlers] are for one sign-in: they keep the SRP numbers
// of a handshake, and use the numbers for one proof.
//
// # A new challenge
//
// If the service adds a challenge, package flow returns the challenge with its name and its
// parameters. Answer the challenge with [Raw].
package challenge
