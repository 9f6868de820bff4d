package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// event has the fields of all lines that the program prints.
type event struct {
	Event, Endpoint, Pool, Username, Medium, Destination, Challenge, Code string

	Pools []struct {
		ID      string
		Clients []struct{ ID string }
		Users   []struct{ Name, Sub, Password string }
	}
}

// start runs the program until the test ends, and returns a function that returns the next
// event.
func start(t *testing.T, args ...string) (next func() event) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdout, w := io.Pipe()
	var stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, args, w, &stderr)
		w.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-exit; code != 0 || stderr.Len() > 0 {
			t.Errorf("exit code %d, standard error %q", code, stderr.String())
		}
	})

	// The channel has room for all events of a test. An event that the test has not read
	// must not block the request that caused the event.
	events := make(chan event, 16)
	go func() {
		defer close(events)
		lines := json.NewDecoder(stdout)
		lines.DisallowUnknownFields()
		for {
			var e event
			if err := lines.Decode(&e); err != nil {
				return
			}
			events <- e
		}
	}()
	return func() event {
		t.Helper()
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatal("the program's output ended")
			}
			return e
		case <-time.After(10 * time.Second):
			t.Fatal("no further line from the program")
		}
		panic("unreachable")
	}
}

func client(endpoint string) *cip.Client {
	return cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(endpoint), Credentials: aws.AnonymousCredentials{},
	})
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pool.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDemoPool(t *testing.T) {
	next := start(t)
	ready := next()
	if ready.Event != "ready" || !strings.HasPrefix(ready.Endpoint, "http://127.0.0.1:") || len(ready.Pools) != 1 {
		t.Fatalf("first line: %+v", ready)
	}
	pool := ready.Pools[0]
	signIn(t, next, ready.Endpoint, pool.ID, pool.Clients[0].ID, pool.Users[0].Name, pool.Users[0].Password, "EMAIL")
}

func TestConfiguredPools(t *testing.T) {
	next := start(t, "-listen", ":0", "-config", writeConfig(t, `{"pools": [
		{"id": "eu-test-1_First", "clients": [{"id": "first", "secret": "the_secret_of_the_client"}]},
		{"id": "eu-test-1_Second", "mfa": "ON",
		 "clients": [{"id": "second", "authFlows": ["ALLOW_USER_PASSWORD_AUTH"]}],
		 "users": [{"name": "alice", "password": "Correct-horse-1", "mfa": ["SMS_MFA"],
		            "attributes": {"phone_number": "+15550100", "phone_number_verified": "true"}}]}]}`))
	ready := next()
	if !strings.HasPrefix(ready.Endpoint, "http://127.0.0.1:") {
		t.Errorf("-listen :0 serves at %s, not on loopback", ready.Endpoint)
	}
	if shown, _ := json.Marshal(ready); bytes.Contains(shown, []byte("the_secret_of_the_client")) || bytes.Contains(shown, []byte("horse")) {
		t.Errorf("the ready event holds a configured secret: %s", shown)
	}
	if len(ready.Pools) != 2 || ready.Pools[0].ID != "eu-test-1_First" || ready.Pools[1].Users[0].Name != "alice" {
		t.Errorf("pools: %+v", ready.Pools)
	}
	signIn(t, next, ready.Endpoint, "eu-test-1_Second", "second", "alice", "Correct-horse-1", "SMS")
}

// signIn signs in with a code of the program's output.
func signIn(t *testing.T, next func() event, endpoint, poolID, clientID, username, password, medium string) {
	t.Helper()
	api := client(endpoint)
	first, err := api.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &clientID,
		AuthParameters: map[string]string{"USERNAME": username, "PASSWORD": password},
	})
	if err != nil {
		t.Fatal(err)
	}
	code := next()
	if code.Event != "code" || code.Pool != poolID || code.Username != username || code.Medium != medium ||
		code.Challenge != string(first.ChallengeName) ||
		code.Destination != first.ChallengeParameters["CODE_DELIVERY_DESTINATION"] {
		t.Errorf("code event %+v does not fit the challenge %s %v", code, first.ChallengeName, first.ChallengeParameters)
	}
	second, err := api.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
		ChallengeName: first.ChallengeName, ClientId: &clientID, Session: first.Session,
		ChallengeResponses: map[string]string{"USERNAME": username, string(first.ChallengeName) + "_CODE": code.Code},
	})
	if err != nil {
		t.Fatal(err)
	}
	if second.AuthenticationResult == nil {
		t.Fatalf("no tokens but %s", second.ChallengeName)
	}
}

