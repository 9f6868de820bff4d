package flow_test

import (
	"context"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var exampleApp = flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}

// exampleClients starts a pool that stands in for a real one. Ada is a user without a
// second factor. The client for a real pool is cip.NewFromConfig of the SDK's
// config.LoadDefaultConfig, and admin is such a client with AWS credentials.
func exampleClients(change ...func(*cognitotest.PoolConfig)) (client, admin *cip.Client, pool *cognitotest.Pool, stop func()) {
	config := cognitotest.PoolConfig{
		ID: exampleApp.UserPoolID,
		Clients: []cognitotest.ClientConfig{{ID: exampleApp.ClientID, AuthFlows: []string{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH",
			"ALLOW_REFRESH_TOKEN_AUTH",
		}}},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: "Correct-Horse-7!", Groups: []string{"editors"},
			Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"},
		}},
	}
	for _, c := range change {
		c(&config)
	}
	server, err := cognitotest.NewServer(config)
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	options := cip.Options{
		Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
	}
	signing := options
	signing.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example"}, nil
	})
	return cip.New(options), cip.New(signing), server.Pool(config.ID), running.Close
}

// exampleDriver makes a driver for the pool of exampleClients.
func exampleDriver(change ...func(*cognitotest.PoolConfig)) (driver *flow.Driver, pool *cognitotest.Pool, stop func()) {
	client, _, pool, stop := exampleClients(change...)
	driver, err := flow.New(client, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	return driver, pool, stop
}

// exampleSignIn signs Ada in to the pool of exampleClients.
func exampleSignIn(change ...func(*cognitotest.PoolConfig)) (driver *flow.Driver, tokens *flow.Tokens, pool *cognitotest.Pool, stop func()) {
	driver, pool, stop = exampleDriver(change...)
	tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return driver, tokens, pool, stop
}

// withApp gives Ada an authenticator app as second factor.
func withApp(c *cognitotest.PoolConfig) {
	c.MFA = "OPTIONAL"
	c.Users[0].TOTPSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
}

// withDevices makes the pool remember devices. A remembered device replaces the second
// factor.
func withDevices(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
}

// withChoice makes the pool let the user decide whether a device is remembered.
func withChoice(c *cognitotest.PoolConfig) {
	withDevices(c)
	c.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true
}
