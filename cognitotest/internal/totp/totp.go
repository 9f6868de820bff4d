// Package totp is the authenticator app of a user.
package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	totplib "github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// App is an authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 seconds.
type App struct {
	Name     string // FRIENDLY_DEVICE_NAME
	Secret   string
	lastStep int64 // the newest step with a used code
}

const (
	period = 30
	window = 1  // the valid steps before and after the present one
	memory = 10 // the steps in the past whose codes are expired, and not wrong
)

// CheckSecret refuses a secret that is not base32.
func CheckSecret(secret string) error {
	text := strings.TrimRight(strings.ToUpper(secret), "=")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(key) == 0 {
		return fmt.Errorf("not base32")
	}
	return nil
}

func (t *App) code(step int64) string {
	code, err := totplib.GenerateCodeCustom(t.Secret, time.Unix(step*period, 0), totplib.ValidateOpts{
		Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		panic(err) // CheckSecret has checked the secret
	}
	return code
}

// Shown returns the code that the app shows at the time now.
func (t *App) Shown(now time.Time) string { return t.code(now.Unix() / period) }

// Use takes a code at the time now. Use refuses a used code, and each code of an earlier step.
func (t *App) Use(code string, now time.Time) error {
	present := now.Unix() / period
	for step := present + window; step >= present-memory; step-- {
		if subtle.ConstantTimeCompare([]byte(t.code(step)), []byte(code)) != 1 {
			continue
		}
		if step < present-window || step <= t.lastStep {
			return exception.New("ExpiredCodeException", "Your software token has already been used once.")
		}
		t.lastStep = step
		return nil
	}
	return exception.New("CodeMismatchException", "Invalid code received for user")
}
