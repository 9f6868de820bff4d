package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

func TestSecondRunNeedsNoCode(t *testing.T) {
	user := ada
	user.Attributes = map[string]string{"email": "ada@example.com", "email_verified": "true"}
	t.Setenv("COGNITO_PASSWORD", password)
	for _, test := range []struct {
		username string
		devices  cognitotest.DeviceConfiguration
	}{
		{"ada", cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}},
		{"ada@example.com", cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}},
		{"ada", cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true}},
	} {
		t.Run(fmt.Sprintf("%s, opt-in %t", test.username, test.devices.DeviceOnlyRememberedOnUserPrompt), func(t *testing.T) {
			pool := newPool(t, func(c *cognitotest.PoolConfig) { c.DeviceConfiguration = &test.devices }, user)
			args := at(pool, test.username, "-device-dir", t.TempDir())
			first := signin(t, strings.NewReader(pool.TOTP("ada")), args...)
			first.wantSignedIn(t, "ada")
			first.wantSteps(t,
				"USER_SRP_AUTH started by the driver",
				"PASSWORD_VERIFIER answered by the driver",
				"SOFTWARE_TOKEN_MFA answered by you",
			)
			second := signin(t, strings.NewReader(""), args...)
			second.wantSignedIn(t, "ada")
			second.wantSteps(t,
				"USER_SRP_AUTH started by the driver",
				"PASSWORD_VERIFIER answered by the driver",
				"DEVICE_SRP_AUTH answered by the driver",
				"DEVICE_PASSWORD_VERIFIER answered by the driver",
			)
		})
	}
}

// The pool sends the code during the run, and the test types it as the next line.
func TestChoosingTheFirstFactor(t *testing.T) {
	stdin, lines := io.Pipe()
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.MFA = "OFF"
		c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
		c.OnCode = func(code cognitotest.Code) { go fmt.Fprintln(lines, code.Code) }
	}, cognitotest.UserConfig{Name: "bob", Password: password, Attributes: bob.Attributes})

	t.Run("e-mail", func(t *testing.T) {
		go io.WriteString(lines, "EMAIL_OTP\n")
		r := signin(t, stdin, at(pool, "bob", "-flow", "USER_AUTH")...)
		r.wantSignedIn(t, "bob")
		r.wantSteps(t,
			"USER_AUTH started by the driver",
			"SELECT_CHALLENGE answered by you",
			"EMAIL_OTP answered by you",
		)
	})
	t.Run("password", func(t *testing.T) {
		r := signin(t, strings.NewReader("PASSWORD_SRP\n"+password+"\n"), at(pool, "bob", "-flow", "USER_AUTH")...)
		r.wantSignedIn(t, "bob")
		r.wantSteps(t,
			"USER_AUTH started by the driver",
			"SELECT_CHALLENGE answered by you",
			"PASSWORD_VERIFIER answered by the driver",
		)
	})
	t.Run("preferred password", func(t *testing.T) {
		r := signin(t, strings.NewReader(password+"\n"), at(pool, "bob", "-flow", "USER_AUTH", "-preferred", "PASSWORD_SRP")...)
		r.wantSignedIn(t, "bob")
		r.wantSteps(t, "USER_AUTH started by the driver", "PASSWORD_VERIFIER answered by the driver")
	})
}

func TestCustomAuth(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.CustomQuestions = []cognitotest.CustomQuestion{{Question: "5 + 3", Answer: "8"}, {Question: "5 - 3", Answer: "2"}}
	}, ada)
	signin(t, strings.NewReader("8\n2\n"), at(pool, "ada", "-flow", "CUSTOM_AUTH")...).wantSteps(t,
		"CUSTOM_AUTH started by the driver",
		"CUSTOM_CHALLENGE answered by you",
		"CUSTOM_CHALLENGE answered by you",
	)
	t.Setenv("COGNITO_PASSWORD", password) // with a password, CUSTOM_AUTH begins with SRP
	r := signin(t, strings.NewReader("8\n2\n"), at(pool, "ada", "-flow", "CUSTOM_AUTH", "-admin")...)
	r.wantSignedIn(t, "ada")
	r.wantSteps(t,
		"CUSTOM_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
		"CUSTOM_CHALLENGE answered by you",
		"CUSTOM_CHALLENGE answered by you",
	)
}

// authenticator is an authenticator app. The app reads its key from standard error, and
// types a code.
type authenticator struct {
	bytes.Buffer
	keyboard io.Writer
}

var shownKey = regexp.MustCompile(`authenticator app: ([A-Z2-7]+)\n`)

func (a *authenticator) Write(text []byte) (int, error) {
	if key := shownKey.FindSubmatch(text); key != nil {
		code, err := totp.GenerateCode(string(key[1]), time.Now())
		if err != nil {
			return 0, err
		}
		go fmt.Fprintln(a.keyboard, code)
	}
	return a.Buffer.Write(text)
}

func TestFirstSignInOfAnInvitedUser(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.MFA, c.MFATypes = "ON", []string{"SOFTWARE_TOKEN_MFA"}
		c.RequiredAttributes = []string{"given_name"}
	}, cognitotest.UserConfig{Name: "eve", TemporaryPassword: password})
	t.Setenv("COGNITO_PASSWORD", password)
	stdin, lines := io.Pipe()
	go io.WriteString(lines, "short\nEve\nNew-Horse-8!\nEve\n") // the pool refuses the first password

	var stdout bytes.Buffer
	stderr := authenticator{keyboard: lines}
	code := run(deadline(t), at(pool, "eve"), stdin, &stdout, &stderr)
	if !shownKey.MatchString(stderr.String()) {
		t.Errorf("standard error %q shows no key", stderr.String())
	}
	r := result{code, stdout.String(), ""}
	r.wantSignedIn(t, "eve", "New-Horse-8!")
	r.wantSteps(t,
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
		"NEW_PASSWORD_REQUIRED answered by you, without success",
		"NEW_PASSWORD_REQUIRED answered by you",
		"AssociateSoftwareToken sent by the driver",
		"VerifySoftwareToken sent by you",
		"MFA_SETUP answered by the driver",
	)
}
