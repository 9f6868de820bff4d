package seal_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"

	"github.com/cognitoflow/cognitoflow/flow"
)

// longPrompt asks for a code. The session has the greatest length in the service model.
func longPrompt(tb testing.TB) *flow.Prompt {
	session := make([]byte, 1536)
	rand.Read(session)
	return prompt(tb, asks{"EMAIL_OTP", map[string]string{
		"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***",
	}, base64.StdEncoding.EncodeToString(session)})
}

func sealsPrompt(tb testing.TB) func() {
	p, sealer := longPrompt(tb), newSealer(tb, app, [][]byte{newKey()})
	return func() {
		if _, err := sealer.Prompt(p, binding); err != nil {
			tb.Fatal(err)
		}
	}
}

func opensPrompt(tb testing.TB) func() {
	sealer := newSealer(tb, app, [][]byte{newKey()})
	text, err := sealer.Prompt(longPrompt(tb), binding)
	if err != nil {
		tb.Fatal(err)
	}
	return func() {
		if _, err := sealer.OpenPrompt(text, binding); err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkSealPrompt(b *testing.B) { run(b, sealsPrompt(b)) }
func BenchmarkOpenPrompt(b *testing.B) { run(b, opensPrompt(b)) }

func run(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}
