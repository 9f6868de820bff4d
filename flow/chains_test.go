package flow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// A chain is the way of one sign-in, written as the pool and the driver see
// it: the auth flow, then each challenge that is answered and each operation
// called on the way, separated by " -> ". It always ends in tokens.
//
//	Admin USER_AUTH(SMS_OTP)   through AdminInitiateAuth, with that PREFERRED_CHALLENGE
//	USER_AUTH+Session          with the Session of ConfirmSignUp
//	CUSTOM_AUTH+SRP            with CHALLENGE_NAME=SRP_A
//	SELECT_CHALLENGE(PASSWORD) answered with that ANSWER
//	MFA_SETUP(EMAIL)           answered with an address
//	choose(SOFTWARE_TOKEN_MFA) MFA_SETUP answered without a request
//	SMS_MFA!                   answered wrong
//
// The text is all that a chain consists of: what the pool is like and what the
// person does is read from it (chainplan_test.go), and the sign-in has to
// leave that very text in the pool's log (chainrun_test.go).
func chains() []string {
	return slices.Concat(
		crossed(passwordProved, afterPassword),
		crossed(devicesUsed, []string{"DEVICE_SRP_AUTH -> DEVICE_PASSWORD_VERIFIER"}),
		withoutPassword,
		custom,
	)
}

// crossed follows each beginning by each ending.
func crossed(beginnings, endings []string) []string {
	var all []string
	for _, beginning := range beginnings {
		for _, ending := range endings {
			all = append(all, strings.TrimSuffix(beginning+" -> "+ending, " -> "))
		}
	}
	return all
}

// passwordProved are the ways to prove a password.
var passwordProved = []string{
	"USER_SRP_AUTH -> PASSWORD_VERIFIER",
	"USER_PASSWORD_AUTH",
	"USER_AUTH(PASSWORD)",
	"USER_AUTH(PASSWORD_SRP) -> PASSWORD_VERIFIER",
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD)",
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_VERIFIER",
	"USER_AUTH(WEB_AUTHN) -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_VERIFIER", // who has no passkey
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD) -> PASSWORD",
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_SRP -> PASSWORD_VERIFIER",
	"Admin USER_SRP_AUTH -> PASSWORD_VERIFIER",
	"Admin ADMIN_USER_PASSWORD_AUTH",
	"Admin ADMIN_NO_SRP_AUTH",
	"Admin USER_AUTH(PASSWORD_SRP) -> PASSWORD_VERIFIER",
	"Admin USER_AUTH -> SELECT_CHALLENGE(PASSWORD)",
}

// afterPassword is what a pool may ask once the password is proved.
var afterPassword = []string{
	"",
	"SMS_MFA",
	"SMS_MFA! -> SMS_MFA",
	"EMAIL_OTP! -> EMAIL_OTP! -> EMAIL_OTP",
	"SOFTWARE_TOKEN_MFA! -> SOFTWARE_TOKEN_MFA",
	"SELECT_MFA_TYPE(SMS_MFA) -> SMS_MFA",
	"SELECT_MFA_TYPE(EMAIL_OTP) -> EMAIL_OTP",
	"SELECT_MFA_TYPE(SOFTWARE_TOKEN_MFA) -> SOFTWARE_TOKEN_MFA",
	"NEW_PASSWORD_REQUIRED",
	"NEW_PASSWORD_REQUIRED! -> NEW_PASSWORD_REQUIRED -> SOFTWARE_TOKEN_MFA",
	"NEW_PASSWORD_REQUIRED -> SELECT_MFA_TYPE(EMAIL_OTP) -> EMAIL_OTP",
	"NEW_PASSWORD_REQUIRED -> AssociateSoftwareToken -> VerifySoftwareToken -> MFA_SETUP",
	"AssociateSoftwareToken -> VerifySoftwareToken! -> VerifySoftwareToken -> MFA_SETUP",
	"choose(SOFTWARE_TOKEN_MFA) -> AssociateSoftwareToken -> VerifySoftwareToken -> MFA_SETUP",
	"MFA_SETUP(EMAIL) -> EMAIL_OTP! -> EMAIL_OTP",
}

