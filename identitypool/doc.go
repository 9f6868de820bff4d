// Package identitypool gets AWS credentials for a user who is signed in to a user
// pool, from an identity pool that trusts the user pool.
//
// A [Provider] is an aws.CredentialsProvider. A Provider does not cache credentials. Give
// the Provider to the cache of the SDK, which also makes one request of many:
//
//	provider, err := identitypool.New(cognitoidentity.NewFromConfig(cfg), identityPoolID, app, source)
//	cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) {
//		o.ExpiryWindow = 5 * time.Minute // credentials live for an hour
//	})
//
// The provider calls two operations of Cognito identity pools: GetId and
// GetCredentialsForIdentity. These requests are not signed, so the client needs no AWS
// credentials.
//
// # Tokens
//
// Each Retrieve asks the source for tokens, and a [flow.TokenSource] refreshes them before
// they expire. If the service answers NotAuthorizedException, Retrieve invalidates the ID
// token and tries again with a new one. If the service refuses the new token too, the
// cause is probably the configuration: for example, the identity pool does not trust the
// user pool. So later calls of Retrieve do not invalidate that token.
//
// # Identities
//
// The identity ID of a user does not change. The provider calls GetId once for each user
// who is signed in at the source, and keeps the ID in memory. The claim sub identifies the
// user. If the service does not know the ID any more, the provider forgets the ID.
//
// # After a sign-out
//
// AWS credentials cannot be revoked. After a sign-out, or after the sign-in of another
// user, the SDK's cache returns the former user's credentials until they expire. Call
// CredentialsCache.Invalidate, or make a provider and a cache for each user.
//
// # Clocks
//
// Expires is by this machine's clock, even if that clock is wrong. The provider computes
// the difference of the clocks from the Date of the service's reply, as the SDK does for
// signatures.
package identitypool
