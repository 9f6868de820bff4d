package flow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// plan adds the settings of a pool and a user to a chain.
type plan struct{ chains.Plan }

func readChain(t testing.TB, text string) plan {
	t.Helper()
	p, err := chains.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return plan{p}
}

const (
	username   = "ada"
	userID     = "2c3bd4d6-7a4f-4c4e-9d55-3f0a3a1f6b5e"
	email      = "ada@example.com"
	phone      = "+3312345678"
	signedUp   = "grace"
	passkeyURL = "https://login.example.com"
)

// configure sets the pool and the user so that a sign-in follows the chain.
func (p plan) configure(config *cognitotest.PoolConfig, user *cognitotest.UserConfig) {
	config.MFA = "OPTIONAL"
	config.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
	config.WebAuthn = &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{passkeyURL}}
	config.Dialect.PasswordChallenges = p.Has("PASSWORD", "PASSWORD_SRP")
	user.Name, user.ID, user.Password = username, userID, password
	user.Attributes = map[string]string{"email": email, "email_verified": "true"}
	if p.Has("SMS_MFA", "SMS_OTP") || p.Has("SELECT_MFA_TYPE") {
		user.Attributes["phone_number"], user.Attributes["phone_number_verified"] = phone, "true"
	}
	if p.Has("NEW_PASSWORD_REQUIRED") {
		user.Password, user.TemporaryPassword = "", password
		config.RequiredAttributes = []string{"given_name"}
	}
	if p.Has("SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE") {
		user.TOTPSecret = totpSecret
	}
	switch {
	case p.Has("MFA_SETUP"):
		config.MFA = "ON"
		if p.First("MFA_SETUP").Detail == "EMAIL" {
			user.Attributes = nil
		} else if !p.Has("choose") {
			config.MFATypes = []string{"SOFTWARE_TOKEN_MFA"}
		}
	case p.Has("SELECT_MFA_TYPE"):
		user.MFA = chains.SecondFactors
	case p.ProvesPassword():
		for _, factor := range chains.SecondFactors {
			if p.Has(factor) {
				user.MFA = []string{factor}
			}
		}
	}
	if p.Has("DEVICE_SRP_AUTH") {
		config.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: len(user.MFA) == 0}
		config.Dialect.DeviceAfterPasswordless = !p.ProvesPassword()
	}
	if p.Start.Name == "CUSTOM_AUTH" {
		config.Triggers = p.triggers()
	}
}

const rightAnswer = "of course"

// triggers returns triggers that lead through the chain. A wrong answer does not end the
// sign-in.
func (p plan) triggers() trigger.Functions {
	var asked []string
	for _, e := range p.Steps {
		skipped := e.Wrong && e.Name != "CUSTOM_CHALLENGE" // the service counts no round for a wrong code
		if !skipped && (e.Name == "CUSTOM_CHALLENGE" || e.Name == "PASSWORD_VERIFIER" || slices.Contains(chains.SecondFactors, e.Name)) {
			asked = append(asked, e.Name)
		}
	}
	return trigger.Functions{
		Define: func(e trigger.Event) (trigger.Decision, error) {
			rounds := slices.DeleteFunc(e.Rounds, func(r trigger.Round) bool {
				return r.ChallengeName == "SRP_A" || strings.HasPrefix(r.ChallengeName, "DEVICE")
			})
			if len(rounds) == len(asked) {
				return trigger.Decision{IssueTokens: true}, nil
			}
			return trigger.Decision{ChallengeName: asked[len(rounds)]}, nil
		},
		Create: func(e trigger.Event) (trigger.Challenge, error) {
			return trigger.Challenge{
				Public:  map[string]string{"question": "is the sky blue?", "n": "2"},
				Private: map[string]string{"answer": rightAnswer},
			}, nil
		},
		Verify: func(e trigger.Event) (bool, error) {
			return e.Answer == e.Challenge.Private["answer"], nil
		},
	}
}
