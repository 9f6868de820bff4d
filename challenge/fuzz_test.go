package challenge_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// FuzzParameters asks any challenge with any parameters. A program reads all parameters, and
// gives each kind of answer.
func FuzzParameters(f *testing.F) {
	for _, seed := range [][3]string{
		{"MFA_SETUP", "MFAS_CAN_SETUP", `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`},
		{"SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `["SMS_MFA"]`},
		{"SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `[null,1]`},
		{"NEW_PASSWORD_REQUIRED", "requiredAttributes", `["userAttributes.given_name"]`},
		{"NEW_PASSWORD_REQUIRED", "userAttributes", `{"email":null}`},
		{"WEB_AUTHN", "CREDENTIAL_REQUEST_OPTIONS", `{"challenge":"Z29sZGVu"}`},
		{"WEB_AUTHN", "CREDENTIAL_REQUEST_OPTIONS", `{"challenge":`},
		{"EMAIL_OTP", "CODE_DELIVERY_DESTINATION", "a***@e***\n"},
		{"FACE_SCAN", "ω", "\x00"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	answers := []challenge.Answer{
		{}, challenge.Code("123456"), challenge.Choose("SMS_MFA"), challenge.Email("a@example.com"), challenge.Continue(), challenge.Custom("x"),
		challenge.NewPassword("hush-7Fq", map[string]string{"given_name": "Ada"}), challenge.CurrentPassword("", "hush-7Fq"),
		challenge.Credential([]byte(`{"id":"hush-7Fq"}`)), challenge.Raw(map[string]string{"ANSWER": "x"}),
	}
	f.Fuzz(func(t *testing.T, name, key, value string) {
		c := challenge.Challenge{
			Name: challenge.Name(name), Parameters: map[string]string{key: value}, Username: value, TOTPSecret: secret.New("JBSWY3DPEHPK3PXP"),
		}
		line := func(err error) {
			t.Helper()
			if err == nil {
				return
			}
			if text := err.Error(); strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, "hush-7Fq") && !strings.Contains(name+key+value, "hush-7Fq") {
				t.Errorf("%q does not fit a line of a log, or has a secret", text)
			}
		}
		choices, err := c.Choices()
		line(err)
		if err != nil && choices != nil {
			t.Errorf("choices %q and %v", choices, err)
		}
		_, err = c.RequiredAttributes()
		line(err)
		_, err = c.UserAttributes()
		line(err)
		request, err := c.CredentialRequest()
		line(err)
		if err == nil && len(request) > 0 && !json.Valid(request) {
			t.Errorf("the request %q is not JSON", request)
		}
		if uri := c.TOTPURI("Example", value); !strings.HasPrefix(uri, "otpauth://totp/") || strings.ContainsFunc(uri, unicode.IsControl) {
			t.Errorf("the URI is %q", uri)
		}
		c.Delivery()
		c.ForMachine()
		for _, a := range answers {
			_, err := c.Responses(a)
			line(err)
		}
	})
}
