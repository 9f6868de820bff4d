package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// refusedWith returns a function that starts a sign-in. The service refuses the start with err.
func refusedWith(err error) func(*testing.T) error {
	return func(t *testing.T) error {
		_, err := (&fakeAPI{replies: []fakeReply{{err: err}}}).driver(t).Start(t.Context(), srpAuth(username))
		return err
	}
}

// refusedUser returns a function that starts a sign-in of a changed user with a password.
func refusedUser(change func(*cognitotest.UserConfig), word string) func(*testing.T) error {
	return func(t *testing.T) error {
		user := ada
		change(&user)
		_, err := newDriver(t, newPool(t, nil, user), "public").Start(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New(word)})
		return err
	}
}

// atTheCode starts a sign-in, and returns the prompt for the code of an authenticator app.
func atTheCode(t *testing.T, changes ...func(*flow.Options)) (*cognitotest.Pool, *flow.Driver, *flow.Prompt) {
	t.Helper()
	pool := newCodePool(t)
	d := newDriver(t, pool, "public", changes...)
	step, err := d.Start(t.Context(), srpAuth("ada"))
	if err != nil {
		t.Fatal(err)
	}
	return pool, d, step.Prompt
}

// through returns a function that starts a sign-in with an SDK client of these options.
func through(options cip.Options) func(*testing.T) error {
	return func(t *testing.T) error {
		options.Region, options.Retryer = "eu-west-1", aws.NopRetryer{}
		if options.BaseEndpoint == nil {
			options.BaseEndpoint = aws.String("http://cognito.invalid")
		}
		d, err := flow.NewAdmin(cip.New(options), flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Start(t.Context(), srpAuth(username))
		return err
	}
}

var someCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDMADEUP0000000000", SecretAccessKey: "made up"}, nil
})

