// Package conversation loads recorded conversations with Amazon Cognito.
//
// A conversation is a JSON file in testdata/conversations. The test of package
// flow replays each file to a driver. The test of package cognitotest sends the
// requests of each file to a pool. So a test fails if the driver or the pool
// disagrees with the recording. Tests import this package, and the
// program live, which records.
//
// # The file
//
// A file holds one object with the members below. The members title, source,
// recorded, evidence, pool and exchanges are required:
//
//	title        the course of the conversation, in a few words
//	source       who recorded it: a test, an issue, or "id" and the number of a
//	             file in a public archive of repositories
//	recorded     when: "2023-06-18", "2023-06", "2021", "2017 to 2026", or
//	             "unknown"; of documentation, when it was read
//	evidence     "R": a recording of the service; "C": source code of AWS's
//	             clients; "D": documentation; "T": a public report that
//	             quotes the service
//	region       where, if it is known: "eu-central-1"
//	changed      how the shape differs from the recording, and why
//	pool only    why our driver cannot hold this conversation
//	driver only  why our pool cannot hold this conversation
//	pool         cognitotest.PoolConfig as JSON, without a dialect
//	triggers     the Lambda triggers of custom authentication, see [Triggers]
//	password     the password that the client proves by SRP; required if a
//	             request has the user's SRP_A, else not allowed
//	exchanges    requests and replies, in the order of time
//
// The pool has one app client and at most one user. An unknown member and a
// member that occurs twice are errors, at every depth.
//
// # The exchange
//
// Each element of exchanges is an object. The object has operation, request, and
// one of response and error. The other members are optional:
//
//	operation  the name of the operation: "InitiateAuth"
//	request    the body of the request
//	response   the body of a reply with status 200
//	error      the body of a reply with status 400: __type and message
//	wait       how much time passes before the request: "3m54s"
//	times      how often the exchange happens in a row
//	source, recorded, evidence, region
//	           the origin of this exchange. If the exchange has a source, the
//	           origin of the file does not apply, and only region is optional
//
// The request has the members and the values that our driver sends. A recorded
// request of another client may have others, such as an empty ClientMetadata. In
// a file that is pool only, the request is that of the recorded client.
//
// The request must fit the operation's input in the SDK. The response must fit
// the operation's output, or be newer than the SDK.
//
// A response has all keys that were recorded and no others. Where a source does
// not show all keys of an object, the object has the key "<other keys>". The
// value of that key names the gap in the source. The pool may send more keys.
// The message of an error is "<not recorded>" if the source does not quote it.
//
// # Values
//
// The shape is recorded: keys, order, presence, exceptions, messages. The values
// are made up, because names, codes and tokens belong to others. A value that
// differs each time is a placeholder. A string that is JSON equals every string
// with the same JSON value.
//
// The service makes the values of the first list. A request repeats the value
// that was last in a response:
//
//	<session>           Session, 20 to 2,048 characters
//	<salt>              SALT: the shortest hexadecimal of a number below 2^128
//	<srp b>             SRP_B: the shortest hexadecimal of a number
//	<secret block>      SECRET_BLOCK, standard base64
//	<access token>      three parts, of which the first two are JSON
//	<id token>          the same
//	<refresh token>     opaque text
//	<former refresh token>
//	                    in requests alone: the refresh token before the last one
//	<device key>        region, underscore, UUID; that of the request, if the request has one
//	<device group key>  a hyphen and eight letters or digits
//	<totp secret>       SecretCode, base32
//	<uuid>              UserSub
//	<passkey options>   CREDENTIAL_REQUEST_OPTIONS, a JSON object
//
// The client makes the values of the second list:
//
//	<srp a>             SRP_A: hexadecimal of a number of about 3,072 bits
//	<timestamp>         TIMESTAMP: "Sat Mar 7 21:04:05 UTC 2026", the clock's time
//	<signature>         PASSWORD_CLAIM_SIGNATURE: base64 of 32 bytes
//	<device verifier>   PasswordVerifier of ConfirmDevice: base64
//	<device salt>       Salt of ConfirmDevice: base64
//
// The user enters the values of the third list:
//
//	<code>, <long code>  the code that was delivered, of 6 or of 8 digits
//	<wrong code>, <wrong long code>
//	                     a code that was not delivered, of the same length
//	<totp>               the code that the authenticator app shows
//	<wrong totp>         a code that the app does not show
//
// # The clock
//
// A conversation begins at [Start]. Time stands still but for wait.
//
// # Writing a recording
//
// A program that records real traffic fills in a [Conversation] and encodes it
// with encoding/json. The program replaces each value of the lists above with
// its placeholder, and names, addresses and identifiers with made-up ones. The
// program gives recorded the day, region the region and evidence "R". [Load]
// reports a string in angle brackets that is no placeholder. The program live does so.
//
// The tests of both sides take the flag -conversations, which names another directory:
//
//	go test ./flow ./cognitotest -run TestConversations -conversations DIR
package conversation
