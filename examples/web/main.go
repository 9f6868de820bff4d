// Command web is a small web backend for the users of an Amazon Cognito user pool. It has
// sign-up, sign-in with every prompt of the library, passkeys, remembered browsers, refresh
// and sign-out. Users reset a forgotten password, change the password, choose their second
// steps, and confirm who they are before a sensitive page. Copy from it: the code is in
// package site.
//
// Without flags it serves on loopback with a user pool of its own, embedded in
// the program, and prints where, which users there are, and the codes that they
// are sent. No AWS account is needed.
//
//	web
//	web -instances 3
//	web -sessions memory
//
// With flags it serves the users of any pool:
//
//	web -user-pool-id ID -client-id ID [-flows USER_SRP_AUTH,USER_AUTH] [-sign-up email] ...
//
// Secrets come from the environment: the secret of the app client from
// COGNITO_CLIENT_SECRET; the keys that seal what travels with browsers or is in a store
// from WEB_SEALING_KEYS, base64 with commas between them, the key that seals first.
// Without WEB_SEALING_KEYS there is a new key at every start, and whoever was signed in
// signs in again. A store needs WEB_SEALING_KEYS, unless the pool is the embedded one.
//
// # Who is signed in
//
// The flag -sessions, or the environment variable WEB_SESSIONS, says where the site keeps
// who is signed in:
//
//	cookie            in sealed cookies; the default
//	memory            in this process, for one instance
//	postgres://...    in a table of PostgreSQL
//	redis://...       in Redis or Valkey; rediss:// with TLS
//
// Give a URL with a password in WEB_SESSIONS: other users of the machine can see command
// lines. This program has no client for PostgreSQL and Redis, because the module has none.
// The program in the module below it has both, and is the same otherwise:
//
//	go -C examples/web/stores run . -sessions redis://localhost:6379 -instances 3
//
// That program creates the table cognitoflow_records of PostgreSQL when it starts, and
// deletes expired records every hour. If it cannot reach the store, then it does not start.
//
// # A pool's settings that the pages need
//
//	forgotten password   the app client has PreventUserExistenceErrors ENABLED. Otherwise the
//	                     service itself may tell strangers who has an account
//	step-up, passkeys    USER_AUTH in -flows; for step-up the feature plan Essentials or Plus
//	remembered browsers  -remember, and a pool that tracks devices
//
// With -threat-protection the site tells the pool the IP address of each browser
// (UserContextData). The service takes the address only from an app client that has a secret
// and EnablePropagateAdditionalUserContextData. The other half, EncodedData, is collected in
// the browser by a script of AWS's, which this site does not have: threats.go says what it
// takes.
//
// # How it works
//
// A prompt travels sealed in a hidden field of the form that asks (package seal),
// bound to the browser by the ID in a cookie: any instance that has the keys can
// take the answer, and a prompt of another browser is refused.
//
// With sealed cookies the backend keeps nothing: the tokens of a signed-in user and the
// records of remembered devices travel with the browser too. With a store, web sessions
// are those of package websession, and the account page has a button to sign out
// everywhere. The devices are in the same store. docs/web-backends.md says which to take.
//
// With -instances the program runs several processes of itself behind a proxy that takes
// them in turn. They share the keys and, if there is one, the store.
//
// Every form works without JavaScript, except that passkeys need it.
//
// Cookies are Secure and bear the prefix __Host-, which Chromium and Firefox
// accept from http://localhost too. For other hosts put TLS in front, and set -tls-proxy: then
// browsers are told to come back over TLS alone (Strict-Transport-Security). The proxy must
// append the browser's address to X-Forwarded-For. Where neither is possible, in development,
// -insecure-cookies does without.
package main

import (
	"os"

	"github.com/cognitoflow/cognitoflow/examples/web/internal/site"
)

func main() { os.Exit(site.Main(nil)) }
