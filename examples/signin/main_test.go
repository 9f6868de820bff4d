package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

const (
	password     = "Correct-Horse-7!"
	clientSecret = "s1gn_in_test_client_secret"
)

// TestMain removes settings of AWS, so that no test uses a developer's account.
func TestMain(m *testing.M) {
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "COGNITO_") {
			os.Unsetenv(name)
		}
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_ACCESS_KEY_ID": "AKIDSIGNINTEST000000", "AWS_SECRET_ACCESS_KEY": "unused",
	} {
		os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

// result is the outcome of a run of the program.
type result struct {
	code           int
	stdout, stderr string
}

func signin(t *testing.T, stdin io.Reader, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(deadline(t), args, stdin, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// deadline ends a run that waits for input in vain.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// at returns the flags for a user of a pool.
func at(pool *cognitotest.Pool, username string, more ...string) []string {
	return append([]string{
		"-endpoint", pool.Endpoint(), "-user-pool-id", pool.ID(), "-client-id", "app", "-username", username,
	}, more...)
}

// newPool runs a pool whose app client "app" may use every flow.
func newPool(t *testing.T, change func(*cognitotest.PoolConfig), users ...cognitotest.UserConfig) *cognitotest.Pool {
	t.Helper()
	config := cognitotest.PoolConfig{
		ID: "eu-test-1_SignIn",
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
			"ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		}}},
		MFA:             "OPTIONAL",
		AliasAttributes: []string{"email"},
		Users:           users,
	}
	if change != nil {
		change(&config)
	}
	return cognitotest.Start(t, config)
}

// ada has an authenticator app, bob gets codes by e-mail.
var (
	ada = cognitotest.UserConfig{Name: "ada", Password: password, TOTPSecret: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"}
	bob = cognitotest.UserConfig{
		Name: "bob", Password: password, MFA: []string{"EMAIL_OTP"},
		Attributes: map[string]string{"email": "bob@example.com", "email_verified": "true"},
	}
)

// steps returns the lines of the steps of a sign-in, in the order of the output.
func (r result) steps() []string {
	return regexp.MustCompile(`(?m)^\w+ +(answered|started|sent) by .*$`).FindAllString(r.stdout, -1)
}

func (r result) wantSteps(t *testing.T, want ...string) {
	t.Helper()
	got := r.steps()
	for i := range got {
		got[i] = strings.Join(strings.Fields(got[i]), " ")
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("steps\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wantSignedIn checks that a run ended with verified claims, and that standard output has no
// password, key or token.
func (r result) wantSignedIn(t *testing.T, username string, secrets ...string) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Errorf("exit code %d, standard error %q", r.code, r.stderr)
	}
	for _, want := range []string{
		"Verified claims of the ID token:", `cognito:username     "` + username + `"`,
		"Verified claims of the access token:", `username             "` + username + `"`,
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in standard output\n%s", want, r.stdout)
		}
	}
	for _, hidden := range append(secrets, password, clientSecret, "eyJ") {
		if strings.Contains(r.stdout, hidden) {
			t.Errorf("%q in standard output\n%s", hidden, r.stdout)
		}
	}
}

// wantError checks a run that failed with one line on standard error.
func (r result) wantError(t *testing.T, code int, text string) {
	t.Helper()
	line, rest, ended := strings.Cut(r.stderr, "\n")
	if r.code != code || !ended || rest != "" || !strings.HasPrefix(line, "signin: ") || !strings.Contains(line, text) {
		t.Errorf("exit code %d, standard error %q; want %d and one line with %q", r.code, r.stderr, code, text)
	}
	if strings.Contains(r.stderr, password) {
		t.Error("the password is on standard error")
	}
}

func TestWithoutFlags(t *testing.T) {
	r := signin(t, strings.NewReader(""))
	r.wantSignedIn(t, demoUser.Name, demoUser.Password, demoUser.TOTPSecret)
	r.wantSteps(t,
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
		"SOFTWARE_TOKEN_MFA answered by the user's authenticator app",
	)
}

func TestLinesOfStandardInput(t *testing.T) {
	pool := newPool(t, nil, ada)
	r := signin(t, strings.NewReader(password+"\n000 000\n"+pool.TOTP("ada")), at(pool, "ada")...)
	r.wantSignedIn(t, "ada", ada.TOTPSecret)
	r.wantSteps(t,
		"USER_SRP_AUTH started by the driver",
		"PASSWORD_VERIFIER answered by the driver",
		"SOFTWARE_TOKEN_MFA answered by you, without success",
		"SOFTWARE_TOKEN_MFA answered by you",
	)
}

func TestClientSecret(t *testing.T) {
	pool := newPool(t, func(c *cognitotest.PoolConfig) { c.Clients[0].Secret = clientSecret }, ada)
	t.Setenv("COGNITO_PASSWORD", password)
	t.Setenv("COGNITO_CLIENT_SECRET", clientSecret)
	signin(t, strings.NewReader(pool.TOTP("ada")), at(pool, "ada")...).wantSignedIn(t, "ada")
}

func TestJSON(t *testing.T) {
	pool := newPool(t, nil, ada)
	t.Setenv("COGNITO_PASSWORD", password)
	r := signin(t, strings.NewReader(pool.TOTP("ada")+"\n"), at(pool, "ada", "-json")...)
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d, standard error %q", r.code, r.stderr)
	}
	decoder := json.NewDecoder(strings.NewReader(r.stdout))
	var tokens struct {
		Username, AccessToken, IDToken, RefreshToken string
		ExpiresAt                                    time.Time
	}
	if err := decoder.Decode(&tokens); err != nil {
		t.Fatal(err)
	}
	if decoder.More() {
		t.Error("more than one object")
	}
	if left := time.Until(tokens.ExpiresAt); tokens.Username != "ada" || left < 59*time.Minute || left > time.Hour {
		t.Errorf("username %q, %v left", tokens.Username, left)
	}
	for _, token := range []string{tokens.AccessToken, tokens.IDToken, tokens.RefreshToken} {
		if token == "" {
			t.Error("a token is missing")
		}
	}
	if _, err := pool.Client().GetUser(t.Context(), &cip.GetUserInput{AccessToken: &tokens.AccessToken}); err != nil {
		t.Errorf("the access token does not work: %v", err)
	}
}

// TestEveryFlow starts with each auth flow of the service.
func TestEveryFlow(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{Name: "eve", Password: password})
	t.Setenv("COGNITO_PASSWORD", password)
	var tokens struct{ RefreshToken string }
	if err := json.Unmarshal([]byte(signin(t, strings.NewReader(""), at(pool, "eve", "-json")...).stdout), &tokens); err != nil {
		t.Fatal(err)
	}
	t.Setenv("COGNITO_REFRESH_TOKEN", tokens.RefreshToken)

	for _, test := range []struct {
		flow                types.AuthFlowType
		operation, authFlow string // on the wire
		flags               []string
	}{
		{"USER_SRP_AUTH", "InitiateAuth", "USER_SRP_AUTH", nil},
		{"USER_SRP_AUTH", "AdminInitiateAuth", "USER_SRP_AUTH", []string{"-admin"}},
		{"USER_PASSWORD_AUTH", "InitiateAuth", "USER_PASSWORD_AUTH", nil},
		{"ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth", "ADMIN_USER_PASSWORD_AUTH", []string{"-admin"}},
		{"ADMIN_NO_SRP_AUTH", "AdminInitiateAuth", "ADMIN_NO_SRP_AUTH", []string{"-admin"}},
		{"REFRESH_TOKEN_AUTH", "InitiateAuth", "REFRESH_TOKEN_AUTH", nil},
		{"REFRESH_TOKEN", "InitiateAuth", "REFRESH_TOKEN_AUTH", nil}, // two names of one flow
		{"REFRESH_TOKEN_AUTH", "AdminInitiateAuth", "REFRESH_TOKEN_AUTH", []string{"-admin"}},
	} {
		before := len(pool.Requests())
		r := signin(t, strings.NewReader(""), at(pool, "eve", append(test.flags, "-flow", string(test.flow))...)...)
		r.wantSignedIn(t, "eve", tokens.RefreshToken)
		first := pool.Requests()[before]
		if first.Operation != test.operation || first.Body["AuthFlow"] != test.authFlow {
			t.Errorf("-flow %s %v sent %s %v", test.flow, test.flags, first.Operation, first.Body["AuthFlow"])
		}
	}
	for _, name := range types.AuthFlowType("").Values() {
		if _, ok := authFlows[string(name)]; !ok {
			t.Errorf("-flow does not take %s", name)
		}
	}
}

func TestRefused(t *testing.T) {
	pool := newPool(t, nil, ada, bob)
	t.Run("wrong password", func(t *testing.T) {
		t.Setenv("COGNITO_PASSWORD", "Wrong-Horse-7!")
		r := signin(t, strings.NewReader(""), at(pool, "ada")...)
		r.wantError(t, 1, "NotAuthorizedException")
		if strings.Contains(r.stderr+r.stdout, "Wrong-Horse-7!") {
			t.Error("the wrong password was printed")
		}
	})
	t.Run("no password", func(t *testing.T) {
		signin(t, strings.NewReader(""), at(pool, "ada")...).wantError(t, 2, "COGNITO_PASSWORD")
	})
	t.Run("no input left", func(t *testing.T) {
		t.Setenv("COGNITO_PASSWORD", password)
		r := signin(t, strings.NewReader(""), at(pool, "bob", "-json")...)
		r.wantError(t, 2, "EMAIL_OTP")
		if r.stdout != "" {
			t.Errorf("standard output %q with -json", r.stdout)
		}
	})
	t.Run("no input left after a wrong code", func(t *testing.T) {
		t.Setenv("COGNITO_PASSWORD", password)
		signin(t, strings.NewReader("000000\n"), at(pool, "ada")...).wantError(t, 2, "the input has ended (Not accepted: Invalid code received for user [wrong_answer])")
	})
}

func TestNoAccountWithARefreshToken(t *testing.T) {
	t.Setenv("COGNITO_REFRESH_TOKEN", "token")
	args := []string{"-user-pool-id", "eu-test-1_A", "-client-id", "app", "-username", "ada", "-flow", "REFRESH_TOKEN_AUTH", "-reset"}
	signin(t, strings.NewReader(""), args...).wantError(t, 1, "-reset does not work with -flow REFRESH_TOKEN_AUTH")
}

func TestTooManyWrongCodes(t *testing.T) {
	t.Setenv("COGNITO_PASSWORD", password)
	r := signin(t, strings.NewReader(strings.Repeat("000000\n", 12)), at(newPool(t, nil, ada), "ada")...)
	r.wantError(t, 1, "10 answers were refused")
}

func TestBadCommandLine(t *testing.T) {
	pool := []string{"-user-pool-id", "eu-test-1_A", "-client-id", "app", "-username", "ada"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-json"}, "-user-pool-id"},
		{[]string{"-user-pool-id", "eu-test-1_A"}, "-client-id"},
		{[]string{"-user-pool-id", "eu-test-1_A", "-client-id", "app"}, "-username"},
		{append(pool, "ada"), `unexpected argument "ada"`},
		{append(pool, "-password", "x"), "-password"},
		{append(pool, "-flow", "SRP"), "USER_SRP_AUTH"},
		{append(pool, "-flow", "ADMIN_NO_SRP_AUTH"), "-admin"},
		{append(pool, "-flow", "REFRESH_TOKEN"), "COGNITO_REFRESH_TOKEN"},
		{append(pool, "-preferred", "EMAIL_OTP"), "USER_AUTH"},
		{append(pool, "-flow", "USER_AUTH", "-preferred", "WEB_AUTHN"), "passkey"},
		{append(pool, "-sign-up", "-reset"), "give -reset or -sign-up, not both"},
		{append(pool, "-sign-up", "-admin"), "-sign-up does not work with -admin"},
		{append(pool, "-reset", "-attributes", "email"), "-attributes works with -sign-up"},
		{append(pool, "-device-key", "eu-test-1_0a1b"), "REFRESH_TOKEN_AUTH"},
	} {
		r := signin(t, strings.NewReader(""), test.args...)
		r.wantError(t, 1, test.want)
	}
	if r := signin(t, strings.NewReader(""), "-help"); r.code != 0 || !strings.Contains(r.stderr, "-device-dir") {
		t.Errorf("-help: exit code %d\n%s", r.code, r.stderr)
	}
}
