package flow_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDependencies wants a program that imports only flow not to compile in
// what the pool needs.
func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list -deps: %v", err)
	}
	const module = "github.com/cognitoflow/cognitoflow/"
	allowed := regexp.MustCompile(`^github\.com/aws/(aws-sdk-go-v2|smithy-go)(/|$)|^golang\.org/x/(crypto|oauth2|sys)/|^golang\.org/x/oauth2$`)
	own := map[string]bool{}
	for path := range strings.FieldsSeq(string(out)) {
		domain, _, _ := strings.Cut(path, "/")
		switch {
		case strings.HasPrefix(path, module):
			own[strings.TrimPrefix(path, module)] = true
		case strings.HasPrefix(path, "vendor/"), !strings.Contains(domain, "."): // the standard library
		case !allowed.MatchString(path):
			t.Errorf("flow brings %s along", path)
		}
	}
	if own["cognitotest"] || !own["challenge"] || !own["srp"] || !own["device"] {
		t.Errorf("of this module flow brings along %v", own)
	}
}
