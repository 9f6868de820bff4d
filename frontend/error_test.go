package frontend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/websession"
)

func jsonLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

const password = "Correct-Horse-7!"

var app = flow.App{UserPoolID: "local-1_test", ClientID: "app"}

// asked returns a sign-in that waits for a code.
func asked(t *testing.T) (*cognitotest.Pool, *flow.Driver, *flow.Prompt) {
	t.Helper()
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		ID: app.UserPoolID, MFA: "OPTIONAL", Clients: []cognitotest.ClientConfig{{ID: app.ClientID}},
		Users: []cognitotest.UserConfig{{
			Name: "ada", Password: password, MFA: []string{"EMAIL_OTP"}, Attributes: map[string]string{"email": "ada@example.com"},
		}},
	})
	driver, err := flow.New(pool.Client(), app)
	if err != nil {
		t.Fatal(err)
	}
	step, err := driver.Start(t.Context(), srpAuth(password))
	if err != nil || step.Prompt == nil {
		t.Fatalf("no prompt: %v", err)
	}
	return pool, driver, step.Prompt
}

func srpAuth(password string) flow.AuthFlow {
	return flow.UserSRPAuth{Username: "ada", Password: secret.New(password)}
}

// Each error of package flow comes from an error of the service, or from its cause.
func TestErrorsOfFlow(t *testing.T) {
	fault := func(exception string) func(*testing.T) error {
		return func(t *testing.T) error {
			pool, driver, prompt := asked(t)
			pool.Fail(cognitotest.Fault{Operation: "RespondToAuthChallenge", Error: exception})
			_, err := driver.Respond(t.Context(), prompt, challenge.Code("123456"))
			return err
		}
	}
	start := func(api func(*cognitotest.Pool) *cip.Client, password string) func(*testing.T) error {
		return func(t *testing.T) error {
			pool, _, _ := asked(t)
			driver, err := flow.New(api(pool), app)
			if err != nil {
				t.Fatal(err)
			}
			_, err = driver.Start(t.Context(), srpAuth(password))
			return err
		}
	}
	pools := func(p *cognitotest.Pool) *cip.Client { return p.Client() }
	for name, test := range map[string]struct {
		err    func(*testing.T) error
		want   frontend.Error
		status int
	}{
		"wrong code": {
			fault("CodeMismatchException"),
			frontend.Error{Code: flow.WrongAnswer, Remedy: flow.AnswerPrompt, Message: "fault injected by the test", Answerable: true}, 422,
		},
		"trigger": {
			fault("UserLambdaValidationException"), frontend.Error{Code: flow.TriggerRefused, Message: "fault injected by the test"}, 422,
		},
		"alias taken":    {fault("AliasExistsException"), frontend.Error{Code: flow.AliasTaken}, 422},
		"firewall":       {fault("ForbiddenException"), frontend.Error{Code: flow.Forbidden}, 403},
		"throttled":      {fault("TooManyRequestsException"), frontend.Error{Code: flow.Throttled, Remedy: flow.TryLater, Answerable: true}, 503},
		"session":        {fault("NotAuthorizedException"), frontend.Error{Code: flow.SessionEnded, Remedy: flow.StartAgain}, 403},
		"reset":          {fault("PasswordResetRequiredException"), frontend.Error{Code: flow.PasswordReset, Remedy: flow.ResetPassword}, 403},
		"unconfirmed":    {fault("UserNotConfirmedException"), frontend.Error{Code: flow.SignUpUnconfirmed, Remedy: flow.ConfirmSignUp}, 403},
		"setting":        {fault("InvalidLambdaResponseException"), frontend.Error{Code: frontend.Internal}, 500},
		"wrong password": {start(pools, "wrong"), frontend.Error{Code: flow.WrongCredentials, Remedy: flow.CheckCredentials}, 403},
		"empty password": {start(pools, ""), frontend.Error{Code: flow.WrongCredentials, Remedy: flow.CheckCredentials}, 403},
		"no service": {
			start(func(p *cognitotest.Pool) *cip.Client {
				return p.Client(func(o *cip.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:1") })
			}, password),
			frontend.Error{Code: flow.NetworkFault, Remedy: flow.TryLater}, 503,
		},
		"no operation": {
			start(func(p *cognitotest.Pool) *cip.Client {
				return p.Client(func(o *cip.Options) { o.BaseEndpoint = aws.String("::") })
			}, password),
			frontend.Error{Code: frontend.Internal}, 500,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.err(t)
			for _, err := range []error{err, fmt.Errorf("wrapped: %w", err)} {
				got := frontend.FromError(err)
				if got != test.want || got.Status() != test.status {
					t.Errorf("%v\nis %+v, status %d\nwant %+v, status %d", err, got, got.Status(), test.want, test.status)
				}
				text, jsonErr := json.Marshal(got)
				if jsonErr != nil {
					t.Fatal(jsonErr)
				}
				for _, internal := range []string{"Exception", "InitiateAuth", "RespondTo", "127.0.0.1", "request", "ada"} {
					if bytes.Contains(text, []byte(internal)) {
						t.Errorf("the front end learns of %s: %s", internal, text)
					}
				}
			}
		})
	}
}

// Message tells the user a fault of an input, and not a fault of a setting.
func TestErrorsOfOperations(t *testing.T) {
	_, driver, _ := asked(t)
	for _, test := range []struct {
		exception string
		means     flow.Code // of InvalidParameterException
		want      frontend.Error
		status    int
	}{
		{"InvalidPasswordException", "", frontend.Error{Code: flow.PasswordRefused, Remedy: flow.CorrectInput, Message: "too short"}, 422},
		{"CodeMismatchException", "", frontend.Error{Code: flow.WrongCode, Remedy: flow.CorrectInput, Message: "too short"}, 422},
		{"ExpiredCodeException", "", frontend.Error{Code: flow.CodeExpired, Remedy: flow.RequestCode}, 403},
		{"ResourceNotFoundException", "", frontend.Error{Code: frontend.Internal}, 500},
		{"InvalidParameterException", flow.NotAllowed, frontend.Error{Code: flow.NotAllowed}, 403},
		{"InvalidParameterException", flow.FactorMissing, frontend.Error{Code: flow.FactorMissing, Remedy: flow.SetUpFactor}, 403},
	} {
		err := driver.Call(t.Context(), "SignUp", func(_ context.Context, c *flow.Call) error {
			c.Means("InvalidParameterException", test.means)
			return &smithy.GenericAPIError{Code: test.exception, Message: "too short"}
		})
		if got := frontend.FromError(err); got != test.want || got.Status() != test.status {
			t.Errorf("%v\nis %+v, status %d, want %+v, status %d", err, got, got.Status(), test.want, test.status)
		}
	}
}

// The schema knows every remedy of package flow.
func TestSchemaHasEveryRemedy(t *testing.T) {
	source, err := os.ReadFile("../flow/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Error struct {
				Properties struct{ Remedy struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(frontend.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, found := range regexp.MustCompile(`Remedy = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		declared = append(declared, found[1])
	}
	known := schema.Defs.Error.Properties.Remedy.Enum
	slices.Sort(declared)
	slices.Sort(known)
	if len(declared) == 0 || !slices.Equal(declared, known) {
		t.Errorf("the schema has %q, package flow %q", known, declared)
	}
}

func TestErrorsOfPrompts(t *testing.T) {
	_, _, prompt := asked(t)
	key := bytes.Repeat([]byte{1}, seal.KeySize)
	now := prompt.Issued()
	sealer, err := seal.New(app, [][]byte{key}, func(o *seal.Options) { o.Now = func() time.Time { return now } })
	if err != nil {
		t.Fatal(err)
	}
	text, err := sealer.Prompt(prompt, []byte("browser"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.New(app, [][]byte{bytes.Repeat([]byte{2}, seal.KeySize)})
	if err != nil {
		t.Fatal(err)
	}
	open := func(s *seal.Sealer, text, binding string) error {
		_, err := s.OpenPrompt(text, []byte(binding))
		return err
	}
	refused := frontend.Error{Code: frontend.SealRefused, Remedy: flow.StartAgain}
	for name, err := range map[string]error{
		"another browser": open(sealer, text, "another browser"), "no prompt": open(sealer, "", "browser"),
		"another key": open(other, text, "browser"), "a newer release": fmt.Errorf("%w (9)", seal.ErrVersion),
		"a newer prompt": flow.ErrPromptVersion, "a newer sign-up": account.ErrSignUpVersion,
	} {
		if got := frontend.FromError(err); got != refused || got.Status() != 403 {
			t.Errorf("%s: %v is %+v", name, err, got)
		}
	}
	now = now.Add(time.Hour)
	if got := frontend.FromError(open(sealer, text, "browser")); got != (frontend.Error{Code: flow.SessionEnded, Remedy: flow.StartAgain}) {
		t.Errorf("too late: %+v", got)
	}
}

// After a wrong code there is a new prompt. After an answer that cannot be read the former
// prompt stays. After the end of a sign-in there is no prompt.
func TestReplies(t *testing.T) {
	_, driver, prompt := asked(t)
	seal := func(p *flow.Prompt) (string, error) { return fmt.Sprint("attempt ", p.Challenge().Attempt), nil }
	refused, wrong := driver.Respond(t.Context(), prompt, challenge.Code("no code"))
	_, unread := frontend.ReadAnswer(prompt.Challenge(), []byte("{}"))
	ended := &flow.Error{Err: errors.New("over")}
	for name, test := range map[string]struct {
		step   flow.Step
		err    error
		prompt string
		code   flow.Code
		status int
	}{
		"asked":      {flow.Step{Prompt: prompt}, nil, "attempt 0", "", 200},
		"wrong code": {refused, wrong, "attempt 1", flow.WrongAnswer, 422},
		"not read":   {flow.Step{Prompt: prompt}, unread, "attempt 0", frontend.Malformed, 400},
		"ended":      {flow.Step{Prompt: prompt}, ended, "", frontend.Internal, 500},
		"signed in":  {flow.Step{Tokens: new(flow.Tokens)}, nil, "", "", 200},
	} {
		r, err := frontend.NewReply(test.step, test.err, "Big Corp", seal)
		if err != test.err {
			t.Errorf("%s: the error for the log is %v, want %v", name, err, test.err)
		}
		if r.Prompt != test.prompt || (r.Challenge != nil) != (test.prompt != "") || r.Status() != test.status {
			t.Errorf("%s: prompt %q, challenge %v, status %d", name, r.Prompt, r.Challenge, r.Status())
		}
		if (r.Error != nil) != (test.code != "") || r.Error != nil && r.Error.Code != test.code {
			t.Errorf("%s: error %+v, want the code %q", name, r.Error, test.code)
		}
	}

	tooLong := errors.New("too long")
	r, err := frontend.NewReply(refused, wrong, "", func(*flow.Prompt) (string, error) { return "x", tooLong })
	if !errors.Is(err, tooLong) || !errors.Is(err, flow.WrongAnswer) || r.Challenge != nil || r.Prompt != "" || r.Status() != 500 {
		t.Errorf("a prompt that cannot be sealed: %v, %+v", err, r)
	}
}

func TestOtherErrors(t *testing.T) {
	for _, err := range []error{errors.New("disk full at /var/lib"), context.Canceled, nil} {
		if got := frontend.FromError(err); got != (frontend.Error{Code: frontend.Internal}) || got.Status() != 500 {
			t.Errorf("%v is %+v", err, got)
		}
	}
}

// The deadline of a request says nothing about the user, and the next request may be in time.
func TestDeadlineOfARequest(t *testing.T) {
	got := frontend.FromError(fmt.Errorf("websession: Tokens: %w", context.DeadlineExceeded))
	if got != (frontend.Error{Code: flow.Canceled, Remedy: flow.TryLater}) || got.Status() != 503 {
		t.Errorf("got %+v with status %d", got, got.Status())
	}
}

func TestErrorsAsJSON(t *testing.T) {
	for want, e := range map[string]frontend.Error{
		`{"version":1,"code":"internal","answerable":false}`: {Code: frontend.Internal},
		`{"version":1,"code":"malformed","remedy":"answer_prompt","message":"is empty","field":"code","answerable":true}`: {
			Code: frontend.Malformed, Remedy: flow.AnswerPrompt, Message: "is empty", Field: "code", Answerable: true,
		},
	} {
		got, err := json.Marshal(&e)
		if err != nil || !same(t, got, []byte(want)) {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		if text := e.Error(); !strings.Contains(text, string(e.Code)) || !strings.Contains(text, e.Field) {
			t.Errorf("text %q", text)
		}
	}
}

func TestErrorsOfWebSessions(t *testing.T) {
	for _, test := range []struct {
		err    error
		want   frontend.Error
		status int
	}{
		{websession.ErrNoSession, frontend.Error{Code: flow.SignedOut, Remedy: flow.StartAgain}, 401},
		{fmt.Errorf("%w: %w", websession.ErrStore, seal.ErrKey), frontend.Error{Code: websession.StoreFailed, Remedy: flow.TryLater}, 503},
	} {
		if got := frontend.FromError(fmt.Errorf("page: %w", test.err)); got != test.want || got.Status() != test.status {
			t.Errorf("%v: %+v with status %d", test.err, got, got.Status())
		}
	}
}
