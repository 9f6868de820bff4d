package flow_test

import (
	"encoding/base64"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/secrethash"
	"github.com/cognitoflow/cognitoflow/srp"
)

// byHand signs one user in by SRP with the SDK and package srp alone. byHand checks nothing.
func byHand(tb testing.TB, api flow.API, poolID, clientID, clientSecret, username string) *types.AuthenticationResultType {
	e := srp.NewEphemeral()
	started, err := api.InitiateAuth(tb.Context(), &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &clientID,
		AuthParameters: map[string]string{
			"USERNAME": username, "SRP_A": e.A(), "SECRET_HASH": secrethash.Compute(username, clientID, clientSecret),
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	p := started.ChallengeParameters
	id, err := srp.User(poolID, p["USER_ID_FOR_SRP"], password)
	if err != nil {
		tb.Fatal(err)
	}
	claim, err := e.Claim(id, srp.Challenge{Salt: p["SALT"], B: p["SRP_B"], SecretBlock: p["SECRET_BLOCK"]}, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	out, err := api.RespondToAuthChallenge(tb.Context(), &cip.RespondToAuthChallengeInput{
		ChallengeName: started.ChallengeName, ClientId: &clientID, Session: started.Session,
		ChallengeResponses: map[string]string{
			"USERNAME": p["USERNAME"], "TIMESTAMP": claim.Timestamp,
			"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock,
			"SECRET_HASH": secrethash.Compute(p["USERNAME"], clientID, clientSecret),
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out.AuthenticationResult
}

// BenchmarkSignIn measures an SRP sign-in over HTTP, by the driver and by hand. The time of
// the pool counts too.
func BenchmarkSignIn(b *testing.B) {
	pool := newPool(b, nil, cognitotest.UserConfig{Name: "ada", Password: password})
	d := newDriver(b, pool, "secret")
	client := pool.Client()
	b.Run("driver", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.SignIn(b.Context(), srpAuth("ada"), nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			byHand(b, client, pool.ID(), "secret", clientSecret, "ada")
		}
	})
}

// The driver adds few allocations to those of a sign-in by hand. The requests do not go over
// HTTP, because the allocations of HTTP vary.
func TestDriverAllocations(t *testing.T) {
	const most = 100
	v := vectors.Load(t).User[0]
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1","username":"ada","cognito:username":"ada","iat":1,"exp":3601}`))
	service := scripted{
		initiate: func(*cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error) {
			return &cip.InitiateAuthOutput{ChallengeName: "PASSWORD_VERIFIER", Session: aws.String("session"), ChallengeParameters: map[string]string{
				"USERNAME": "ada", "USER_ID_FOR_SRP": "ada", "SALT": v.SaltWire, "SRP_B": v.PublicBWire, "SECRET_BLOCK": v.SecretBlock,
			}}, nil
		},
		respond: func(*cip.RespondToAuthChallengeInput) (*cip.RespondToAuthChallengeOutput, error) {
			return &cip.RespondToAuthChallengeOutput{AuthenticationResult: &types.AuthenticationResultType{
				AccessToken: aws.String("h." + payload + ".s"), IdToken: aws.String("h." + payload + ".s"), ExpiresIn: 3600,
			}}, nil
		},
	}
	d, err := flow.New(service, flow.App{UserPoolID: v.UserPoolID, ClientID: "client"})
	if err != nil {
		t.Fatal(err)
	}
	driver := testing.AllocsPerRun(20, func() {
		if _, err := d.SignIn(t.Context(), srpAuth("ada"), nil); err != nil {
			t.Fatal(err)
		}
	})
	hand := testing.AllocsPerRun(20, func() { byHand(t, service, v.UserPoolID, "client", "", "ada") })
	t.Logf("driver %.0f allocations, by hand %.0f", driver, hand)
	if driver-hand > most {
		t.Errorf("the driver adds %.0f allocations, want %d at most", driver-hand, most)
	}
}

// validSource returns a token source with valid tokens.
func validSource(tb testing.TB) *flow.TokenSource {
	d := (&tokenService{}).driver(tb)
	return d.TokenSource(numbered(0))
}

// BenchmarkToken measures Token with valid tokens, called by one and by many goroutines.
func BenchmarkToken(b *testing.B) {
	for _, goroutines := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			source := validSource(b)
			b.ReportAllocs()
			b.ResetTimer()
			var together sync.WaitGroup
			for n := range goroutines {
				together.Go(func() {
					for i := n; i < b.N; i += goroutines {
						if _, err := source.Token(); err != nil {
							b.Error(err)
						}
					}
				})
			}
			together.Wait()
		})
	}
}
