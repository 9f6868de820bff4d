package flow_test

import (
	"context"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// The README's snippet for tests, as it stands there.
func TestReadmeSnippetForTests(t *testing.T) {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		MFA:     "OPTIONAL",
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: "Correct-Horse-7!", MFA: []string{"SMS_MFA"},
			Attributes: map[string]string{"phone_number": "+15550100123"},
		}},
	})
	driver, err := flow.New(pool.Client(), flow.App{UserPoolID: pool.ID(), ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = driver.SignIn(t.Context(), srpAuth("ada"), challenge.Mux{
		challenge.SMSMFA: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			return challenge.Code(pool.LastCode("ada").Code), nil
		}),
	})
	if err != nil {
		t.Error(err)
	}
}
