package flow_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// element is one step of a chain.
type element struct {
	name   string
	detail string // what stands in brackets, or after the plus sign
	wrong  bool
}

var elementSyntax = regexp.MustCompile(`^([A-Za-z_]+)(?:\(([A-Z_]+)\)|\+(SRP|Session))?(!?)$`)

// plan is a chain taken apart.
type plan struct {
	admin bool
	start element
	steps []element
}

func readChain(t testing.TB, text string) plan {
	t.Helper()
	var p plan
	text, p.admin = strings.CutPrefix(text, "Admin ")
	for i, part := range strings.Split(text, " -> ") {
		match := elementSyntax.FindStringSubmatch(part)
		if match == nil {
			t.Fatalf("%q is no element of a chain", part)
		}
		e := element{match[1], match[2] + match[3], match[4] != ""}
		if i == 0 {
			p.start = e
		} else {
			p.steps = append(p.steps, e)
		}
	}
	return p
}

// has says whether one of the names is among the steps.
func (p plan) has(names ...string) bool {
	return slices.ContainsFunc(p.steps, func(e element) bool { return slices.Contains(names, e.name) })
}

// first returns the first of the steps with that name.
func (p plan) first(name string) element {
	for _, e := range p.steps {
		if e.name == name {
			return e
		}
	}
	return element{}
}

var secondFactors = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}

// provesPassword says whether the sign-in begins with a password, so that
// codes are a second factor.
func (p plan) provesPassword() bool {
	return p.has("PASSWORD_VERIFIER") || strings.Contains(p.start.name, "PASSWORD") || strings.Contains(p.start.name, "NO_SRP") ||
		p.start.detail == "PASSWORD" || p.first("SELECT_CHALLENGE").detail == "PASSWORD"
}

const (
	username   = "ada"
	userID     = "2c3bd4d6-7a4f-4c4e-9d55-3f0a3a1f6b5e"
	email      = "ada@example.com"
	phone      = "+3312345678"
	signedUp   = "grace"
	passkeyURL = "https://login.example.com"
)

// configure makes the pool and the user such that the chain comes about.
func (p plan) configure(config *cognitotest.PoolConfig, user *cognitotest.UserConfig) {
	config.MFA = "OPTIONAL"
	config.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
	config.WebAuthn = &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{passkeyURL}}
	config.Dialect.PasswordChallenges = p.has("PASSWORD", "PASSWORD_SRP")
	user.Name, user.ID, user.Password = username, userID, password
	user.Attributes = map[string]string{"email": email, "email_verified": "true"}
	if p.has("SMS_MFA", "SMS_OTP") || p.has("SELECT_MFA_TYPE") {
		user.Attributes["phone_number"], user.Attributes["phone_number_verified"] = phone, "true"
	}
	if p.has("NEW_PASSWORD_REQUIRED") {
		user.Password, user.TemporaryPassword = "", password
		config.RequiredAttributes = []string{"given_name"}
	}
	if p.has("SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE") {
		user.TOTPSecret = totpSecret
	}
	switch {
	case p.has("MFA_SETUP"):
		config.MFA = "ON"
		if p.first("MFA_SETUP").detail == "EMAIL" {
			user.Attributes = nil
		} else if !p.has("choose") {
			config.MFATypes = []string{"SOFTWARE_TOKEN_MFA"}
		}
	case p.has("SELECT_MFA_TYPE"):
		user.MFA = secondFactors
	case p.provesPassword():
		for _, factor := range secondFactors {
			if p.has(factor) {
				user.MFA = []string{factor}
			}
		}
	}
	if p.has("DEVICE_SRP_AUTH") {
		config.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: len(user.MFA) == 0}
		config.Dialect.DeviceAfterPasswordless = !p.provesPassword()
	}
	if p.start.name == "CUSTOM_AUTH" {
		config.Triggers = p.triggers()
	}
}

const rightAnswer = "of course"

// triggers lead through the chain whatever the answers.
func (p plan) triggers() trigger.Functions {
	var asked []string
	for _, e := range p.steps {
		skipped := e.wrong && e.name != "CUSTOM_CHALLENGE" // a wrong code is no round
		if !skipped && (e.name == "CUSTOM_CHALLENGE" || e.name == "PASSWORD_VERIFIER" || slices.Contains(secondFactors, e.name)) {
			asked = append(asked, e.name)
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

// requests is the chain as the pool's log has it: wrong answers look like
// right ones, and a choice between set-ups is not told.
func (p plan) requests() []string {
	log := []string{p.start.text()}
	for _, e := range p.steps {
		if e.name != "choose" {
			log = append(log, e.text())
		}
	}
	return log
}

// events is the chain as the driver's trace has it: one event for each request.
func (p plan) events() []string {
	trace := []string{p.start.name}
	for _, e := range p.steps {
		name := e.name
		switch {
		case name == "choose":
			continue // nothing is sent
		case strings.HasSuffix(name, "SoftwareToken"):
			name = "MFA_SETUP"
		}
		if e.wrong && name != "CUSTOM_CHALLENGE" { // which is taken, and judged by Verify
			name += "!"
		}
		trace = append(trace, name)
	}
	return trace
}

// asked is the challenge that the element is an answer to, "" for one that
// nobody is asked.
func (e element) asked() string {
	switch {
	case e.name == "choose", e.name == "VerifySoftwareToken", e.detail == "EMAIL":
		return "MFA_SETUP"
	case e.name == "AssociateSoftwareToken", e.name == "MFA_SETUP":
		return ""
	}
	return e.name
}

// text is how the pool's log shows the element.
func (e element) text() string {
	switch e.detail {
	case "":
		return e.name
	case "SRP", "Session":
		return e.name + "+" + e.detail
	}
	return e.name + "(" + e.detail + ")"
}
