package challenge_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/traits"
	"github.com/cognitoflow/cognitoflow/secret"
)

// takes reports whether the challenge takes the kind of the answer a.
func takes(name challenge.Name, a challenge.Answer) bool {
	_, err := challenge.Challenge{Name: name}.Responses(a)
	var flaw *challenge.AnswerError
	return !errors.As(err, &flaw) || !flaw.Misfit
}

// The traits agree with the answers and handlers of each challenge. If a row lacks a trait,
// the driver could send a password, or prove a password twice.
func TestTraitsAgreeWithAnswers(t *testing.T) {
	const text = "Correct-Horse-7!"
	passwords := challenge.PasswordHandlers("eu-west-1_A", secret.New(text), nil)
	devices := challenge.DeviceHandlers(device.Credentials{Key: "key", GroupKey: "group", Password: secret.New("x")}, nil)
	for _, name := range append(challenge.Names(), "FACE_SCAN") {
		has := traits.Of(name)
		check := func(trait string, got, want bool) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s is %v, want %v", name, trait, got, want)
			}
		}
		check("TakesChoice", has.TakesChoice, takes(name, challenge.Choose("EMAIL_OTP")))
		takesPassword := takes(name, challenge.CurrentPassword(challenge.Password, text)) || takes(name, challenge.CurrentPassword("", text))
		check("TakesPassword or ChoosesFirstFactor", has.TakesPassword || has.ChoosesFirstFactor, takesPassword)

		sent, err := challenge.Challenge{Name: name}.Responses(challenge.CurrentPassword(challenge.Password, text))
		check("SendsPassword", has.SendsPassword, err == nil && sent.Params()["PASSWORD"] == text)
		sent, err = challenge.Challenge{Name: name}.Responses(challenge.NewPassword(text, nil))
		check("SetsPassword", has.SetsPassword, err == nil && sent.Params()["NEW_PASSWORD"] == text)
		check("SetsUpFactor", has.SetsUpFactor, takes(name, challenge.Email("ada@example.com")))

		check("ProvesDevice", has.ProvesDevice, devices[name] != nil)
		own := passwords[name]
		if own == nil {
			own = devices[name]
		}
		var opening map[string]string
		if own != nil {
			if a, err := own.Answer(t.Context(), challenge.Challenge{Name: name}); err == nil {
				raw, err := challenge.Challenge{Name: "FACE_SCAN"}.Responses(a)
				if err != nil {
					t.Fatal(err)
				}
				opening = raw.Params()
			}
		}
		check("OpensSRP", has.OpensSRP, opening["SRP_A"] != "")
		// A handler has no proof before it has opened the exchange.
		_, machine := challenge.Challenge{Name: name}.ForMachine()
		check("ProvesSRP", has.ProvesSRP, machine && !has.OpensSRP)
	}
}

// The other traits do not show in an answer. The lists come from the API reference
// (RespondToAuthChallenge, ChallengeName), and for the device from AWS's clients.
func TestTraitsOfTheService(t *testing.T) {
	for trait, test := range map[string]struct {
		has  func(traits.Traits) bool
		want []challenge.Name
	}{
		"SendsCode":          {func(t traits.Traits) bool { return t.SendsCode }, []challenge.Name{"EMAIL_OTP", "SMS_MFA", "SMS_OTP"}},
		"OmitsDevice":        {func(t traits.Traits) bool { return t.OmitsDevice }, []challenge.Name{"WEB_AUTHN"}},
		"ChoosesFirstFactor": {func(t traits.Traits) bool { return t.ChoosesFirstFactor }, []challenge.Name{"SELECT_CHALLENGE"}},
		"Repeats":            {func(t traits.Traits) bool { return t.Repeats }, []challenge.Name{"CUSTOM_CHALLENGE"}},
	} {
		got := slices.DeleteFunc(challenge.Names(), func(name challenge.Name) bool { return !test.has(traits.Of(name)) })
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", trait, got, test.want)
		}
	}
}
