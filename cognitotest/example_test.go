package cognitotest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// t stands for the *testing.T of a test function.
var t testing.TB = exampleT{}

// exampleT ends the program at an error. The servers of examples end with the process.
type exampleT struct{ testing.TB }

func (exampleT) Helper()                           {}
func (exampleT) Cleanup(func())                    {}
func (exampleT) Fatal(args ...any)                 { log.Fatal(args...) }
func (exampleT) Fatalf(format string, args ...any) { log.Fatalf(format, args...) }

// A test signs a user in with an authenticator app.
func ExampleStart() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		MFA:     "OPTIONAL",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXP"}},
	})
	client := pool.Client()

	ctx := context.Background()
	asked, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(asked.ChallengeName)

	done, err := client.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: asked.ChallengeName, ClientId: aws.String("app"), Session: asked.Session,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": pool.TOTP("alice")},
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(aws.ToString(done.AuthenticationResult.TokenType))
	// Output:
	// SOFTWARE_TOKEN_MFA
	// Bearer
}

func ExampleNewServer() {
	pools, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-west-1_Example",
		MFA:     "ON",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users: []cognitotest.UserConfig{{
			Name: "alice", Password: "Correct-Horse-7!", MFA: []string{"EMAIL_OTP"},
			Attributes: map[string]string{"email": "alice@example.com"},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(pools)
	defer server.Close()
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})

	ctx := context.Background()
	asked, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(asked.ChallengeName, "to", asked.ChallengeParameters["CODE_DELIVERY_DESTINATION"])

	done, err := client.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: asked.ChallengeName, ClientId: aws.String("app"), Session: asked.Session,
		ChallengeResponses: map[string]string{
			"USERNAME":       "alice",
			"EMAIL_OTP_CODE": pools.Pool("eu-west-1_Example").LastCode("alice").Code,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(aws.ToString(done.AuthenticationResult.TokenType))
	// Output:
	// EMAIL_OTP to a***@e***
	// Bearer
}

// A test moves the clock until an access token expires.
func ExampleClock() {
	clock := cognitotest.NewClock(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	pools, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID:      "eu-west-1_Example",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}},
		Now:     clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(pools)
	defer server.Close()
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})

	ctx := context.Background()
	signedIn, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		_, err = client.GetUser(ctx, &cip.GetUserInput{AccessToken: signedIn.AuthenticationResult.AccessToken})
		var refused *types.NotAuthorizedException
		fmt.Println(clock.Now().Format(time.TimeOnly), errors.As(err, &refused))
		clock.Advance(time.Hour)
	}
	// Output:
	// 12:00:00 false
	// 13:00:00 true
}

func ExampleNewClock() {
	clock := cognitotest.NewClock(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	fmt.Println(clock.Now().Format(time.TimeOnly))
	// Output: 12:00:00
}

func ExampleClock_Now() {
	clock := cognitotest.NewClock(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Users: []cognitotest.UserConfig{{Name: "alice"}},
		Now:   clock.Now,
	})
	alice, err := pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
		UserPoolId: aws.String(pool.ID()), Username: aws.String("alice"),
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(alice.UserCreateDate.Equal(clock.Now()))
	// Output: true
}

func ExampleClock_Advance() {
	clock := cognitotest.NewClock(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	clock.Advance(90 * time.Minute)
	fmt.Println(clock.Now().Format(time.TimeOnly))
	clock.Advance(-time.Hour)
	fmt.Println(clock.Now().Format(time.TimeOnly))
	// Output:
	// 13:30:00
	// 12:30:00
}

func ExampleServer_AddPool() {
	server, err := cognitotest.NewServer()
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"eu-west-1_One", "eu-west-1_Two", "eu-west-1_One"} {
		pool, err := server.AddPool(cognitotest.PoolConfig{ID: id})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(pool.ID())
	}
	// Output:
	// eu-west-1_One
	// eu-west-1_Two
	// id: "eu-west-1_One" is the ID of another pool
}

// A program makes a pool, and the test reads the codes of the pool.
func ExampleServer_Pool() {
	first := cognitotest.Start(t, cognitotest.PoolConfig{})
	made, err := first.AdminClient().CreateUserPool(context.Background(), &cip.CreateUserPoolInput{PoolName: aws.String("second")})
	if err != nil {
		t.Fatal(err)
	}
	second := first.Server().Pool(aws.ToString(made.UserPool.Id))
	if err := second.AddUser(cognitotest.UserConfig{Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	fmt.Println(second.LastCode("alice").Code == "")
	fmt.Println(first.Server().Pool("local-1_unknown") == nil)
	// Output:
	// true
	// true
}

func ExamplePool_Server() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{ID: "eu-west-1_One"})
	other, err := pool.Server().AddPool(cognitotest.PoolConfig{ID: "eu-west-1_Two"})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(other.Endpoint() == pool.Endpoint())
	// Output: true
}

