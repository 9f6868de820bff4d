package typed_test

import (
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/typed"
)

func TestNameFlaw(t *testing.T) {
	for _, good := range []string{"ada", "ada@example.com", "+15550100123", "Ἀριάδνη", "e\u0301", "ada!", strings.Repeat("é", 128)} {
		if flaw := typed.NameFlaw(good); flaw != "" {
			t.Errorf("%q %s", good, flaw)
		}
	}
	for bad, want := range map[string]string{
		" ada": "white space", "ada\n": "white space", "a da": "white space", "a\u200bda": "control character",
		"a\xffda": "UTF-8", strings.Repeat("é", 129): "128",
	} {
		if flaw := typed.NameFlaw(bad); !strings.Contains(flaw, want) {
			t.Errorf("%q %q, want %q", bad, flaw, want)
		}
	}
}

func TestPasswordFlaw(t *testing.T) {
	for _, good := range []string{"Correct-Horse-7!", "Correct Horse 7!", strings.Repeat("é", 256)} {
		if flaw := typed.PasswordFlaw(good); flaw != "" {
			t.Errorf("%q %s", good, flaw)
		}
	}
	for bad, want := range map[string]string{
		" Correct-Horse-7!": "white space", "Correct-Horse-7!\t": "white space", "Correct\xff": "UTF-8", "C": "2 characters", strings.Repeat("é", 257): "256",
	} {
		if flaw := typed.PasswordFlaw(bad); !strings.Contains(flaw, want) {
			t.Errorf("%q %q, want %q", bad, flaw, want)
		}
	}
}

func TestCode(t *testing.T) {
	for given, want := range map[string]string{"123456": "123456", " 123 456\n": "123456", "12\u00a034\u202f56": "123456"} {
		if code, err := typed.Code(given); code != want || err != nil {
			t.Errorf("%q is %q, %v", given, code, err)
		}
	}
	for _, empty := range []string{"", " \t\n"} {
		if code, err := typed.Code(empty); code != "" || err == nil {
			t.Errorf("%q is %q, %v", empty, code, err)
		}
	}
}
