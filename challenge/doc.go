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
//	PASSWORD_VERIFIER                             machine: PasswordHandlers
//	PASSWORD_SRP, PASSWORD                        machine: PasswordHandlers, or CurrentPassword
//	DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER     machine: DeviceHandlers
//	SMS_MFA, SMS_OTP, EMAIL_OTP                   Code; Challenge.Delivery says where it went
//	SOFTWARE_TOKEN_MFA                            Code
//	SELECT_MFA_TYPE                               Choose, of Challenge.Choices
//	SELECT_CHALLENGE                              Choose or CurrentPassword, of Challenge.Choices
//	MFA_SETUP                                     Code for the app that was given Challenge.TOTPSecret,
//	                                              Email, or Choose where there are several;
//	                                              Continue if Challenge.NoAnswerNeeded
//	NEW_PASSWORD_REQUIRED                         NewPassword with Challenge.RequiredAttributes
//	CUSTOM_CHALLENGE                              Custom
//	WEB_AUTHN                                     Credential for Challenge.CredentialRequest
//	ADMIN_NO_SRP_AUTH and what is to come         Raw
//
// Package flow does not put a challenge for machines to a person. If no machine
// handler answers, the error names what the program lacks: the password, or the
// record of the device.
//
// # Refused answers
//
// After some errors the service keeps the session and takes another answer:
// [Challenge.CanAnswerAgain] lists them per challenge. Package flow then returns
// the challenge again with Attempt and Reason. An answer that does not fit the
// challenge, or that lacks something, is refused before anything is sent, and
// counts in the same way.
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
// Each machine handler can be replaced: see Options.Handlers of package flow. The
// handlers that [PasswordHandlers] and [DeviceHandlers] return are for one sign-in:
// they keep the SRP numbers of an exchange, and use them for one proof.
//
// # A new challenge
//
// A challenge that this package does not know reaches the caller under its own
// name, with its parameters as they came. Answer it with [Raw].
package challenge
