// Package chains lists the ways that a sign-in can go, for the tests of package flow
// and for the program live.
package chains

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// All lists the chains. A chain is the way of one sign-in, written as the pool and the
// driver see it: the auth flow, then each challenge that is answered and each operation
// called on the way, separated by " -> ". A chain always ends in tokens.
//
//	Admin USER_AUTH(SMS_OTP)   through AdminInitiateAuth, with that PREFERRED_CHALLENGE
//	USER_AUTH+Session          with the Session of ConfirmSignUp
//	CUSTOM_AUTH+SRP            with CHALLENGE_NAME=SRP_A
//	SELECT_CHALLENGE(PASSWORD) answered with that ANSWER
//	MFA_SETUP(EMAIL)           answered with an address
//	choose(SOFTWARE_TOKEN_MFA) MFA_SETUP answered without a request
//	SMS_MFA!                   answered wrong
//
// The text is all that a chain consists of. What the pool is like and what the person
// does is read from the text, and the sign-in has to leave that very text in the log of
// the pool.
func All() []string {
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

// Step is one step of a chain.
type Step struct {
	Name   string
	Detail string // what stands in brackets, or after the plus sign
	Wrong  bool
}

var stepSyntax = regexp.MustCompile(`^([A-Za-z_]+)(?:\(([A-Z_]+)\)|\+(SRP|Session))?(!?)$`)

// Plan is a chain taken apart.
type Plan struct {
	Admin bool
	Start Step
	Steps []Step
}

// Read takes a chain apart.
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

// Has says whether one of the names is among the steps.
func (p Plan) Has(names ...string) bool {
	return slices.ContainsFunc(p.Steps, func(e Step) bool { return slices.Contains(names, e.Name) })
}

// First returns the first of the steps with that name.
func (p Plan) First(name string) Step {
	for _, e := range p.Steps {
		if e.Name == name {
			return e
		}
	}
	return Step{}
}

// SecondFactors are the codes that may follow a password.
var SecondFactors = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

// ProvesPassword says whether the sign-in begins with a password, so that
// codes are a second factor.
func (p Plan) ProvesPassword() bool {
	return p.Has("PASSWORD_VERIFIER") || strings.Contains(p.Start.Name, "PASSWORD") || strings.Contains(p.Start.Name, "NO_SRP") ||
		p.Start.Detail == "PASSWORD" || p.First("SELECT_CHALLENGE").Detail == "PASSWORD"
}

// Requests is the chain as the pool's log has it: wrong answers look like
// right ones, and a choice between set-ups is not told.
func (p Plan) Requests() []string {
	log := []string{p.Start.Text()}
	for _, e := range p.Steps {
		if e.Name != "choose" {
			log = append(log, e.Text())
		}
	}
	return log
}

// Events is the chain as the driver's trace has it: one event for each request.
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
		if e.Wrong && name != "CUSTOM_CHALLENGE" { // which is taken, and judged by Verify
			name += "!"
		}
		trace = append(trace, name)
	}
	return trace
}

// Asked is the challenge that the step is an answer to, "" for one that
// nobody is asked.
func (e Step) Asked() string {
	switch {
	case e.Name == "choose", e.Name == "VerifySoftwareToken", e.Detail == "EMAIL":
		return "MFA_SETUP"
	case e.Name == "AssociateSoftwareToken", e.Name == "MFA_SETUP":
		return ""
	}
	return e.Name
}

// Text is how the pool's log shows the step.
func (e Step) Text() string {
	switch e.Detail {
	case "":
		return e.Name
	case "SRP", "Session":
		return e.Name + "+" + e.Detail
	}
	return e.Name + "(" + e.Detail + ")"
}
