package cognitotest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers has the packages of the pool, the lowest layer first. A package imports
// packages of lower layers only. Two packages of one layer, such as two families
// of operations, do not import each other.
var layers = [][]string{
	{"internal/exception", "internal/invalid", "internal/random", "internal/traffic", "trigger"},
	{"internal/expiring", "internal/srp", "internal/totp"},
	{"internal/directory", "internal/wire"},
	{"internal/api", "internal/setup"},
	{"internal/issue"},
	{"internal/operations/account", "internal/operations/administration", "internal/operations/devices",
		"internal/operations/pools", "internal/operations/signin", "internal/operations/tokens"},
	{"internal/operations"},
	{"internal/server"},
	{""},
}

func layerOf(name string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.Contains(layer, name) })
}

// The pool shares no code with the rest of the module. Driver and pool would agree about a
// mistake in shared code, and no test would fail.
func TestImports(t *testing.T) {
	const module = "github.com/cognitoflow/cognitoflow/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	below := func(path string) (name string, ok bool) {
		name, ok = strings.CutPrefix(path, module+"cognitotest")
		return strings.TrimPrefix(name, "/"), ok && (name == "" || name[0] == '/')
	}
	seen := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name, _ := below(p.ImportPath)
		layer := layerOf(name)
		if layer < 0 {
			t.Errorf("%s is in no layer: add it to the list", name)
		}
		for _, path := range p.Imports {
			if !strings.HasPrefix(path, module) {
				continue
			}
			if imported, ok := below(path); !ok {
				t.Errorf("%s imports %s, which is no part of the pool", p.ImportPath, path)
			} else if layerOf(imported) >= layer {
				t.Errorf("%q imports %q, which is not below", name, imported)
			}
		}
	}
	if want := len(slices.Concat(layers...)); seen != want {
		t.Errorf("%d packages, and %d in the layers", seen, want)
	}
}
