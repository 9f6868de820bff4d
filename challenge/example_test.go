package challenge_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
	"github.com/cognitoflow/cognitoflow/secret"
)

// newPool replaces a real pool with one user, ada. A real client is cip.NewFromConfig(cfg).
func newPool(config cognitotest.PoolConfig) (driver *flow.Driver, pool *cognitotest.Pool, stop func()) {
	config.Clients = []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"}}}
	if config.Users == nil {
		config.Users = []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}}
	}
	server, err := cognitotest.NewServer(config)
	if err != nil {
		log.Fatal(err)
	}
	running := httptest.NewServer(server)
	client := cip.New(cip.Options{Region: "local-1", BaseEndpoint: &running.URL, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	if driver, err = flow.New(client, flow.App{UserPoolID: "local-1_cognitotest", ClientID: "app"}); err != nil {
		log.Fatal(err)
	}
	return driver, server.Pool("local-1_cognitotest"), running.Close
}

// start returns the first prompt of a sign-in.
func start(driver *flow.Driver, f flow.AuthFlow) *flow.Prompt {
	step, err := driver.Start(context.Background(), f)
	if err != nil {
		log.Fatal(err)
	}
	if step.Prompt == nil {
		log.Fatal("there is no prompt")
	}
	fmt.Println("asked for", step.Prompt.Challenge().Name)
	return step.Prompt
}

// finish gives the last answer of a sign-in.
func finish(driver *flow.Driver, p *flow.Prompt, a challenge.Answer) {
	step, err := driver.Respond(context.Background(), p, a)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", step.Tokens.Username)
}

var ada = flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}

// A Mux has a handler for each challenge of the pool.
func ExampleMux() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{{
		Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	}}})
	defer stop()

	tokens, err := driver.SignIn(context.Background(), ada, challenge.Mux{
		challenge.SoftwareTokenMFA: challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
			return challenge.Code(pool.TOTP("ada")), nil // a real program asks the user
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output: signed in as ada
}

// A handler is asked again after a wrong code. A handler without an answer returns
// ErrNoAnswer.
func ExampleHandlerFunc() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{{
		Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	}}})
	defer stop()

	handler := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		switch {
		case c.Name != challenge.SoftwareTokenMFA:
			return challenge.Answer{}, challenge.ErrNoAnswer
		case c.Attempt == 0:
			return challenge.Code("no code"), nil
		}
		fmt.Println("again:", errors.Is(c.Reason, flow.WrongAnswer))
		return challenge.Code(pool.TOTP("ada")), nil
	})
	tokens, err := driver.SignIn(context.Background(), ada, handler)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", tokens.Username)
	// Output:
	// again: true
	// signed in as ada
}

// The service sends a code by SMS.
func ExampleCode() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{{
		Name: "ada", Password: "Correct-Horse-7!", MFA: []string{"SMS_MFA"}, Attributes: map[string]string{"phone_number": "+4915550100"},
	}}})
	defer stop()

	prompt := start(driver, ada)
	fmt.Println("sent by", prompt.Challenge().Delivery().Medium)
	finish(driver, prompt, challenge.Code(pool.LastCode("ada").Code))
	// Output:
	// asked for SMS_MFA
	// sent by SMS
	// signed in as ada
}

// An administrator has made the user, with a temporary password.
func ExampleNewPassword() {
	driver, _, stop := newPool(cognitotest.PoolConfig{RequiredAttributes: []string{"given_name"}, Users: []cognitotest.UserConfig{{
		Name: "ada", TemporaryPassword: "Correct-Horse-7!",
	}}})
	defer stop()

	prompt := start(driver, ada)
	required, err := prompt.Challenge().RequiredAttributes()
	fmt.Println(required, err)
	finish(driver, prompt, challenge.NewPassword("Battery-Staple-8!", map[string]string{"given_name": "Ada"}))
	// Output:
	// asked for NEW_PASSWORD_REQUIRED
	// [given_name] <nil>
	// signed in as ada
}

// A sign-in with USER_AUTH asks for the first factor. The password is proved, and not sent.
func ExampleCurrentPassword() {
	driver, _, stop := newPool(cognitotest.PoolConfig{})
	defer stop()

	prompt := start(driver, flow.UserAuth{Username: "ada"})
	choices, err := prompt.Challenge().Choices()
	fmt.Println(choices, err)
	finish(driver, prompt, challenge.CurrentPassword(challenge.PasswordSRP, "Correct-Horse-7!"))
	// Output:
	// asked for SELECT_CHALLENGE
	// [PASSWORD_SRP PASSWORD] <nil>
	// signed in as ada
}

