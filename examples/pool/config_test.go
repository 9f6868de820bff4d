package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// step is a challenge of the pool and the answer of the user.
type step struct {
	asked   challenge.Name
	choices []challenge.Name // in the pool's order
	answer  func(challenge.Challenge) challenge.Answer
}

// TestEverything signs in to the pools of testdata/everything.json. Users copy from the file,
// so the test checks that each setting has an effect.
func TestEverything(t *testing.T) {
	next := start(t, "-config", "testdata/everything.json")
	ready := next()

	always := func(a challenge.Answer) func(challenge.Challenge) challenge.Answer {
		return func(challenge.Challenge) challenge.Answer { return a }
	}
	choose := func(name challenge.Name) func(challenge.Challenge) challenge.Answer {
		return always(challenge.Choose(name))
	}
	delivered := func(challenge.Challenge) challenge.Answer { return challenge.Code(next().Code) }
	app := func(c challenge.Challenge) challenge.Answer {
		key := c.TOTPSecret.Reveal() // during set-up
		if key == "" {
			key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
		}
		code, err := totp.GenerateCode(key, time.Now())
		if err != nil {
			t.Error(err)
		}
		return challenge.Code(code)
	}
	question := func(question, answer string) step {
		return step{asked: challenge.CustomChallenge, answer: func(c challenge.Challenge) challenge.Answer {
			if got := c.Parameters["question"]; got != question {
				t.Errorf("the pool asks %q, not %q", got, question)
			}
			return challenge.Custom(answer)
		}}
	}
	arithmetic, sky := question("What is 5 + 3?", "8"), question("Which colour has the sky?", "blue")
	factors := []challenge.Name{challenge.SMSMFA, challenge.EmailOTP, challenge.SoftwareTokenMFA}
	password := secret.New("Correct-horse-1")

	for name, test := range map[string]struct {
		pool, client string
		flow         flow.AuthFlow
		steps        []step
	}{
		"mfa: the user chooses one of mfaTypes": {"local-1_shop", "web", flow.UserSRPAuth{Username: "alice", Password: password}, []step{
			{asked: challenge.SelectMFAType, choices: factors, answer: choose(challenge.SoftwareTokenMFA)},
			{asked: challenge.SoftwareTokenMFA, answer: app},
		}},
		"aliasAttributes": {"local-1_shop", "web", flow.UserSRPAuth{Username: "alice@example.com", Password: password}, []step{
			{asked: challenge.SelectMFAType, choices: factors, answer: choose(challenge.EmailOTP)},
			{asked: challenge.EmailOTP, answer: delivered},
		}},
		"mfa OPTIONAL: a user without one": {"local-1_shop", "web", flow.UserSRPAuth{Username: "bob", Password: secret.New("Correct-horse-2")}, nil},
		"mfa ON: it is set up, after the new password": {"local-1_office", "desktop",
			flow.UserSRPAuth{Username: "carol", Password: secret.New("Correct-horse-3")}, []step{
				{asked: challenge.NewPasswordRequired, answer: always(challenge.NewPassword("longer-horse-4", map[string]string{"name": "Carol"}))},
				{asked: challenge.MFASetup, choices: []challenge.Name{challenge.SoftwareTokenMFA, challenge.EmailOTP}, answer: choose(challenge.SoftwareTokenMFA)},
				{asked: challenge.MFASetup, answer: app},
			}},
		"allowedFirstFactors": {"local-1_shop", "web", flow.UserAuth{Username: "alice"}, []step{
			{asked: challenge.SelectChallenge, choices: []challenge.Name{challenge.PasswordSRP, challenge.Password, challenge.EmailOTP, challenge.SMSOTP},
				answer: choose(challenge.SMSOTP)},
			{asked: challenge.SMSOTP, answer: delivered},
		}},
		"allowedFirstFactors, one preferred": {"local-1_shop", "web", flow.UserAuth{Username: "alice", Preferred: challenge.EmailOTP}, []step{
			{asked: challenge.EmailOTP, answer: delivered},
		}},
		"customQuestions":                     {"local-1_shop", "web", flow.CustomAuth{Username: "alice"}, []step{arithmetic, sky}},
		"customQuestions, after the password": {"local-1_shop", "web", flow.CustomAuth{Username: "alice", Password: password}, []step{arithmetic, sky}},
	} {
		t.Run(name, func(t *testing.T) {
			driver, err := flow.New(client(ready.Endpoint), flow.App{UserPoolID: test.pool, ClientID: test.client})
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			_, err = driver.SignIn(t.Context(), test.flow, challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
				if asked == len(test.steps) || c.Name != test.steps[asked].asked || c.Attempt > 0 && c.Reason != challenge.ErrAskedAgain {
					return challenge.Answer{}, fmt.Errorf("step %d: the pool asks for %s, attempt %d: %v", asked, c.Name, c.Attempt, c.Reason)
				}
				step := test.steps[asked]
				asked++
				if choices, err := c.Choices(); step.choices != nil && !slices.Equal(choices, step.choices) {
					t.Errorf("the choices of %s are %q, %v", c.Name, choices, err)
				}
				return step.answer(c), nil
			}))
			if err != nil || asked != len(test.steps) {
				t.Errorf("%d of %d steps, error %v", asked, len(test.steps), err)
			}
		})
	}
}

