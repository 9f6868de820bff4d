package flow_test

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/secret"
)

var conversations = flag.String("conversations", "../testdata/conversations", "directory of the conversations to replay")

// The driver replays each recorded conversation. Each request must be that of the file, and the
// driver must end as the recorded client did.
func TestConversations(t *testing.T) {
	all, err := conversation.Load(*conversations)
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, c := range all {
		if c.PoolOnly != "" {
			continue
		}
		held++
		t.Run(c.Name, func(t *testing.T) { newReplay(t, c).run() })
	}
	if held == 0 {
		t.Error("no conversation is for the driver")
	}
	t.Logf("the driver replayed %d of %d conversations, and the others are for the pool only", held, len(all))
}

// run calls the driver until all requests of the file have been sent. The last reply of a call
// decides the result that the call must return.
func (r *replay) run() {
	var tokens *flow.Tokens
	for r.next < len(r.exchanges) {
		before := r.next
		got, err := r.call(tokens)
		if r.Failed() {
			r.Fatalf("the driver returned %v", err)
		}
		if r.next == before {
			r.Fatalf("exchange %d: the driver sent nothing and returned %v", before+1, err)
		}
		switch last := r.exchanges[r.next-1]; {
		case last.Error != nil:
			r.wantException(last.Error, err)
		case last.Response["ChallengeName"] != nil:
			if !errors.Is(err, challenge.ErrNoAnswer) {
				r.Errorf("nobody answers %v, and the driver returned %v", last.Response["ChallengeName"], err)
			}
		case err != nil:
			r.Fatalf("exchange %d: %v", r.next, err)
		case got != nil:
			r.wantTokens(got)
			tokens = got
		}
	}
}

// wantException wants the recorded exception in the driver's error.
func (r *replay) wantException(want *conversation.Error, err error) {
	r.Helper()
	var got smithy.APIError
	switch {
	case !errors.As(err, &got):
		r.Errorf("the driver returned %v, want %s", err, want.Exception)
	case got.ErrorCode() != want.Exception:
		r.Errorf("the driver returned %s, want %s", got.ErrorCode(), want.Exception)
	case want.Message != conversation.NotRecorded && got.ErrorMessage() != want.Message:
		r.Errorf("the exception says %q, want %q", got.ErrorMessage(), want.Message)
	}
}

func (r *replay) wantTokens(got *flow.Tokens) {
	r.Helper()
	for placeholder, token := range map[string]secret.String{
		"<access token>": got.AccessToken, "<id token>": got.IDToken, "<refresh token>": got.RefreshToken,
	} {
		if token.Reveal() != r.values[placeholder] {
			r.Errorf("the driver does not return the last %s", placeholder)
		}
	}
	if got.Username != r.identity.Username {
		r.Errorf("the tokens are %q's, want %q", got.Username, r.identity.Username)
	}
	if got.Device.Err != nil {
		r.Errorf("the device failed: %v", got.Device.Err)
	}
}

// call calls the method of the driver that begins with the next request.
func (r *replay) call(tokens *flow.Tokens) (*flow.Tokens, error) {
	e := r.exchanges[r.next]
	ctx, d := r.Context(), r.driver()
	parameters, _ := e.Request["AuthParameters"].(map[string]any)
	switch operation := strings.TrimPrefix(e.Operation, "Admin"); {
	case operation == "InitiateAuth" && e.Request["AuthFlow"] != "REFRESH_TOKEN_AUTH":
		return d.SignIn(ctx, r.authFlow(e), challenge.HandlerFunc(r.answer))
	case operation == "InitiateAuth":
		return d.Refresh(ctx, tokensWith(tokens, parameters["REFRESH_TOKEN"]), func(o *flow.Options) { o.RefreshByAuthFlow = true })
	case operation == "GetTokensFromRefreshToken":
		return d.Refresh(ctx, tokensWith(tokens, e.Request["RefreshToken"]))
	case operation == "RevokeToken":
		return nil, d.SignOut(ctx, tokensWith(tokens, e.Request["Token"]))
	case operation == "GlobalSignOut":
		return nil, d.GlobalSignOut(ctx, tokens)
	case operation == "SignUp", operation == "ConfirmSignUp", operation == "ForgotPassword", operation == "ConfirmForgotPassword":
		return nil, r.callAccount(account.For(d), e)
	}
	r.Fatalf("exchange %d: no call of the driver begins with %s", r.next+1, e.Operation)
	return nil, nil
}