// raised has a call for each code. The call returns an error of the code. The remedies follow
// the documentation of Code and Remedy.
var raised = map[flow.Code]struct {
	remedy flow.Remedy
	raise  func(*testing.T) error
}{
	flow.WrongAnswer: {flow.AnswerPrompt, func(t *testing.T) error {
		_, d, p := atTheCode(t)
		_, err := d.Respond(t.Context(), p, challenge.Code("no digits"))
		return err
	}},
	flow.AnswerNotUsable: {flow.AnswerPrompt, func(t *testing.T) error {
		_, d, p := atTheCode(t)
		_, err := d.Respond(t.Context(), p, challenge.Code(" "))
		return err
	}},
	flow.NoAnswer: {flow.AnswerPrompt, func(t *testing.T) error {
		_, d, _ := atTheCode(t)
		_, err := d.SignIn(t.Context(), srpAuth("ada"), nil)
		return err
	}},
	flow.WrongCredentials: {flow.CheckCredentials, refusedUser(func(*cognitotest.UserConfig) {}, "wrong-Password-1!")},
	flow.PasswordInClear: {"", func(t *testing.T) error {
		d := (&fakeAPI{replies: []fakeReply{{challenge: challenge.CustomChallenge}}}).driver(t)
		_, err := d.SignIn(t.Context(), srpAuth(username), answering(challenge.Custom(password)))
		return err
	}},
	flow.SessionEnded: {flow.StartAgain, func(t *testing.T) error {
		pool, d, p := atTheCode(t)
		pool.ExpireSessions()
		_, err := d.Respond(t.Context(), p, challenge.Code(pool.TOTP("ada")))
		return err
	}},
	flow.TokenRefused: {flow.StartAgain, func(t *testing.T) error {
		d := newDriver(t, newPool(t, nil, ada), "public")
		tokens := byAlias(t, d)
		if err := d.SignOut(t.Context(), tokens); err != nil {
			t.Fatal(err)
		}
		_, err := d.Refresh(t.Context(), tokens)
		return err
	}},
	flow.TokenReused: {flow.StartAgain, func(t *testing.T) error {
		d := newDriver(t, newPool(t, rotating(0), ada), "public")
		tokens := byAlias(t, d)
		if _, err := d.Refresh(t.Context(), tokens); err != nil {
			t.Fatal(err)
		}
		_, err := d.Refresh(t.Context(), tokens)
		return err
	}},
	flow.SignedOut: {flow.StartAgain, func(t *testing.T) error {
		d := newDriver(t, newPool(t, nil, ada), "public")
		source := d.TokenSource(byAlias(t, d))
		if err := source.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := source.Token()
		return err
	}},
	flow.DeviceRefused: {flow.StartAgain, func(t *testing.T) error {
		d := newDesk(t, afterCode)
		d.signIn(srpAuth("ada"), 1)
		d.rewrite(otherPassword)
		_, err := d.driver().SignIn(t.Context(), srpAuth("ada"), d, d.here)
		return err
	}},
	flow.SignUpUnconfirmed: {flow.ConfirmSignUp, refusedUser(func(u *cognitotest.UserConfig) { u.Unconfirmed = true }, password)},
	flow.PasswordReset:     {flow.ResetPassword, refusedUser(func(u *cognitotest.UserConfig) { u.ResetRequired = true }, password)},
	flow.AliasTaken:        {"", refusedWith(&types.AliasExistsException{})},
	flow.TriggerRefused:    {"", refusedWith(&types.UserLambdaValidationException{})},
	flow.Forbidden:         {"", refusedWith(&types.ForbiddenException{})},
	flow.Throttled:         {flow.TryLater, refusedWith(&types.TooManyRequestsException{})},
	flow.ServiceFault:      {flow.TryLater, refusedWith(&types.InternalErrorException{})},
	flow.NetworkFault: {flow.TryLater, func(t *testing.T) error {
		pool := newPool(t, nil, ada)
		pool.Fail(cognitotest.Fault{Operation: "InitiateAuth", Drop: true, Times: 2})
		_, err := newDriver(t, pool, "public").Start(t.Context(), srpAuth("ada"))
		return err
	}},
	flow.UnexpectedReply: {flow.TryLater, through(cip.Options{
		Credentials: someCredentials,
		HTTPClient: doFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("<html>log in to the hotel</html>"))}, nil
		}),
	})},
	flow.Canceled: {flow.TryLater, func(t *testing.T) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newDriver(t, newPool(t, nil, ada), "public").Start(ctx, srpAuth("ada"))
		return err
	}},
	flow.LimitReached: {flow.StartAgain, func(t *testing.T) error {
		_, d, p := atTheCode(t, func(o *flow.Options) { o.Limits.Refusals = 1 })
		_, err := d.Respond(t.Context(), p, challenge.Code("no digits"))
		return err
	}},
	flow.Misconfigured: {"", through(cip.Options{
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("there is no profile")
		}),
	})},
	flow.UnknownHost: {"", through(cip.Options{
		Credentials: someCredentials,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
		}}},
	})},
	flow.UntrustedHost: {"", func(t *testing.T) error {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // the server would log a TLS error
		server.StartTLS()
		defer server.Close()
		return through(cip.Options{BaseEndpoint: aws.String(server.URL), Credentials: someCredentials})(t)
	}},
	flow.NotImplemented: {"", refusedWith(&smithy.GenericAPIError{Code: "UnknownOperationException"})},
	flow.Other:          {"", refusedWith(&types.ResourceNotFoundException{})},

	flow.LevelMet:            {"", refusedStepUp(flow.Level3, nil)},
	flow.LevelUnreachable:    {flow.SetUpFactor, refusedStepUp(flow.Level1, &types.InvalidParameterException{})},
	flow.FeatureUnavailable:  {"", refusedWith(&types.FeatureUnavailableInTierException{})},
	flow.OperationNotEnabled: {"", refusedWith(&smithy.GenericAPIError{Code: "OperationNotEnabledException"})},
	flow.SecretUnavailable: {flow.TryLater, func(t *testing.T) error {
		_, err := newDriver(t, newPool(t, nil, ada), "secret", func(o *flow.Options) {
			o.ClientSecret = func(context.Context) (secret.String, error) {
				return secret.String{}, errors.New("the vault is sealed")
			}
		}).Start(t.Context(), srpAuth("ada"))
		return err
	}},
	flow.WrongCode:       {flow.CorrectInput, refusedCall(&types.CodeMismatchException{})},
	flow.CodeExpired:     {flow.RequestCode, refusedCall(&types.ExpiredCodeException{})},
	flow.CodeNotSent:     {flow.TryLater, refusedCall(&types.CodeDeliveryFailureException{})},
	flow.PasswordRefused: {flow.CorrectInput, refusedCall(&types.InvalidPasswordException{})},
	flow.UsernameTaken:   {flow.CorrectInput, refusedCall(&types.UsernameExistsException{})},
	flow.UnknownUser:     {flow.CorrectInput, refusedCall(&types.UserNotFoundException{})},
	flow.InputRefused:    {flow.CorrectInput, refusedInput(flow.InputRefused)},
	flow.PasskeyRefused:  {flow.CorrectInput, refusedInput(flow.PasskeyRefused)},
	flow.FactorMissing:   {flow.SetUpFactor, refusedInput(flow.FactorMissing)},
	flow.NotAllowed:      {"", refusedInput(flow.NotAllowed)},
}

