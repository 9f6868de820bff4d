package totp

import (
	"testing"
	"time"
)

// RFC 6238, appendix B, for SHA-1, the last six of its eight digits.
func TestTOTPVectors(t *testing.T) {
	app := &App{Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got := app.Shown(time.Unix(seconds, 0)); got != want {
			t.Errorf("code at %d = %s, want %s", seconds, got, want)
		}
	}
}
