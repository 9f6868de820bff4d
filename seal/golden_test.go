package seal_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

var update = flag.Bool("update", false, "write golden files of the present version; do so for a new version only")

var goldenTime = time.Unix(1_700_000_000, 0)

// goldenSealer has a key that is no secret, and a clock at the golden time.
func goldenSealer(t testing.TB) *seal.Sealer {
	return newSealer(t, app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)}, func(o *seal.Options) {
		o.Now = func() time.Time { return goldenTime }
	})
}

func goldenStrings(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/prompt-v*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = strings.TrimSpace(string(data))
	}
	return all
}

func TestPromptsOfEveryReleaseAreOpened(t *testing.T) {
	if *update {
		service := asks{"EMAIL_OTP", map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}, "golden-session-0123456789"}
		d, err := flow.New(service, app, func(o *flow.Options) { o.Now = func() time.Time { return goldenTime } })
		if err != nil {
			t.Fatal(err)
		}
		step, err := d.Start(t.Context(), flow.UserAuth{Username: "ada"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := goldenSealer(t).Prompt(step.Prompt, binding)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/prompt-v1", []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range goldenStrings(t) {
		p, err := goldenSealer(t).OpenPrompt(text, binding)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := p.Challenge(); c.Name != challenge.EmailOTP || c.Username != "ada" || c.Delivery().Destination != "a***@e***" {
			t.Errorf("%s: got %+v", name, c)
		}
	}
}

func FuzzOpen(f *testing.F) {
	golden := goldenStrings(f)
	for _, text := range golden {
		f.Add(text, string(binding))
		f.Add(text, "another browser")
	}
	sealer := goldenSealer(f)
	f.Fuzz(func(t *testing.T, text, bound string) {
		p, err := sealer.OpenPrompt(text, []byte(bound))
		if (p == nil) == (err == nil) {
			t.Fatalf("got %v and %v", p, err)
		}
		if err != nil {
			return
		}
		for _, known := range golden {
			if text == known && bound == string(binding) {
				return
			}
		}
		t.Errorf("opened what was never sealed: %q", text)
	})
}