// devicesUsed are sign-ins that the device of an earlier one has a part in.
var devicesUsed = []string{
	"USER_SRP_AUTH -> PASSWORD_VERIFIER",
	"USER_SRP_AUTH -> PASSWORD_VERIFIER -> SMS_MFA",
	"USER_SRP_AUTH -> PASSWORD_VERIFIER -> SELECT_MFA_TYPE(EMAIL_OTP) -> EMAIL_OTP",
	"USER_AUTH(PASSWORD_SRP) -> PASSWORD_VERIFIER",
	"USER_PASSWORD_AUTH",
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_VERIFIER -> SOFTWARE_TOKEN_MFA",
	"USER_AUTH(EMAIL_OTP) -> EMAIL_OTP",
	"USER_AUTH(WEB_AUTHN) -> WEB_AUTHN",
	"CUSTOM_AUTH -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> CUSTOM_CHALLENGE",
}

// withoutPassword are the other first factors, and what needs none.
var withoutPassword = []string{
	"USER_AUTH+Session",
	"USER_AUTH(EMAIL_OTP) -> EMAIL_OTP! -> EMAIL_OTP",
	"USER_AUTH(SMS_OTP) -> SMS_OTP! -> SMS_OTP",
	"USER_AUTH(WEB_AUTHN) -> WEB_AUTHN",
	"USER_AUTH -> SELECT_CHALLENGE(EMAIL_OTP) -> EMAIL_OTP",
	"USER_AUTH -> SELECT_CHALLENGE(SMS_OTP) -> SMS_OTP",
	"USER_AUTH -> SELECT_CHALLENGE(WEB_AUTHN) -> WEB_AUTHN",
	"USER_AUTH(SMS_OTP) -> SELECT_CHALLENGE(EMAIL_OTP) -> EMAIL_OTP", // who has no phone
	"Admin USER_AUTH+Session",
	"Admin USER_AUTH(EMAIL_OTP) -> EMAIL_OTP",
	"Admin USER_AUTH(WEB_AUTHN) -> WEB_AUTHN",
	"Admin USER_AUTH -> SELECT_CHALLENGE(SMS_OTP) -> SMS_OTP",
	"REFRESH_TOKEN_AUTH",
	"Admin REFRESH_TOKEN_AUTH",
}

// custom are sign-ins led by the pool's triggers.
var custom = []string{
	"CUSTOM_AUTH",
	"CUSTOM_AUTH -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH -> CUSTOM_CHALLENGE -> CUSTOM_CHALLENGE -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH -> CUSTOM_CHALLENGE! -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH -> SMS_MFA! -> SMS_MFA",
	"CUSTOM_AUTH -> CUSTOM_CHALLENGE -> EMAIL_OTP -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> CUSTOM_CHALLENGE -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> CUSTOM_CHALLENGE! -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> SOFTWARE_TOKEN_MFA",
	"CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> NEW_PASSWORD_REQUIRED -> CUSTOM_CHALLENGE",
	"CUSTOM_AUTH+SRP -> CUSTOM_CHALLENGE", // triggers may leave the password out
	"Admin CUSTOM_AUTH -> CUSTOM_CHALLENGE",
	"Admin CUSTOM_AUTH+SRP -> PASSWORD_VERIFIER -> CUSTOM_CHALLENGE -> CUSTOM_CHALLENGE",
}

// leastChains keeps a mistake in the tables above from shrinking the test.
const leastChains = 240

// TestChains runs every chain with callbacks and step by step, where each step
// is taken by a driver of its own that knows nothing but the stored prompt; for
// app clients with and without a secret, by name and by alias; at the default
// pool and at the hostile one.
func TestChains(t *testing.T) {
	t.Parallel()
	all := chains()
	if len(all) < leastChains {
		t.Errorf("%d chains, want %d", len(all), leastChains)
	}
	both := !raceEnabled && !testing.Short()
	seen := make(map[string]bool)
	for i, text := range all {
		if seen[text] {
			t.Errorf("chain %q is there twice", text)
		}
		seen[text] = true
		t.Run(text+" -> tokens", func(t *testing.T) {
			t.Parallel()
			// Each mode gets each kind of client, in turn.
			callbacks, steps := "public", "secret"
			if i%2 == 1 {
				callbacks, steps = steps, callbacks
			}
			for n, dialect := range []cognitotest.Dialect{{}, cognitotest.Hostile()} {
				if both || i%4 == n {
					runChain(t, text, dialect, callbacks, username, (*chainRun).callbacks)
				}
				if both || i%4 == 2+n {
					runChain(t, text, dialect, steps, email, (*chainRun).stepByStep)
				}
			}
		})
	}
	t.Logf("%d chains, each in both modes under both dialects: %v", len(seen), both)
}
