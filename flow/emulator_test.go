package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// httpError is an error reply of an emulator of the service.
type httpError struct {
	status int
	code   string // "" for a body that is not JSON
}

func (e httpError) String() string { return fmt.Sprintf("%d %s", e.status, e.code) }

// emulator returns a driver of an emulator. The operations in has succeed. The emulator replies to
// the others with an error.
func emulator(t *testing.T, has map[string]any, otherwise httpError) *flow.Driver {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		reply, ok := has[operation]
		switch {
		case ok:
			json.NewEncoder(w).Encode(reply)
		case otherwise.code == "":
			http.Error(w, "<html>no such thing</html>", otherwise.status)
		default:
			w.WriteHeader(otherwise.status)
			json.NewEncoder(w).Encode(map[string]string{"__type": otherwise.code, "message": "no such thing"})
		}
	}))
	t.Cleanup(server.Close)
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	d, err := flow.New(client, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var asksForCode = map[string]any{"ChallengeName": "SMS_MFA", "Session": "session-of-the-emulator", "ChallengeParameters": map[string]string{}}

func flowError(t *testing.T, err error) *flow.Error {
	t.Helper()
	var e *flow.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a flow.Error", err)
	}
	return e
}

// If an emulator lacks an operation, the remedy is not TryLater.
func TestMissingOperationsAreNotTransient(t *testing.T) {
	kept := &flow.Tokens{AccessToken: secret.New("a"), RefreshToken: secret.New("refresh-token"), Username: "ada"}
	for reply, remedy := range map[httpError]flow.Remedy{
		{501, "InternalFailure"}:           "", // LocalStack
		{501, "InternalErrorException"}:    "",
		{501, "NotImplemented"}:            "",
		{501, ""}:                          "",
		{500, "CognitoLocal#Unsupported"}:  "", // cognito-local
		{500, "NotImplementedException"}:   "",
		{503, "UnknownOperationException"}: "",
		{400, "UnknownOperationException"}: "",
		{400, "InvalidAction"}:             "", // MiniStack
		{400, "UnsupportedOperation"}:      "", // Floci

		{500, "InternalFailure"}:        flow.TryLater,
		{500, "InternalErrorException"}: flow.TryLater,
		{500, ""}:                       flow.TryLater,
		{502, ""}:                       flow.TryLater,
		{503, "ServiceUnavailable"}:     flow.TryLater,
		{429, ""}:                       flow.TryLater,
	} {
		t.Run(reply.String(), func(t *testing.T) {
			d := emulator(t, map[string]any{"InitiateAuth": asksForCode}, reply)
			step, err := d.Start(t.Context(), flow.CustomAuth{Username: "ada"})
			if err != nil {
				t.Fatal(err)
			}
			_, answered := d.Respond(t.Context(), step.Prompt, challenge.Code("123456"))
			_, refreshed := d.Refresh(t.Context(), kept)
			_, started := emulator(t, nil, reply).Start(t.Context(), flow.CustomAuth{Username: "ada"})
			for name, err := range map[string]error{
				"Start": started, "Respond": answered, "Refresh": refreshed, "SignOut": d.SignOut(t.Context(), kept),
			} {
				e := flowError(t, err)
				if e.Remedy() != remedy {
					t.Errorf("%s: remedy %q, want %q: %v", name, e.Remedy(), remedy, err)
				}
				if again := name == "Respond" && remedy == flow.TryLater; again != (e.Prompt != nil) {
					t.Errorf("%s: a prompt to answer again: %v, want %v", name, e.Prompt != nil, again)
				}
			}
		})
	}
}

// cognito-local sends InvalidPasswordException for a wrong password. The exception means the policy
// of the pool only if the request has a new password.
func TestInvalidPasswordAtTheStart(t *testing.T) {
	invalid := &types.InvalidPasswordException{Message: aws.String("Password is not valid")}
	pass := secret.New(password)
	for _, f := range []flow.AuthFlow{
		flow.UserPasswordAuth{Username: "ada", Password: pass}, flow.UserSRPAuth{Username: "ada", Password: pass},
		flow.UserAuth{Username: "ada", Preferred: challenge.Password, Password: pass}, flow.CustomAuth{Username: "ada", Password: pass},
	} {
		if e := refusedStart(t, f, invalid); e.Remedy() != flow.CheckCredentials {
			t.Errorf("%T: remedy %q", f, e.Remedy())
		}
	}
	for _, c := range []struct {
		name   challenge.Name
		answer challenge.Answer
		remedy flow.Remedy
	}{
		{challenge.SelectChallenge, challenge.CurrentPassword(challenge.Password, password), flow.CheckCredentials},
		{challenge.Password, challenge.CurrentPassword(challenge.Password, password), flow.CheckCredentials},
		{challenge.NewPasswordRequired, challenge.NewPassword(password, nil), flow.AnswerPrompt},
		{challenge.SMSMFA, challenge.Code("123456"), ""},
	} {
		if e := refusedAnswer(t, c.name, nil, c.answer, invalid); e.Remedy() != c.remedy {
			t.Errorf("%s: remedy %q, want %q", c.name, e.Remedy(), c.remedy)
		}
	}
	// A refresh has no password, and the exception does not say that the token is refused.
	f := flow.RefreshTokenAuth{RefreshToken: secret.New("refresh-token")}
	if e := refusedStart(t, f, invalid); e.Remedy() != "" {
		t.Errorf("refresh: remedy %q", e.Remedy())
	}
}

