package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/golden"
)

// scripted is a service that replies with its two functions.
type scripted struct {
	initiate func(*cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error)
	respond  func(*cip.RespondToAuthChallengeInput) (*cip.RespondToAuthChallengeOutput, error)
}

func (s scripted) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	return s.initiate(in)
}

func (s scripted) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	return s.respond(in)
}

func TestPromptsThatCannotBeRead(t *testing.T) {
	data := goldenCases["email-otp"].stored(t)
	other := goldenCases["unknown"].prompt(t)
	for name, bad := range map[string][]byte{
		"nothing": nil, "a version only": {1}, "cut off": data[:len(data)/2], "no deflate": []byte("\x01hello"),
		"the next version": append([]byte{2}, data[1:]...),
	} {
		p := *other
		err := p.UnmarshalBinary(bad)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if p.Challenge().Name != "FACE_SCAN" {
			t.Errorf("%s: the prompt was changed", name)
		}
		if errors.Is(err, flow.ErrPromptVersion) != (name == "the next version") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := json.Marshal(other); err == nil {
		t.Error("json.Marshal lost the prompt without an error")
	}
	var zero flow.Prompt
	if _, err := zero.MarshalBinary(); err == nil {
		t.Error("the zero Prompt was written")
	}
}

func FuzzUnmarshalPrompt(f *testing.F) {
	for _, name := range golden.Names(f, promptFormat) {
		data, err := os.ReadFile(filepath.Join("testdata", promptFormat, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p flow.Prompt
		if err := p.UnmarshalBinary(data); err != nil {
			if p.Challenge().Name != "" || strings.Contains(err.Error(), "golden-session") {
				t.Errorf("a partial prompt, or a session in the error: %v", err)
			}
			return
		}
		again, err := p.MarshalBinary()
		if err != nil {
			t.Fatalf("the prompt was read and cannot be written: %v", err)
		}
		var second flow.Prompt
		if err := second.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(second.Challenge(), p.Challenge()) {
			t.Errorf("%+v was written and read as %+v, %v", p.Challenge(), second.Challenge(), err)
		}
	})
}

// A server may give a challenge a name of any length. The error of MarshalBinary does not have the
// name.
func TestPromptThatIsTooLong(t *testing.T) {
	long := map[string]string{"P": strings.Repeat("p", 1<<16)}
	d := (&fakeAPI{replies: []fakeReply{{challenge: "LINE\nBREAK", params: long}}}).driver(t)
	step, err := d.Start(t.Context(), flow.CustomAuth{Username: username})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := step.Prompt.MarshalBinary(); err == nil || strings.Contains(err.Error(), "\n") || len(err.Error()) > 200 {
		t.Errorf("got %v", err)
	}
}

func TestPromptsDoNotPrint(t *testing.T) {
	const session = goldenSession
	type caller struct{ hidden flow.Prompt }
	p := goldenCases["email-otp"].prompt(t)
	for _, v := range []any{p, *p, caller{*p}, &caller{*p}, flow.Step{Prompt: p}, []*flow.Prompt{p}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, session) || strings.Contains(out, fmt.Sprintf("%x", session)) {
				t.Errorf("%s of %T prints the session", verb, v)
			}
		}
	}
	if out := fmt.Sprint(p); !bytes.Contains([]byte(out), []byte("EMAIL_OTP")) {
		t.Errorf("the prompt prints as %q, without the name of the challenge", out)
	}
}
