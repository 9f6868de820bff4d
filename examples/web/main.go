// Command web is a small web backend for the users of an Amazon Cognito user pool. The site
// has sign-up, sign-in with every prompt of the library, passkeys, remembered browsers,
// refresh and sign-out. Users can reset and change the password, and choose their second
// factors. A sensitive page asks the user to confirm the sign-in. Copy the code from
// internal/site.
//
// Without flags the program runs a user pool in its own process, and listens on loopback.
// The program prints the address, the users, and the codes that the pool sends. No AWS
// account is needed.
//
//	web
//	web -instances 3
//	web -sessions memory
//
// With flags the program serves the users of any pool:
//
//	web -user-pool-id ID -client-id ID [-flows USER_SRP_AUTH,USER_AUTH] [-sign-up email] ...
//
// # Secrets
//
// The program reads secrets from the environment:
//
//	COGNITO_CLIENT_SECRET  the client secret, if the app client has one
//	WEB_SEALING_KEYS       keys of 32 bytes in base64, separated by commas
//	WEB_SESSIONS           the same as -sessions, for a URL with a password
//
// The first key of WEB_SEALING_KEYS seals, and all keys open. Without WEB_SEALING_KEYS the
// program makes a new key at each start, and users sign in again. A store needs
// WEB_SEALING_KEYS, except with the embedded pool.
//
// # Sessions
//
// The flag -sessions, or the environment variable WEB_SESSIONS, says where the site keeps the
// tokens of users who are signed in:
//
//	cookie            in sealed cookies. The default
//	memory            in this process, for one instance
//	postgres://...    in a table of PostgreSQL
//	redis://...       in Redis or Valkey. rediss:// with TLS
//
// Other users of the machine can see command lines, so give a URL with a password in
// WEB_SESSIONS. This program has no client for PostgreSQL and Redis, because the root module
// requires no such client. The program examples/web/stores is a separate module with both
// clients:
//
//	go -C examples/web/stores run . -sessions redis://localhost:6379 -instances 3
//
// At its start that program creates the table cognitoflow_records in PostgreSQL. Every hour
// the program deletes expired records. If the program cannot reach the store at the start,
// the program ends with an error.
//
// # Settings of the pool
//
// Some pages need settings of the pool or of the app client:
//
//	forgotten password   PreventUserExistenceErrors ENABLED. Otherwise the service may tell
//	                     strangers who has an account
//	passkeys             USER_AUTH in -flows
//	step-up              USER_AUTH in -flows, and the feature plan Essentials or Plus
//	remembered browsers  -remember, and a pool that tracks devices
//
// With -threat-protection the site sends the IP address of each browser to the pool
// (UserContextData). The service accepts the address only from an app client with a client
// secret and EnablePropagateAdditionalUserContextData. The site does not send EncodedData,
// which a script of AWS collects in the browser. The file threats.go says how to add the
// script.
//
// # How the program works
//
// A hidden field of each form holds the prompt, sealed and bound to a cookie of the browser.
// Each instance with the same keys can take the answer. The site refuses a prompt of another
// browser.
//
// With sealed cookies the backend keeps no state: the browser keeps the tokens and the
// records of remembered devices. With a store, the site uses package websession. The store
// then holds tokens and device records, and the account page has a button to sign out
// everywhere. docs/web-backends.md compares the two ways.
//
// With -instances the program starts several processes of itself behind a proxy, which takes
// the processes in turn. The processes share the keys, and the store if there is a store.
//
// Each form works without JavaScript, except the forms for passkeys.
//
// The cookies are Secure, and their names begin with __Host-. Chromium and Firefox accept
// such cookies from http://localhost too. For other hosts put TLS in front of the program and
// set -tls-proxy. The site then tells browsers to use TLS only (Strict-Transport-Security).
// The proxy must append the browser's address to X-Forwarded-For. For development without
// TLS, set -insecure-cookies.
//
// The exit code is 0 after an interrupt, 1 after an error, and 2 for a wrong command line.
package main

import (
	"os"

	"github.com/cognitoflow/cognitoflow/examples/web/internal/site"
)

func main() { os.Exit(site.Main(nil)) }