// refusedCall returns a function that calls an operation. The operation fails with err.
func refusedCall(err error) func(t *testing.T) error {
	return func(t *testing.T) error {
		return new(fakeAPI).driver(t).Call(t.Context(), "ConfirmSignUp", func(context.Context, *flow.Call) error { return err })
	}
}

// refusedInput returns a function that calls an operation. The operation gives its exception
// this code.
func refusedInput(code flow.Code) func(t *testing.T) error {
	return func(t *testing.T) error {
		return new(fakeAPI).driver(t).Call(t.Context(), "SignUp", func(_ context.Context, c *flow.Call) error {
			c.Means("InvalidParameterException", code)
			return &types.InvalidParameterException{}
		})
	}
}

// refusedStepUp returns a function that starts a step-up from tokens of a level to level 3.
func refusedStepUp(from string, err error) func(t *testing.T) error {
	return func(t *testing.T) error {
		api := &fakeAPI{replies: []fakeReply{{err: err}}}
		_, refused := api.driver(t).Start(t.Context(), flow.UserAuth{StepUp: &flow.StepUp{
			Levels: []string{flow.Level3}, From: &flow.Tokens{Username: "ada", AccessToken: secret.New("access"), ACR: from},
		}})
		return refused
	}
}

func TestEveryCode(t *testing.T) {
	for code, test := range raised {
		t.Run(string(code), func(t *testing.T) {
			err := test.raise(t)
			e := flowError(t, err)
			if e.Code() != code || !errors.Is(err, code) {
				t.Fatalf("got %v", err)
			}
			if e.Remedy() != test.remedy {
				t.Errorf("the remedy is %q, want %q", e.Remedy(), test.remedy)
			}
			if (test.remedy == flow.AnswerPrompt) != (e.Prompt != nil) {
				t.Errorf("the prompt is %v", e.Prompt)
			}
			if !strings.HasPrefix(err.Error(), "flow: ") || !strings.Contains(err.Error(), " ["+string(code)) {
				t.Errorf("%q does not name the code", err)
			}
			for other := range raised {
				if other != code && errors.Is(err, other) {
					t.Errorf("it is also %s", other)
				}
			}
		})
	}
}

