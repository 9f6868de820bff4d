package site

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// demoPassword is the password of all demo users. The program prints the password.
const demoPassword = "Demo-password-1"

// demoUsers are the users of the embedded pool. Each user meets other challenges.
var demoUsers = []struct {
	what string
	user cognitotest.UserConfig
}{
	{"gives a code from an e-mail", cognitotest.UserConfig{
		Name: "ada", Password: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("Ada Lovelace", "ada"),
	}},
	{"chooses e-mail or text message, and gives a code", cognitotest.UserConfig{
		Name: "alan", Password: demoPassword, MFA: []string{"EMAIL_OTP", "SMS_MFA"}, Attributes: demoAttributes("Alan Turing", "alan"),
	}},
	{"sets up an authenticator app or codes by e-mail", cognitotest.UserConfig{
		Name: "edsger", Password: demoPassword, Attributes: demoAttributes("Edsger Dijkstra", "edsger"),
	}},
	{"gives a code from an e-mail (her name is not in English)", cognitotest.UserConfig{
		Name: "emilie", Password: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("Émilie du Châtelet", "emilie"),
	}},
	{"gives a new password and a name", cognitotest.UserConfig{
		Name: "grace", TemporaryPassword: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: demoAttributes("", "grace"),
	}},
}

// demoQuestion is the question of the pool's custom authentication.
var demoQuestion = cognitotest.CustomQuestion{Question: "Which animal is Go's mascot?", Answer: "gopher"}

func demoAttributes(name, mailbox string) map[string]string {
	attributes := map[string]string{
		"email": mailbox + "@example.com", "email_verified": "true",
		"phone_number": "+15550100123", // not verified, so no user signs in with the number
	}
	if name != "" {
		attributes["name"] = name
	}
	return attributes
}

// embedPool runs a user pool for the site at the URL, and sets s for the pool. embedPool
// prints each code that the pool sends.
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
	for _, demo := range demoUsers {
		config.Users = append(config.Users, demo.user)
	}
	pool, err := cognitotest.NewServer(config)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.Handler(pool))
	s.endpoint = server.URL
	return server.Close, nil
}

// printDemo prints the users of the embedded pool.
func printDemo(stdout io.Writer) {
	fmt.Fprintf(stdout, "This program runs a user pool. The password of each user is %s. After the password, a user:\n", demoPassword)
	for _, demo := range demoUsers {
		fmt.Fprintf(stdout, "  %-8s %s\n", demo.user.Name, demo.what)
	}
	fmt.Fprintf(stdout, "The button \"Answer a question\" asks %q The answer is %q.\n", demoQuestion.Question, demoQuestion.Answer)
	fmt.Fprint(stdout, "The codes that the pool sends appear below.\n\n")
}
