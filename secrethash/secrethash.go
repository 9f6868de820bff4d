// Package secrethash computes the SECRET_HASH of a request. The service requires
// SECRET_HASH from an app client that has a client secret.
//
// The hash covers the user name in the same request. If the hash covers another
// name, the service refuses the request. A user who signs in with an e-mail
// address needs three hashes:
//
//   - The first request has the address, and a hash over the address.
//   - The pool replies with the user name that the address belongs to. Each answer
//     to a challenge has that user name, and a hash over that user name.
//   - A refresh has a hash over the user name in the tokens.
//
// Package flow does that. Use package secrethash for an operation outside of a
// sign-in, such as SignUp or ForgotPassword.
//
// RevokeToken and GetTokensFromRefreshToken take the client secret, and no hash.
package secrethash

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Compute returns the SECRET_HASH for a request: an HMAC-SHA-256 in standard,
// padded base64. The key is the client secret, and the message is the user name
// followed by the client ID. The username must be the one in the same request.
//
// Source: "Computing secret hash values" in the Amazon Cognito developer guide.
func Compute(username, clientID, clientSecret string) string {
	mac := hmac.New(sha256.New, []byte(clientSecret))
	mac.Write([]byte(username))
	mac.Write([]byte(clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
