package main

import (
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// demoPassword is every demo user's. It is no secret: it is printed.
const demoPassword = "Demo-password-1"

// demoUsers are the users of the embedded pool: one per way that a sign-in can go.
var demoUsers = []struct {
	what string
	user cognitotest.UserConfig
}{
	{"a code by e-mail", demoUser("ada", "EMAIL_OTP")},
	{"a code, by e-mail or text message as you choose", demoUser("alan", "EMAIL_OTP", "SMS_MFA")},
	{"nothing yet: sets up an authenticator app", demoUser("edsger")},
	{"a new password first, and the name that is missing", cognitotest.UserConfig{
		Name: "grace", TemporaryPassword: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: map[string]string{"email": "grace@example.com"},
	}},
}

func demoUser(name string, factors ...string) cognitotest.UserConfig {
	return cognitotest.UserConfig{Name: name, Password: demoPassword, MFA: factors, Attributes: map[string]string{
		"name": name, "email": name + "@example.com", "email_verified": "true", "phone_number": "+15550100123",
	}}
}

// demo is a running pool.
type demo struct {
	api  *cip.Client
	app  flow.App
	stop func()
}

// startDemo runs a user pool for the backend at that URL, and prints what a user needs to
// know, now and whenever a code is sent.
func startDemo(url string, stdout io.Writer) (demo, error) {
	app := flow.App{UserPoolID: "local-1_demo", ClientID: "demo"}
	config := cognitotest.PoolConfig{
		ID: app.UserPoolID, MFA: "ON", RequiredAttributes: []string{"email", "name"},
		AllowedFirstFactors: []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: "localhost", Origins: []string{url}},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
		Clients: []cognitotest.ClientConfig{{
			ID: app.ClientID, RefreshTokenRotation: "ENABLED", RetryGraceSeconds: 10,
			AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"},
		}},
		OnCode: func(c cognitotest.Code) {
			fmt.Fprintf(stdout, "Code for %s, by %s to %s: %s\n", c.Username, c.Medium, c.Destination, c.Code)
		},
	}
	fmt.Fprintf(stdout, "The user pool is embedded in this program. Its users, all with the password %s, sign in with:\n", demoPassword)
	for _, d := range demoUsers {
		config.Users = append(config.Users, d.user)
		fmt.Fprintf(stdout, "  %-8s %s\n", d.user.Name, d.what)
	}
	fmt.Fprintf(stdout, `Codes appear below. Call it like this:
  curl -c jar -b jar --json '{"username":"ada","password":"%s"}' %[2]s/signin
  curl -c jar -b jar --json '{"prompt":"PROMPT","answer":{"version":1,"code":"CODE"}}' %[2]s/answer
  curl -c jar -b jar --json '{"session":"SESSION"}' %[2]s/refresh

`, demoPassword, url)

	pool, err := cognitotest.NewServer(config)
	if err != nil {
		return demo{}, err
	}
	server := httptest.NewServer(pool)
	api := cip.New(cip.Options{Region: "local-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	return demo{api, app, server.Close}, nil
}
