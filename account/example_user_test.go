package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A User takes the tokens of a sign-in. After a refresh make another User.
func ExampleClient_User() {
	driver, _, stop := examplePool()
	defer stop()
	ctx := context.Background()
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "bob", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}

	user := account.For(driver).User(tokens)
	factors, err := user.Factors(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(factors.First)
	// Output: [PASSWORD]
}

func ExampleUser_ChangePassword() {
	user, stop := exampleUser()
	defer stop()

	for _, previous := range []string{"not the password", "Correct-Horse-7!"} {
		err := user.ChangePassword(context.Background(), secret.New(previous), secret.New("Battery-Staple-8!"))
		switch {
		case errors.Is(err, flow.WrongCredentials):
			fmt.Println("ask for the present password again")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("changed")
		}
	}
	// Output:
	// ask for the present password again
	// changed
}

// The user reads the QR code of the URI with an authenticator app, and types the first code.
func ExampleUser_StartTOTP() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()

	app, err := user.StartTOTP(ctx)
	if err != nil {
		log.Fatal(err)
	}
	uri := app.URI("Big Corp", "bob@example.com")
	fmt.Println(strings.HasPrefix(uri, "otpauth://totp/Big%20Corp:bob%40example.com?secret="))

	if err := user.FinishTOTP(ctx, appCode(app), "telephone"); err != nil { // the user types the code
		log.Fatal(err) // after flow.WrongCode: ask for the next code
	}
	if err := user.SetMFA(ctx, account.MFA{Preferred: challenge.SoftwareTokenMFA}); err != nil {
		log.Fatal(err)
	}
	factors, err := user.Factors(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(factors.Second, factors.Preferred)
	// Output:
	// true
	// [SOFTWARE_TOKEN_MFA] SOFTWARE_TOKEN_MFA
}

// A wrong code leaves the key as it is.
func ExampleUser_FinishTOTP() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()
	app, err := user.StartTOTP(ctx)
	if err != nil {
		log.Fatal(err)
	}

	for _, code := range []string{"12345", appCode(app)} {
		err := user.FinishTOTP(ctx, code, "telephone")
		switch {
		case errors.Is(err, flow.WrongCode):
			fmt.Println("ask for the next code")
		case errors.Is(err, flow.FactorMissing):
			fmt.Println("call StartTOTP")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("the app is set up")
		}
	}
	// Output:
	// ask for the next code
	// the app is set up
}

// The pool sends codes to the user's e-mail address, in addition to other factors.
func ExampleUser_SetMFA() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()

	err := user.SetMFA(ctx, account.MFA{Preferred: challenge.SoftwareTokenMFA})
	if !errors.Is(err, flow.FactorMissing) {
		log.Fatal(err)
	}
	fmt.Println("the user has no authenticator app")
	if err := user.SetMFA(ctx, account.MFA{Enable: []challenge.Name{challenge.EmailOTP}}); err != nil {
		log.Fatal(err)
	}
	factors, err := user.Factors(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(factors.Second)
	// Output:
	// the user has no authenticator app
	// [EMAIL_OTP]
}

// The factors of a user are for a page with settings.
func ExampleUser_Factors() {
	user, stop := exampleUser()
	defer stop()

	factors, err := user.Factors(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a sign-in begins with:", factors.First)
	fmt.Println("second factors:", factors.Second)
	// Output:
	// a sign-in begins with: [PASSWORD]
	// second factors: []
}

// appCode replaces the user's authenticator app.
func appCode(app account.TOTP) string {
	code, err := totp.GenerateCode(app.Secret.Reveal(), time.Now())
	if err != nil {
		log.Fatal(err)
	}
	return code
}

// browser replaces the browser and the authenticator. A real page calls
// navigator.credentials.create with the options, and sends the result of toJSON.
func browser(options json.RawMessage) json.RawMessage {
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		log.Fatal(err)
	}
	authenticator := virtualwebauthn.NewAuthenticator()
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(party, authenticator, passkeytest.NewCredential(), *parsed))
}

// The page of the site creates the passkey in between.
func ExampleUser_StartPasskey() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()

	options, err := user.StartPasskey(ctx)
	if err != nil {
		log.Fatal(err)
	}
	credential := browser(options)
	if err := user.FinishPasskey(ctx, credential); err != nil {
		log.Fatal(err) // after flow.PasskeyRefused: call StartPasskey again
	}
	passkeys, err := user.Passkeys(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(passkeys), passkeys[0].RelyingParty)
	// Output: 1 example.com
}

// If the pool refuses the passkey, the page has to create another one.
func ExampleUser_FinishPasskey() {
	user, stop := exampleUser()
	defer stop()

	err := user.FinishPasskey(context.Background(), json.RawMessage(`{"id":"made up"}`))
	var refused *flow.Error
	if errors.As(err, &refused) && refused.Code() == flow.PasskeyRefused {
		fmt.Println("call StartPasskey again")
	}
	// Output: call StartPasskey again
}

// A page with settings lists the passkeys, and deletes the ones that the user has lost.
func ExampleUser_Passkeys() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()
	options, err := user.StartPasskey(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := user.FinishPasskey(ctx, browser(options)); err != nil {
		log.Fatal(err)
	}

	passkeys, err := user.Passkeys(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, passkey := range passkeys {
		if err := user.DeletePasskey(ctx, passkey.ID); err != nil {
			log.Fatal(err)
		}
	}
	passkeys, err = user.Passkeys(ctx)
	fmt.Println(len(passkeys), err)
	// Output: 0 <nil>
}

// DeletePasskey succeeds again if the first reply was lost.
func ExampleUser_DeletePasskey() {
	user, stop := exampleUser()
	defer stop()
	ctx := context.Background()
	options, err := user.StartPasskey(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := user.FinishPasskey(ctx, browser(options)); err != nil {
		log.Fatal(err)
	}
	passkeys, err := user.Passkeys(ctx)
	if err != nil {
		log.Fatal(err)
	}

	for range 2 {
		fmt.Println(user.DeletePasskey(ctx, passkeys[0].ID))
	}
	// Output:
	// <nil>
	// <nil>
}
