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

// demoPassword is the password of all demo users. The program prints the password.
const demoPassword = "Demo-password-1"

// demoUsers are the users of the embedded pool. Each user meets other challenges.
var demoUsers = []struct {
	what string
	user cognitotest.UserConfig
}{
	{"gives a code from an e-mail", demoUser("ada", "EMAIL_OTP")},
	{"chooses e-mail or text message, and gives a code", demoUser("alan", "EMAIL_OTP", "SMS_MFA")},
	{"sets up an authenticator app", demoUser("edsger")},
	{"gives a new password and a name", cognitotest.UserConfig{
		Name: "grace", TemporaryPassword: demoPassword, MFA: []string{"EMAIL_OTP"}, Attributes: map[string]string{"email": "grace@example.com"},
	}},
}

func demoUser(name string, factors ...string) cognitotest.UserConfig {
	return cognitotest.UserConfig{Name: name, Password: demoPassword, MFA: factors, Attributes: map[string]string{
		"name": name, "email": name + "@example.com", "email_verified": "true", "phone_number": "+15550100123",
	}}
}

// demo is a running pool with its client.
type demo struct {
	api  *cip.Client
	app  flow.App
	stop func()
}

// startDemo runs a user pool for the backend at the URL. startDemo prints the users and
// commands for curl, and later each code that the pool sends.
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
	fmt.Fprintf(stdout, "This program runs a user pool. The password of each user is %s. After the password, a user:\n", demoPassword)
	for _, d := range demoUsers {
		config.Users = append(config.Users, d.user)
		fmt.Fprintf(stdout, "  %-8s %s\n", d.user.Name, d.what)
	}
	fmt.Fprintf(stdout, `The codes that the pool sends appear below. Sign in with curl:
  curl -c jar -b jar --json '{"username":"ada","password":"%s"}' %[2]s/signin
  curl -c jar -b jar --json '{"prompt":"PROMPT","answer":{"version":1,"code":"CODE"}}' %[2]s/answer
  curl -c jar -b jar --json '{"session":"SESSION"}' %[2]s/refresh
  curl -c jar -b jar --json '{"session":"SESSION"}' %[2]s/signout
PROMPT is the member "prompt" of the last reply, and SESSION the member "signedIn.session".

`, demoPassword, url)

	pool, err := cognitotest.NewServer(config)
	if err != nil {
		return demo{}, err
	}
	server := httptest.NewServer(pool)
	api := cip.New(cip.Options{Region: "local-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	return demo{api, app, server.Close}, nil
}
