package seal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
)

var exampleApp = flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "1example23456789"}

// examplePool replaces a real pool. The user ada has an authenticator app, and the pool
// remembers devices. The client of a real pool is cip.NewFromConfig(cfg).
func examplePool() (driver *flow.Driver, pool *cognitotest.Pool, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID: exampleApp.UserPoolID, MFA: "OPTIONAL",
		Clients:             []cognitotest.ClientConfig{{ID: exampleApp.ClientID}},
		Users:               []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	client := cip.New(cip.Options{Region: "eu-central-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{}})
	if driver, err = flow.New(client, exampleApp); err != nil {
		log.Fatal(err)
	}
	return driver, server.Pool(exampleApp.UserPoolID), running.Close
}

// exampleSealer has a key for one run. A real key is the same on every instance.
func exampleSealer(driver *flow.Driver) *seal.Sealer {
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	sealer, err := seal.New(exampleApp, [][]byte{key}, func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		log.Fatal(err)
	}
	return sealer
}

// A backend rotates its keys. A string of the old key still opens.
func ExampleNew() {
	oldKey, newKey := make([]byte, seal.KeySize), make([]byte, seal.KeySize)
	rand.Read(oldKey)
	rand.Read(newKey)

	before, err := seal.New(exampleApp, [][]byte{oldKey})
	if err != nil {
		log.Fatal(err)
	}
	text := before.Seal("greeting", []byte("hello"), nil, time.Now().Add(time.Hour))

	after, err := seal.New(exampleApp, [][]byte{newKey, oldKey})
	if err != nil {
		log.Fatal(err)
	}
	data, err := after.Open("greeting", text, nil)
	fmt.Println(string(data), err)

	text = after.Seal("greeting", []byte("hello"), nil, time.Now().Add(time.Hour))
	_, err = before.Open("greeting", text, nil)
	fmt.Println(errors.Is(err, seal.ErrKey), after.App().ClientID)
	// Output:
	// hello <nil>
	// true 1example23456789
}

// A prompt goes to the browser in one response and comes back in the next request.
func ExampleSealer_Prompt() {
	driver, pool, stop := examplePool()
	defer stop()
	sealer, ctx := exampleSealer(driver), context.Background()

	step, err := driver.Start(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")})
	if err != nil {
		log.Fatal(err)
	}
	cookie, err := sealer.Prompt(step.Prompt, []byte("ID of this browser session"))
	if err != nil {
		log.Fatal(err)
	}

	_, err = sealer.OpenPrompt(cookie, []byte("ID of another browser session"))
	fmt.Println(errors.Is(err, seal.ErrForeign))

	prompt, err := sealer.OpenPrompt(cookie, []byte("ID of this browser session"))
	if err != nil {
		log.Fatal(err)
	}
	step, err = driver.Respond(ctx, prompt, challenge.Code(pool.TOTP("ada")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
	// Output:
	// true
	// signed in as ada
}

// A handler tells an old prompt from a forged one.
func ExampleSealer_OpenPrompt() {
	driver, _, stop := examplePool()
	defer stop()
	sealer := exampleSealer(driver)

	_, err := sealer.OpenPrompt("a text of the request", []byte("ID of this browser session"))
	switch {
	case errors.Is(err, seal.ErrExpired):
		fmt.Println("the sign-in took too long: start again")
	case err != nil: // ErrForm, ErrKey, ErrForeign, ErrVersion or flow.ErrPromptVersion
		fmt.Println("bad request:", err)
	}
	// Output: bad request: seal: not a sealed string, or cut off
}

// A sign-up waits for its code in a hidden form field.
func ExampleSealer_SignUp() {
	driver, pool, stop := examplePool()
	defer stop()
	sealer, ctx, accounts := exampleSealer(driver), context.Background(), account.For(driver)
	browserSession := []byte("ID of this browser session")

	signUp, err := accounts.SignUp(ctx, account.NewUser{
		Username: "bea", Password: secret.New("Correct-Horse-7!"), Attributes: map[string]string{"email": "bea@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	field, err := sealer.SignUp(signUp, browserSession)
	if err != nil {
		log.Fatal(err)
	}

	signUp, err = sealer.OpenSignUp(field, browserSession)
	if err != nil {
		log.Fatal(err)
	}
	signUp, err = accounts.Confirm(ctx, signUp, pool.LastCode("bea").Code)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp)
	// Output: sign-up, confirmed
}

// After a day the code of a sign-up has expired, and so has the sealed sign-up.
func ExampleSealer_OpenSignUp() {
	driver, _, stop := examplePool()
	defer stop()

	_, err := exampleSealer(driver).OpenSignUp("", []byte("ID of this browser session"))
	switch {
	case errors.Is(err, seal.ErrExpired):
		fmt.Println("ask for the user name, and call account.Client.Resend")
	case err != nil:
		fmt.Println("bad request:", err)
	}
	// Output: bad request: seal: not a sealed string, or cut off
}

// The name of the user's theme travels in a cookie. A sealed theme does not open as other
// data.
func ExampleSealer_Seal() {
	driver, _, stop := examplePool()
	defer stop()
	sealer, browserSession := exampleSealer(driver), []byte("ID of this browser session")

	cookie := sealer.Seal("theme", []byte("dark"), browserSession, driver.Now().Add(time.Hour))
	theme, err := sealer.Open("theme", cookie, browserSession)
	fmt.Println(string(theme), err)
	_, err = sealer.Open("language", cookie, browserSession)
	fmt.Println(errors.Is(err, seal.ErrForeign))
	// Output:
	// dark <nil>
	// true
}

// A string does not open after its expiry.
func ExampleSealer_Open() {
	driver, _, stop := examplePool()
	defer stop()
	sealer := exampleSealer(driver)

	cookie := sealer.Seal("theme", []byte("dark"), nil, driver.Now().Add(-time.Second))
	_, err := sealer.Open("theme", cookie, nil)
	fmt.Println(errors.Is(err, seal.ErrExpired))
	// Output: true
}

// The first sign-in asks for a code and enrols a device. The second sign-in in the same
// browser asks for no code.
func ExampleSealer_Device() {
	driver, pool, stop := examplePool()
	defer stop()
	sealer := exampleSealer(driver)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			fmt.Println("asked for a code")
			return challenge.Code(pool.TOTP("ada")), nil
		})
		tokens, err := driver.SignIn(r.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, code,
			flow.ThisBrowser(sealer.Device(w, r)))
		if err != nil {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		fmt.Println("signed in as", tokens.Username)
	})

	first := httptest.NewRecorder()
	handler.ServeHTTP(first, httptest.NewRequest("POST", "/sign-in", nil))
	again := httptest.NewRequest("POST", "/sign-in", nil)
	for _, cookie := range first.Result().Cookies() {
		again.AddCookie(cookie)
	}
	handler.ServeHTTP(httptest.NewRecorder(), again)
	// Output:
	// asked for a code
	// signed in as ada
	// signed in as ada
}

// The instances of a backend share a store. A browser has only an ID in a cookie: see the
// example of device.Browser.
func ExampleSealer_DeviceStore() {
	driver, pool, stop := examplePool()
	defer stop()
	var shared store.Memory // a real backend: a store of package store/sqlstore
	devices := exampleSealer(driver).DeviceStore(&shared)
	cookie := device.NewID().Reveal()

	for range 2 {
		id, err := device.ParseID(cookie)
		if err != nil {
			log.Fatal(err)
		}
		code := challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			fmt.Println("asked for a code")
			return challenge.Code(pool.TOTP("ada")), nil
		})
		tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, code,
			flow.ThisBrowser(device.Browser(devices, id)))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("signed in as", tokens.Username)
	}
	// Output:
	// asked for a code
	// signed in as ada
	// signed in as ada
}
