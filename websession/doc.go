// Package websession keeps the users of a backend signed in, over any number of
// instances that share a store.
//
// A web session is a record in the store with the tokens of a user. A browser or an app
// has the random identifier of the record. (The word session alone means the
// service's session, for a part of a sign-in.) A [Manager] gives valid tokens for an
// identifier. The Manager refreshes tokens before they expire, in the background. One
// instance refreshes at a time.
//
//	sessions, err := websession.New(driver, shared, sealer) // on each instance
//
//	// After a sign-in. A former web session of the browser ends:
//	err = sessions.Begin(w, r, step.Tokens)
//
//	// In a handler behind sessions.Handler:
//	tokens, err := websession.FromContext(r.Context()).Tokens(r.Context())
//
//	err = sessions.End(w, r)                 // this web session
//	err = sessions.SignOutUser(ctx, subject) // all web sessions of the user
//	err = sessions.Wait(ctx)                 // before the process ends
//
// A backend without cookies calls [Manager.Create] and sends ID.Reveal in JSON. Clients
// send the text back in a header: Authorization: Bearer ID.
//
// Sealed cookies (package seal) keep users signed in without a store. The chapter
// docs/web-backends.md helps to choose.
//
// # How to answer an error
//
// errors.Is and, for a RefreshError, errors.As tell the errors of Tokens apart:
//
//	ErrNoSession               401, or the sign-in page
//	a RefreshError             503 if its Remedy is flow.TryLater, 500 if it is "", else as above
//	ErrStore                   503; leave the cookie
//	the error of the context   the client has gone, or your deadline has passed
//
// For a JSON backend, package frontend makes these answers.
//
// SignOut, End and SignOutUser have ended the web sessions unless errors.Is finds
// ErrStore. Any other error is of a revocation: log the error, and tell the user that
// the sign-out succeeded.
//
// If a handler changes data, it should refuse requests from other sites:
// http.CrossOriginProtection does.
//
// # One refresh
//
// A refresh is due some time before the tokens expire. An instance that serves a request
// then takes a lease on the record: a write that succeeds for one instance only. The
// instance sends the refresh token to the service, and writes the new tokens. Meanwhile
// all instances use the present tokens. Requests wait only if these tokens have expired,
// and each request waits as long as its context lasts.
//
// The request to the service ends before the lease does. Another instance takes over
// when it has seen the lease unchanged for its whole length, by its own clock. So two
// instances do not send one refresh token at once, even if their clocks differ. The
// exception is an instance that was frozen while it sent, for longer than its lease.
//
// If an instance dies between the service's reply and the write, another instance sends
// the former refresh token again. Under refresh token rotation the service accepts the
// former token only in the grace period of the app client. Set a grace period longer
// than Options.Lease. Without a request in the grace period the web session is lost, and
// the user has to sign in. If only the write fails, the instance tries again and nothing
// is lost.
//
// # When the service refuses
//
// The service refuses a refresh token that has expired or was revoked. The service
// answers the same if a setting of the program is wrong, such as the client secret. So
// a refusal does not end a web session. No instance tries again for Options.MaxBackoff,
// and callers get a [RefreshError] once the tokens have expired. The web session ends by
// idle time, or with the next sign-in in the same browser. Calls that get the
// RefreshError of a refusal do not prolong the idle time.
//
// # When tokens are too large
//
// A record has room for tokens of 14 KiB as JSON. [Manager.Create] refuses larger
// tokens. A refresh can bring larger tokens, for example after the user has joined many
// groups. Then the former tokens stay in use until they expire. Afterwards callers get a
// RefreshError that gives the size. The new refresh token is kept, and the refresh is
// tried again later.
//
// # When the store is down
//
// A process goes on with the valid tokens that it has in memory, and tells
// Options.OnError. No instance refreshes, and a sign-out on another instance is not
// noticed. For all other web sessions the error is [ErrStore].
//
// # Records in the store
//
// The name of a record is a SHA-256 of the identifier. The record is sealed with the
// sealer's first key and bound to its name. So write access to the store is not enough
// to give one user the web session of another. A separate record lists the web sessions
// of a user.
//
// To rotate keys, do as package seal says. A web session is written with the new key at
// the next refresh, but the list only when the user signs in or out. So keep the former
// key for Options.Lifetime. If the list does not open, then Create and SignOutUser fail
// for this user with [ErrStore]. If a key has leaked and must go at once, delete all
// records too.
//
// Package store defines a store. Remembered devices can be in the same store: see
// seal.Sealer.DeviceStore.
package websession
