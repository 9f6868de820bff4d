package flow_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDependencies wants package flow to depend on the standard library, the SDK, golang.org/x and
// this module only. A program must not get the dependencies of package cognitotest.
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
			t.Errorf("package flow depends on %s", path)
		}
	}
	if own["cognitotest"] || !own["challenge"] || !own["srp"] || !own["device"] {
		t.Errorf("in this module, package flow depends on %v", own)
	}
}
