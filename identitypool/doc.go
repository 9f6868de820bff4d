// Package identitypool gets AWS credentials for a user who is signed in to a user
// pool, from an identity pool that trusts the user pool.
//
// A [Provider] is an aws.CredentialsProvider. The provider caches no credentials: put
// the provider under the cache of the SDK, which also makes one request of many.
//
//	provider, err := identitypool.New(cognitoidentity.NewFromConfig(cfg), identityPoolID, app, source)
//	cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) {
//		o.ExpiryWindow = 5 * time.Minute // credentials last for an hour; see below
//	})
//
// The two operations are GetId and GetCredentialsForIdentity of Amazon Cognito
// Federated Identities. Neither is signed, so the client needs no AWS credentials.
//
// # Tokens
//
// Each Retrieve asks the source for tokens, and a [flow.TokenSource] refreshes them in
// time. If the service answers NotAuthorizedException, Retrieve invalidates the ID
// token and tries once more with a new one. If the service refuses the new token too,
// later calls of Retrieve get no further token in its place. Then the configuration is
// at fault: for example, the identity pool does not trust the user pool.
//
// # Identities
//
// An identity ID stays the same for a user. The provider calls GetId once for each user
// who is signed in at the source, and keeps the ID in memory. The user is told by the
// claim sub. The provider forgets the ID if the service does not know it any more.
//
// # What outlives a sign-in
//
// AWS credentials cannot be revoked. After sign-out, and after another user has signed
// in, the SDK's cache gives out the former user's credentials until they expire. Call
// CredentialsCache.Invalidate then, or make a provider and a cache for each user.
//
// # Time
//
// Expires is by this machine's clock, also if that clock is wrong. The provider takes
// the difference of the clocks from the Date of the service's reply, as the SDK does
// for signatures.
package identitypool