func TestBrowserMayCall(t *testing.T) {
	ready := start(t)()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, ready.Endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://app.example.com")
	request.Header.Set("Access-Control-Request-Method", "POST")
	request.Header.Set("Access-Control-Request-Headers", "content-type,x-amz-target")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	allowed := strings.ToLower(response.Header.Get("Access-Control-Allow-Headers"))
	if response.StatusCode >= 300 || response.Header.Get("Access-Control-Allow-Origin") == "" ||
		allowed != "*" && !strings.Contains(allowed, "x-amz-target") {
		t.Errorf("preflight: %s %v", response.Status, response.Header)
	}
}

func TestBadConfiguration(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"unknown field", `{"pools": [{"id": "a_b", "clients": [{"id": "c", "sekret": "s3cr3t"}]}]}`, "pools[0].clients[0].sekret: there is no such field"},
		{"unknown field of the file", `{"pool": []}`, "pool: there is no such field"},
		{"unknown field in an optional part", `{"pools": [{"users": []}, {"webauthn": {"rpID": "localhost", "origin": []}}]}`,
			"pools[1].webauthn.origin: there is no such field"},
		{"unknown field of a dialect", `{"pools": [{"dialect": {"sesion": "ALWAYS"}}]}`, "pools[0].dialect.sesion: there is no such field"},
		{"bare pool", `{"id": "eu-test-1_A"}`, "id: there is no such field (the file has pools and faults)"},
		{"bare list", `[{"id": "eu-test-1_A"}]`, "want an object, have a list (the file has pools and faults)"},
		{"a number for a string", `{"pools": [{}, {"users": [{"password": 7}]}]}`, "pools[1].users[0].password: want a string, have a number"},
		{"a string for an object", `{"pools": [{"dialect": "HOSTILE"}]}`, "pools[0].dialect: want an object, have a string"},
		{"an object for a list", `{"pools": {}}`, "pools: want a list, have an object"},
		{"a string for a truth value", `{"pools": [{"caseSensitive": "yes"}]}`, "pools[0].caseSensitive: want true or false, have a string"},
		{"half a second", `{"pools": [{"clients": [{"accessTokenSeconds": 0.5}]}]}`, "pools[0].clients[0].accessTokenSeconds: want a whole number, have 0.5"},
		{"number of an attribute", `{"pools": [{"users": [{"attributes": {"phone_number": 7}}]}]}`, "pools[0].users[0].attributes.phone_number: want a string, have a number"},
		{"hostile dialect", `{"pools": [{"id": "eu-test-1_A", "hostile": true, "dialect": {"session": "NEVER"}}]}`, "pools[0].hostile: the pool has a dialect already"},
		{"syntax", "{\"pools\": [\n{\"id\": \"a_b\",}]}", "line 2: "},
		{"cut off", "{\"pools\": [\n{\"id\": ", "line 2: the text ends in the middle"},
		{"empty", "", "line 1: the text ends in the middle"},
		{"trailing text", "{\"pools\": [{}]}\n{}", "line 2: text after the end"},
		{"no pools", "{}", "pools: the file has no pool"},
		{"no pool ID", `{"pools": [{"clients": [{"id": "c"}]}]}`, "pools[0].id: "},
		{"bad TOTP secret", `{"pools": [{"id": "eu-test-1_A", "clients": [{"id": "c"}],
			"users": [{"name": "a", "password": "p"}, {"name": "b", "password": "p", "totpSecret": "s3cr3t!"}]}]}`,
			"pools[0].users[1].totpSecret: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := writeConfig(t, test.text)
			message := fails(t, 1, "-config", file)
			if !strings.HasPrefix(message, "pool: "+file+": ") || !strings.Contains(message, test.want) {
				t.Errorf("standard error %q does not name the file and %q", message, test.want)
			}
			if strings.Contains(message, "s3cr3t") {
				t.Errorf("standard error %q holds a configured secret", message)
			}
		})
	}
}

func TestBadCommandLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.json")
	if message := fails(t, 1, "-config", missing); !strings.Contains(message, missing) {
		t.Errorf("standard error %q does not name the file", message)
	}
	if message := fails(t, 1, "-listen", "127.0.0.1:no-port"); !strings.Contains(message, "-listen: ") {
		t.Errorf("standard error %q does not name the flag", message)
	}
	if message := fails(t, 2, "pool.json"); !strings.Contains(message, `"pool.json"`) {
		t.Errorf("standard error %q does not name the argument", message)
	}
}

// fails runs the program, and fails the test unless the program ends with wantCode, one line
// on standard error and nothing on standard output.
func fails(t *testing.T, wantCode int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // ends a program that serves by mistake
	defer cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, args, &stdout, &stderr); code != wantCode {
		t.Errorf("exit code %d, want %d", code, wantCode)
	}
	message := stderr.String()
	if stdout.Len() > 0 || strings.Count(message, "\n") != 1 || !strings.HasSuffix(message, "\n") {
		t.Errorf("standard output %q, standard error %q, want one line on the latter", stdout.String(), message)
	}
	return message
}