// If an emulator lacks GetTokensFromRefreshToken, the error names Options.RefreshByAuthFlow.
func TestRefreshNamesTheOption(t *testing.T) {
	const option = "Options.RefreshByAuthFlow"
	kept := &flow.Tokens{AccessToken: secret.New("a"), RefreshToken: secret.New("refresh-token"), Username: "ada"}
	tokens := map[string]any{"AuthenticationResult": map[string]any{"AccessToken": "new", "ExpiresIn": 3600}}
	for reply, missing := range map[httpError]bool{
		{400, "UnknownOperationException"}: true,
		{501, "InternalFailure"}:           true,
		{501, ""}:                          true,
		{500, "CognitoLocal#Unsupported"}:  true,
		{400, "InvalidAction"}:             true,
		{400, "UnsupportedOperation"}:      true,
		{400, "NotImplemented"}:            true,
		{404, ""}:                          true,
		{404, "NotFound"}:                  true,
		{404, "404"}:                       true,

		{404, "ResourceNotFoundException"}: false,
		{400, "ResourceNotFoundException"}: false,
		{404, "UserNotFoundException"}:     false,
		{400, "NotAuthorizedException"}:    false,
		{400, "InvalidParameterException"}: false,
		{500, "InternalErrorException"}:    false,
		{503, ""}:                          false,
	} {
		t.Run(reply.String(), func(t *testing.T) {
			d := emulator(t, map[string]any{"InitiateAuth": tokens}, reply)
			_, err := d.Refresh(t.Context(), kept)
			if e := flowError(t, err); strings.Contains(err.Error(), option) != missing || missing && e.Remedy() != "" {
				t.Errorf("got %v, want the option: %v", err, missing)
			}
			var api smithy.APIError
			if reply.code != "" && !errors.As(err, &api) {
				t.Errorf("errors.As does not find the SDK's error in %v", err)
			}
			// With the option, the refresh succeeds.
			next, err := d.Refresh(t.Context(), kept, func(o *flow.Options) { o.RefreshByAuthFlow = true })
			if err != nil || next.AccessToken.Reveal() != "new" {
				t.Errorf("with the option: %v", err)
			}
		})
	}
	// If the auth flow or another operation is missing, the error does not name the option.
	d := emulator(t, nil, httpError{400, "UnknownOperationException"})
	_, refreshed := d.Refresh(t.Context(), kept, func(o *flow.Options) { o.RefreshByAuthFlow = true })
	_, started := d.Start(t.Context(), flow.CustomAuth{Username: "ada"})
	for _, err := range []error{refreshed, started, d.SignOut(t.Context(), kept)} {
		if err == nil || strings.Contains(err.Error(), option) {
			t.Errorf("got %v", err)
		}
	}
}

// If the operation is missing, the source keeps the tokens, because they work with the option.
func TestTokenSourceWithoutTheRefreshOperation(t *testing.T) {
	d := emulator(t, nil, httpError{501, "InternalFailure"})
	var reported []string
	source := d.TokenSource(&flow.Tokens{AccessToken: secret.New("a"), RefreshToken: secret.New("refresh-token"), Username: "ada"},
		func(o *flow.SourceOptions) {
			o.OnError = func(err error) { reported = append(reported, err.Error()) }
			o.Clear = func(context.Context) error { t.Error("the tokens are cleared"); return nil }
		})
	if _, err := source.Token(); err == nil || !strings.Contains(err.Error(), "Options.RefreshByAuthFlow") {
		t.Errorf("got %v", err)
	}
	if len(reported) != 1 || !strings.Contains(reported[0], "Options.RefreshByAuthFlow") {
		t.Errorf("OnError got %q", reported)
	}
}
