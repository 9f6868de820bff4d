package flow

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
)

// TokenAPI has the operations on the tokens of a user who is signed in. The requests are not
// signed.
type TokenAPI interface {
	GetTokensFromRefreshToken(context.Context, *cip.GetTokensFromRefreshTokenInput, ...func(*cip.Options)) (*cip.GetTokensFromRefreshTokenOutput, error)
	RevokeToken(context.Context, *cip.RevokeTokenInput, ...func(*cip.Options)) (*cip.RevokeTokenOutput, error)
	GlobalSignOut(context.Context, *cip.GlobalSignOutInput, ...func(*cip.Options)) (*cip.GlobalSignOutOutput, error)
}

// Refresh gets new tokens with the refresh token of t, and does not change t. Most programs use
// a [TokenSource], which refreshes early and once for all callers.
//
// The operation is GetTokensFromRefreshToken. If the API of the driver is no [TokenAPI], or if
// Options.RefreshByAuthFlow is set, Refresh uses the auth flow REFRESH_TOKEN_AUTH. The user name
// and the device key come from t, so the user may have signed in by an alias.
//
// Without refresh token rotation, the service sends no refresh token, and the result has the
// one of t. With rotation, keep the new tokens before you use them. The service takes the old
// refresh token only until the grace period is over, and then answers
// RefreshTokenReuseException. An ID token that the service does not send is missing.
//
// The error is an *[Error]. If its Remedy is TryLater, AnswerPrompt or "", t is still good. With
// any other Remedy the user has to sign in again. The code [TokenRefused] can have another
// cause, which is a wrong setting of the program, such as the client secret. In that case t is
// still good.
//
// Some emulators of the service do not have GetTokensFromRefreshToken. Then the code is
// [NotImplemented], and the text names Options.RefreshByAuthFlow.
func (d *Driver) Refresh(ctx context.Context, t *Tokens, optFns ...func(*Options)) (*Tokens, error) {
	if t == nil || t.RefreshToken.IsZero() {
		return nil, &Error{code: TokenRefused, Err: errors.New("there is no refresh token: sign in, or set SourceOptions.SignIn")}
	}
	driver := *d
	e := driver.engine(optFns)
	if err := e.options.holder.Validate(); err != nil {
		return nil, &Error{code: Other, Err: err}
	}
	if api, ok := d.api.(TokenAPI); ok && !e.options.RefreshByAuthFlow {
		driver.service = refreshService{api}
	}
	access, id := readClaims(t.AccessToken), readClaims(t.IDToken)
	err := e.open(RefreshTokenAuth{
		RefreshToken: t.RefreshToken,
		Username:     cmp.Or(t.Username, id.text("cognito:username"), access.text("username"), t.Subject),
		DeviceKey:    cmp.Or(t.Device.Key, access.text("device_key")),
	})
	if err != nil {
		return nil, err
	}
	step, err := e.observe(ctx, "Refresh", func(ctx context.Context) (Step, error) { return e.refresh(ctx, t) })
	return step.Tokens, err
}

// refresh gets new tokens for those in t, whose refresh token the engine has.
func (e *engine) refresh(ctx context.Context, t *Tokens) (Step, error) {
	confirmed, unconfirmed := e.confirmFirst(ctx, t)
	if unconfirmed != nil && (&fault{err: unconfirmed.Err, canceled: ctx.Err() != nil}).isTransient() {
		return Step{}, unconfirmed // the service would refuse the refresh as if the token had expired
	}
	step, err := e.start(ctx)
	var refused *Error
	if unconfirmed != nil && errors.As(err, &refused) {
		refused.advice = "the device is not confirmed: " + unconfirmed.cause()
	}
	if err != nil {
		return Step{}, err
	}
	if step.Prompt != nil {
		unanswered := e.newError(&fault{request: request{challenge: e.st.ask.Name}, err: challenge.ErrNoAnswer, local: true})
		unanswered.Prompt = step.Prompt
		return Step{}, unanswered
	}
	next := step.Tokens
	next.Subject = cmp.Or(next.Subject, t.Subject)
	if next.Device.Key == t.Device.Key {
		next.Device.Kept = next.Device.Kept || t.Device.Kept
	}
	if next.Device.Key == confirmed.Key && next.Device.State == DeviceKnown && confirmed.State == DeviceConfirmed {
		next.Device.State, next.Device.Kept, next.Device.Undecided = confirmed.State, confirmed.Kept, confirmed.Undecided
	}
	return step, nil
}

// confirmFirst confirms the device of tokens if no call has done so. The service refuses to
// refresh the tokens before.
func (e *engine) confirmFirst(ctx context.Context, t *Tokens) (DeviceOutcome, *Error) {
	if t.Device.State != DeviceUnconfirmed || t.AccessToken.IsZero() {
		return DeviceOutcome{}, nil
	}
	confirmed := t.clone()
	err := e.confirmLater(ctx, confirmed)
	var refused *Error
	if err != nil && !errors.As(err, &refused) {
		refused = &Error{Operation: "ConfirmDevice", code: Other, Err: err}
	}
	return confirmed.Device, refused
}

// refreshService sends the start of RefreshTokenAuth as GetTokensFromRefreshToken. No other
// request goes through it.
type refreshService struct{ api TokenAPI }

func (refreshService) admin() bool  { return false }
func (refreshService) hashes() bool { return false }

func (refreshService) operation(request) string { return "GetTokensFromRefreshToken" }

func (s refreshService) send(ctx context.Context, r request, app App, o *Options) (*reply, error) {
	out, err := s.api.GetTokensFromRefreshToken(ctx, &cip.GetTokensFromRefreshTokenInput{
		RefreshToken:   aws.String(r.params["REFRESH_TOKEN"]),
		ClientId:       aws.String(app.ClientID),
		ClientSecret:   optional(app.ClientSecret.Reveal()), // this operation takes the secret itself and no SECRET_HASH
		DeviceKey:      optional(r.params["DEVICE_KEY"]),
		ClientMetadata: o.ClientMetadata,
	}, o.clientOptions(r)...)
	if err != nil {
		return nil, err
	}
	return &reply{tokens: out.AuthenticationResult, at: serverTime(out.ResultMetadata)}, nil
}
