package site

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// demoPassword is every demo user's. It is no secret: it is printed.
const demoPassword = "Demo-password-1"

// demoUsers are the users of the embedded pool: one per way that a sign-in can go.
var demoUsers = []struct {
	what string
	user cognitotest.UserConfig
}{
	{"a code by e-mail", cognitotest.UserConfig{
		Name: "ada", Password: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("Ada Lovelace", "ada"),
	}},
	{"a code, by e-mail or text message as you choose", cognitotest.UserConfig{
		Name: "alan", Password: demoPassword, MFA: []string{"EMAIL_OTP", "SMS_MFA"}, Attributes: demoAttributes("Alan Turing", "alan"),
	}},
	{"nothing yet: sets up an authenticator app or e-mail", cognitotest.UserConfig{
		Name: "edsger", Password: demoPassword, Attributes: demoAttributes("Edsger Dijkstra", "edsger"),
	}},
	{"a code by e-mail; her name is not in English", cognitotest.UserConfig{
		Name: "emilie", Password: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("Émilie du Châtelet", "emilie"),
	}},
	{"a new password first, and the name that is missing", cognitotest.UserConfig{
		Name: "grace", TemporaryPassword: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("", "grace"),
	}},
}

// demoQuestion makes up the pool's custom authentication.
var demoQuestion = cognitotest.CustomQuestion{Question: "Which animal is Go's mascot?", Answer: "gopher"}

func demoAttributes(name, mailbox string) map[string]string {
	attributes := map[string]string{
		"email": mailbox + "@example.com", "email_verified": "true",
		"phone_number": "+15550100123", // not verified: nobody signs in by it
	}
	if name != "" {
		attributes["name"] = name
	}
	return attributes
}

// embedPool runs a user pool for the site at that URL, makes s point at it, and
// prints what a user needs to know, now and whenever a code is sent.
func (s *settings) embedPool(url string, stdout io.Writer) (stop func(), err error) {
	s.userPoolID, s.clientID, s.region = "local-1_demo", "demo", "local-1"
	s.flows, s.signUp, s.remember = list{"USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH"}, list{"email", "name"}, true
	config := cognitotest.PoolConfig{
		ID:                  s.userPoolID,
		MFA:                 "ON",
		AliasAttributes:     []string{"email"},
		AllowedFirstFactors: []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"},
		RequiredAttributes:  []string{"email", "name"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: "localhost", Origins: []string{url}},
		CustomQuestions:     []cognitotest.CustomQuestion{demoQuestion},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{
			ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true,
		},
		Clients: []cognitotest.ClientConfig{{
			ID: s.clientID, RefreshTokenRotation: "ENABLED", RetryGraceSeconds: 30, PreventUserExistenceErrors: "ENABLED",
			AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"},
		}},
		OnCode: func(c cognitotest.Code) {
			fmt.Fprintf(stdout, "Code for %s, by %s to %s: %s\n", c.Username, c.Medium, c.Destination, c.Code)
		},
	}
	fmt.Fprintf(stdout, "The user pool is embedded in this program. Its users, all with the password %s, sign in with:\n", demoPassword)
	for _, demo := range demoUsers {
		config.Users = append(config.Users, demo.user)
		fmt.Fprintf(stdout, "  %-8s %s\n", demo.user.Name, demo.what)
	}
	fmt.Fprintf(stdout, "%s The answer is %q. Codes appear below.\n\n", demoQuestion.Question, demoQuestion.Answer)

	pool, err := cognitotest.NewServer(config)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.Handler(pool))
	s.endpoint = server.URL
	return server.Close, nil
}
