// Package account has what a user does with an account besides signing in: sign up,
// reset a forgotten password, change the password, set up factors.
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
// A [SignUp] is a value between two requests of a web backend. Package seal seals it for
// the browser, as it does with a prompt.
//
// A [User] is somebody who is signed in:
//
//	user := accounts.User(tokens)
//	app, err := user.StartTOTP(ctx)
//	show(app.URI("Big Corp", email))
//	err = user.FinishTOTP(ctx, code, "telephone")
//	err = user.SetMFA(ctx, account.MFA{Preferred: challenge.SoftwareTokenMFA})
//
// # Which operations are here
//
// An operation is here only if it takes more than one call of the SDK client: it needs a
// SECRET_HASH, has something to carry to the next call, takes an input that is awkward in
// Go, or sends a password or a code that must not get into an error. For the attributes of
// a user, for DeleteUser and for administration use the SDK client.
//
// # Errors
//
// Errors are of type *[flow.Error]. The codes that accounts have:
//
//	flow.WrongCode, CodeExpired          the code; CodeExpired: have another one sent
//	flow.CodeNotSent                     the service could not send the code
//	flow.PasswordRefused                 the new password; Message says why
//	flow.InputRefused                    the user name or an attribute; Message says why
//	flow.UsernameTaken, UnknownUser      the user name
//	flow.NotAllowed                      the state of the user; each method says which
//	flow.WrongCredentials                the previous password of ChangePassword
//	flow.FactorMissing, PasskeyRefused   SetMFA, FinishPasskey
//	flow.TokenRefused                    the access token has expired or is revoked: sign in again
//
// An input that cannot be right, such as an empty code, has the same codes. The text names
// the input, and nothing is sent. No error and no log holds a password, a code, a session,
// a token, an attribute or a passkey.
//
// The SDK client repeats a request after a lost reply only where a repetition does no harm.
// Sign-ups, codes and changes of a password are not repeated: each method says what to do
// after flow.NetworkFault.
package account
