package challenge_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The expected responses come from the table of challenges in the service's API reference
// (RespondToAuthChallenge, ChallengeResponses).
func TestResponses(t *testing.T) {
	offers := func(name challenge.Name, parameters ...string) challenge.Challenge {
		c := challenge.Challenge{Name: name, Parameters: map[string]string{}}
		for i := 0; i < len(parameters); i += 2 {
			c.Parameters[parameters[i]] = parameters[i+1]
		}
		return c
	}
	choices := challenge.Challenge{Name: challenge.SelectChallenge, Available: []challenge.Name{"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"}}
	onlyPassword := challenge.Challenge{Name: challenge.SelectChallenge, Available: []challenge.Name{"PASSWORD"}}
	newPassword := offers(challenge.NewPasswordRequired, "requiredAttributes", `["userAttributes.given_name","nickname"]`)
	hasNickname := offers(challenge.NewPasswordRequired, "requiredAttributes", `["userAttributes.given_name","nickname"]`, "userAttributes", `{"nickname":"ada","email":"old@example.com"}`)
	setup := offers(challenge.MFASetup, "MFAS_CAN_SETUP", `["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`)
	app := setup
	app.TOTPSecret = secret.New("JBSWY3DPEHPK3PXP")

	for _, test := range []struct {
		c      challenge.Challenge
		answer challenge.Answer
		want   map[string]string // Params
		err    string            // a part of the error
		misfit bool              // AnswerError.Misfit
	}{
		{c: offers("SMS_MFA"), answer: challenge.Code("123456"), want: map[string]string{"SMS_MFA_CODE": "123456"}},
		{c: offers("SMS_OTP"), answer: challenge.Code("123456"), want: map[string]string{"SMS_OTP_CODE": "123456"}},
		{c: offers("EMAIL_OTP"), answer: challenge.Code(" 123 456\n"), want: map[string]string{"EMAIL_OTP_CODE": "123456"}},
		{c: offers("SOFTWARE_TOKEN_MFA"), answer: challenge.Code("123456"), want: map[string]string{"SOFTWARE_TOKEN_MFA_CODE": "123456"}},
		{c: offers("SMS_MFA"), answer: challenge.Code(" "), err: "SMS_MFA: the code is empty"},
		{c: offers("SMS_MFA"), answer: challenge.Custom("x"), err: "SMS_MFA: the challenge does not take this kind of answer: in place of challenge.Custom give challenge.Code", misfit: true},
		{c: offers("SMS_MFA"), err: "SMS_MFA: there is no answer: give challenge.Code", misfit: true},

		{c: offers("SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `["SMS_MFA","EMAIL_OTP"]`), answer: challenge.Choose("EMAIL_OTP"), want: map[string]string{"ANSWER": "EMAIL_OTP"}},
		{c: offers("SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `["SMS_MFA","EMAIL_OTP"]`), answer: challenge.Choose("SOFTWARE_TOKEN_MFA"), err: `"SOFTWARE_TOKEN_MFA" is not among the choices ["SMS_MFA" "EMAIL_OTP"]`},
		{c: offers("SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `not json`), answer: challenge.Choose("SMS_MFA"), want: map[string]string{"ANSWER": "SMS_MFA"}},
		{c: offers("SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", `["A","B","C","D","E","F","G","H","I","J"]`), answer: challenge.Choose("K"), err: `"H" and 2 more]`},
		{c: offers("SELECT_MFA_TYPE"), answer: challenge.Choose(""), err: "the choice is empty"},

		{c: choices, answer: challenge.Choose("EMAIL_OTP"), want: map[string]string{"ANSWER": "EMAIL_OTP"}},
		{c: choices, answer: challenge.CurrentPassword("", "pw"), want: map[string]string{"ANSWER": "PASSWORD_SRP"}},
		{c: choices, answer: challenge.CurrentPassword("PASSWORD", "pw"), want: map[string]string{"ANSWER": "PASSWORD"}},
		{c: onlyPassword, answer: challenge.CurrentPassword("", "pw"), err: "to send the password give challenge.CurrentPassword(challenge.Password, password)", misfit: true},
		{c: onlyPassword, answer: challenge.CurrentPassword("PASSWORD", "pw"), want: map[string]string{"ANSWER": "PASSWORD"}},
		{c: choices, answer: challenge.CurrentPassword("", ""), err: "the password is empty"},
		{c: choices, answer: challenge.CurrentPassword("EMAIL_OTP", "pw"), err: "EMAIL_OTP does not take a password: give challenge.CurrentPassword one of", misfit: true},

		{c: newPassword, answer: challenge.NewPassword("N3w-passw0rd", map[string]string{"given_name": "Ada", "userAttributes.nickname": "ada"}),
			want: map[string]string{"NEW_PASSWORD": "N3w-passw0rd", "userAttributes.given_name": "Ada", "userAttributes.nickname": "ada"}},
		{c: newPassword, answer: challenge.NewPassword("N3w-passw0rd", map[string]string{"given_name": "Ada"}), err: `these attributes are required: ["nickname"]`},
		{c: newPassword, answer: challenge.NewPassword("", nil), err: "the new password is empty"},
		{c: hasNickname, answer: challenge.NewPassword("N3w-passw0rd", map[string]string{"given_name": "Ada", "nickname": "ada", "email": "new@example.com"}),
			want: map[string]string{"NEW_PASSWORD": "N3w-passw0rd", "userAttributes.given_name": "Ada", "userAttributes.email": "new@example.com"}},
		{c: hasNickname, answer: challenge.NewPassword("N3w-passw0rd", map[string]string{"given_name": "Ada"}),
			want: map[string]string{"NEW_PASSWORD": "N3w-passw0rd", "userAttributes.given_name": "Ada"}},

		{c: setup, answer: challenge.Choose("EMAIL_OTP")}, // nothing is sent
		{c: setup, answer: challenge.Email("ada@example.com"), want: map[string]string{"EMAIL": "ada@example.com"}},
		{c: setup, answer: challenge.Email(""), err: "the e-mail address is empty"},
		{c: setup, answer: challenge.Code("123456"), err: "first give challenge.Choose(challenge.SoftwareTokenMFA)", misfit: true},
		{c: app, answer: challenge.Code("123 456")}, // for VerifySoftwareToken

		{c: setup, answer: challenge.Choose("SMS_MFA"), err: `"SMS_MFA" is not among the choices`},
		{c: offers("PASSWORD"), answer: challenge.CurrentPassword("PASSWORD", "pw"), want: map[string]string{"PASSWORD": "pw"}},
		{c: offers("PASSWORD"), answer: challenge.CurrentPassword("", "pw"), err: "give challenge.CurrentPassword(challenge.Password, password)", misfit: true},
		{c: offers("PASSWORD"), answer: challenge.CurrentPassword("PASSWORD_SRP", "pw"), err: "asks for the password itself", misfit: true},
		{c: offers("PASSWORD_SRP"), answer: challenge.CurrentPassword("", ""), err: "the password is empty"},
		{c: offers("PASSWORD_SRP"), answer: challenge.CurrentPassword("", "pw"), want: map[string]string{}},
		{c: offers("PASSWORD_VERIFIER"), answer: challenge.CurrentPassword("", "pw"), err: "in place of challenge.CurrentPassword give challenge.Raw", misfit: true},

		{c: offers("CUSTOM_CHALLENGE"), answer: challenge.Custom(""), want: map[string]string{"ANSWER": ""}},
		{c: offers("WEB_AUTHN"), answer: challenge.Credential([]byte(`{"id":"x"}`)), want: map[string]string{"CREDENTIAL": `{"id":"x"}`}},
		{c: offers("WEB_AUTHN"), answer: challenge.Credential([]byte(`{`)), err: "the answer of the passkey cannot be read"},
		{c: offers("FACE_SCAN"), answer: challenge.Raw(map[string]string{"FACE": "x"}), want: map[string]string{"FACE": "x"}},
		{c: offers("FACE_SCAN"), answer: challenge.Code("123456"), err: "FACE_SCAN: the challenge does not take this kind of answer: in place of challenge.Code give challenge.Raw", misfit: true},
		{c: offers("LINE\nBREAK"), answer: challenge.Code("123456"), err: `"LINE\nBREAK": the challenge does not take this kind of answer: in place of challenge.Code give challenge.Raw`, misfit: true},
	} {
		got, err := test.c.Responses(test.answer)
		switch {
		case test.err == "" && (err != nil || !reflect.DeepEqual(got.Params(), test.want)):
			t.Errorf("%s with %v = %v, %v; want %v", test.c.Name, test.answer, got.Params(), err, test.want)
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
			t.Errorf("%s with %v: error %v, want one with %q", test.c.Name, test.answer, err, test.err)
		}
		if test.err == "" {
			continue
		}
		var flaw *challenge.AnswerError
		if !errors.As(err, &flaw) || flaw.Challenge != test.c.Name || flaw.Misfit != test.misfit {
			t.Errorf("%s with %v: got %#v, want an AnswerError with Misfit %v", test.c.Name, test.answer, err, test.misfit)
		} else if word := goWord(flaw.Message); word != "" {
			t.Errorf("the message %q for the user has the Go word %s", flaw.Message, word)
		}
	}
}

// goWord returns a function of this package that makes answers, or the name of the
// package, if the text has such a word.
func goWord(text string) string {
	functions := regexp.MustCompile(`\b(challenge\.|Code|NewPassword|CurrentPassword|Choose|Email|Custom|Credential|Continue|Raw|PasswordSRP|SoftwareTokenMFA)\b`)
	return functions.FindString(text)
}

func TestRefusedAnswersThatCanBeGivenAgain(t *testing.T) {
	for _, test := range []struct {
		name challenge.Name
		err  error
		want bool
	}{
		{challenge.SMSMFA, &types.CodeMismatchException{}, true},
		{challenge.SMSMFA, &types.ExpiredCodeException{}, false},
		{challenge.SoftwareTokenMFA, fmt.Errorf("wrapped: %w", &types.ExpiredCodeException{}), true},
		{challenge.MFASetup, &types.EnableSoftwareTokenMFAException{}, true},
		{challenge.MFASetup, &types.CodeMismatchException{}, true},
		{challenge.MFASetup, &types.InvalidParameterException{}, true},
		{challenge.SMSMFA, &types.EnableSoftwareTokenMFAException{}, false},
		{challenge.NewPasswordRequired, &types.InvalidPasswordException{}, true},
		{challenge.NewPasswordRequired, &types.PasswordHistoryPolicyViolationException{}, true},
		{challenge.NewPasswordRequired, &types.InvalidParameterException{}, true},
		{challenge.NewPasswordRequired, &types.AliasExistsException{}, true},
		{challenge.EmailOTP, &types.NotAuthorizedException{}, false},
		{challenge.EmailOTP, errors.New("network"), false},
		{"FACE_SCAN", &types.CodeMismatchException{}, false},
	} {
		if got := (challenge.Challenge{Name: test.name}).CanAnswerAgain(test.err); got != test.want {
			t.Errorf("%s after %T: %t, want %t", test.name, test.err, got, test.want)
		}
	}
}

func TestAccessors(t *testing.T) {
	c := challenge.Challenge{Name: challenge.NewPasswordRequired, Parameters: map[string]string{
		"requiredAttributes":            `["userAttributes.given_name","nickname"]`,
		"userAttributes":                `{"email":"ada@example.com","email_verified":"true"}`,
		"CODE_DELIVERY_DESTINATION":     "a***@e***",
		"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
		"CREDENTIAL_REQUEST_OPTIONS":    `{"challenge":"AAAA","rpId":"example.com"}`,
		"MFAS_CAN_CHOOSE":               `["SMS_MFA","TELEPATHY"]`,
	}}
	if got, err := c.RequiredAttributes(); err != nil || !reflect.DeepEqual(got, []string{"given_name", "nickname"}) {
		t.Errorf("RequiredAttributes = %q, %v", got, err)
	}
	if got, err := c.UserAttributes(); err != nil || got["email"] != "ada@example.com" {
		t.Errorf("UserAttributes = %q, %v", got, err)
	}
	if got := c.Delivery(); got != (challenge.Delivery{Medium: "EMAIL", Destination: "a***@e***"}) {
		t.Errorf("Delivery = %v", got)
	}
	if got, err := c.CredentialRequest(); err != nil || string(got) != c.Parameters["CREDENTIAL_REQUEST_OPTIONS"] {
		t.Errorf("CredentialRequest = %s, %v", got, err)
	}
	c.Name = challenge.SelectMFAType
	if got, err := c.Choices(); err != nil || !reflect.DeepEqual(got, []challenge.Name{"SMS_MFA", "TELEPATHY"}) {
		t.Errorf("Choices = %q, %v", got, err)
	}
	for _, spelling := range []string{"MFAS_CAN_SETUP", "MFA_CAN_SETUP"} {
		setup := challenge.Challenge{Name: challenge.MFASetup, Parameters: map[string]string{spelling: `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`}}
		if got, err := setup.Choices(); err != nil || !reflect.DeepEqual(got, []challenge.Name{"SOFTWARE_TOKEN_MFA"}) {
			t.Errorf("%s: Choices = %q, %v", spelling, got, err)
		}
	}
	if got, err := (challenge.Challenge{Name: challenge.MFASetup}).Choices(); err != nil || got != nil {
		t.Errorf("without the parameter: Choices = %q, %v", got, err)
	}
}

// If the service sends a wrong parameter, the error names the parameter, and Parameters keeps
// the text.
func TestParametersThatDoNotParse(t *testing.T) {
	for key, read := range map[string]func(challenge.Challenge) error{
		"MFAS_CAN_CHOOSE":            func(c challenge.Challenge) error { c.Name = challenge.SelectMFAType; _, err := c.Choices(); return err },
		"MFAS_CAN_SETUP":             func(c challenge.Challenge) error { c.Name = challenge.MFASetup; _, err := c.Choices(); return err },
		"requiredAttributes":         func(c challenge.Challenge) error { _, err := c.RequiredAttributes(); return err },
		"userAttributes":             func(c challenge.Challenge) error { _, err := c.UserAttributes(); return err },
		"CREDENTIAL_REQUEST_OPTIONS": func(c challenge.Challenge) error { _, err := c.CredentialRequest(); return err },
	} {
		for _, text := range []string{"[", "\x00\xff", strings.Repeat("[", 9999)} {
			c := challenge.Challenge{Name: "X", Parameters: map[string]string{key: text}}
			err := read(c)
			if err == nil || !strings.Contains(err.Error(), key) {
				t.Errorf("%s = %.10q: error %v does not name it", key, text, err)
			} else if len(err.Error()) > 300 {
				t.Errorf("%s: the error repeats all of a long parameter", key)
			}
		}
		if err := read(challenge.Challenge{Name: "X"}); err != nil {
			t.Errorf("%s missing: %v", key, err)
		}
	}
}

// The expected URIs have the Key Uri Format of Google Authenticator. Names are
// percent-encoded (RFC 3986).
func TestTOTPURI(t *testing.T) {
	c := challenge.Challenge{Name: challenge.MFASetup, Username: "ada lovelace@example.com", TOTPSecret: secret.New("JBSWY3DPEHPK3PXP")}
	want := "otpauth://totp/Big%20Corp:ada%20lovelace%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp"
	if got := c.TOTPURI("Big Corp", ""); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.SignInName = "ada@example.com"
	if got, want := c.TOTPURI("", ""), "otpauth://totp/ada%40example.com?secret=JBSWY3DPEHPK3PXP"; got != want {
		t.Errorf("with the name that the user typed: got %s, want %s", got, want)
	}
	c.SignInName, c.Username = "", "0f8fad5b-d9cb-469f-a165-70867728950e"
	if got := c.TOTPURI("Big Corp", "ada lovelace@example.com"); got != want {
		t.Errorf("with a name for the account: got %s, want %s", got, want)
	}
	c.Username = "ada lovelace@example.com"
	if got, want := c.TOTPURI("", ""), "otpauth://totp/ada%20lovelace%40example.com?secret=JBSWY3DPEHPK3PXP"; got != want {
		t.Errorf("without an issuer: got %s, want %s", got, want)
	}
	// A name has the characters that separate the parts.
	uri, err := url.Parse(c.TOTPURI("R&D: a+b=c", ""))
	if err != nil || uri.Query().Get("issuer") != "R&D: a+b=c" || len(uri.Query()) != 2 || uri.Path != "/R&D: a+b=c:ada lovelace@example.com" {
		t.Errorf("read as %v, %v", uri, err)
	}
	if got := (challenge.Challenge{}).TOTPURI("x", "y"); got != "" {
		t.Errorf("without a secret: %q", got)
	}
}

func TestMuxPassesWhatItHasNoHandlerFor(t *testing.T) {
	mux := challenge.Mux{challenge.SMSMFA: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		return challenge.Code("1"), nil
	})}
	if _, err := mux.Answer(t.Context(), challenge.Challenge{Name: challenge.SMSMFA}); err != nil {
		t.Error(err)
	}
	for _, m := range []challenge.Mux{mux, nil} {
		if _, err := m.Answer(t.Context(), challenge.Challenge{Name: challenge.EmailOTP}); !errors.Is(err, challenge.ErrNoAnswer) {
			t.Errorf("got %v, want ErrNoAnswer", err)
		}
	}
}

// The kind is the name of the function, so that a reader of a log finds the function.
func TestAnswersPrintTheirKind(t *testing.T) {
	for want, a := range map[string]challenge.Answer{
		"Code answer": challenge.Code("1"), "NewPassword answer": challenge.NewPassword("pw", nil), "CurrentPassword answer": challenge.CurrentPassword("", "pw"),
		"Choose answer": challenge.Choose("SMS_MFA"), "Email answer": challenge.Email("a@b"), "Continue answer": challenge.Continue(),
		"Custom answer": challenge.Custom("x"), "Credential answer": challenge.Credential(nil), "Raw answer": challenge.Raw(nil), "no answer": {},
	} {
		if got := fmt.Sprint(a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnswersDoNotPrint(t *testing.T) {
	const text = "hunter2hunter2"
	type caller struct{ hidden challenge.Answer }
	for _, a := range []challenge.Answer{
		challenge.Code(text), challenge.NewPassword(text, map[string]string{"a": text}), challenge.CurrentPassword("", text),
		challenge.Custom(text), challenge.Email(text), challenge.Credential([]byte(text)), challenge.Raw(map[string]string{"k": text}),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if out := fmt.Sprintf(verb+verb+verb, a, caller{a}, &caller{a}); strings.Contains(out, text) || strings.Contains(out, fmt.Sprintf("%x", text)) {
				t.Errorf("%s prints %s", verb, out)
			}
		}
	}
}