func ExamplePool_ID() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{})
	fmt.Println(pool.ID())
	// Output: local-1_cognitotest
}

func ExamplePool_AddUser() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{MFA: "OPTIONAL"})
	err := pool.AddUser(cognitotest.UserConfig{Name: "alice", TOTPSecret: "not base32!"})
	fmt.Println("an error:", err != nil)
	err = pool.AddUser(cognitotest.UserConfig{Name: "alice", TOTPSecret: "JBSWY3DPEHPK3PXP"})
	fmt.Println("an error:", err != nil)
	// Output:
	// an error: true
	// an error: false
}

// An administrator disables a user between two sign-ins.
func ExamplePool_UpdateUser() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}},
	})
	signIn := func() {
		_, err := pool.Client().InitiateAuth(context.Background(), &cip.InitiateAuthInput{
			AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
		})
		var refused *types.NotAuthorizedException
		if errors.As(err, &refused) {
			fmt.Println(refused.ErrorMessage())
			return
		}
		fmt.Println(err)
	}
	signIn()
	if err := pool.UpdateUser("alice", func(u *cognitotest.UserConfig) { u.Disabled = true }); err != nil {
		t.Fatal(err)
	}
	signIn()
	// Output:
	// <nil>
	// User is disabled.
}

func ExamplePool_DeleteUser() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{{Name: "alice"}}})
	fmt.Println(pool.DeleteUser("alice"))
	fmt.Println(pool.DeleteUser("alice"))
	// Output:
	// true
	// false
}

func ExamplePool_Sub() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Users: []cognitotest.UserConfig{{Name: "alice", ID: "7f1d9f3e-0000-4000-8000-000000000001"}},
	})
	fmt.Println(pool.Sub("alice"))
	// Output: 7f1d9f3e-0000-4000-8000-000000000001
}

// A test reads the code of a forgotten password.
func ExamplePool_LastCode() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{
			Name: "alice", Password: "Correct-Horse-7!",
			Attributes: map[string]string{"email": "alice@example.com", "email_verified": "true"},
		}},
	})
	client, ctx := pool.Client(), context.Background()
	_, err := client.ForgotPassword(ctx, &cip.ForgotPasswordInput{ClientId: aws.String("app"), Username: aws.String("alice")})
	if err != nil {
		t.Fatal(err)
	}
	code := pool.LastCode("alice")
	fmt.Println(code.Medium, code.Destination, code.Challenge)
	_, err = client.ConfirmForgotPassword(ctx, &cip.ConfirmForgotPasswordInput{
		ClientId: aws.String("app"), Username: aws.String("alice"),
		ConfirmationCode: aws.String(code.Code), Password: aws.String("Battery-Staple-8?"),
	})
	fmt.Println(err)
	// Output:
	// EMAIL alice@example.com ConfirmForgotPassword
	// <nil>
}

func ExamplePool_Mailbox() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{
			Name: "alice", Password: "Correct-Horse-7!",
			Attributes: map[string]string{"email": "alice@example.com", "email_verified": "true"},
		}},
	})
	for range 2 {
		_, err := pool.Client().ForgotPassword(context.Background(), &cip.ForgotPasswordInput{ClientId: aws.String("app"), Username: aws.String("alice")})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, code := range pool.Mailbox("alice") {
		fmt.Println(code.Challenge, "to", code.Masked)
	}
	// Output:
	// ConfirmForgotPassword to a***@e***
	// ConfirmForgotPassword to a***@e***
}

// A code works once. The clock moves to the next code.
func ExamplePool_TOTP() {
	clock := cognitotest.NewClock(time.Unix(59, 0)) // the time of a test vector of RFC 6238
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		MFA:   "OPTIONAL",
		Users: []cognitotest.UserConfig{{Name: "alice", TOTPSecret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}},
		Now:   clock.Now,
	})
	first := pool.TOTP("alice")
	fmt.Println(first)
	clock.Advance(30 * time.Second)
	fmt.Println(pool.TOTP("alice") != first)
	// Output:
	// 287082
	// true
}

// A user forgets a device on another machine.
func ExamplePool_ForgetDevice() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		DeviceConfiguration: &cognitotest.DeviceConfiguration{},
		Clients:             []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users:               []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}},
	})
	client, ctx := pool.Client(), context.Background()
	signedIn, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		t.Fatal(err)
	}
	tokens := signedIn.AuthenticationResult
	_, err = client.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{
		AccessToken: tokens.AccessToken, DeviceKey: tokens.NewDeviceMetadata.DeviceKey,
		// A real client computes both numbers, see package device.
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{Salt: aws.String("Bw=="), PasswordVerifier: aws.String("Bw==")},
	})
	if err != nil {
		t.Fatal(err)
	}
	key := aws.ToString(tokens.NewDeviceMetadata.DeviceKey)
	fmt.Println(pool.ForgetDevice("alice", key))
	fmt.Println(pool.ForgetDevice("alice", key))
	// Output:
	// true
	// false
}

