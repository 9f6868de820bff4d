package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// NewUser is the user of a sign-up.
type NewUser struct {
	// Username is an e-mail address or a phone number if the pool has these as user names.
	Username string

	// Password can be the zero secret.String if users of the pool sign in without a
	// password. If Password is the secret of an empty text, such as an empty form field,
	// SignUp fails.
	Password secret.String

	// Attributes have names such as "email" and "custom:department".
	Attributes map[string]string

	// ValidationData are for the pool's PreSignUp trigger. The pool does not keep them.
	ValidationData map[string]string
}

// SignUp is a sign-up that has begun. A Client for the same App can go on with a SignUp, in
// another process or on another machine. No method of a Client changes a SignUp.
//
// A SignUp has the service's session, and the session may be enough to sign in. So keep a
// SignUp like a password. A SignUp has no password and no code. A SignUp prints only
// whether the sign-up is confirmed.
type SignUp struct {
	state secret.Box[state]
}

// state is the content of a SignUp.
type state struct {
	userPoolID, clientID string

	username, subject string
	session           string // of operation SignUp, and later of ConfirmSignUp
	delivery          challenge.Delivery
	confirmed         bool
	issued            time.Time
}

// Username returns the name that the user signed up with.
func (s *SignUp) Username() string { return s.kept().username }

// Subject returns the ID of the new user, the claim sub of the tokens. Subject returns ""
// for a SignUp of Resend.
func (s *SignUp) Subject() string { return s.kept().subject }

// Delivery returns the medium and the destination of the code. The fields are empty if the
// service has sent no code, for example to a user without an address.
func (s *SignUp) Delivery() challenge.Delivery { return s.kept().delivery }

// Confirmed reports whether the sign-up is confirmed, by Confirm or by a trigger of the pool.
func (s *SignUp) Confirmed() bool { return s.kept().confirmed }

// Issued returns the time of the last reply, by the service's clock: see [flow.Driver.Now].
func (s *SignUp) Issued() time.Time { return s.kept().issued }

// SignIn returns the auth flow for the user of a confirmed sign-up. If UserAuth.Session is
// set, the service signs the user in without a question. Otherwise the service asks the
// user for a factor, and any other flow, such as [flow.UserSRPAuth], works as well.
//
// The service gives a session to app clients with ALLOW_USER_AUTH. The session works once,
// within the app client's AuthSessionValidity, which is three minutes by default. After
// that the sign-in fails with code [flow.SessionEnded]: start again without the session.
func (s *SignUp) SignIn() flow.UserAuth {
	kept := s.kept()
	f := flow.UserAuth{Username: kept.username}
	if kept.confirmed && kept.session != "" {
		f.Session = secret.New(kept.session)
	}
	return f
}

// kept returns the state, zero for an empty SignUp.
func (s *SignUp) kept() state {
	if s == nil || s.state.Open() == nil {
		return state{}
	}
	return *s.state.Open()
}

// of returns the state of a sign-up. of refuses a sign-up of another app, because the error
// of the service would not name the cause.
func (s *SignUp) of(d *flow.Driver) (state, error) {
	kept := s.kept()
	switch {
	case d == nil:
		return kept, errNoDriver
	case kept.username == "":
		return kept, errors.New("account: the SignUp is empty: use the result of SignUp, Confirm, Resend or UnmarshalBinary")
	case kept.userPoolID != d.App().UserPoolID || kept.clientID != d.App().ClientID:
		return kept, fmt.Errorf("account: the SignUp is of app client %q of pool %q, and the driver of app client %q of pool %q",
			kept.clientID, kept.userPoolID, d.App().ClientID, d.App().UserPoolID)
	}
	return kept, nil
}

// String returns "no sign-up", "sign-up, waiting for a code" or "sign-up, confirmed".
func (s SignUp) String() string {
	switch kept := s.kept(); {
	case kept.username == "":
		return "no sign-up"
	case kept.confirmed:
		return "sign-up, confirmed"
	}
	return "sign-up, waiting for a code"
}

// GoString returns the same as String, for %#v.
func (s SignUp) GoString() string { return s.String() }

// LogValue returns the same as String, for log/slog.
func (s SignUp) LogValue() slog.Value { return slog.StringValue(s.String()) }

// newSignUp makes a SignUp from a reply that has just arrived.
func (c *Client) newSignUp(s state, to *types.CodeDeliveryDetailsType) *SignUp {
	app := c.driver.App()
	s.userPoolID, s.clientID, s.issued = app.UserPoolID, app.ClientID, c.driver.Now()
	if to != nil {
		s.delivery = deliveryOf(to)
	}
	return &SignUp{secret.NewBox(s)}
}

func deliveryOf(to *types.CodeDeliveryDetailsType) challenge.Delivery {
	if to == nil {
		return challenge.Delivery{}
	}
	return challenge.Delivery{Medium: string(to.DeliveryMedium), Destination: aws.ToString(to.Destination)}
}

