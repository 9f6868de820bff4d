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
// A wrong code does not end the sign-in. The driver asks the handler again, with
// the number of refused answers in Challenge.Attempt and the error in
// Challenge.Reason.
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
// A [Prompt] is a copy of where the sign-in stands, with all that the driver has
// learnt so far. If a sign-in can go on after an error, then the [Error] carries a
// prompt: answer that prompt, and not the one before. SignIn, Start and Respond
// run the same loop. Two things differ: Respond has no password, except that of
// its answer, and a sign-in cannot begin again in Respond.
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
//   - with an [Error] that has a Prompt, seal that prompt in place of the old one.
//     Show the form again, with Error.Message if the remedy is AnswerPrompt;
//   - with an [Error] without a Prompt, delete the prompt and begin anew.
//
// The service has no operation that sends a code again during a sign-in. If the code
// does not arrive, delete the prompt and begin anew: Start has another code sent.
//
// Give seal the driver's clock ([Driver.Now]): prompts are issued by the service's
// clock.
//
// Remembered devices are a browser's there, not the server's. Give [ThisBrowser]
// to Start, Respond and Refresh, such as ThisBrowser(sealer.Device(w, r)).
// RememberDevice is asked about a new device only. For a box that the user may
// tick at any sign-in, call [Driver.DeviceList] and Remember once there are tokens.
//
// An answer uses up its session: let a request that has begun run to its end
// when the browser goes away, and do not send it twice. Tokens can travel as
// prompts do (seal.Sealer.Seal). Where refresh tokens rotate, requests of one
// browser may refresh at two instances at once: give the app client a grace
// period, or keep the tokens in a store with package websession.
//
// For threat protection pass on the user's address in Options.UserContextData.
// A passkey signs Challenge.CredentialRequest in the browser, and its JSON comes
// back with challenge.Credential. The program examples/web does all of it.
//
// # Auth flows
//
//	UserSRPAuth            USER_SRP_AUTH: the password is proved by SRP and not sent
//	UserPasswordAuth       USER_PASSWORD_AUTH: the password is sent; for pools that migrate users
//	UserAuth               USER_AUTH: the user chooses the first factor, passkeys included
//	CustomAuth             CUSTOM_AUTH: the pool's triggers ask, after SRP if there is a password
//	AdminUserPasswordAuth  ADMIN_USER_PASSWORD_AUTH, also under its old name ADMIN_NO_SRP_AUTH
//	RefreshTokenAuth       REFRESH_TOKEN_AUTH, for which the service also takes REFRESH_TOKEN
//
// A driver made by [NewAdmin] goes through AdminInitiateAuth and
// AdminRespondToAuthChallenge; all of the above work there but UserPasswordAuth,
// and AdminUserPasswordAuth works nowhere else.
//
// # Passwords
//
// A password is used for what it was given for. The password of UserSRPAuth, of
// CustomAuth, and of CurrentPassword with PasswordSRP or "" is proved by SRP. A
// request that would send such a password is not sent, whoever asks for it or
// answers with it. The error then has the code [PasswordInClear]. A
// password is sent with UserPasswordAuth, with AdminUserPasswordAuth, with
// CurrentPassword(challenge.Password), and with UserAuth if Preferred is Password or
// if the answer to SELECT_CHALLENGE chooses Password. CurrentPassword takes the
// place of the password of the start: the last password given counts.
//
// A password is in memory for the length of the call, and not in a prompt. A new
// password (NEW_PASSWORD_REQUIRED) is always sent: the protocol has no other way.
//
// # Errors
//
// A sign-in that does not get further ends with an *[Error]. Mistakes that no user
// can make, such as a nil AuthFlow or the prompt of another app, are plain errors.
// So is an error of the handler that SignIn was given: it is returned as it is.
//
//   - [Error.Code] says what happened. errors.Is(err, flow.WrongCredentials) asks
//     for a code. Codes are not renamed. They are in the text, in JSON and in
//     attributes of log/slog.
//   - [Error.Remedy] says what the caller can do. It follows from the code.
//   - [Error.Message] is for the user: the service's text, or what is wrong with an
//     answer that was not sent.
//   - [Error.Hint] guesses the cause from the service's wording, such as
//     [LockedOut]. Use it for a better sentence. The driver decides nothing by it.
//   - [Error.ServiceCode] and [Error.RequestID] are for logs and for AWS support.
//
// The service says NotAuthorizedException for a wrong password, for a spent
// session and for much else. The driver tells these apart by the request that was
// refused, and not by the message.
//
// errors.As finds the SDK's own error, such as *types.NotAuthorizedException. It
// also takes a variable of type Error or *Error.
//
// # Retries, restarts and limits
//
// The SDK retries a request that the service throttled or that did not leave this
// machine. It retries other failures of a request only if the request spends
// nothing: an answer spends its session, and a start that makes the service send
// a code spends the code.
//
// A reply is lost if the connection closes, if the status is 500 or more, or if
// the reply cannot be read. If the reply to a request of the driver is lost, the
// driver starts the sign-in over. It does so once, in the call that started the sign-in, and only while
// nobody has given what cannot be given twice: a code, a signature, a custom
// answer, a new password. Choices that were made before are made again. If the
// reply to an answer of a person or of a handler is lost, the caller gets an
// error with a prompt. The text says that the service may have acted on the
// answer: if it has, it refuses the prompt, and the user has to start again.
//
// Choices apart, the driver sends an answer a second time in one case. If the
// service answers
// ResourceNotFoundException to a request with a device key, the pool may not know
// the device. The driver then sends the request without the key.
//
// [Limits] bound a sign-in over all its calls, because the prompt carries what was
// spent. Besides, a password is proved once after each start and each new
// password: a proof lets a false service try one password. A sign-in that reaches
// a limit ends with the code [LimitReached], and the text names the limit.
//
// # Time and size
//
// The service refuses a proof whose TIMESTAMP is too far off. The driver takes the
// service's time from the Date of each reply, so a machine whose clock is off can
// sign in. Only proofs, the age of prompts and [Driver.Now] use that time. The
// Date of a reply with an Age is not used, because it comes from a cache.
// [Tokens].Expiry is by Options.Now.
//
// The service takes a proof for a limited time after its challenge, and an SRP exchange
// takes a processor some 2 ms. If very many users sign in at once, sign-ins wait before they
// begin, so that no challenge waits for long: see Options.Handshakes.
//
// If the caller's context has no deadline, Options.RequestTimeout bounds each
// operation. The driver reads at most 1 MiB of a response; a longer one is an
// error of code [UnexpectedReply]. Text of the service is cut after 600 bytes in
// errors, and a prompt holds at most 64 KiB of parameters.
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
// A remembered device takes the place of the second factor, so a call says whose
// device it is: [ThisMachine] or [ThisBrowser]. The driver then uses and enrols
// devices by itself. A device is found by the pool's name for the user and by the
// aliases of earlier sign-ins. Without a holder, a new device is confirmed and not
// remembered, because the service refuses to refresh the tokens otherwise.
//
// A device does not decide a sign-in. If the proof of a device fails, the driver
// starts the sign-in over once with the device: the session or the network may be
// at fault. If the proof fails again, it starts over without the device. If the sign-in succeeds without a
// device that was refused or is not known, the driver removes the device from the
// holder's wallet.
// What went wrong is in [Tokens].Device.
//
// The wallet has a new device before ConfirmDevice is called. If ConfirmDevice is
// throttled, lost or cut, then the device is unconfirmed, and the service refuses to
// refresh the tokens. [Driver.Refresh] confirms the device first, [Driver.ConfirmDevice]
// does nothing else, and a [TokenSource] does it at its first call. Give them the
// holder of the sign-in: without it, the device is confirmed and not remembered. The
// next sign-in of the user confirms the device for the tokens of this one, and enrols
// another one. ConfirmDevice takes the user's access token, so all of that works while
// one is valid.
//
// There is one limit to that. A sign-in cannot start over after a person has given
// a code, nor in Respond. If the proof is refused then, the error has the code
// [DeviceRefused], the device is marked, and the next sign-in leaves the device
// out.
//
// Some pools leave it to the user whether to remember a device. There the driver
// asks Options.RememberDevice. If RememberDevice is nil, the device stays as the
// pool has made it, and [DeviceList.Remember] can change that later.
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
//		o.Clear = clear // after SignOut
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
// Sign-ups, passwords and factors of a user are in package account. For any other
// operation [Driver.Call] adds the errors and the options of a driver.
//
// To verify tokens is not the job of this package: the examples do it with
// go-oidc. An access token has no aud; check client_id and token_use.
//
// # Replacing parts
//
// A handler in Options.Handlers is asked before the driver's own machine handler.
// Both halves of an SRP exchange can be replaced: the answer to PASSWORD_SRP (or
// DEVICE_SRP_AUTH) is the first half, which the driver also needs for the first
// request. A challenge for machines that no handler answers is an error that names
// what is missing; it does not become a prompt.
//
// To test without the SDK client, implement the two methods of [API]. Package
// cognitotest has a whole user pool for tests.
//
// # Secrets
//
// Passwords and tokens are of type secret.String, which does not print. Prompts
// and answers print as their kind. An [Error] shows the service's text on one
// line, with a placeholder for each secret that the call has sent: parameters,
// SECRET_HASH, sessions, client secret, also where the service has escaped them.
// The driver does not know any more what an earlier call has sent.
//
// There is one exception. The service writes words such as password to everybody.
// A secret may be such a word, or have fewer than four characters. Such a secret
// is replaced only in quotes, in brackets, or directly after an equals sign or a
// colon.
//
// The SDK's own request log (aws.LogRequestWithBody) prints passwords, codes and
// sessions: leave it off.
package flow
