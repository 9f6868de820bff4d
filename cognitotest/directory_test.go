package cognitotest

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPasswordPolicy(t *testing.T) {
	cases := map[string]string{
		"Aa1!aaaa":                        "",
		"Aa1!aaa":                         "long enough",
		"AA1!AAAA":                        "lowercase",
		"aa1!aaaa":                        "uppercase",
		"Aaa!aaaa":                        "numeric",
		"Aa1aaaaa":                        "symbol",
		"Éé1!éééé":                        "lowercase", // letters are basic Latin
		"Aa1éaaaaa":                       "symbol",
		"Aa1 aaaa":                        "",
		" Aa1aaaaa":                       "spaces",
		"Aa1!aaaa ":                       "spaces",
		"Aa1£aaaaaa":                      "symbol", // not one of the service's
		"Aa1!" + strings.Repeat("a", 253): "too long",
	}
	for password, want := range cases {
		got := servicePolicy.violation(password)
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

func TestLockoutIsBounded(t *testing.T) {
	start := time.Unix(0, 0)
	if got := (lockout{failures: 60, last: start}).until(); !got.Equal(start.Add(15 * time.Minute)) {
		t.Errorf("locked for %v", got.Sub(start))
	}
}

// Each pool has a group key of its own.
func TestGroupKey(t *testing.T) {
	form := regexp.MustCompile(`^-[0-9A-Za-z]{8}$`)
	for range 20 {
		if key := newGroupKey(poolDialect{}); !form.MatchString(key) {
			t.Errorf("group key %q", key)
		}
	}
}
