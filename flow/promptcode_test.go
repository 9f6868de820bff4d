package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var update = flag.Bool("update", false, "write golden files of the present prompt version; do so for a new version only")

// scripted is a service of two methods that answers with what it is given.
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

// goldenPrompts are prompts in every form that is worth keeping. What is
// written here must be read by every later release.
var goldenPrompts = map[string]struct {
	out  cip.InitiateAuthOutput
	want challenge.Challenge
}{
	"email-otp": {
		cip.InitiateAuthOutput{ChallengeName: "EMAIL_OTP", ChallengeParameters: map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}},
		challenge.Challenge{Name: "EMAIL_OTP", Username: "ada@example.com", SignInName: "ada@example.com", Parameters: map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}},
	},
	"select-challenge": {
		cip.InitiateAuthOutput{ChallengeName: "SELECT_CHALLENGE", AvailableChallenges: []types.ChallengeNameType{"PASSWORD_SRP", "TELEPATHY"}, ChallengeParameters: map[string]string{"USERNAME": "ada"}},
		challenge.Challenge{Name: "SELECT_CHALLENGE", Username: "ada", SignInName: "ada@example.com", Available: []challenge.Name{"PASSWORD_SRP", "TELEPATHY"}, Parameters: map[string]string{"USERNAME": "ada"}},
	},
	"unknown": {
		cip.InitiateAuthOutput{ChallengeName: "FACE_SCAN", ChallengeParameters: map[string]string{"ω": "\x00\xff<&>"}},
		challenge.Challenge{Name: "FACE_SCAN", Username: "ada@example.com", SignInName: "ada@example.com", Parameters: map[string]string{"ω": "\x00\ufffd<&>"}},
	},
}

// goldenPrompt makes the prompt of a golden file anew, and a driver whose
// service sees what an answer to it sends.
func goldenPrompt(t testing.TB, out cip.InitiateAuthOutput, sent *cip.RespondToAuthChallengeInput) (*flow.Driver, *flow.Prompt) {
	t.Helper()
	out.Session = aws.String("golden-session-0123456789")
	d, err := flow.New(scripted{
		initiate: func(*cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error) { return &out, nil },
		respond: func(in *cip.RespondToAuthChallengeInput) (*cip.RespondToAuthChallengeOutput, error) {
			*sent = *in
			return nil, errors.New("that is all")
		},
	}, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}, func(o *flow.Options) {
		o.Now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	})
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada@example.com", Password: secret.New("pw")})
	if err != nil {
		t.Fatal(err)
	}
	return d, step.Prompt
}

func TestPromptsOfEveryReleaseAreRead(t *testing.T) {
	for name, golden := range goldenPrompts {
		var sent cip.RespondToAuthChallengeInput
		d, made := goldenPrompt(t, golden.out, &sent)
		path := filepath.Join("testdata", "prompt-v1-"+name)
		if *update {
			data, err := made.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p flow.Prompt
		if err := p.UnmarshalBinary(data); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := p.Challenge(); !reflect.DeepEqual(got, golden.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, golden.want)
		}
		if got := p.Issued(); !got.Equal(time.Unix(1_700_000_000, 0)) {
			t.Errorf("%s: issued %v", name, got)
		}
		if _, err := d.Respond(t.Context(), &p, challenge.Raw(map[string]string{"ANSWER": "x"})); err == nil {
			t.Fatal("the service was not asked")
		}
		want := map[string]string{"ANSWER": "x", "USERNAME": golden.want.Username}
		if aws.ToString(sent.Session) != "golden-session-0123456789" || !reflect.DeepEqual(sent.ChallengeResponses, want) {
			t.Errorf("%s: sent %q with session %q", name, sent.ChallengeResponses, aws.ToString(sent.Session))
		}
	}
}

func TestPromptsThatCannotBeRead(t *testing.T) {
	data, err := os.ReadFile("testdata/prompt-v1-email-otp")
	if err != nil {
		t.Fatal(err)
	}
	_, other := goldenPrompt(t, goldenPrompts["unknown"].out, new(cip.RespondToAuthChallengeInput))
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
		t.Error("json.Marshal lost the prompt without a word")
	}
	var zero flow.Prompt
	if _, err := zero.MarshalBinary(); err == nil {
		t.Error("the zero Prompt was written")
	}
}

func FuzzUnmarshalPrompt(f *testing.F) {
	files, err := filepath.Glob("testdata/prompt-v*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden prompts to start from: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
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
			t.Fatalf("read and not written: %v", err)
		}
		var second flow.Prompt
		if err := second.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(second.Challenge(), p.Challenge()) {
			t.Errorf("%+v was written and read as %+v, %v", p.Challenge(), second.Challenge(), err)
		}
	})
}

// The name of a challenge may be any text.
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
	const session = "golden-session"
	type caller struct{ hidden flow.Prompt }
	_, p := goldenPrompt(t, goldenPrompts["email-otp"].out, new(cip.RespondToAuthChallengeInput))
	for _, v := range []any{p, *p, caller{*p}, &caller{*p}, flow.Step{Prompt: p}, []*flow.Prompt{p}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, session) || strings.Contains(out, fmt.Sprintf("%x", session)) {
				t.Errorf("%s of %T prints the session", verb, v)
			}
		}
	}
	if out := fmt.Sprint(p); !bytes.Contains([]byte(out), []byte("EMAIL_OTP")) {
		t.Errorf("prints as %q, which does not name the challenge", out)
	}
}
