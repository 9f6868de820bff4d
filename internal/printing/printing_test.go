package printing_test

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/printing"
)

// Leaks finds Hushed in the output of each way that prints texts, at each depth.
func TestWays(t *testing.T) {
	type boxed struct{ text string }
	for name, v := range map[string]any{
		"text": printing.Hushed, "struct": boxed{printing.Hushed}, "nested": printing.Nest(printing.Hushed), "nested struct": printing.Nest(boxed{printing.Hushed}),
	} {
		ways := printing.Ways(v)
		for _, way := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "% x", "%#q", "slog as text"} {
			if !printing.Leaks(ways[way]) {
				t.Errorf("%s does not leak by %s: %q", name, way, ways[way])
			}
		}
	}
	if ways := printing.Ways(printing.Nest(printing.Hushed)); !printing.Leaks(ways["%x on its own"]) {
		t.Error("the value inside is not printed")
	}
	for way, text := range printing.Ways(printing.Nest("public")) {
		if printing.Leaks(text) {
			t.Errorf("%s: %q", way, text)
		}
	}
}
