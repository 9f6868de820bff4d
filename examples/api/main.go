// Command api is a JSON backend that signs users in to an Amazon Cognito user pool, for
// single-page apps and the like. Copy from it: this file is the backend, and session.go
// has what a user gets who is signed in.
//
// Without flags the program serves on loopback, with a user pool embedded in the program.
// The program prints where, which users there are, how to call the backend with curl, and
// the codes that users are sent. No AWS account is needed.
//
//	api
//	api -user-pool-id ID -client-id ID [-listen ADDR]
//
// Secrets come from the environment: the secret of the app client from
// COGNITO_CLIENT_SECRET; the keys that seal what travels with front ends from
// API_SEALING_KEYS, base64 with commas between them, the key that seals first. Without
// API_SEALING_KEYS there is a new key at every start.
//
// # How it works
//
// POST /signin starts a sign-in, and POST /answer answers the challenge that comes back,
// in the form of package frontend. POST /refresh gets a new access token, and POST
// /signout revokes the tokens. GET /openapi.json is the whole interface, and GET
// /schema.json the schema of package frontend.
//
// The backend keeps nothing. The prompt, and later the session with all tokens, travel
// with the front end, sealed and bound to the browser by a cookie that scripts cannot
// read: a text that was taken from one browser is of no use elsewhere. Of the tokens
// the front end sees the access token alone. The remembered devices of the browser are
// in a cookie of their own.
//
// Cookies are Secure and bear the prefix __Host-, which browsers and curl accept from
// http://localhost too. For other hosts put TLS in front.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

type backend struct {
	driver *flow.Driver
	sealer *seal.Sealer
	log    *slog.Logger
}

// call is one request: its body, and the browser that has sent it.
type call struct {
	context.Context `json:"-"`
	id              []byte // of the browser, to which everything sealed is bound
	devices         func(*flow.Options)

	Username, Prompt, Session string
	Password                  secret.String
	Preferred                 challenge.Name
	Answer                    json.RawMessage
}

func (b *backend) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", b.on(b.signIn))
	mux.HandleFunc("POST /answer", b.on(b.answer))
	mux.HandleFunc("POST /refresh", b.on(b.refresh))
	mux.HandleFunc("POST /signout", b.on(b.signOut))
	mux.HandleFunc("GET /openapi.json", serveOpenAPI)
	mux.HandleFunc("GET /schema.json", frontend.ServeSchema)
	return http.NewCrossOriginProtection().Handler(mux)
}

// on returns the handler of requests for which do takes a step.
func (b *backend) on(do func(*call) (flow.Step, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// An answer that has gone to the pool has used up its session. The call goes
		// on if the browser goes away. The deadline ends the call, also while the call
		// waits because many others sign in.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		c := &call{Context: ctx, id: browser(w, r), devices: flow.ThisBrowser(b.sealer.Device(w, r))}
		step, err := flow.Step{}, error(&frontend.Error{Code: frontend.Malformed, Message: "the body is no JSON, or too long"})
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(c) == nil {
			step, err = do(c)
		}
		var out struct {
			frontend.Reply
			SignedIn *signedIn `json:"signedIn,omitempty"`
		}
		if err == nil && step.Tokens != nil {
			out.SignedIn, err = b.signedIn(c, step.Tokens)
		}
		out.Reply, err = frontend.NewReply(step, err, serviceName, func(p *flow.Prompt) (string, error) { return b.sealer.Prompt(p, c.id) })
		if err != nil {
			b.log.Warn("refused", "path", r.URL.Path, "error", err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(out.Status())
		json.NewEncoder(w).Encode(out)
	}
}

// signIn proves a password. Without one the pool asks for the first factor.
func (b *backend) signIn(c *call) (flow.Step, error) {
	if c.Password.IsGiven() {
		return b.driver.Start(c, flow.UserSRPAuth{Username: c.Username, Password: c.Password}, c.devices)
	}
	return b.driver.Start(c, flow.UserAuth{Username: c.Username, Preferred: c.Preferred}, c.devices)
}

func (b *backend) answer(c *call) (flow.Step, error) {
	prompt, err := b.sealer.OpenPrompt(c.Prompt, c.id)
	if err != nil {
		return flow.Step{}, err
	}
	answer, err := frontend.ReadAnswer(prompt.Challenge(), c.Answer)
	if err != nil {
		return flow.Step{Prompt: prompt}, err // the prompt waits as before
	}
	return b.driver.Respond(c, prompt, answer, c.devices)
}

func (b *backend) refresh(c *call) (flow.Step, error) {
	t, err := b.tokens(c)
	if err == nil {
		t, err = b.driver.Refresh(c, t, c.devices)
	}
	return flow.Step{Tokens: t}, err
}

func (b *backend) signOut(c *call) (flow.Step, error) {
	t, err := b.tokens(c)
	if err == nil {
		err = b.driver.SignOut(c, t)
	}
	return flow.Step{}, err
}
