package flow_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

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
			api, err := flow.APIOf[getUser](c)
			if err != nil {
				return err
			}
			access, err := c.AccessToken(&flow.Tokens{AccessToken: token})
			if err != nil {
				return err
			}
			out, err := api.GetUser(ctx, &cip.GetUserInput{AccessToken: access}, options(c)...)
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
	// After a lost reply the SDK client repeats an operation, except with Call.Once.
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
			_, err := flow.APIOf[getUser](c)
			return err
		},
		`it is not`: func(_ context.Context, c *flow.Call) error {
			c.Hide(secret.New("hunter2-and-more"))
			return &types.NotAuthorizedException{Message: &message}
		},
		"flow: there is no access token: sign in [token_refused]": func(_ context.Context, c *flow.Call) error {
			_, err := c.AccessToken(&flow.Tokens{})
			return err
		},
		"flow: Code is hunt- [wrong_code]": func(_ context.Context, c *flow.Call) error {
			return c.Refuse(flow.WrongCode, "", "Code is hunt-")
		},
		`Code is "[redacted]" [wrong_code]`: func(_ context.Context, c *flow.Call) error {
			c.Hide(secret.New("hunter2-and-more"))
			return c.Refuse(flow.WrongCode, "", `Code is "hunter2-and-more"`)
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

// Sign-ins and all other operations share the code that computes the hash.
func TestSecretHashIsComputedInOnePlace(t *testing.T) {
	var places []string
	for _, dir := range []string{".", "../account"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no Go files in %s: %v", dir, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), "secrethash.Compute(") {
				places = append(places, file)
			}
		}
	}
	if len(places) != 1 || places[0] != "clientsecret.go" {
		t.Errorf("SECRET_HASH is computed in %v", places)
	}
}

// The code of a NotAuthorizedException depends on the operation. For an operation with a
// token, the code depends on the token's expiry by the service's clock.
func TestCallMeans(t *testing.T) {
	machine := newClock()
	token := func(expires time.Time) *flow.Tokens {
		claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d}`, expires.Unix()))
		return &flow.Tokens{AccessToken: secret.New("e30." + claims + ".c2ln"), Expiry: machine.Now().Add(time.Hour)}
	}
	opaque := func(expires time.Time) *flow.Tokens {
		return &flow.Tokens{AccessToken: secret.New("opaque"), Expiry: expires}
	}
	minutes := func(n time.Duration) time.Time { return machine.Now().Add(n * time.Minute) }
	refused, unknown := &types.NotAuthorizedException{}, &types.UserNotFoundException{}
	for name, test := range map[string]struct {
		tokens *flow.Tokens
		err    error
		ahead  time.Duration // from the machine's clock to the service's
		want   flow.Code
	}{
		"no token":                        {nil, refused, 0, flow.WrongCredentials},
		"a good token":                    {token(minutes(5)), refused, 0, flow.WrongCredentials},
		"an expired token":                {token(minutes(-1)), refused, 0, flow.TokenRefused},
		"expired by the service's clock":  {token(minutes(5)), refused, time.Hour, flow.TokenRefused},
		"good by the service's clock":     {token(minutes(-5)), refused, -time.Hour, flow.WrongCredentials},
		"a good opaque token":             {opaque(minutes(5)), refused, time.Hour, flow.WrongCredentials},
		"an expired opaque token":         {opaque(minutes(-5)), refused, -time.Hour, flow.TokenRefused},
		"an opaque token of no known age": {opaque(time.Time{}), refused, 0, flow.WrongCredentials},
		"a user who is gone":              {token(minutes(5)), unknown, 0, flow.TokenRefused},
		"a name that nobody has":          {nil, unknown, 0, flow.UnknownUser},
	} {
		t.Run(name, func(t *testing.T) {
			d := new(fakeAPI).driver(t, func(o *flow.Options) { o.Now = machine.Now })
			err := d.Call(t.Context(), "ChangePassword", func(_ context.Context, c *flow.Call) error {
				c.Means("NotAuthorizedException", flow.WrongCredentials)
				if test.tokens != nil {
					if _, err := c.AccessToken(test.tokens); err != nil {
						t.Error(err)
					}
				}
				return dated(test.err, machine.Now().Add(test.ahead))
			})
			if e := flowError(t, err); e.Code() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// dated returns an error of the service as the SDK returns it, from a response with a Date.
func dated(err error, at time.Time) error {
	response := &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}
	return &awshttp.ResponseError{RequestID: "1-2-3", ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: response}, Err: err,
	}}
}

// If the caller's context ends, the error is no fault of the network.
func TestCallCanceled(t *testing.T) {
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{"deadline": past, "canceled": canceled} {
		for how, secretOf := range map[string]func(context.Context) (secret.String, error){
			"operation": nil, "secret": func(ctx context.Context) (secret.String, error) { return secret.String{}, ctx.Err() },
		} {
			d := new(fakeAPI).driver(t, func(o *flow.Options) { o.ClientSecret = secretOf })
			err := d.Call(ctx, "SignUp", func(ctx context.Context, c *flow.Call) error {
				if _, err := c.SecretHash(ctx, username); err != nil {
					return err
				}
				return ctx.Err()
			})
			if !errors.Is(err, flow.Canceled) {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}
