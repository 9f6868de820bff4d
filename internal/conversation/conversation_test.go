package conversation

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sound is a file that keeps the format.
const sound = `{
	"title": "a sign-in", "source": "id 1", "recorded": "2023-06-18", "region": "eu-central-1", "evidence": "R",
	"pool": {"clients": [{"id": "app"}]},
	"password": "made up",
	"exchanges": [
		{
			"operation": "InitiateAuth",
			"request": {"AuthFlow": "CUSTOM_AUTH", "ClientId": "app", "AuthParameters": {"USERNAME": "ada", "SRP_A": "<srp a>"}},
			"response": {"ChallengeName": "CUSTOM_CHALLENGE", "ChallengeParameters": {"<other keys>": "nobody saw them"}, "Session": "<session>"}
		},
		{
			"wait": "3m54s", "times": 3,
			"operation": "RespondToAuthChallenge",
			"request": {"ChallengeName": "CUSTOM_CHALLENGE", "ClientId": "app", "Session": "<session>"},
			"error": {"__type": "NotAuthorizedException", "message": "<not recorded>"}
		}
	]
}`

func TestParse(t *testing.T) {
	c, err := Parse([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if c.Title != "a sign-in" || c.Region != "eu-central-1" || c.Exchanges[1].Error.Message != NotRecorded {
		t.Errorf("read %+v", c)
	}
	var waits []time.Duration
	for _, e := range c.Sequence() {
		waits = append(waits, time.Duration(e.Wait))
	}
	if want := []time.Duration{0, 234 * time.Second, 0, 0}; !reflect.DeepEqual(waits, want) {
		t.Errorf("the exchanges wait %v, want %v", waits, want)
	}
}

// Parse reads a conversation that a recording program has encoded.
func TestWriting(t *testing.T) {
	c, err := Parse([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	delete(c.Exchanges[1].Request, "Session")
	c.Exchanges[0].Response = map[string]any{} // the response of RevokeToken
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	c.Pool, again.Pool = nil, nil // white space in the JSON may differ
	if !reflect.DeepEqual(c, again) {
		t.Errorf("wrote %s", text)
	}
}

func TestParseRefuses(t *testing.T) {
	cases := map[string]struct{ old, new, want string }{
		"no source":              {`"source": "id 1", `, ``, "source is missing"},
		"no date":                {`2023-06-18`, `yesterday`, "no date"},
		"other evidence":         {`"evidence": "R"`, `"evidence": "X"`, "none of R, C, D, T"},
		"other region":           {`eu-central-1`, `Frankfurt`, "no region"},
		"unknown member":         {`"title"`, `"mood": "fine", "title"`, `no member "mood"`},
		"unknown in exchange":    {`"times": 3`, `"time": 3`, `no member "time"`},
		"unknown in error":       {`"__type"`, `"status": 400, "__type"`, `no member "status"`},
		"title of another case":  {`"title"`, `"TITLE"`, `no member "TITLE"`},
		"times of another case":  {`"times"`, `"Times"`, `no member "Times"`},
		"not of the file":        {`"title"`, `"Name": "x", "title"`, `no member "Name"`},
		"case within a request":  {`"ClientId": "app", "Session"`, `"ClientId": "app", "UserContextData": {"ipaddress": "x"}, "Session"`, `no member "ipaddress"`},
		"a dialect":              {`"clients": [{"id": "app"}]`, `"clients": [{"id": "app"}], "dialect": {}`, "no recording has a dialect"},
		"member twice":           {`"title"`, `"title": "x", "title"`, "title occurs twice"},
		"member twice below":     {`"ClientId": "app", "Session"`, `"ClientId": "x", "ClientId": "app", "Session"`, "exchanges[1].request.ClientId occurs twice"},
		"text after":             {"\n}", "\n} {}", "after top-level value"},
		"pool only, no reason":   {`"pool"`, `"pool only": "yes", "pool"`, "does not give a reason"},
		"no side reads it":       {`"pool"`, `"pool only": "our driver cannot", "driver only": "our pool cannot", "pool"`, "no test reads"},
		"no password":            {`"password": "made up",`, ``, "password is missing"},
		"useless password":       {`, "SRP_A": "<srp a>"`, ``, "password is of no use"},
		"no operation":           {`"operation": "InitiateAuth"`, `"operation": "Options"`, "no operation"},
		"misspelt member":        {`"Session": "<session>"}`, `"Sesion": "<session>"}`, `no member "Sesion"`},
		"member of another case": {`"AuthFlow"`, `"authflow"`, `no member "authflow"`},
		"no such reply member":   {`"ChallengeParameters"`, `"Parameters"`, `no member "Parameters"`},
		"half an origin":         {`"times": 3`, `"recorded": "2024"`, "needs source, recorded and evidence"},
		"no reply":               {`"error": {"__type": "NotAuthorizedException", "message": "<not recorded>"}`, `"source": "id 2"`, "either response or error"},
		"no message":             {`"<not recorded>"`, `""`, "error needs"},
		"no placeholder":         {`"<srp a>"`, `"<srp b>", "X": "<srpa>"`, "<srpa> is no placeholder"},
		"client's in a reply":    {`"Session": "<session>"}`, `"Session": "<srp a>"}`, "<srp a> is no placeholder of a response"},
		"used before made":       {`"USERNAME": "ada"`, `"USERNAME": "<session>"`, "no earlier response has <session>"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(sound, c.old, c.new, 1)
			if text == sound {
				t.Fatal("the case changes nothing")
			}
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantError := func(want string) {
		t.Helper()
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	wantError("has no files")
	write("b.json", sound)
	write("a.json", sound)
	all, err := Load(dir)
	if err != nil || len(all) != 2 || all[0].Name != "a" {
		t.Fatalf("%v, %v", all, err)
	}
	write("b.json", "{}")
	wantError("b.json: ")
	write("b.json", sound)
	write("notes.txt", "")
	wantError("notes.txt")
	if _, err := Load(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("Load returned no error for a missing directory")
	}
}
