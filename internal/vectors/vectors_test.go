package vectors

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	f := Load(t)
	if len(f.User) != 12 || len(f.Device) != 6 || len(f.InvalidPublicValues.Hex) != 6 {
		t.Errorf("%d user, %d device vectors, %d invalid values", len(f.User), len(f.Device), len(f.InvalidPublicValues.Hex))
	}
	caught := map[string]bool{}
	note := func(e Exchange) {
		for _, name := range e.Catches {
			caught[name] = true
			if f.Mistakes[name] == "" {
				t.Errorf("%s catches %q, which is not explained", e.Name, name)
			}
		}
	}
	for _, v := range f.User {
		note(v.Exchange)
	}
	for _, v := range f.Device {
		note(v.Exchange)
	}
	for name := range f.Mistakes {
		if !caught[name] {
			t.Errorf("no vector catches %q", name)
		}
	}
}

func TestParseRefusesWhatItDoesNotUnderstand(t *testing.T) {
	replace := func(old, new string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("the file has no %s", old)
		}
		return bytes.Replace(slices.Clone(data), []byte(old), []byte(new), 1)
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"unknown field":    {replace(`"u_hex"`, `"w_hex"`), `unknown field "w_hex"`},
		"field twice":      {replace(`"u_hex"`, `"s_hex"`), "a field is missing"},
		"other case":       {replace(`"u_hex"`, `"U_hex"`), "a field is missing"},
		"list missing":     {[]byte(`{"user": []}`), "missing or empty"},
		"not JSON":         {data[:len(data)/2], "unexpected EOF"},
		"something behind": {append(slices.Clone(data), "{}"...), "after top-level value"},
	} {
		if _, err := Parse(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