// The user has several second factors, and chooses one.
func ExampleChoose() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{{
		Name: "ada", Password: "Correct-Horse-7!", MFA: []string{"SMS_MFA", "SOFTWARE_TOKEN_MFA"},
		Attributes: map[string]string{"phone_number": "+4915550100"}, TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	}}})
	defer stop()

	prompt := start(driver, ada)
	step, err := driver.Respond(context.Background(), prompt, challenge.Choose(challenge.SoftwareTokenMFA))
	if err != nil {
		log.Fatal(err)
	}
	finish(driver, step.Prompt, challenge.Code(pool.TOTP("ada")))
	// Output:
	// asked for SELECT_MFA_TYPE
	// signed in as ada
}

// The pool demands a second factor, and the user has none yet.
func ExampleEmail() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "ON", MFATypes: []string{"EMAIL_OTP"}})
	defer stop()

	prompt := start(driver, ada)
	step, err := driver.Respond(context.Background(), prompt, challenge.Email("ada@example.com"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("asked for", step.Prompt.Challenge().Name)
	finish(driver, step.Prompt, challenge.Code(pool.LastCode("ada").Code))
	// Output:
	// asked for MFA_SETUP
	// asked for EMAIL_OTP
	// signed in as ada
}

// The user reads the QR code of the URI with an authenticator app, and types the first code.
func ExampleChallenge_TOTPURI() {
	driver, _, stop := newPool(cognitotest.PoolConfig{MFA: "ON", MFATypes: []string{"SOFTWARE_TOKEN_MFA"}})
	defer stop()

	prompt := start(driver, ada)
	uri := prompt.Challenge().TOTPURI("Big Corp", "")
	fmt.Println(strings.HasPrefix(uri, "otpauth://totp/Big%20Corp:ada?secret="))
	code, err := totp.GenerateCode(prompt.Challenge().TOTPSecret.Reveal(), time.Now())
	if err != nil {
		log.Fatal(err)
	}
	finish(driver, prompt, challenge.Code(code))
	// Output:
	// asked for MFA_SETUP
	// true
	// signed in as ada
}

// The service refuses the last request of a set-up because of too many requests. The code was
// right, so the user types nothing.
func ExampleContinue() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "ON", MFATypes: []string{"SOFTWARE_TOKEN_MFA"}})
	defer stop()
	prompt := start(driver, ada)
	code, err := totp.GenerateCode(prompt.Challenge().TOTPSecret.Reveal(), time.Now())
	if err != nil {
		log.Fatal(err)
	}

	pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: "TooManyRequestsException"})
	_, err = driver.Respond(context.Background(), prompt, challenge.Code(code))
	var failed *flow.Error
	if !errors.As(err, &failed) || failed.Prompt == nil || !failed.Prompt.Challenge().NoAnswerNeeded {
		log.Fatal(err)
	}
	finish(driver, failed.Prompt, challenge.Continue())
	// Output:
	// asked for MFA_SETUP
	// signed in as ada
}

// Triggers of the pool ask questions.
func ExampleCustom() {
	driver, _, stop := newPool(cognitotest.PoolConfig{CustomQuestions: []cognitotest.CustomQuestion{{Question: "What is 6 times 7?", Answer: "42"}}})
	defer stop()

	prompt := start(driver, flow.CustomAuth{Username: "ada"})
	fmt.Println(prompt.Challenge().Parameters["question"])
	finish(driver, prompt, challenge.Custom("42"))
	// Output:
	// asked for CUSTOM_CHALLENGE
	// What is 6 times 7?
	// signed in as ada
}

// The user signs in with a passkey. The browser signs the request.
func ExampleCredential() {
	site := virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://example.com"}
	driver, pool, stop := newPool(cognitotest.PoolConfig{
		AllowedFirstFactors: []string{"PASSWORD", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: site.ID, Origins: []string{site.Origin}},
	})
	defer stop()
	browser := newBrowser(driver, pool, site)

	prompt := start(driver, flow.UserAuth{Username: "ada", Preferred: challenge.WebAuthn})
	request, err := prompt.Challenge().CredentialRequest()
	if err != nil {
		log.Fatal(err)
	}
	finish(driver, prompt, challenge.Credential(browser(request)))
	// Output:
	// asked for WEB_AUTHN
	// signed in as ada
}

