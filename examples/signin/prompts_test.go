package main

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The expected responses are those that the service's API reference lists for
// each challenge (RespondToAuthChallenge, ChallengeResponses).
func TestPrompts(t *testing.T) {
	with := func(name challenge.Name, parameters ...string) challenge.Challenge {
		c := challenge.Challenge{Name: name, Username: "ada", Parameters: map[string]string{}}
		for i := 0; i < len(parameters); i += 2 {
			c.Parameters[parameters[i]] = parameters[i+1]
		}
		return c
	}
	first := challenge.Challenge{Name: challenge.SelectChallenge, Available: []challenge.Name{"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "WEB_AUTHN"}}
	app := with(challenge.MFASetup, "MFAS_CAN_SETUP", `["SOFTWARE_TOKEN_MFA"]`)
	app.TOTPSecret = secret.New("JBSWY3DPEHPK3PXP")

	for _, test := range []struct {
		c     challenge.Challenge
		lines string
		want  map[string]string
		err   error // in place of want
	}{
		{c: with("SMS_MFA"), lines: "123456\n", want: map[string]string{"SMS_MFA_CODE": "123456"}},
		{c: with("SMS_OTP"), lines: "123456\r\n", want: map[string]string{"SMS_OTP_CODE": "123456"}},
		{c: with("EMAIL_OTP"), lines: "123456", want: map[string]string{"EMAIL_OTP_CODE": "123456"}},
		{c: with("SOFTWARE_TOKEN_MFA"), lines: "123 456\nnext", want: map[string]string{"SOFTWARE_TOKEN_MFA_CODE": "123456"}},
		{c: with("SOFTWARE_TOKEN_MFA"), err: errNoInput},

		{c: with("SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `["SMS_MFA","EMAIL_OTP"]`), lines: "email_otp\n", want: map[string]string{"ANSWER": "EMAIL_OTP"}},
		{c: first, lines: "EMAIL_OTP\n", want: map[string]string{"ANSWER": "EMAIL_OTP"}},
		{c: first, lines: "PASSWORD\nhorse\n", want: map[string]string{"ANSWER": "PASSWORD"}}, // the driver adds the password
		{c: first, lines: "PASSWORD\n", err: errNoInput},
		{c: first, lines: "WEB_AUTHN\n", err: errNoPasskeys},
		{c: with("WEB_AUTHN"), err: errNoPasskeys},

		{c: app, lines: "123456\n", want: map[string]string{"UserCode": "123456"}},
		{c: with("MFA_SETUP", "MFAS_CAN_SETUP", `["EMAIL_OTP"]`), lines: "ada@example.com\n", want: map[string]string{"EMAIL": "ada@example.com"}},
		{c: with("MFA_SETUP", "MFAS_CAN_SETUP", `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`), lines: "EMAIL_OTP\n", want: map[string]string{"ANSWER": "EMAIL_OTP"}},

		{c: with("NEW_PASSWORD_REQUIRED", "requiredAttributes", `["userAttributes.given_name","userAttributes.nickname"]`),
			lines: " new horse \nAda\nLady\n",
			want:  map[string]string{"NEW_PASSWORD": " new horse ", "userAttributes.given_name": "Ada", "userAttributes.nickname": "Lady"}},
		{c: with("NEW_PASSWORD_REQUIRED", "requiredAttributes", `["userAttributes.given_name"]`), lines: "new horse\n", err: errNoInput},

		{c: with("CUSTOM_CHALLENGE", "question", "5 + 3"), lines: "\n", want: map[string]string{"ANSWER": ""}},
		{c: with("FACE_SCAN"), lines: "x\n", err: challenge.ErrNoAnswer},
	} {
		var out bytes.Buffer
		person := newTerminal(strings.NewReader(test.lines), &out, secret.String{})
		answer, err := person.handlers().Answer(t.Context(), test.c)
		if !errors.Is(err, test.err) {
			t.Errorf("%s with %q: error %v, want %v", test.c.Name, test.lines, err, test.err)
		}
		if err != nil {
			continue
		}
		got, err := test.c.Responses(answer)
		if sent := sent(got); err != nil || !reflect.DeepEqual(sent, test.want) {
			t.Errorf("%s with %q = %v, %v; want %v", test.c.Name, test.lines, sent, err, test.want)
		}
		// Without a terminal the program prints the key of an authenticator app only.
		if told := out.String(); (test.c.TOTPSecret.IsZero()) != (told == "") {
			t.Errorf("%s says %q without a terminal", test.c.Name, told)
		}
	}
}

// The program shows a TOTP key once, and without a terminal too.
func TestKeyIsShownOnce(t *testing.T) {
	c := challenge.Challenge{Name: challenge.MFASetup, Username: "ada", TOTPSecret: secret.New("JBSWY3DPEHPK3PXP")}
	for attempt, want := range []int{2, 0} { // as text and in the URI
		c.Attempt, c.Reason = attempt, errors.New("wrong")
		var out bytes.Buffer
		person := newTerminal(strings.NewReader("123456\n"), &out, secret.String{})
		if _, err := person.handlers().Answer(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.String(), "JBSWY3DPEHPK3PXP"); got != want || want > 0 && !strings.Contains(out.String(), "otpauth://totp/") {
			t.Errorf("attempt %d: the key is there %d times, want %d\n%s", attempt, got, want, out.String())
		}
	}
}

// The driver or the program answers each challenge of the service.
func TestEveryChallengeIsAsked(t *testing.T) {
	machine := []challenge.Name{
		challenge.PasswordVerifier, challenge.DeviceSRPAuth, challenge.DevicePasswordVerifier,
		challenge.AdminNoSRPAuth, // the name of an auth flow, which is no challenge
	}
	handlers := newTerminal(strings.NewReader(""), nil, secret.String{}).handlers()
	for _, name := range types.ChallengeNameType("").Values() {
		n := challenge.Name(name)
		if (handlers[n] != nil) == slices.Contains(machine, n) {
			t.Errorf("%s: asked %v, answered by a machine %v", n, handlers[n] != nil, slices.Contains(machine, n))
		}
	}
}

// sent returns the request that the driver makes of an answer. During MFA_SETUP the driver
// sends a code to VerifySoftwareToken, and does not send the choice of the app.
func sent(r challenge.Responses) map[string]string {
	switch {
	case !r.Verify.IsZero():
		return map[string]string{"UserCode": r.Verify.Reveal()}
	case r.Params() == nil:
		return map[string]string{"ANSWER": string(r.Choice)}
	}
	return r.Params()
}