// A remembered device replaces the second factor. The app client "service" gets a new refresh
// token at each refresh.
func TestEverythingDevicesAndRotation(t *testing.T) {
	next := start(t, "-config", "testdata/everything.json")
	endpoint := next().Endpoint
	service := flow.App{UserPoolID: "local-1_shop", ClientID: "service", ClientSecret: secret.New("the_secret_of_the_service")}
	driver, err := flow.New(client(endpoint), service, flow.ThisMachine(new(device.Memory)))
	if err != nil {
		t.Fatal(err)
	}
	alice := flow.UserSRPAuth{Username: "alice", Password: secret.New("Correct-horse-1")}
	_, err = driver.SignIn(t.Context(), alice, challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Name == challenge.SelectMFAType {
			return challenge.Choose(challenge.EmailOTP), nil
		}
		return challenge.Code(next().Code), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := driver.SignIn(t.Context(), alice, nil)
	if err != nil {
		t.Fatalf("the second sign-in on a device: %v", err)
	}
	if left := time.Until(tokens.Expiry); left > 5*time.Minute {
		t.Errorf("tokens for %v, not 300 seconds", left)
	}
	refreshed, err := driver.Refresh(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if refreshed.RefreshToken.Reveal() == tokens.RefreshToken.Reveal() {
		t.Error("the refresh token is not rotated")
	}
}

func TestEverythingPasskeys(t *testing.T) {
	api := client(start(t, "-config", "testdata/everything.json")().Endpoint)
	driver, err := flow.New(api, flow.App{UserPoolID: "local-1_shop", ClientID: "web"})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := driver.SignIn(t.Context(), flow.UserSRPAuth{Username: "bob", Password: secret.New("Correct-horse-2")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	registration, err := api.StartWebAuthnRegistration(t.Context(), &cip.StartWebAuthnRegistrationInput{
		AccessToken: aws.String(tokens.AccessToken.Reveal()),
	})
	if err != nil {
		t.Fatal(err)
	}
	options, err := registration.CredentialCreationOptions.MarshalSmithyDocument()
	if err != nil || !strings.Contains(string(options), `"id":"localhost"`) {
		t.Errorf("the options for a new passkey do not name the relying party: %s, %v", options, err)
	}
}

// The test signs in to the pools "office" and "mail", and checks their rules for names, their
// dialect and their faults.
func TestEverythingNamesDialectsAndFaults(t *testing.T) {
	next := start(t, "-config", "testdata/everything.json")
	ready := next()
	api := cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(ready.Endpoint), Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	signIn := func(poolID, clientID, username, password string) (*flow.Tokens, error) {
		driver, err := flow.New(api, flow.App{UserPoolID: poolID, ClientID: clientID})
		if err != nil {
			t.Fatal(err)
		}
		return driver.SignIn(t.Context(), flow.UserSRPAuth{Username: username, Password: secret.New(password)}, nil)
	}

	_, err := signIn("local-1_office", "desktop", "Carol", "Correct-horse-3")
	var unknown *types.UserNotFoundException
	if !errors.As(err, &unknown) || unknown.ErrorMessage() != "Nobody is called that." {
		t.Errorf("a pool with case-sensitive names finds the user under another case: %v", err)
	}

	dora := ready.Pools[2].Users[0]
	tokens, err := signIn("local-1_mail", "mail", "Dora@example.com", "Correct-horse-4")
	if err != nil {
		t.Fatal(err)
	}
	if dora.Name != "dora@example.com" || dora.Sub == "" || tokens.Username != dora.Sub {
		t.Errorf("the ready event says %+v, the tokens are of %q", dora, tokens.Username)
	}
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(tokens.IDToken.Reveal(), ".")[1])
	if err != nil || !strings.Contains(string(claims), `"iss":"https://cognito-idp.local-1.amazonaws.com/local-1_mail"`) {
		t.Errorf("the tokens are of another issuer: %s, %v", claims, err)
	}

	forgot := func() error {
		_, err := api.ForgotPassword(t.Context(), &cip.ForgotPasswordInput{ClientId: aws.String("mail"), Username: &dora.Name})
		return err
	}
	var throttled *types.TooManyRequestsException
	if err := forgot(); !errors.As(err, &throttled) {
		t.Errorf("error %v, want the error of the fault", err)
	}
	if err := forgot(); err != nil {
		t.Fatal(err)
	}
	if code := next(); code.Username != dora.Sub {
		t.Errorf("the code is for %q, the ready event says %+v", code.Username, dora)
	}

	srp, err := api.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: aws.String("mail"),
		AuthParameters: map[string]string{"USERNAME": dora.Name, "SRP_A": "2"},
	})
	if err != nil || srp.Session == nil {
		t.Errorf("a hostile pool poses PASSWORD_VERIFIER without a session: %v", err)
	}
}

func TestEveryFieldIsDocumented(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	documentation, _, _ := strings.Cut(string(source), "package main")
	fields := append(reflect.VisibleFields(reflect.TypeFor[pool]()), reflect.VisibleFields(reflect.TypeFor[fault]())...)
	for _, field := range fields {
		if name := field.Tag.Get("json"); name != "-" && !strings.Contains(documentation, name) {
			t.Errorf("the field %q is not in the documentation", name)
		}
	}
}