// newBrowser registers a passkey of ada. The result replaces the browser: a real page calls
// navigator.credentials.get with the request, and sends the result of toJSON.
func newBrowser(driver *flow.Driver, pool *cognitotest.Pool, site virtualwebauthn.RelyingParty) func(request []byte) []byte {
	ctx := context.Background()
	tokens, err := driver.SignIn(ctx, ada, nil)
	if err != nil {
		log.Fatal(err)
	}
	user := account.For(driver).User(tokens)
	options, err := user.StartPasskey(ctx)
	if err != nil {
		log.Fatal(err)
	}
	creation, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		log.Fatal(err)
	}
	authenticator := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(pool.Sub("ada"))})
	passkey := passkeytest.NewCredential()
	if err := user.FinishPasskey(ctx, []byte(virtualwebauthn.CreateAttestationResponse(site, authenticator, passkey, *creation))); err != nil {
		log.Fatal(err)
	}
	return func(request []byte) []byte {
		parsed, err := virtualwebauthn.ParseAssertionOptions(string(request))
		if err != nil {
			log.Fatal(err)
		}
		passkey.Counter++
		return []byte(virtualwebauthn.CreateAssertionResponse(site, authenticator, passkey, *parsed))
	}
}

// A program answers a challenge that this package does not know by the parameters of the
// service's API.
func ExampleRaw() {
	driver, pool, stop := newPool(cognitotest.PoolConfig{MFA: "OPTIONAL", Users: []cognitotest.UserConfig{{
		Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	}}})
	defer stop()

	prompt := start(driver, ada)
	finish(driver, prompt, challenge.Raw(map[string]string{"SOFTWARE_TOKEN_MFA_CODE": pool.TOTP("ada")}))
	// Output:
	// asked for SOFTWARE_TOKEN_MFA
	// signed in as ada
}

// A program that calls AssociateSoftwareToken itself shows a QR code of the key.
func ExampleTOTPURI() {
	fmt.Println(challenge.TOTPURI(secret.New("JBSWY3DPEHPK3PXP"), "Big Corp", "ada@example.com"))
	// Output: otpauth://totp/Big%20Corp:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp
}

// A form shows the choices of the service.
func ExampleChallenge_Choices() {
	c := challenge.Challenge{Name: challenge.SelectMFAType, Parameters: map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`}}
	choices, err := c.Choices()
	fmt.Println(choices, err)
	// Output: [SMS_MFA SOFTWARE_TOKEN_MFA] <nil>
}

// A form tells the user the destination of the code.
func ExampleChallenge_Delivery() {
	c := challenge.Challenge{Name: challenge.EmailOTP, Parameters: map[string]string{
		"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***",
	}}
	fmt.Println(c.Delivery().Medium, c.Delivery().Destination)
	// Output: EMAIL a***@e***
}

// A form asks for the required attributes that the user does not have yet.
func ExampleChallenge_RequiredAttributes() {
	c := challenge.Challenge{Name: challenge.NewPasswordRequired, Parameters: map[string]string{
		"requiredAttributes": `["userAttributes.given_name","userAttributes.email"]`,
		"userAttributes":     `{"email":"ada@example.com"}`,
	}}
	required, err := c.RequiredAttributes()
	if err != nil {
		log.Fatal(err)
	}
	has, err := c.UserAttributes()
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range required {
		if has[name] == "" {
			fmt.Println("ask for", name)
		}
	}
	// Output: ask for given_name
}

// A form can show the present attributes of the user.
func ExampleChallenge_UserAttributes() {
	c := challenge.Challenge{Name: challenge.NewPasswordRequired, Parameters: map[string]string{"userAttributes": `{"email":"ada@example.com"}`}}
	attributes, err := c.UserAttributes()
	fmt.Println(attributes, err)
	// Output: map[email:ada@example.com] <nil>
}

// The page gives the request to PublicKeyCredential.parseRequestOptionsFromJSON.
func ExampleChallenge_CredentialRequest() {
	c := challenge.Challenge{Name: challenge.WebAuthn, Parameters: map[string]string{
		"CREDENTIAL_REQUEST_OPTIONS": `{"challenge":"dGhlIGNoYWxsZW5nZQ","rpId":"example.com"}`,
	}}
	request, err := c.CredentialRequest()
	fmt.Println(string(request), err)
	// Output: {"challenge":"dGhlIGNoYWxsZW5nZQ","rpId":"example.com"} <nil>
}

// A program that shows forms can test that it has a form for each challenge.
func ExampleNames() {
	forms := map[challenge.Name]string{challenge.SMSMFA: "code.html", challenge.EmailOTP: "code.html"}
	missing := 0
	for _, name := range challenge.Names() {
		if forms[name] == "" {
			missing++
		}
	}
	fmt.Println(missing > 0)
	// Output: true
}
