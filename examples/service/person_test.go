package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// Ctrl-C ends the context of the program. The read of the answer goes on.
func TestInterruptedAtAPrompt(t *testing.T) {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		ID: "eu-test-1_Service", MFA: "OPTIONAL", Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{Name: "ada", Password: password, TOTPSecret: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"}},
	})
	for prompt, typed := range map[string]string{
		"Password of ada: ":           "",
		"Code (SOFTWARE_TOKEN_MFA): ": password + "\n",
	} {
		keyboard, hand := io.Pipe()
		stop := time.AfterFunc(10*time.Second, func() { hand.Close() }) // ends a run that waits in vain
		go io.WriteString(hand, typed)
		ctx, interrupt := context.WithCancel(t.Context())
		var stdout bytes.Buffer
		stderr := &until{text: prompt, end: interrupt}
		code := run(ctx, []string{
			"-endpoint", pool.Endpoint(), "-user-pool-id", pool.ID(), "-client-id", "app",
			"-username", "ada", "-dir", t.TempDir(), "-get", "http://localhost/",
		}, keyboard, &stdout, stderr)
		stop.Stop()
		hand.Close()
		if shown := stderr.String(); code != 1 || !strings.Contains(shown, prompt+"\nservice: ") || !strings.Contains(shown, context.Canceled.Error()) {
			t.Errorf("at %q: exit code %d, %q", prompt, code, shown)
		}
	}
}
