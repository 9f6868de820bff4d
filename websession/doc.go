// Package websession keeps the users of a backend signed in, over any number of
// instances that share a store.
//
// A web session is what a browser or an app has after a sign-in: a random identifier
// there, and the user's tokens in the store. (The word session alone is the service's,
// for a part of a sign-in.) A [Manager] gives valid tokens for an identifier. The Manager
// refreshes tokens early and behind the requests, one instance at a time.
//
//	sessions, err := websession.New(driver, shared, sealer) // on each instance
//
//	// After a sign-in, in place of whatever web session the browser had:
//	err = sessions.Begin(w, r, step.Tokens)
//
//	// In a handler behind sessions.Handler:
//	tokens, err := websession.FromContext(r.Context()).Tokens(r.Context())
//
//	err = sessions.End(w, r)                // this web session
//	err = sessions.SignOutUser(ctx, subject) // all of the user's
//	err = sessions.Wait(ctx)                 // before the process ends
//
// Backends without cookies call [Manager.Create] and send ID.Reveal in JSON. Their
// clients send the text as a header: Authorization: Bearer ID.
//
// Sealed cookies (package seal) keep users signed in without a store. The chapter
// docs/web-backends.md says when which is right.
//
// # What to answer
//
// errors.Is and, for a RefreshError, errors.As tell the errors of Tokens apart:
//
//	ErrNoSession      401, or the sign-in page
//	a RefreshError    503 if its Remedy is flow.TryLater, 500 if it is "", else as above
//	ErrStore          503; the cookie stays
//	the context's     nobody waits for the answer any more
//
// For a JSON backend, package frontend makes the same answers of these errors. SignOut, End
// and SignOutUser have ended the web sessions unless errors.Is finds ErrStore. Any other
// error of theirs is of a revocation: log it, and say that the user is signed out.
//
// A handler that changes something should refuse requests of other sites:
// http.CrossOriginProtection does.
//
// # One refresh
//
// A refresh is due some time before the tokens expire. The instance that serves a
// request then takes a lease on the record: a write that succeeds for one instance. It
// asks the service, and writes the new tokens. Until then all others use the present
// tokens. Only after these have expired do requests wait, each as long as its context
// lasts.
//
// The request to the service ends before the lease does. Other instances take over when
// they have seen the lease unchanged for its whole length by their own clock. So two
// instances never send one refresh token at once, and no refresh token is reused by a
// race, whatever the clocks say. The exception is an instance that was frozen while it
// sent, for longer than its lease.
//
// An instance may die between the service's reply and the write. Its successor sends
// the former refresh token again. Under refresh token rotation that takes a grace
// period of the app client, longer than Options.Lease, and a request in that time.
// Without one this web session is lost, and the user has to sign in. If the write fails
// and the instance lives, then the instance goes on trying, and nothing is lost.
//
// # When the service refuses
//
// The service refuses a refresh token that has expired or was revoked. The service
// answers the same if a setting of the program is wrong, such as the client secret. So
// no refusal ends a web session. All instances leave the service alone for
// Options.MaxBackoff, and callers get a [RefreshError] once the tokens have expired.
// The web session ends by idle time, to which such calls do not count, or with the next
// sign-in in the same browser.
//
// # When tokens are too large
//
// A record has room for tokens of 14 KiB as JSON. [Manager.Create] refuses larger ones.
// If a refresh brings larger ones, for example after the user has joined many groups,
// then the former tokens stay in use until they expire. Afterwards callers get a
// RefreshError that says so. The new refresh token is kept, and the refresh is tried
// again later.
//
// # When the store is down
//
// A process goes on using the valid tokens that it has in memory, and Options.OnError is
// told. Nobody refreshes, and nobody learns of a sign-out. Afterwards,
// and for other web sessions, the error is [ErrStore].
//
// # What the store sees
//
// A record is under the SHA-256 of an identifier, and sealed with the sealer's first
// key. The record is bound to its name, so that nobody who can write to the store can
// give one user the web session of another. The list of a user's web sessions is a record
// of its own.
//
// To rotate keys, do as package seal says. A web session is written with the new key at
// the next refresh, but the list only when the user signs in or out. So keep the former
// key for Options.Lifetime. If the list does not open, then Create and SignOutUser fail
// for this user with [ErrStore]. If a key has leaked and has to go at once, delete all
// records too.
//
// Package store says what a store is. Remembered devices can be in the same one: see
// seal.Sealer.DeviceStore.
package websession
