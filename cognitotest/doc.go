// Package cognitotest is an in-process Amazon Cognito user pool for tests,
// examples and local development. It speaks the service's JSON protocol over
// HTTP, keeps what a user pool keeps, and refuses what a user pool refuses.
//
// # Use in tests
//
// [Start] runs a server with one pool until the test ends. [Pool.Client] gives
// an SDK client for it, [Pool.AdminClient] one that signs:
//
//	pool := cognitotest.Start(t, cognitotest.PoolConfig{
//		MFA:     "OPTIONAL",
//		Clients: []cognitotest.ClientConfig{{ID: "app"}},
//		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "...", TOTPSecret: "JBSWY3DPEHPK3PXP"}},
//	})
//	client := pool.Client()
//	code := pool.TOTP("alice")
//
// Codes by SMS and e-mail are in [Pool.LastCode] when the response that
// announces them arrives, and go to [PoolConfig].OnCode. [Pool.Requests] has
// the calls received with their bodies, so that a test can assert what was
// sent. With [PoolConfig].Now a test moves the pool's clock: lifetimes, codes
// and lockouts follow it.
//
// Outside tests a [Server] is an [http.Handler]. Clients have to send what
// they would send to the service; only the base URL differs. Tokens are signed
// with a key made once per process, and verify against
// /<pool ID>/.well-known/jwks.json and openid-configuration.
//
// A configuration holds passwords in the clear and records keep request
// bodies. Use made-up users, and do not offer the server to a network.
//
// # What is checked
//
//   - The members of a request: names, types, and the required members,
//     lengths and patterns of the API model. A signature (version 4) has to be
//     there and of the right form on Admin operations; it is not verified.
//   - SRP: A mod N = 0, u = 0 and text that is not hexadecimal are refused,
//     and the password claim is verified with arithmetic of its own.
//     TIMESTAMP needs the exact form and a time near the pool's clock.
//   - SECRET_HASH in every call, over the USERNAME of that call; in a refresh,
//     which has none, over the name in the tokens or the sub. A public client
//     that sends one is refused.
//   - Sessions: one answer each, for the challenge, client and user they were
//     issued for, within AuthSessionSeconds. A wrong code, a refused new
//     password and a malformed answer leave the session as it was.
//   - First factors of USER_AUTH: those that the pool allows and the user has,
//     codes to verified addresses only. A choice has to bring its password or
//     SRP_A along. Only a password is followed by a second factor.
//   - Passkeys, by a WebAuthn library: challenge, origin, relying party,
//     signature and counter, at registration and at sign-in.
//   - Custom authentication as the [Triggers] lead it. They see the
//     ClientMetadata of answers and not that of the first request.
//   - Set-up of an authenticator app, each step with the session of the one
//     before; of an e-mail address, which is good once its code came back.
//   - Sign-up and forgotten passwords: codes, policy, SecretHash. The session
//     of a sign-up leads to tokens once.
//   - TOTP codes (RFC 6238) one step around the pool's time, each once, and
//     none older than the last one used. Codes by SMS and e-mail have six
//     random digits and work once, in the session they were sent for.
//   - Passwords that clients choose, against the policy and its history. After
//     the fifth failure in a row attempts are refused for 1, 2, 4, ... seconds.
//   - Attributes set with a new password: required ones have to come, those
//     that have a value may not be sent again, email_verified and its like
//     not at all.
//   - Names that nobody has get an SRP challenge all the same, with a salt and
//     USER_ID_FOR_SRP that do not change, and fail at the proof, unless the
//     client's PreventUserExistenceErrors is LEGACY.
//
// User names are compared exactly. A user is found by name, by sub, and by
// the attributes that act as aliases (see [UserConfig]). An operation that the
// pool does not implement answers UnknownOperationException.
//
// # Disputed readings
//
// Where accounts of the protocol differ, the pool takes the strict reading and
// [Dialect] has a switch for the other. These need a word:
//
//   - Aliases as USERNAME of an answer are refused once the pool has told the
//     client in this sign-in what the user is called, with USERNAME or
//     USER_ID_FOR_SRP among the parameters of a challenge. Before that the
//     client knows nothing but the alias, and it is accepted: after
//     USER_PASSWORD_AUTH by e-mail address, say, at SMS_MFA. USER_ID_FOR_SRP is
//     the user's sub and is always accepted.
//   - A session dies with NotAuthorizedException and ExpiredCodeException. An
//     answer that does not fit the session at all (of another client, user or
//     challenge, or with a wrong SECRET_HASH) does not touch it.
//   - PASSWORD_VERIFIER has to be answered within ten seconds and with a
//     TIMESTAMP at most ten seconds from the pool's clock.
//   - The iss claim is the server's own address, so that tokens verify offline;
//     [PoolConfig].Issuer sets the service's.
//   - All client errors have status 400.
//
// # Rare numbers
//
// A client that pads or trims the numbers of SRP fails in one sign-in of two,
// sixteen or 256. [PoolConfig].SRPFilter makes the pool draw until the numbers
// are such, so that a test meets them each time:
//
//	SRPFilter: func(v cognitotest.SRPValues) bool { return v.U.BitLen() <= 248 },
//
// # Faults
//
// [Pool.Fail] makes calls fail as calls over a network to a loaded service do:
// throttled, with a server fault, late, or with the connection cut, before the
// work or after it. [Pool.ExpireSessions] ends the sign-ins under way.
package cognitotest
