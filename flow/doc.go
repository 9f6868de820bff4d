// Package flow signs users in to Amazon Cognito user pools, with the client of the AWS
// SDK for Go v2.
//
// A pool asks with challenges until it grants tokens. A [Driver] answers the challenges
// that need no person: the SRP proof of a password, or a remembered device. You answer the
// others: a code, a new password, a choice.
//
//	driver, err := flow.New(cognitoidentityprovider.NewFromConfig(config), flow.App{
//		UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789",
//	})
//	auth := flow.UserSRPAuth{Username: name, Password: secret.New(password)}
//	tokens, err := driver.SignIn(ctx, auth, handler) // handler is asked for codes
//
// # Which method to call
//
//   - [Driver.SignIn] is for a program that can ask its user at once, such as a command-line
//     tool. SignIn takes a challenge.Handler and returns tokens.
//   - [Driver.Start] and [Driver.Respond] are for a web backend, which asks in one response
//     and gets the answer in another request. Package seal carries the [Prompt] between them.
//   - [Driver.TokenSource] is for a program that needs a token for longer than one lasts.
//   - [Driver.SignOut] and [Driver.GlobalSignOut] revoke tokens.
//   - [Driver.DeviceList] shows, remembers and forgets the devices of a user.
//   - [Driver.Call] is for an operation that neither this package nor package account has.
//
// # Types
//
//   - A [Driver] signs users in to one [App]. [New] makes a driver for any program, and
//     [NewAdmin] for a server with AWS credentials.
//   - An [AuthFlow] says how a sign-in starts, such as [UserSRPAuth] or [UserAuth].
//   - A [Step] is the result of Start and Respond: tokens, or a prompt with a challenge.
//   - [Tokens] are the result of a sign-in. A [TokenSource] keeps them fresh.
//   - [Options] are settings of a driver or of one call. [ThisMachine] and [ThisBrowser] say
//     whose remembered devices a sign-in uses.
//   - An [Error] has a [Code] for programs, a [Remedy] for the next step, and a message for
//     the user.
//   - An [Observer] sees each operation begin and end, for logs, traces and metrics.
//
// # Concurrency
//
// A Driver and a TokenSource are safe for concurrent use. The calls of a driver share the
// service's clock and the limit [Options].Handshakes. Functions and stores that you give to a
// driver are called from several goroutines.
//
// # After a failure
//
//   - A wrong code does not end a sign-in. The [Error] has the prompt to answer next.
//   - If a reply is lost, the driver starts over only if no person has to answer again:
//     see [Driver].
//   - A fault of a device does not fail a sign-in that can do without the device. The
//     [DeviceOutcome] in the tokens has the error.
//   - A token source hands out its present token for as long as the token is valid.
//
// # Further reading
//
//   - [Protocol]: names in requests, repetitions, limits
//   - [Errors]: every code, and what to show
//   - [Devices] and [Tokens of a program]: remembered devices, rotation, sign-out
//   - [Web backends]: where prompts, tokens and devices are kept
//   - [Testing]: the embedded pool, faults, time
//   - [Observability]: logs, and the names of spans and metrics
//   - [Performance]: the cost of a sign-in, and of many at once
//   - [Compatibility]: which names and formats stay the same in later releases
//
// The programs examples/signin and examples/web of the module sign in with this package.
//
// [Protocol]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/protocol.md
// [Errors]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/errors.md
// [Devices]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/devices.md
// [Tokens of a program]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/tokens.md
// [Testing]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/testing.md
// [Web backends]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/web-backends.md
// [Observability]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/observability.md
// [Performance]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/performance.md
// [Compatibility]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/compatibility.md
package flow
