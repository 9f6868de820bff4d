// Package cognitotest is an Amazon Cognito user pool inside your process, for
// tests, examples and local development. The pool speaks the JSON protocol of the
// service over HTTP. Clients in other languages use the pool too: see interop in the repository.
//
// # Start a pool
//
// [Start] runs a server with one pool until a test ends. [Pool.Client] returns an
// SDK client for the pool. [Pool.AdminClient] returns an SDK client that signs:
//
//	pool := cognitotest.Start(t, cognitotest.PoolConfig{
//		MFA:     "OPTIONAL",
//		Clients: []cognitotest.ClientConfig{{ID: "app"}},
//		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "...", TOTPSecret: "JBSWY3DPEHPK3PXP"}},
//	})
//	client := pool.Client()
//
// Outside tests, [NewServer] makes a [Server], which is an [http.Handler]. Set
// BaseEndpoint of an SDK client to the URL of the server, and Region to any region.
//
// # Configure and change it
//
// [PoolConfig] describes the pool, [ClientConfig] an app client, [UserConfig] a user.
// [Pool.AddUser], [Pool.UpdateUser] and [Pool.DeleteUser] change users later. An app
// client without AuthFlows may use USER_SRP_AUTH, CUSTOM_AUTH and REFRESH_TOKEN_AUTH.
// USER_AUTH and the flows that send a password need an entry in AuthFlows, such as
// "ALLOW_USER_AUTH". [PoolConfig].Triggers takes Go functions, see package trigger.
//
// # Follow a sign-in
//
// [Pool.LastCode] returns the newest SMS or e-mail code of a user, [Pool.Mailbox] the
// last hundred codes. [PoolConfig].OnCode receives every code. [Pool.TOTP] returns
// the code that the authenticator app of a user shows. [Pool.Requests] returns the
// calls that the pool received.
//
// A [Clock] replaces time.Now for the pool, drivers, sealers and web sessions.
// Lifetimes, codes and lockouts follow the clock.
//
// # Make it difficult
//
// [Pool.Fail] makes calls fail as on a network: throttled, late, with a server fault,
// or with the connection cut. [Pool.ExpireSessions] ends all sign-ins under way.
// [PoolConfig].SRPFilter draws rare SRP numbers: a client that pads or trims numbers
// wrongly fails in one sign-in of some hundred.
//
// A [Dialect] has switches for behaviours that are open to doubt. Run your client
// with the zero Dialect, and again with [Hostile].
//
// # Limits
//
// The pool does not imitate hosted pages, OAuth endpoints, SAML, quotas, threat
// protection or the checks of AWS signatures. The pool answers an operation that it
// does not have with UnknownOperationException. The claim iss is the URL of the
// server, unless [PoolConfig].Issuer is set.
//
// The pool signs tokens with a key that each process makes once. Any library can verify
// the tokens with /<pool ID>/.well-known/jwks.json at the URL of the server.
//
// docs/evidence.md in the repository of this module lists the operations, the checks,
// and each behaviour with its evidence. A test runs each row of the list.
//
// A configuration holds passwords in the clear, and [Pool.Requests] keeps request
// bodies. Use invented users, and do not offer the server to a network.
package cognitotest