// Each declared code and remedy has a case in raised.
func TestCodesAreComplete(t *testing.T) {
	declared := stringConstants(t, "codes.go", "Code")
	tested := slices.Collect(maps.Keys(raised))
	for _, value := range declared {
		if !slices.Contains(tested, flow.Code(value)) {
			t.Errorf("the code %s has no case", value)
		}
	}
	if len(declared) != len(tested) {
		t.Errorf("%d codes are declared, %d have a case", len(declared), len(tested))
	}
	for _, value := range stringConstants(t, "codes.go", "Remedy") {
		if !slices.ContainsFunc(tested, func(c flow.Code) bool { return raised[c].remedy == flow.Remedy(value) }) {
			t.Errorf("the remedy %s has no case", value)
		}
	}
}

// stringConstants returns the values of the constants of a type in a file.
func stringConstants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, declared := range parsed.Decls {
		d, ok := declared.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, s := range d.Specs {
			spec := s.(*ast.ValueSpec)
			if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typeName {
				continue
			}
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, text)
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", file, typeName)
	}
	return values
}

// errors.As works with a value and with a pointer.
func TestErrorsAs(t *testing.T) {
	err := errors.Join(errors.New("at the door"), refusedWith(&types.TooManyRequestsException{})(t))
	var pointer *flow.Error
	var value flow.Error
	if !errors.As(err, &pointer) || !errors.As(err, &value) {
		t.Fatal("errors.As does not find the error")
	}
	if value.Code() != flow.Throttled || value.Error() != pointer.Error() {
		t.Errorf("got %v and %v", value, pointer)
	}
	var again flow.Error
	if !errors.As(value, &again) || again.Code() != flow.Throttled {
		t.Error("errors.As does not find an error that is a value")
	}
	if errors.As(errors.New("another"), &value) || errors.As(errors.New("another"), &pointer) {
		t.Error("errors.As finds a flow.Error in another error")
	}
	var zero flow.Error
	if zero.Code() != flow.Other || zero.Remedy() != "" || zero.Hint() != "" || zero.ServiceCode() != "" || zero.RequestID() != "" || zero.Message() != "" {
		t.Errorf("the zero Error is %+v", zero)
	}
}

// Without a prompt, the remedy is not AnswerPrompt.
func TestRemedyWithoutAPrompt(t *testing.T) {
	e := *flowError(t, raised[flow.NoAnswer].raise(t))
	if e.Prompt = nil; e.Remedy() != "" {
		t.Errorf("the remedy is %q", e.Remedy())
	}
}

// JSON and slog have the same parts of an error. No part has a secret.
func TestPartsOfAnError(t *testing.T) {
	const typed = "wrong-Password-1!"
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.Dialect.Messages = map[string]string{"NotAuthorizedException": "User is disabled. It was " + typed + "."}
	}, ada)
	var requestID string
	client := pool.Client(func(o *cip.Options) {
		whole := o.HTTPClient
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			response, err := whole.Do(r)
			requestID = response.Header.Get("X-Amzn-Requestid")
			return response, err
		})
	})
	d, err := flow.New(client, appOf(pool, "public"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New(typed)})
	e := flowError(t, err)
	if requestID == "" || e.RequestID() != requestID || e.ServiceCode() != "NotAuthorizedException" {
		t.Errorf("service code %q, request %q, want %q", e.ServiceCode(), e.RequestID(), requestID)
	}
	want := map[string]string{
		"code": "wrong_credentials", "operation": "InitiateAuth", "service_code": "NotAuthorizedException",
		"request_id": requestID, "hint": "user_disabled",
		"error": `flow: InitiateAuth: NotAuthorizedException: "User is disabled. It was [redacted]." [wrong_credentials, request ` + requestID + `]`,
	}
	check := func(how, text string) {
		t.Helper()
		got := map[string]string{}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v in %s", how, err, text)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", how, got, want)
		}
	}
	check("json of a pointer", jsonOf(t, e))
	check("json of a value", jsonOf(t, *e))
	for _, logged := range []any{e, *e} {
		var out strings.Builder
		slog.New(slog.NewJSONHandler(&out, nil)).Info("sign-in", "problem", logged)
		var line struct{ Problem json.RawMessage }
		if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
			t.Fatal(err)
		}
		check("slog", string(line.Problem))
	}

	// A part that an error does not have is left out.
	_, err = d.Start(t.Context(), srpAuth(""))
	if got := jsonOf(t, err); got != `{"code":"wrong_credentials","error":"flow: UserSRPAuth.Username is empty [wrong_credentials]"}` {
		t.Errorf("json of an error of the driver itself: %s", got)
	}
	pool2, d2, p := atTheCode(t)
	_, err = d2.Respond(t.Context(), p, challenge.Code(codeOr(true, pool2.TOTP("ada"))))
	if text := jsonOf(t, err); !strings.Contains(text, `"challenge":"SOFTWARE_TOKEN_MFA"`) || !strings.Contains(text, `"code":"wrong_answer"`) {
		t.Errorf("json of a wrong answer: %s", text)
	}
}

