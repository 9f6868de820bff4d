package account_test

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// The program in the README signs up and signs in, as it stands there.
func TestReadmeProgram(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```go\npackage main\n")
	body, _, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatal("the README has no program")
	}
	source := "package main\n" + body
	if lines := strings.Count(source, "\n"); lines > 40 {
		t.Errorf("the program has %d lines", lines)
	}
	if formatted, err := format.Source([]byte(source)); err != nil || string(formatted) != source {
		t.Errorf("the program is not formatted, or %v", err)
	}
	file, program := filepath.Join(t.TempDir(), "main.go"), filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	codes := make(chan string, 1)
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		ID: "eu-central-1_Ab12Cd34E", Clients: []cognitotest.ClientConfig{{ID: "1example23456789", AuthFlows: []string{"ALLOW_USER_AUTH"}}},
		OnCode: func(c cognitotest.Code) { codes <- c.Code },
	})
	var out, log bytes.Buffer
	run := exec.CommandContext(t.Context(), program)
	run.Env = append(os.Environ(), "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="+pool.Endpoint())
	run.Stdout, run.Stderr = &out, &log
	keyboard, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // the user reads the mail, and types
		select {
		case code := <-codes:
			fmt.Fprintln(keyboard, code)
		case <-t.Context().Done():
		}
	}()
	if err := run.Wait(); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &log)
	}
	if want := "The code that was sent to a***@e***: ada is signed in until "; !strings.HasPrefix(out.String(), want) {
		t.Errorf("the program wrote %q, want %q", &out, want)
	}
}
