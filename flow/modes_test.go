package flow_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// modes are the two ways to sign in: one call with a handler, and a stored prompt for each answer of
// the person.
var modes = map[string]func(t *testing.T, d *flow.Driver, f flow.AuthFlow, person challenge.Handler) (*flow.Tokens, error){
	"handler": func(t *testing.T, d *flow.Driver, f flow.AuthFlow, person challenge.Handler) (*flow.Tokens, error) {
		return d.SignIn(t.Context(), f, person)
	},
	"stored prompts": func(t *testing.T, d *flow.Driver, f flow.AuthFlow, person challenge.Handler) (*flow.Tokens, error) {
		step, err := d.Start(t.Context(), f)
		for {
			var refused *flow.Error
			if errors.As(err, &refused) && refused.Remedy() == flow.AnswerPrompt {
				step.Prompt, err = refused.Prompt, nil
			}
			if err != nil || step.Tokens != nil {
				return step.Tokens, err
			}
			p := reread(t, step.Prompt)
			a, problem := person.Answer(t.Context(), p.Challenge())
			if problem != nil {
				return nil, problem
			}
			step, err = d.Respond(t.Context(), p, a)
		}
	},
}

// stored returns the bytes of a prompt that a program stores.
func stored(t testing.TB, p *flow.Prompt) []byte {
	t.Helper()
	if p == nil {
		t.Fatal("there is no prompt")
	}
	data, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// reread stores a prompt, and returns the prompt as another process reads it.
func reread(t testing.TB, p *flow.Prompt) *flow.Prompt {
	t.Helper()
	read := new(flow.Prompt)
	if err := read.UnmarshalBinary(stored(t, p)); err != nil {
		t.Fatal(err)
	}
	return read
}

// forge changes the JSON of a stored prompt, and reads the changed prompt.
func forge(t testing.TB, p *flow.Prompt, change func(code map[string]any)) (*flow.Prompt, error) {
	t.Helper()
	data := stored(t, p)
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data[1:])))
	if err != nil {
		t.Fatal(err)
	}
	code := map[string]any{}
	if err := json.Unmarshal(text, &code); err != nil {
		t.Fatal(err)
	}
	change(code)
	out := bytes.NewBuffer(data[:1])
	w, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, jsonOf(t, code)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read := new(flow.Prompt)
	return read, read.UnmarshalBinary(out.Bytes())
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// keeping are the ways in which a program keeps a prompt.
var keeping = map[string]func(testing.TB, *flow.Prompt) *flow.Prompt{
	"in memory": func(_ testing.TB, p *flow.Prompt) *flow.Prompt { return p },
	"stored":    reread,
}

// setsUpAnApp makes users without a second factor set up an authenticator app.
func setsUpAnApp(c *cognitotest.PoolConfig) {
	c.MFA, c.MFATypes = "ON", []string{"SOFTWARE_TOKEN_MFA"}
}

// appCode returns the code of an authenticator app with the secret of the challenge.
func appCode(t testing.TB, c challenge.Challenge) challenge.Answer {
	t.Helper()
	code, err := totp.GenerateCode(c.TOTPSecret.Reveal(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return challenge.Code(code)
}

// countedAnswer returns a handler that gives an answer, and counts its answers.
func countedAnswer(n *int, a challenge.Answer) challenge.Handler {
	return challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		*n++
		return a, nil
	})
}