// If the driver refuses an input itself, it sends nothing and the error has no operation. The
// error has a message for the user if the user gave the input.
func TestErrorsOfWhatWasNotSent(t *testing.T) {
	pool, d, p := atTheCode(t)
	before := len(pool.Requests())
	answered := func(a challenge.Answer) error { _, err := d.Respond(t.Context(), p, a); return err }
	started := func(f flow.AuthFlow) error { _, err := d.Start(t.Context(), f); return err }
	_, refresh := d.Refresh(t.Context(), nil)
	for name, test := range map[string]struct {
		err     error
		code    flow.Code
		message string
		says    string
	}{
		"an empty code":          {answered(challenge.Code("")), flow.AnswerNotUsable, "the code is empty", "SOFTWARE_TOKEN_MFA: the code is empty"},
		"another kind of answer": {answered(challenge.Custom("x")), flow.AnswerNotUsable, "the challenge does not take this kind of answer", "in place of challenge.Custom give challenge.Code ["},
		"an empty name":          {started(srpAuth("")), flow.WrongCredentials, "the user name is empty", "UserSRPAuth.Username is empty"},
		"an empty password":      {started(flow.UserSRPAuth{Username: "ada"}), flow.WrongCredentials, "the password is empty", "UserSRPAuth.Password is empty"},
		"a name with a space":    {started(srpAuth("ada ")), flow.WrongCredentials, "the user name has white space at its beginning or end", "UserSRPAuth.Username has white space at its beginning or end"},
		"an empty token":         {started(flow.RefreshTokenAuth{}), flow.TokenRefused, "", ""},
		"no tokens":              {refresh, flow.TokenRefused, "", ""},
	} {
		e := flowError(t, test.err)
		if e.Code() != test.code || e.Message() != test.message || e.Operation != "" || e.ServiceCode() != "" || e.RequestID() != "" {
			t.Errorf("%s: %v with the message %q", name, e, e.Message())
		}
		if want := test.says; !strings.Contains(e.Error(), want) {
			t.Errorf("%s: %q does not tell the programmer %q", name, e, want)
		}
	}
	if sent := len(pool.Requests()) - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// The texts of an error are short lines, although the peer sends long texts with control
// characters.
func TestTextsAreOneShortLine(t *testing.T) {
	long := "first\r\nsecond\x1b[31m\u2028third\x00" + strings.Repeat("é", 5000)
	api := &fakeAPI{replies: []fakeReply{
		{challenge: challenge.Name("FACE\n" + strings.Repeat("_", 5000))}, {err: &smithy.GenericAPIError{Code: long, Message: long}},
	}}
	_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answering(challenge.Raw(nil)))
	e := flowError(t, err)
	texts := []string{err.Error(), e.Message(), e.ServiceCode(), e.RequestID()}
	var parts map[string]string
	if err := json.Unmarshal([]byte(jsonOf(t, e)), &parts); err != nil {
		t.Fatal(err)
	}
	for _, text := range slices.AppendSeq(texts, maps.Values(parts)) {
		if len(text) > 2500 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
	if !strings.HasPrefix(e.Message(), "first  second [31m third é") {
		t.Errorf("the message is %q", e.Message())
	}
}
