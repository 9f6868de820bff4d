package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/examples/internal/exampletest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// rig is the backend over TLS, with a pool.
type rig struct {
	*httptest.Server
	t       *testing.T
	pool    *cognitotest.Pool
	backend *backend
	log     *exampletest.Buffer // the log of the backend
}

func start(t *testing.T, config cognitotest.PoolConfig) *rig {
	t.Helper()
	config.Clients = []cognitotest.ClientConfig{{
		ID: "api", AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}}
	r := &rig{t: t, pool: cognitotest.Start(t, config), log: new(exampletest.Buffer)}
	keys, err := sealingKeys("")
	if err != nil {
		t.Fatal(err)
	}
	app := flow.App{UserPoolID: r.pool.ID(), ClientID: "api"}
	b, err := newBackend(r.pool.Client(), app, keys, slog.New(slog.NewTextHandler(r.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.backend = b
	r.Server = httptest.NewTLSServer(b.handler())
	t.Cleanup(r.Close)
	return r
}

// client is a front end in a browser. client keeps the cookies and the last response.
type client struct {
	*rig
	http   *http.Client
	header http.Header
	status int
	reply  reply
}

// reply has the members of a response that a front end reads.
type reply struct {
	Prompt    string
	Challenge struct {
		Name               string
		AnswerWith         []string
		Attempt            int
		Message            string
		Delivery           struct{ Medium, Destination string }
		Choices            []string
		RequiredAttributes []string
		PasskeyRequest     json.RawMessage
		TOTP               struct{ Secret, URI string }
	}
	SignedIn struct{ Username, AccessToken, Session string }
	Error    struct {
		Code, Remedy, Message, Field string
		Answerable                   bool
	}
}

func (r *rig) browser() *client {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	c := *r.Client()
	c.Jar = jar
	return &client{rig: r, http: &c}
}

// object is a JSON object.
type object map[string]any

// post sends a body in JSON, or a string without change.
func (b *client) post(path string, body any) *client {
	b.t.Helper()
	data, isText := body.(string)
	if !isText {
		encoded, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		data = string(encoded)
	}
	response, err := b.http.Post(b.URL+path, "application/json", strings.NewReader(data))
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.reply, b.status, b.header = reply{}, response.StatusCode, response.Header
	if err := json.Unmarshal(text, &b.reply); err != nil {
		b.t.Fatalf("%s: status %d, %s: %v", path, b.status, text, err)
	}
	if want := documented(b.t).Paths[path]["post"].Responses; want[strconv.Itoa(b.status)] == nil {
		b.t.Errorf("%s: status %d is not in openapi.json", path, b.status)
	}
	return b
}

func (b *client) signIn(username string) *client {
	b.t.Helper()
	return b.post("/signin", object{"username": username, "password": demoPassword})
}

// answer answers the last prompt.
func (b *client) answer(answer object) *client {
	b.t.Helper()
	answer["version"] = 1
	return b.post("/answer", object{"prompt": b.reply.Prompt, "answer": answer})
}

// code answers with the last code of the user.
func (b *client) code(username string) *client {
	b.t.Helper()
	return b.answer(object{"code": b.pool.LastCode(username).Code})
}

// asks fails the test unless the reply has this challenge with these members, and no error.
func (b *client) asks(name string, members ...string) *client {
	b.t.Helper()
	c := b.reply.Challenge
	if b.status != 200 || c.Name != name || !slices.Equal(c.AnswerWith, members) || b.reply.Prompt == "" || b.reply.Error.Code != "" {
		b.t.Fatalf("status %d, %+v, want %s to be answered with %q\n%s", b.status, b.reply, name, members, b.log)
	}
	return b
}

// isSignedIn fails the test unless the user is signed in.
func (b *client) isSignedIn(username string) *client {
	b.t.Helper()
	if in := b.reply.SignedIn; b.status != 200 || in.Username != username || in.AccessToken == "" || in.Session == "" {
		b.t.Fatalf("status %d, %+v, want %s to be signed in\n%s", b.status, b.reply, username, b.log)
	}
	return b
}

// fails fails the test unless the reply has this error. waits says whether the reply has a
// prompt for another answer.
func (b *client) fails(status int, code, remedy string, waits bool) *client {
	b.t.Helper()
	e := b.reply.Error
	if b.status != status || e.Code != code || e.Remedy != remedy || e.Answerable != waits || (b.reply.Prompt != "") != waits {
		b.t.Fatalf("status %d, %+v, want %d, %s, %q, a prompt: %t\n%s", b.status, b.reply, status, code, remedy, waits, b.log)
	}
	return b
}
