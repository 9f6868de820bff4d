package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/secret"
)

type getUser interface {
	GetUser(context.Context, *cip.GetUserInput, ...func(*cip.Options)) (*cip.GetUserOutput, error)
}

func TestCall(t *testing.T) {
	pool := newPool(t, nil, ada)
	d, err := flow.New(pool.Client(func(o *cip.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	}), flow.App{UserPoolID: pool.ID(), ClientID: "secret", ClientSecret: secret.New(clientSecret)})
	if err != nil {
		t.Fatal(err)
	}
	tokens := byAlias(t, d)
	get := func(token secret.String, options func(*flow.Call) []func(*cip.Options)) (name string, err error) {
		err = d.Call(t.Context(), "GetUser", func(ctx context.Context, c *flow.Call) error {
			api, err := flow.Operations[getUser](c)
			if err != nil {
				return err
			}
			c.Hide(token)
			out, err := api.GetUser(ctx, &cip.GetUserInput{AccessToken: aws.String(token.Reveal())}, options(c)...)
			if err == nil {
				name = aws.ToString(out.Username)
			}
			return err
		})
		return name, err
	}
	if name, err := get(tokens.AccessToken, (*flow.Call).Repeatable); err != nil || name != tokens.Username {
		t.Fatalf("got %q, %v", name, err)
	}
	// After a lost reply the SDK client repeats an operation, unless it is to be sent once.
	for name, test := range map[string]struct {
		options func(*flow.Call) []func(*cip.Options)
		code    flow.Code
	}{"repeatable": {(*flow.Call).Repeatable, ""}, "once": {(*flow.Call).Once, flow.NetworkFault}} {
		pool.Fail(cognitotest.Fault{Operation: "GetUser", Drop: true, Times: 1})
		_, err := get(tokens.AccessToken, test.options)
		if test.code == "" && err != nil || test.code != "" && !errors.Is(err, test.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := get(secret.New("not-a-token-of-the-pool"), (*flow.Call).Repeatable); !errors.Is(err, flow.TokenRefused) {
		t.Errorf("got %v", err)
	}
}

func TestCallErrors(t *testing.T) {
	d := new(fakeAPI).driver(t, func(o *flow.Options) { o.RequestTimeout = time.Millisecond })
	message := "no, hunter2-and-more it is not"
	for want, f := range map[string]func(context.Context, *flow.Call) error{
		"GetUser: *flow_test.fakeAPI does not have this operation [misconfigured]": func(_ context.Context, c *flow.Call) error {
			_, err := flow.Operations[getUser](c)
			return err
		},
		`it is not`: func(_ context.Context, c *flow.Call) error {
			c.Hide(secret.New("hunter2-and-more"))
			return &types.NotAuthorizedException{Message: &message}
		},
		"[network_fault]": func(ctx context.Context, c *flow.Call) error {
			<-ctx.Done() // by RequestTimeout
			return ctx.Err()
		},
	} {
		err := d.Call(t.Context(), "GetUser", f)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestCallSecretHash(t *testing.T) {
	for _, known := range vectors.LoadAWS(t).SecretHashes {
		app := flow.App{UserPoolID: "eu-west-1_Fake", ClientID: known.ClientID, ClientSecret: secret.New(known.ClientSecret)}
		d, err := flow.New(new(fakeAPI), app)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Call(t.Context(), "SignUp", func(ctx context.Context, c *flow.Call) error {
			hash, err := c.SecretHash(ctx, known.Username)
			if err == nil && aws.ToString(hash) != known.Published {
				t.Errorf("%s: %s", known.Label, aws.ToString(hash))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	err := new(fakeAPI).driver(t).Call(t.Context(), "SignUp", func(ctx context.Context, c *flow.Call) error {
		hash, err := c.SecretHash(ctx, username)
		if hash != nil {
			t.Errorf("an app client without a secret has the hash %s", *hash)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
