package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// t stands for the *testing.T of a test function.
var t testing.TB = exampleT{}

// exampleT ends the program at an error. The server of the example ends with the process.
type exampleT struct{ testing.TB }

func (exampleT) Helper()                           {}
func (exampleT) Cleanup(func())                    {}
func (exampleT) Fatal(args ...any)                 { log.Fatal(args...) }
func (exampleT) Fatalf(format string, args ...any) { log.Fatalf(format, args...) }

// A trigger confirms users with an address of one domain, and refuses all others.
func ExampleFunctions() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Triggers: trigger.Functions{
			PreSignUp: func(e trigger.Event) (trigger.SignUp, error) {
				if !strings.HasSuffix(e.Attributes["email"], "@example.com") {
					return trigger.SignUp{}, errors.New("only addresses of example.com")
				}
				return trigger.SignUp{AutoConfirm: true, AutoVerifyEmail: true}, nil
			},
		},
	})
	client := pool.Client()
	for name, domain := range map[string]string{"alice": "example.com", "mallory": "example.org"} {
		out, err := client.SignUp(context.Background(), &cip.SignUpInput{
			ClientId: aws.String("app"), Username: aws.String(name), Password: aws.String("Correct-Horse-7!"),
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@" + domain)}},
		})
		var refused *types.UserLambdaValidationException
		switch {
		case errors.As(err, &refused):
			fmt.Println(name, "is refused:", refused.ErrorMessage())
		case err != nil:
			t.Fatal(err)
		default:
			fmt.Println(name, "is confirmed:", out.UserConfirmed)
		}
	}
	// Unordered output:
	// alice is confirmed: true
	// mallory is refused: PreSignUp failed with error only addresses of example.com.
}
