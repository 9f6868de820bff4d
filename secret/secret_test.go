package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/secret"
)

const text = "hunter2-and-more"

// A caller's struct: the unexported field is where methods are not called.
type config struct {
	Exported secret.String
	hidden   secret.String
	list     []secret.String
	byName   map[string]secret.String
	pointer  *secret.String
	any      any
	box      secret.Box[inner]
	boxes    *secret.Box[inner]
}

type inner struct {
	text string
	byte []byte
	more map[string]string
}

func values() map[string]any {
	s := secret.New(text)
	box := secret.NewBox(inner{text, []byte(text), map[string]string{text: text}})
	nested := config{s, s, []secret.String{s}, map[string]secret.String{"k": s}, &s, s, box, &box}
	return map[string]any{"value": s, "pointer": &s, "nested": nested, "pointer to nested": &nested, "box": box, "pointer to box": &box}
}

func TestNoVerbPrintsTheText(t *testing.T) {
	for name, v := range values() {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %T %p %t %e %c %U") {
			if out := fmt.Sprintf(verb, v); leaks(out) {
				t.Errorf("%s with %s: %q", name, verb, out)
			}
		}
	}
}

func TestNoHandlerLogsTheText(t *testing.T) {
	for name, v := range values() {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		if leaks(out.String()) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestJSONHidesTheTextAndReadsIt(t *testing.T) {
	out, err := json.Marshal(map[string]any{"s": secret.New(text), "empty": secret.String{}})
	if err != nil || leaks(string(out)) {
		t.Errorf("json.Marshal = %s, %v", out, err)
	}
	var in struct{ S secret.String }
	if err := json.Unmarshal([]byte(`{"S":"`+text+`"}`), &in); err != nil || in.S.Reveal() != text {
		t.Errorf("json.Unmarshal lost the text: %v", err)
	}
}

func TestZero(t *testing.T) {
	var zero secret.String
	if !zero.IsZero() || !secret.New("").IsZero() || secret.New(text).IsZero() {
		t.Error("IsZero is wrong")
	}
	if zero.Reveal() != "" || secret.New(text).Reveal() != text {
		t.Error("Reveal does not give the text back")
	}
}

func TestBox(t *testing.T) {
	var zero secret.Box[inner]
	if zero.Open() != nil {
		t.Error("the zero Box is not empty")
	}
	box := secret.NewBox(inner{text: text})
	if box.Open().text != text {
		t.Error("Open does not give the value back")
	}
}

// leaks looks for the text as it is, in hexadecimal and as decimal bytes.
func leaks(out string) bool {
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), strings.Trim(fmt.Sprint([]byte(text)), "[]")} {
		if strings.Contains(out, form) {
			return true
		}
	}
	return false
}