// SignUp creates a user, and makes the service send a code (operation SignUp).
//
// After [flow.NetworkFault] and [flow.CodeNotSent] the user may exist. Then call Resend. If
// the user does not exist, Resend fails with [flow.UnknownUser], unless the app client has
// PreventUserExistenceErrors. [flow.NotAllowed]: the pool does not allow sign-ups.
func (c *Client) SignUp(ctx context.Context, u NewUser, optFns ...func(*flow.Options)) (*SignUp, error) {
	var made *SignUp
	err := c.byName(ctx, "SignUp", "NewUser.Username", u.Username, func(ctx context.Context, call byName) error {
		api, err := flow.APIOf[interface {
			SignUp(context.Context, *cip.SignUpInput, ...func(*cip.Options)) (*cip.SignUpOutput, error)
		}](call.Call)
		if err != nil {
			return err
		}
		var password *string
		if u.Password.IsGiven() { // perhaps by an empty form field
			if password, err = newPassword(call.Call, "NewUser.Password", u.Password); err != nil {
				return err
			}
		}
		attributes, err := listOf(call.Call, "NewUser.Attributes", u.Attributes)
		if err != nil {
			return err
		}
		validation, err := listOf(call.Call, "NewUser.ValidationData", u.ValidationData)
		if err != nil {
			return err
		}
		call.Means(invalidParameter, flow.InputRefused)
		out, err := api.SignUp(ctx, &cip.SignUpInput{
			ClientId: call.clientID, Username: call.username, SecretHash: call.hash,
			Password: password, UserAttributes: attributes, ValidationData: validation,
			ClientMetadata: call.Options.ClientMetadata, UserContextData: call.Options.UserContextData, AnalyticsMetadata: call.Options.AnalyticsMetadata,
		}, call.Once()...)
		if err != nil {
			return err
		}
		made = c.newSignUp(state{
			username: u.Username, subject: aws.ToString(out.UserSub), session: aws.ToString(out.Session), confirmed: out.UserConfirmed,
		}, out.CodeDeliveryDetails)
		return nil
	}, optFns)
	return made, err
}

// listOf makes the list of a request from a map. parameter is the name of the map in errors.
func listOf(call *flow.Call, parameter string, values map[string]string) ([]types.AttributeType, error) {
	var list []types.AttributeType
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "" {
			return nil, call.Refuse(flow.InputRefused, "", parameter+" has a value without a name")
		}
		call.Hide(secret.New(values[name]))
		list = append(list, types.AttributeType{Name: aws.String(name), Value: aws.String(values[name])})
	}
	return list, nil
}

// Confirm confirms a sign-up with the code that the user received (ConfirmSignUp). White
// space in the code does not matter. Sign in with SignIn of the result.
//
// The session of a sign-up lives for minutes, and the code lives for a day. If the service
// refuses the session, Confirm sends the code again without the session.
//
// [flow.NotAllowed]: the sign-up may be confirmed already, for example by a request whose
// reply was lost ([flow.NetworkFault]). Let the user sign in. [flow.AliasTaken]: another
// user has the address. After an error, such as a wrong code, call Confirm with s again.
func (c *Client) Confirm(ctx context.Context, s *SignUp, code string, optFns ...func(*flow.Options)) (*SignUp, error) {
	kept, err := s.of(c.driver)
	if err != nil {
		return nil, err
	}
	var confirmed *SignUp
	err = c.byName(ctx, "ConfirmSignUp", "SignUp.Username", kept.username, func(ctx context.Context, call byName) error {
		api, err := flow.APIOf[interface {
			ConfirmSignUp(context.Context, *cip.ConfirmSignUpInput, ...func(*cip.Options)) (*cip.ConfirmSignUpOutput, error)
		}](call.Call)
		if err != nil {
			return err
		}
		if kept.confirmed {
			return call.Refuse(flow.NotAllowed, "", "the sign-up is confirmed already: sign in")
		}
		given, err := codeOf(call.Call, code)
		if err != nil {
			return err
		}
		call.Hide(secret.New(kept.session))
		in := &cip.ConfirmSignUpInput{
			ClientId: call.clientID, Username: call.username, SecretHash: call.hash,
			ConfirmationCode: given, Session: optional(kept.session),
			ClientMetadata: call.Options.ClientMetadata, UserContextData: call.Options.UserContextData, AnalyticsMetadata: call.Options.AnalyticsMetadata,
		}
		// After a wrong code the session stays valid: AWS's own clients send the session
		// again (amplify-android pull request 3136).
		out, err := api.ConfirmSignUp(ctx, in, call.Once()...)
		if in.Session != nil && isError(err, notAuthorized) {
			in.Session = nil
			out, err = api.ConfirmSignUp(ctx, in, call.Once()...)
		}
		if err != nil {
			return err
		}
		kept.confirmed, kept.session = true, aws.ToString(out.Session)
		confirmed = c.newSignUp(kept, nil)
		return nil
	}, optFns)
	return confirmed, err
}

// Resend makes the service send another code to a user who has not confirmed the sign-up
// (ResendConfirmationCode). Former codes stop working. Call Resend also if a sign-in fails
// with code [flow.SignUpUnconfirmed].
//
// The result has no session. If you still have the former SignUp of the user, confirm that
// one with the new code: its session may sign the user in.
//
// [flow.NotAllowed]: the sign-up is confirmed already, or the user has no address.
func (c *Client) Resend(ctx context.Context, username string, optFns ...func(*flow.Options)) (*SignUp, error) {
	var again *SignUp
	err := c.byName(ctx, "ResendConfirmationCode", "username", username, func(ctx context.Context, call byName) error {
		api, err := flow.APIOf[interface {
			ResendConfirmationCode(context.Context, *cip.ResendConfirmationCodeInput, ...func(*cip.Options)) (*cip.ResendConfirmationCodeOutput, error)
		}](call.Call)
		if err != nil {
			return err
		}
		call.Means(invalidParameter, flow.NotAllowed)
		out, err := api.ResendConfirmationCode(ctx, &cip.ResendConfirmationCodeInput{
			ClientId: call.clientID, Username: call.username, SecretHash: call.hash,
			ClientMetadata: call.Options.ClientMetadata, UserContextData: call.Options.UserContextData, AnalyticsMetadata: call.Options.AnalyticsMetadata,
		}, call.Once()...)
		if err == nil {
			again = c.newSignUp(state{username: username}, out.CodeDeliveryDetails)
		}
		return err
	}, optFns)
	return again, err
}
