// Command api is a JSON backend that signs users in to an Amazon Cognito user pool, for
// single-page apps. Copy the code: main.go has the backend, and session.go has the reply for
// a user who is signed in.
//
// Without flags the program runs a user pool in its own process, and listens on loopback.
// The program prints the address, the users, commands for curl, and the codes that the pool
// sends. No AWS account is needed.
//
//	api
//	api -user-pool-id ID -client-id ID [-listen ADDR]
//
// The program reads secrets from the environment:
//
//	COGNITO_CLIENT_SECRET  the client secret, if the app client has one
//	API_SEALING_KEYS       keys of 32 bytes in base64, separated by commas
//
// The first key of API_SEALING_KEYS seals, and all keys open. Without API_SEALING_KEYS the
// program makes a new key at each start, and a session of an earlier start is refused.
//
// # Interface
//
// POST /signin starts a sign-in. POST /answer answers the challenge of the last reply.
// POST /refresh gets a new access token. POST /signout revokes the tokens. Challenges,
// answers and errors have the form of package frontend. GET /openapi.json describes the
// interface, and GET /schema.json is the schema of package frontend.
//
// The backend keeps no state. The front end keeps the prompt, and later a session with all
// tokens. The backend seals both texts, and binds them to a cookie that scripts cannot read.
// The backend refuses a prompt or a session of another browser. The front end sees the
// access token, and no other token. A second cookie holds the remembered devices of the
// browser.
//
// The cookies are Secure, and their names begin with __Host-. Browsers and curl accept such
// cookies from http://localhost too. For other hosts put TLS in front of the program.
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

// call is one request: its body, and the browser that sent the request.
type call struct {
	context.Context `json:"-"`
	id              []byte // the browser session: prompts and sessions are bound to the ID
	devices         func(*flow.Options)
	refreshes       bool // the tokens of the reply are not of a sign-in

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
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(b.deny))
	return protection.Handler(mux)
}

// deny answers a request that a page of another site has sent.
func (b *backend) deny(w http.ResponseWriter, r *http.Request) {
	e := frontend.Error{Code: flow.Forbidden, Message: "the request comes from another site"}
	write(w, e.Status(), frontend.Reply{Error: &e})
}

func write(w http.ResponseWriter, status int, reply any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(reply)
}

// on returns an HTTP handler that reads a call, runs do, and writes the reply.
func (b *backend) on(do func(*call) (flow.Step, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// The pool accepts an answer once. If the browser goes away, the call goes on,
		// so that no reply of the pool is lost. The deadline ends the call.
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
			if !c.refreshes {
				c.id = renewed(w, r, c.id)
			}
			out.SignedIn, err = b.signedIn(c, step.Tokens)
		}
		out.Reply, err = frontend.NewReply(step, err, serviceName, func(p *flow.Prompt) (string, error) { return b.sealer.Prompt(p, c.id) })
		if err != nil {
			level := slog.LevelInfo // a wrong code, for example
			if out.Status() >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			b.log.Log(r.Context(), level, "refused", "path", r.URL.Path, "error", err)
		}
		write(w, out.Status(), out)
	}
}

// signIn starts a sign-in. Without a password, the pool asks for the first factor.
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
		return flow.Step{Prompt: prompt}, err // the front end can answer the prompt again
	}
	return b.driver.Respond(c, prompt, answer, c.devices)
}

func (b *backend) refresh(c *call) (flow.Step, error) {
	c.refreshes = true
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
