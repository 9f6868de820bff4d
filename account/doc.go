// Package account has the operations of users on their accounts: sign up, reset a forgotten
// password, change the password, set up factors. For the sign-in see package flow.
//
// A [Client] is made from a driver of package flow, and has the driver's app, options and
// errors:
//
//	accounts := account.For(driver)
//	signUp, err := accounts.SignUp(ctx, account.NewUser{Username: name, Password: secret.New(password)})
//	show("We have sent a code to " + signUp.Delivery().Destination)
//	signUp, err = accounts.Confirm(ctx, signUp, code)
//	tokens, err := driver.SignIn(ctx, signUp.SignIn(), handler) // asks nothing if the pool allows it
//
// A [SignUp] is a value between two requests of a web backend. Package seal seals a SignUp
// for the browser, like a prompt.
//
// A [User] is a user who is signed in:
//
//	user := accounts.User(tokens)
//	app, err := user.StartTOTP(ctx)
//	show(app.URI("Big Corp", email))
//	err = user.FinishTOTP(ctx, code, "telephone")
//	err = user.SetMFA(ctx, account.MFA{Preferred: challenge.SoftwareTokenMFA})
//
// # Operations that the package does not have
//
// For the attributes of a user, for DeleteUser and for administration use the SDK client.
// The package has an operation only for one of these reasons:
//
//   - The operation needs a SECRET_HASH.
//   - The next call needs a part of the reply.
//   - The input is awkward in Go.
//   - A password or a code must not get into an error.
//
// # Errors
//
// Errors are of type *[flow.Error]. These codes are of operations on accounts:
//
//	flow.WrongCode, CodeExpired          the code. After CodeExpired send another code
//	flow.CodeNotSent                     the service could not send the code
//	flow.PasswordRefused                 the new password. Message says why
//	flow.InputRefused                    the user name or an attribute. Message says why
//	flow.UsernameTaken, UnknownUser      the user name
//	flow.NotAllowed                      the state of the user. Each method says which states
//	flow.WrongCredentials                the previous password of ChangePassword
//	flow.FactorMissing                   SetMFA, FinishTOTP
//	flow.PasskeyRefused                  FinishPasskey
//	flow.TokenRefused                    the access token has expired or is revoked: sign in again
//
// If an input cannot be right, such as an empty code, then nothing is sent. The error has
// the same codes, and the text names the input. The texts of errors hold no password, code,
// session, token, attribute or passkey, under the conditions in package flow (Secrets).
//
// If a reply is lost, the SDK client repeats the request only if a repetition does no harm.
// The SDK client does not repeat sign-ups, codes and changes of a password. The methods for
// these say what to do after flow.NetworkFault.
package account