// callAccount calls the method of package account that sends the request of e.
func (r *replay) callAccount(accounts *account.Client, e conversation.Exchange) error {
	ctx, name := r.Context(), r.enter(e.Request["Username"])
	code, word := r.enter(e.Request["ConfirmationCode"]), passwordFrom(r.enter(e.Request["Password"]))
	switch e.Operation {
	case "SignUp":
		attributes := map[string]string{}
		given, _ := e.Request["UserAttributes"].([]any)
		for _, one := range given {
			attribute, _ := one.(map[string]any)
			attributes[r.enter(attribute["Name"])] = r.enter(attribute["Value"])
		}
		made, err := accounts.SignUp(ctx, account.NewUser{Username: name, Password: word, Attributes: attributes})
		if err == nil {
			r.signUp = made
		}
		return err
	case "ConfirmSignUp":
		_, err := accounts.Confirm(ctx, r.signUp, code)
		return err
	case "ForgotPassword":
		_, err := accounts.ForgotPassword(ctx, name)
		return err
	}
	return accounts.ResetPassword(ctx, name, code, word)
}

// tokensWith returns the tokens of the last sign-in, or tokens with the refresh token in the file.
func tokensWith(tokens *flow.Tokens, refreshToken any) *flow.Tokens {
	if text, ok := refreshToken.(string); ok && text != "<refresh token>" {
		return &flow.Tokens{RefreshToken: secret.New(text)}
	}
	return tokens
}

func (r *replay) authFlow(e conversation.Exchange) flow.AuthFlow {
	given, _ := e.Request["AuthParameters"].(map[string]any)
	text := func(key string) string { s, _ := given[key].(string); return s }
	name, password := text("USERNAME"), text("PASSWORD")
	if text("SRP_A") != "" {
		password = r.Password
	}
	switch e.Request["AuthFlow"] {
	case string(types.AuthFlowTypeUserSrpAuth):
		return flow.UserSRPAuth{Username: name, Password: secret.New(password)}
	case string(types.AuthFlowTypeUserPasswordAuth):
		return flow.UserPasswordAuth{Username: name, Password: secret.New(password)}
	case string(types.AuthFlowTypeAdminUserPasswordAuth):
		return flow.AdminUserPasswordAuth{Username: name, Password: secret.New(password)}
	case string(types.AuthFlowTypeAdminNoSrpAuth):
		return flow.AdminUserPasswordAuth{Username: name, Password: secret.New(password), LegacyName: true}
	case string(types.AuthFlowTypeCustomAuth):
		return flow.CustomAuth{Username: name, Password: passwordFrom(password)}
	case string(types.AuthFlowTypeUserAuth):
		return flow.UserAuth{Username: name, Password: secret.New(password), Preferred: challenge.Name(text("PREFERRED_CHALLENGE"))}
	}
	r.Fatalf("exchange %d: the driver has no flow %v", r.next+1, e.Request["AuthFlow"])
	return nil
}

// passwordFrom returns the password of the file, or no password if the file has none.
func passwordFrom(password string) secret.String {
	if password == "" {
		return secret.String{}
	}
	return secret.New(password)
}

func (r *replay) driver() *flow.Driver {
	app := flow.App{
		UserPoolID: r.pool.ID, ClientID: r.pool.Clients[0].ID, ClientSecret: secret.New(r.pool.Clients[0].Secret),
	}
	settings := func(o *flow.Options) {
		o.Now = r.now
		if r.pool.DeviceConfiguration != nil {
			flow.ThisMachine(&r.devices)(o)
		}
	}
	var d *flow.Driver
	var err error
	if r.usesAdmin() {
		d, err = flow.NewAdmin(r.sdk, app, settings)
	} else {
		d, err = flow.New(r.sdk, app, settings)
	}
	if err != nil {
		r.Fatal(err)
	}
	return d
}

func (r *replay) usesAdmin() bool {
	for _, e := range r.exchanges {
		if strings.HasPrefix(e.Operation, "Admin") {
			return true
		}
	}
	return false
}

// poolOf decodes the pool of a conversation. The driver needs the pool's ID and the app client. The
// made-up tokens need the user's name.
func poolOf(t *testing.T, c *conversation.Conversation) cognitotest.PoolConfig {
	t.Helper()
	var config cognitotest.PoolConfig
	if err := conversation.DecodeStrict(c.Pool, &config); err != nil {
		t.Fatalf("pool: %v", err)
	}
	if len(config.Clients) != 1 || len(config.Users) > 1 {
		t.Fatal("pool: a conversation has one app client and at most one user")
	}
	return config
}
