// Package chains lists the ways of a sign-in for the tests of package flow and for the
// program live.
package chains

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// All lists the chains. A chain is the way of one sign-in to tokens. A chain has the auth flow,
// each challenge that is answered, and each operation that is called, separated by " -> ".
//
//	Admin USER_AUTH(SMS_OTP)   by AdminInitiateAuth, with this PREFERRED_CHALLENGE
//	USER_AUTH+Session          with the Session of ConfirmSignUp
//	CUSTOM_AUTH+SRP            with CHALLENGE_NAME=SRP_A
//	SELECT_CHALLENGE(PASSWORD) answered with this ANSWER
//	MFA_SETUP(EMAIL)           answered with an address
//	choose(SOFTWARE_TOKEN_MFA) MFA_SETUP answered without a request
//	SMS_MFA!                   answered wrong
//
// A chain has no other data. A test reads the settings of the pool and the answers of the
// person from the text. The log of the pool must give the same text after the sign-in.
func All() []string {
	return slices.Concat(
		crossed(passwordProved, afterPassword),
		crossed(devicesUsed, []string{"DEVICE_SRP_AUTH -> DEVICE_PASSWORD_VERIFIER"}),
		withoutPassword,
		custom,
	)
}

// crossed joins each beginning with each ending.
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
	"USER_AUTH(WEB_AUTHN) -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_VERIFIER", // the user has no passkey
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD) -> PASSWORD",
	"USER_AUTH -> SELECT_CHALLENGE(PASSWORD_SRP) -> PASSWORD_SRP -> PASSWORD_VERIFIER",
	"Admin USER_SRP_AUTH -> PASSWORD_VERIFIER",
	"Admin ADMIN_USER_PASSWORD_AUTH",
	"Admin ADMIN_NO_SRP_AUTH",
	"Admin USER_AUTH(PASSWORD_SRP) -> PASSWORD_VERIFIER",
	"Admin USER_AUTH -> SELECT_CHALLENGE(PASSWORD)",
}

// afterPassword are the steps that a pool may demand after the password.
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

// devicesUsed are sign-ins with a remembered device.
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

// withoutPassword are sign-ins with another first factor, or with a session or a refresh token.
var withoutPassword = []string{
	"USER_AUTH+Session",
	"USER_AUTH(EMAIL_OTP) -> EMAIL_OTP! -> EMAIL_OTP",
	"USER_AUTH(SMS_OTP) -> SMS_OTP! -> SMS_OTP",
	"USER_AUTH(WEB_AUTHN) -> WEB_AUTHN",
	"USER_AUTH -> SELECT_CHALLENGE(EMAIL_OTP) -> EMAIL_OTP",
	"USER_AUTH -> SELECT_CHALLENGE(SMS_OTP) -> SMS_OTP",
	"USER_AUTH -> SELECT_CHALLENGE(WEB_AUTHN) -> WEB_AUTHN",
	"USER_AUTH(SMS_OTP) -> SELECT_CHALLENGE(EMAIL_OTP) -> EMAIL_OTP", // the user has no phone number
	"Admin USER_AUTH+Session",
	"Admin USER_AUTH(EMAIL_OTP) -> EMAIL_OTP",
	"Admin USER_AUTH(WEB_AUTHN) -> WEB_AUTHN",
	"Admin USER_AUTH -> SELECT_CHALLENGE(SMS_OTP) -> SMS_OTP",
	"REFRESH_TOKEN_AUTH",
	"Admin REFRESH_TOKEN_AUTH",
}

// custom are sign-ins whose steps the triggers of the pool decide.
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

// Step is one step of a chain.
type Step struct {
	Name   string
	Detail string // the text in brackets, or after the plus sign
	Wrong  bool   // the answer is wrong
}

var stepSyntax = regexp.MustCompile(`^([A-Za-z_]+)(?:\(([A-Z_]+)\)|\+(SRP|Session))?(!?)$`)

// Plan has the parts of a chain.
type Plan struct {
	Admin bool
	Start Step
	Steps []Step
}

// Read returns the parts of a chain. The error names a part that is no step.
func Read(text string) (Plan, error) {
	var p Plan
	text, p.Admin = strings.CutPrefix(text, "Admin ")
	for i, part := range strings.Split(text, " -> ") {
		match := stepSyntax.FindStringSubmatch(part)
		if match == nil {
			return p, fmt.Errorf("chains: %q is no step of a chain", part)
		}
		e := Step{match[1], match[2] + match[3], match[4] != ""}
		if i == 0 {
			p.Start = e
		} else {
			p.Steps = append(p.Steps, e)
		}
	}
	return p, nil
}

// Has reports whether a step has one of the names.
func (p Plan) Has(names ...string) bool {
	return slices.ContainsFunc(p.Steps, func(e Step) bool { return slices.Contains(names, e.Name) })
}

// First returns the first step with this name, an empty Step if there is none.
func (p Plan) First(name string) Step {
	for _, e := range p.Steps {
		if e.Name == name {
			return e
		}
	}
	return Step{}
}

// SecondFactors are the challenges for a code after a password.
var SecondFactors = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

// ProvesPassword reports whether the sign-in begins with a password. Codes are a second factor
// then.
func (p Plan) ProvesPassword() bool {
	return p.Has("PASSWORD_VERIFIER") || strings.Contains(p.Start.Name, "PASSWORD") || strings.Contains(p.Start.Name, "NO_SRP") ||
		p.Start.Detail == "PASSWORD" || p.First("SELECT_CHALLENGE").Detail == "PASSWORD"
}

// Requests returns the requests in the pool's log. The log does not tell wrong answers from right
// ones, and has no choice between methods to set up.
func (p Plan) Requests() []string {
	log := []string{p.Start.Text()}
	for _, e := range p.Steps {
		if e.Name != "choose" {
			log = append(log, e.Text())
		}
	}
	return log
}

// Events returns the exchanges that the driver observes, one for each request. The name of a
// refused request ends with "!".
func (p Plan) Events() []string {
	trace := []string{p.Start.Name}
	for _, e := range p.Steps {
		name := e.Name
		switch {
		case name == "choose":
			continue // nothing is sent
		case strings.HasSuffix(name, "SoftwareToken"):
			name = "MFA_SETUP"
		}
		if e.Wrong && name != "CUSTOM_CHALLENGE" { // the service accepts each answer to a custom challenge
			name += "!"
		}
		trace = append(trace, name)
	}
	return trace
}

// Asked returns the challenge that the step answers, "" if the person answers none.
func (e Step) Asked() string {
	switch {
	case e.Name == "choose", e.Name == "VerifySoftwareToken", e.Detail == "EMAIL":
		return "MFA_SETUP"
	case e.Name == "AssociateSoftwareToken", e.Name == "MFA_SETUP":
		return ""
	}
	return e.Name
}

// Text returns the step as the pool's log has it.
func (e Step) Text() string {
	switch e.Detail {
	case "":
		return e.Name
	case "SRP", "Session":
		return e.Name + "+" + e.Detail
	}
	return e.Name + "(" + e.Detail + ")"
}
