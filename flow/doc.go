// Package flow signs users in to Amazon Cognito user pools.
//
// A pool asks with challenges until it is satisfied, and any challenge may
// follow any answer. A [Driver] answers what a machine can answer (the SRP
// proof of a password, SECRET_HASH, a remembered device) and asks a person for
// the rest: codes, a new password, a choice. It wraps the client of the AWS SDK
// for Go v2 and adds no transport of its own.
//
// # Sign in with one call
//
// A program that can ask its user on the spot gives a handler, and gets tokens:
//
//	driver, err := flow.New(cognitoidentityprovider.NewFromConfig(config), flow.App{
//		UserPoolID:   "eu-central-1_Ab12Cd34E",
//		ClientID:     "1example23456789",
//		ClientSecret: secret.New(os.Getenv("COGNITO_CLIENT_SECRET")), // if the app client has one
//	})
//	tokens, err := driver.SignIn(ctx,
//		flow.UserSRPAuth{Username: name, Password: secret.New(password)},
//		challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
//			switch c.Name {
//			case challenge.SoftwareTokenMFA, challenge.SMSMFA, challenge.EmailOTP:
//				return challenge.Code(ask("Code: ")), nil
//			}
//			return challenge.Answer{}, challenge.ErrNoAnswer
//		}))
//
// A wrong code does not end the sign-in: the handler is asked again, and told
// the attempt and the reason.
//
// # Sign in step by step
//
// A web backend shows the question in one response and gets the answer in
// another request, perhaps on another machine. [Driver.Start] and
// [Driver.Respond] return a [Step]: tokens, or the next [Prompt]. A prompt
// marshals to bytes; package seal makes them a string for a cookie.
//
//	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: name, Password: secret.New(password)})
//	// show step.Prompt.Challenge(), and in the next request:
//	step, err = driver.Respond(ctx, prompt, challenge.Code(code))
//
// After an error, Respond can be called again if the [Error] carries a prompt.
// SignIn is a loop over the two; whatever works in one mode works in the other.
//
// # Web backends
//
// Between two requests the prompt has to be kept: in a store on the server, or
// with the browser. Package seal makes a prompt a string for a cookie or a
// hidden field, encrypted and bound to the app client and to the browser's own
// session; every instance that has the keys opens it, and it expires with the
// service's session. So a sign-in crosses requests, restarts and machines, and
// there is nothing to clean up.
//
// Each request goes like this: open the prompt, call Respond with the user's
// answer, and then
//
//   - with Step.Prompt, seal it and show its Challenge as a form;
//   - with Step.Tokens, the user is signed in: delete the prompt, and give the
//     browser a new session ID;
//   - with an [Error] whose Remedy is AnswerPrompt, seal Error.Prompt in place of
//     the old prompt and show the form again with Error.Message;
//   - with another Remedy, delete the prompt and begin anew.
//
// Remembered devices are a browser's there, not the server's: give
// Options.Devices per call, as seal's Cookies(w, r), to Start and to Respond.
// RememberDevice is asked about a new device only; for a box that the user may
// tick at any sign-in, call [Driver.Devices] and Remember once there are tokens.
//
// An answer uses up its session: let a request that has begun run to its end
// when the browser goes away, and never send it twice. Tokens can travel as
// prompts do (seal.Sealer.Seal). Where refresh tokens rotate, requests of one
// browser may refresh at two instances at once: give the app client a grace
// period.
//
// For threat protection pass on the user's address in Options.UserContextData.
// A passkey signs Challenge.CredentialRequest in the browser, and its JSON comes
// back with challenge.Credential. The program examples/web does all of it.
//
// # Auth flows
//
//	UserSRPAuth            USER_SRP_AUTH: the password never leaves this machine
//	UserPasswordAuth       USER_PASSWORD_AUTH: it does; for pools that migrate users
//	UserAuth               USER_AUTH: the user chooses the first factor, passkeys included
//	CustomAuth             CUSTOM_AUTH: the pool's triggers ask, after SRP if there is a password
//	AdminUserPasswordAuth  ADMIN_USER_PASSWORD_AUTH, also under its old name ADMIN_NO_SRP_AUTH
//	RefreshTokenAuth       REFRESH_TOKEN_AUTH, for which the service also takes REFRESH_TOKEN
//
// A driver made by [NewAdmin] goes through AdminInitiateAuth and
// AdminRespondToAuthChallenge; all of the above work there but UserPasswordAuth,
// and AdminUserPasswordAuth works nowhere else.
//
// # Errors
//
// What the service refuses is an [Error]: its Remedy says what can be done, and
// errors.As reaches the SDK's own error. The service says NotAuthorized for a
// wrong password, a spent session and much else. The driver tells them apart by
// where they happen, and never by message.
//
// A request that was throttled, or that failed before it was sent, is retried
// by the SDK. An answer whose reply was lost is not: its session may be spent,
// and the repetition would look like a wrong answer.
//
// # Names
//
// A user may sign in by an alias, such as an e-mail address. The pool tells its
// own name for the user on the way; from then on that name is sent and hashed
// in SECRET_HASH, since the service refuses a hash over another name than that
// in the same request. [Tokens].Username is the pool's name.
//
// # Remembered devices
//
// Given Options.Devices, the driver uses and enrols devices by itself. A record
// is kept under the pool's name for the user; sign-in by alias finds it too. A
// device that the pool has forgotten is left out, and its record deleted; one
// whose proof the pool refuses is deleted, and the sign-in starts once more,
// unless a person has answered by then. What goes wrong with a device is in
// Tokens.DeviceError and never fails a sign-in that the pool grants.
//
// In pools that leave it to the user whether to remember a device,
// Options.RememberDevice is asked. Without it nothing is remembered behind the
// user's back, and [Devices] does it later.
//
// # Tokens
//
// [Tokens] are what a sign-in ends with. What they show beside the tokens
// themselves is read from the claims and not verified, which is sound for
// tokens straight from the service. encoding/json writes them whole, to keep
// them; nothing else prints them.
//
// A program that needs a token for longer than one lasts takes a
// [TokenSource], which implements oauth2.TokenSource:
//
//	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
//		o.Save = save   // to disk, before anyone gets the new tokens
//		o.Clear = clear // after sign-out, or when they are refused for good
//		o.OnError = func(err error) { log.Print(err) }
//	})
//	client := &http.Client{Transport: &oauth2.Transport{Source: source}}
//
// It refreshes ahead of expiry and in the background, once for all callers, and
// keeps a valid token in use over failures that may pass. The last thing a
// program does is source.Wait, or source.SignOut.
//
// [Driver.Refresh] is one refresh. The name in SECRET_HASH and the device key
// come from the tokens, whatever the user typed. It calls
// GetTokensFromRefreshToken, which works with refresh token rotation and
// without; Options.RefreshByAuthFlow chooses REFRESH_TOKEN_AUTH, which the
// service refuses with rotation on.
//
// With rotation each refresh replaces the refresh token, and the old one works
// for the app client's grace period only. Set one, longer than a restart takes.
// A program that is killed between the reply and Save, or that never gets the
// reply, goes on with the old token if it is back within the grace period.
// Later, or without one, the session is lost: the next refresh ends in
// RefreshTokenReuseException, and the user has to sign in again. A refresh
// token belongs to one TokenSource; two processes need a sign-in each.
//
// [Driver.SignOut] revokes one sign-in, [Driver.GlobalSignOut] all of a user's.
// Servers that verify tokens by themselves do not notice before they expire.
//
// To verify tokens is not the job of this package: the examples do it with
// go-oidc. An access token has no aud; check client_id and token_use.
//
// # Replacing parts
//
// Options.Handlers takes the place of any machine handler. Both halves of an
// SRP exchange can be replaced, the first being the answer to PASSWORD_SRP (or
// DEVICE_SRP_AUTH), which the driver also asks for before the first request.
// An [API] of two methods is all it takes to test without the SDK's client;
// package cognitotest has a whole user pool for tests.
//
// # Secrets
//
// Passwords and tokens are of type secret.String, which does not print. Nor do
// prompts, answers and errors tell what they hold. An [Error] shows the service's
// text with a placeholder for each secret that the call has sent, escaped or not.
// What an earlier call has sent is not known any more.
// There is one exception: the service writes words such as password to everybody.
// A secret may be such a word, or have fewer than four characters. Such a secret
// is replaced only in quotes, in brackets, or directly after an equals sign or a
// colon. The SDK's own request log (aws.LogRequestWithBody) does print passwords,
// codes and sessions: leave it off.
package flow
