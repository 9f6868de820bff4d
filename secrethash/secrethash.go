// Package secrethash computes the SECRET_HASH that Amazon Cognito demands from
// app clients that have a client secret.
//
// The rule that most refused requests break: the hash covers the user name of
// the very request it is sent with. A user who typed an e-mail address starts
// with a hash over that address, answers the challenges that follow under the
// name the pool resolved it to, with a hash over that name, and refreshes
// tokens with a hash over the name in the tokens. Package flow does this in
// one place; use this package alone for operations outside of a sign-in, such
// as SignUp or ForgotPassword.
//
// RevokeToken and GetTokensFromRefreshToken do not take a hash but the client
// secret itself.
package secrethash

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Compute returns the SECRET_HASH for a request: the standard, padded base64
// of HMAC-SHA-256 with the client secret as key and the user name followed by
// the client ID as message. The username must be the one in the same request.
//
// Source: "Computing secret hash values" in the Amazon Cognito developer guide.
func Compute(username, clientID, clientSecret string) string {
	mac := hmac.New(sha256.New, []byte(clientSecret))
	mac.Write([]byte(username))
	mac.Write([]byte(clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
