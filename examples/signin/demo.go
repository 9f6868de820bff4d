package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/secret"
)

// demoUser is the user of the embedded pool.
var demoUser = cognitotest.UserConfig{
	Name:       "demo",
	Password:   "Demo-password-1",
	TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	Attributes: map[string]string{"email": "demo@example.com", "email_verified": "true"},
}

// demo runs a pool in this process and signs demoUser in.
func demo(ctx context.Context, stdout io.Writer) error {
	const clientID = "democlient"
	server, err := cognitotest.NewServer()
	if err != nil {
		return err
	}
	pool, err := server.AddPool(cognitotest.PoolConfig{
		ID:      "local-1_demo",
		MFA:     "ON",
		Clients: []cognitotest.ClientConfig{{ID: clientID}},
		Users:   []cognitotest.UserConfig{demoUser},
	})
	if err != nil {
		return err
	}
	web := httptest.NewServer(server)
	defer web.Close()
	fmt.Fprintf(stdout, "This program runs the user pool %[2]s at %[3]s, and signs the user %[1]q in.\n\n", demoUser.Name, pool.ID(), web.URL)

	api := cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(web.URL), Credentials: aws.AnonymousCredentials{},
	})
	s := settings{
		userPoolID: pool.ID(), clientID: clientID, endpoint: web.URL, flow: "USER_SRP_AUTH",
		username: demoUser.Name, password: secret.New(demoUser.Password),
	}
	app := challenge.Mux{
		challenge.SoftwareTokenMFA: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			return challenge.Code(pool.TOTP(demoUser.Name)), nil
		}),
	}
	driver, err := newDriver(api, s, printSteps(stdout, "the user's authenticator app"))
	if err != nil {
		return err
	}
	tokens, err := driver.SignIn(ctx, s.authFlow(), app)
	if err != nil {
		return err
	}
	if err := printClaims(ctx, stdout, api, s, tokens); err != nil {
		return err
	}
	fmt.Fprint(stdout, "\nTo sign in to your pool:\n  go run ./examples/signin -user-pool-id ID -client-id ID -username NAME\n")
	return nil
}