// A sign-in takes too long: the session of its challenge ends.
func ExamplePool_ExpireSessions() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		MFA:     "ON",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		Users: []cognitotest.UserConfig{{
			Name: "alice", Password: "Correct-Horse-7!", MFA: []string{"SMS_MFA"},
			Attributes: map[string]string{"phone_number": "+15555550123"},
		}},
	})
	client, ctx := pool.Client(), context.Background()
	asked, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String("app"),
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": "Correct-Horse-7!"},
	})
	if err != nil {
		t.Fatal(err)
	}
	pool.ExpireSessions()
	_, err = client.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName: asked.ChallengeName, ClientId: aws.String("app"), Session: asked.Session,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": pool.LastCode("alice").Code},
	})
	var refused *types.NotAuthorizedException
	fmt.Println(errors.As(err, &refused))
	// Output: true
}

// Any HTTP client can read the documents of the pool.
func ExamplePool_Endpoint() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{})
	response, err := http.Get(pool.Endpoint() + "/" + pool.ID() + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var keys struct {
		Keys []struct{ Alg string }
	}
	if err := json.NewDecoder(response.Body).Decode(&keys); err != nil {
		t.Fatal(err)
	}
	fmt.Println(len(keys.Keys), keys.Keys[0].Alg)
	// Output: 2 RS256
}

func ExamplePool_Client() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{Clients: []cognitotest.ClientConfig{{ID: "app"}}})
	signedUp, err := pool.Client().SignUp(context.Background(), &cip.SignUpInput{
		ClientId: aws.String("app"), Username: aws.String("bob"), Password: aws.String("Correct-Horse-7!"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("bob@example.com")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(signedUp.UserConfirmed, aws.ToString(signedUp.CodeDeliveryDetails.Destination))
	// Output: false b***@e***
}

func ExamplePool_AdminClient() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}}})
	alice, err := pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
		UserPoolId: aws.String(pool.ID()), Username: aws.String("alice"),
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(alice.UserStatus)
	// Output: CONFIRMED
}

// The second call is throttled.
func ExamplePool_Fail() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{{Name: "alice"}}})
	pool.Fail(cognitotest.Fault{Operation: "AdminGetUser", Skip: 1, Error: "TooManyRequestsException"})
	for range 3 {
		_, err := pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
			UserPoolId: aws.String(pool.ID()), Username: aws.String("alice"),
		})
		var throttled *types.TooManyRequestsException
		fmt.Println("throttled:", errors.As(err, &throttled))
	}
	// Output:
	// throttled: false
	// throttled: true
	// throttled: false
}

// A test checks that each fault has had an effect.
func ExamplePool_Faults() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{})
	pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Drop: true})
	for _, fault := range pool.Faults() {
		fmt.Println("no call of", fault.Operation)
	}
	// Output: no call of InitiateAuth
}

// A configuration file has faults, and a program checks them before it starts.
func ExampleFault_Validate() {
	var fault cognitotest.Fault
	if err := json.Unmarshal([]byte(`{"operation": "InitiateAuth", "error": "Throttled"}`), &fault); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fault.Validate())
	// Output: error: "Throttled" does not end in "Exception"
}

// A test checks the calls of a program.
func ExamplePool_Requests() {
	pool := cognitotest.Start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{{Name: "alice"}}})
	_, err := pool.AdminClient().AdminGetUser(context.Background(), &cip.AdminGetUserInput{
		UserPoolId: aws.String(pool.ID()), Username: aws.String("alice"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range pool.Requests() {
		fmt.Println(request.Operation, request.Body["Username"])
	}
	// Output: AdminGetUser alice
}

// A client must not take the user name for USER_ID_FOR_SRP.
func ExampleHostile() {
	for _, dialect := range []cognitotest.Dialect{{}, cognitotest.Hostile()} {
		pool := cognitotest.Start(t, cognitotest.PoolConfig{
			Clients: []cognitotest.ClientConfig{{ID: "app"}},
			Users:   []cognitotest.UserConfig{{Name: "alice", Password: "Correct-Horse-7!"}},
			Dialect: dialect,
		})
		asked, err := pool.Client().InitiateAuth(context.Background(), &cip.InitiateAuthInput{
			AuthFlow: "USER_SRP_AUTH", ClientId: aws.String("app"),
			AuthParameters: map[string]string{"USERNAME": "alice", "SRP_A": "abcdef"},
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(asked.ChallengeParameters["USER_ID_FOR_SRP"] == "alice")
	}
	// Output:
	// true
	// false
}
