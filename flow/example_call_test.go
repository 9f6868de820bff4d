package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The attributes of the user, by an operation that this package does not have. The error has a
// code, and no token in its text.
func ExampleDriver_Call() {
	client, _, _, stop := exampleClients()
	defer stop()
	ctx := context.Background()
	driver, err := flow.New(client, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}

	getUser := func() (out *cip.GetUserOutput, err error) {
		err = driver.Call(ctx, "GetUser", func(ctx context.Context, c *flow.Call) error {
			token, err := c.AccessToken(tokens)
			if err == nil {
				out, err = client.GetUser(ctx, &cip.GetUserInput{AccessToken: token}, c.Repeatable()...)
			}
			return err
		})
		return out, err
	}
	user, err := getUser()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(aws.ToString(user.Username))

	if err := driver.GlobalSignOut(ctx, tokens); err != nil {
		log.Fatal(err)
	}
	_, err = getUser()
	var e *flow.Error
	if errors.As(err, &e) {
		fmt.Println(e.Operation, e.ServiceCode())
	}
	// Output:
	// ada
	// GetUser NotAuthorizedException
}

// A function for any driver gets the API of the driver. An interface with one operation is
// enough, and a test can implement the interface.
func ExampleAPIOf() {
	type getUserAPI interface {
		GetUser(context.Context, *cip.GetUserInput, ...func(*cip.Options)) (*cip.GetUserOutput, error)
	}
	email := func(ctx context.Context, driver *flow.Driver, tokens *flow.Tokens) (address string, err error) {
		err = driver.Call(ctx, "GetUser", func(ctx context.Context, c *flow.Call) error {
			api, err := flow.APIOf[getUserAPI](c)
			if err != nil {
				return err
			}
			token, err := c.AccessToken(tokens)
			if err != nil {
				return err
			}
			out, err := api.GetUser(ctx, &cip.GetUserInput{AccessToken: token}, c.Repeatable()...)
			if err != nil {
				return err
			}
			for _, a := range out.UserAttributes {
				if aws.ToString(a.Name) == "email" {
					address = aws.ToString(a.Value)
				}
			}
			return nil
		})
		return address, err
	}

	driver, tokens, _, stop := exampleSignIn()
	defer stop()
	fmt.Println(email(context.Background(), driver, tokens))
	_, err := email(context.Background(), driver, new(flow.Tokens))
	fmt.Println("sign in:", errors.Is(err, flow.TokenRefused))
	// Output:
	// ada@example.com <nil>
	// sign in: true
}

// ChangePassword has NotAuthorizedException for a wrong present password. The operation must not
// be repeated, and its error must not show a password.
func ExampleCall_Means() {
	client, _, _, stop := exampleClients()
	defer stop()
	ctx := context.Background()
	driver, err := flow.New(client, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}

	previous, next := secret.New("wrong"), secret.New("Another-Horse-8!")
	err = driver.Call(ctx, "ChangePassword", func(ctx context.Context, c *flow.Call) error {
		token, err := c.AccessToken(tokens)
		if err != nil {
			return err
		}
		c.Means("NotAuthorizedException", flow.WrongCredentials)
		c.Hide(previous, next)
		_, err = client.ChangePassword(ctx, &cip.ChangePasswordInput{
			AccessToken: token, PreviousPassword: aws.String(previous.Reveal()), ProposedPassword: aws.String(next.Reveal()),
		}, c.Once()...)
		return err
	})
	fmt.Println("the present password is wrong:", errors.Is(err, flow.WrongCredentials))
	// Output: the present password is wrong: true
}

// An input that cannot be right is not sent.
func ExampleCall_Refuse() {
	client, _, _, stop := exampleClients()
	defer stop()
	driver, err := flow.New(client, exampleApp)
	if err != nil {
		log.Fatal(err)
	}

	name := ""
	err = driver.Call(context.Background(), "UpdateUserAttributes", func(ctx context.Context, c *flow.Call) error {
		if name == "" {
			return c.Refuse(flow.InputRefused, "the name is empty", "attribute name is empty")
		}
		_, err := client.UpdateUserAttributes(ctx, &cip.UpdateUserAttributesInput{
			UserAttributes: []types.AttributeType{{Name: aws.String("name"), Value: aws.String(name)}},
		}, c.Repeatable()...)
		return err
	})
	var e *flow.Error
	if errors.As(err, &e) && e.Remedy() == flow.CorrectInput {
		fmt.Println("show the form again:", e.Message())
	}
	// Output: show the form again: the name is empty
}

// An operation of an app client with a secret needs a SECRET_HASH over the user name. Once is
// for an operation that sends a code.
func ExampleCall_SecretHash() {
	client, _, pool, stop := exampleClients(func(c *cognitotest.PoolConfig) {
		c.Clients[0].Secret = "0123456789abcdefghijklmnop"
		c.Users[0].Unconfirmed = true
	})
	defer stop()
	app := exampleApp
	app.ClientSecret = secret.New("0123456789abcdefghijklmnop")
	driver, err := flow.New(client, app)
	if err != nil {
		log.Fatal(err)
	}

	err = driver.Call(context.Background(), "ResendConfirmationCode", func(ctx context.Context, c *flow.Call) error {
		hash, err := c.SecretHash(ctx, "ada")
		if err != nil {
			return err
		}
		_, err = client.ResendConfirmationCode(ctx, &cip.ResendConfirmationCodeInput{
			ClientId: &c.App.ClientID, Username: aws.String("ada"), SecretHash: hash,
		}, c.Once()...)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a code was sent to", pool.LastCode("ada").Destination)
	// Output: a code was sent to ada@example.com
}

// RevokeToken takes the client secret itself.
func ExampleCall_ClientSecret() {
	client, _, _, stop := exampleClients(func(c *cognitotest.PoolConfig) { c.Clients[0].Secret = "0123456789abcdefghijklmnop" })
	defer stop()
	ctx := context.Background()
	app := exampleApp
	app.ClientSecret = secret.New("0123456789abcdefghijklmnop")
	driver, err := flow.New(client, app)
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}

	err = driver.Call(ctx, "RevokeToken", func(ctx context.Context, c *flow.Call) error {
		clientSecret, err := c.ClientSecret(ctx)
		if err != nil {
			return err
		}
		c.Hide(tokens.RefreshToken)
		_, err = client.RevokeToken(ctx, &cip.RevokeTokenInput{
			ClientId: &c.App.ClientID, ClientSecret: aws.String(clientSecret.Reveal()), Token: aws.String(tokens.RefreshToken.Reveal()),
		}, c.Repeatable()...)
		return err
	})
	fmt.Println(err)
	// Output: <nil>
}
