//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/cost/usage"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

var (
	app      = flow.App{UserPoolID: "local-1_Cost00001", ClientID: "client"}
	username = "ada"
	password = secret.New("Correct-horse-1")
)

// part is a part of a sign-in, or other work for comparison.
type part struct {
	name string
	run  func(context.Context) error
}

// parts prints the CPU time and the allocations of each part of a sign-in.
func parts(out io.Writer, rounds int) error {
	const times = 300
	s, err := startService(0)
	if err != nil {
		return err
	}
	defer s.stop()
	all, err := partsAt(s.endpoint)
	if err != nil {
		return err
	}
	beside, err := partsBeside(s.endpoint)
	if err != nil {
		return err
	}
	all = append(all, beside...)
	cpu, allocations, bytes := make([][]float64, len(all)), make([][]float64, len(all)), make([][]float64, len(all))
	for round := range rounds + 1 {
		for i, part := range all {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := usage.CPU()
			for range times {
				if err := part.run(context.Background()); err != nil {
					return fmt.Errorf("%s: %w", part.name, err)
				}
			}
			took := usage.CPU() - start
			runtime.ReadMemStats(&after)
			if round == 0 {
				continue // the first round opens connections and fills pools
			}
			cpu[i] = append(cpu[i], milliseconds(took)/times)
			allocations[i] = append(allocations[i], float64(after.Mallocs-before.Mallocs)/times)
			bytes[i] = append(bytes[i], float64(after.TotalAlloc-before.TotalAlloc)/times)
		}
	}
	fmt.Fprint(out, "| | CPU, µs | allocations | kB allocated |\n| --- | --- | --- | --- |\n")
	for i, part := range all {
		fmt.Fprintf(out, "| %s | %.0f | %.0f | %.0f |\n", part.name, 1000*median(cpu[i]), median(allocations[i]), median(bytes[i])/1000)
	}
	return nil
}

// partsAt returns the parts of a sign-in, and a sign-in by USER_PASSWORD_AUTH.
func partsAt(endpoint string) ([]part, error) {
	api := newClient(endpoint, 0)
	driver, err := flow.New(api, app)
	if err != nil {
		return nil, err
	}
	challenge := newStub(0).challenge
	claim := func() (*srp.Ephemeral, srp.Claim, error) {
		e := srp.NewEphemeral()
		id, err := srp.User(app.UserPoolID, username, password.Reveal())
		if err != nil {
			return nil, srp.Claim{}, err
		}
		c, err := e.Claim(id, srp.Challenge{
			Salt: challenge["SALT"], B: challenge["SRP_B"], SecretBlock: challenge["SECRET_BLOCK"],
		}, time.Now())
		return e, c, err
	}
	e, made, err := claim()
	if err != nil {
		return nil, err
	}
	A := e.A()
	return []part{
		{"SRP: `SRP_A`, and the proof", func(context.Context) error {
			_, _, err := claim()
			return err
		}},
		{"two requests, by the SDK client alone", func(ctx context.Context) error {
			return twoRequests(ctx, api, A, made)
		}},
		{"the whole sign-in, by the driver", func(ctx context.Context) error {
			_, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: username, Password: password}, nil)
			return err
		}},
		{"a sign-in by USER_PASSWORD_AUTH instead", func(ctx context.Context) error {
			_, err := driver.SignIn(ctx, flow.UserPasswordAuth{Username: username, Password: password}, nil)
			return err
		}},
	}, nil
}

// partsBeside returns other work of a backend: sealed prompts, and calls of Token.
func partsBeside(endpoint string) ([]part, error) {
	const tokenCalls = 1000
	driver, err := flow.New(newClient(endpoint, 0), app)
	if err != nil {
		return nil, err
	}
	key, binding := make([]byte, 32), []byte("the ID of a browser's session")
	rand.Read(key)
	sealer, err := seal.New(app, [][]byte{key})
	if err != nil {
		return nil, err
	}
	step, err := driver.Start(context.Background(), flow.UserAuth{Username: username})
	if err != nil {
		return nil, err
	}
	sealed, err := sealer.Prompt(step.Prompt, binding)
	if err != nil {
		return nil, err
	}
	tokens, err := driver.SignIn(context.Background(), flow.UserPasswordAuth{Username: username, Password: password}, nil)
	if err != nil {
		return nil, err
	}
	source := driver.TokenSource(tokens)
	return []part{
		{"sealing a prompt that asks for a code", func(context.Context) error {
			_, err := sealer.Prompt(step.Prompt, binding)
			return err
		}},
		{"opening it", func(context.Context) error {
			_, err := sealer.OpenPrompt(sealed, binding)
			return err
		}},
		{fmt.Sprintf("%d calls of Token, of a source with a valid token", tokenCalls), func(context.Context) error {
			for range tokenCalls {
				if _, err := source.Token(); err != nil {
					return err
				}
			}
			return nil
		}},
	}, nil
}

// twoRequests sends the two requests of a sign-in, with a proof that was computed before.
func twoRequests(ctx context.Context, api *cip.Client, A string, claim srp.Claim) error {
	started, err := api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &app.ClientID,
		AuthParameters: map[string]string{"USERNAME": username, "SRP_A": A},
	})
	if err != nil {
		return err
	}
	_, err = api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: started.ChallengeName, ClientId: &app.ClientID, Session: started.Session,
		ChallengeResponses: map[string]string{
			"USERNAME": username, "TIMESTAMP": claim.Timestamp,
			"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock,
		},
	})
	return err
}
