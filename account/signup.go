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

// NewUser is somebody who signs up.
type NewUser struct {
	Username string // an e-mail address or a phone number in pools that have these for user names

	// Password may be left out in pools whose users sign in without one. A Password that
	// was given and is empty, such as that of a form field, is an error.
	Password secret.String

	Attributes     map[string]string // such as "email"; "custom:department"
	ValidationData map[string]string // for the pool's PreSignUp trigger; the pool does not keep them
}

// SignUp is a sign-up under way. It has all that a Client for the same App needs to go on
// with the sign-up, in another process or on another machine. No method of a Client
// changes a SignUp.
//
// A SignUp holds the service's session, which may be as good as a password: keep a SignUp
// like one. It prints as the state of the sign-up only. It holds no password and no code.
type SignUp struct {
	state secret.Box[state]
}

// state is where a sign-up stands, and what it is bound to.
type state struct {
	userPoolID, clientID string

	username, subject string
	session           string // of SignUp, and of ConfirmSignUp once the sign-up is confirmed
	delivery          challenge.Delivery
	confirmed         bool
	issued            time.Time
}

// Username returns the name that the user signed up with.
func (s *SignUp) Username() string { return s.kept().username }

// Subject returns the ID of the new user, the claim sub of the tokens. It is "" after
// Resend.
func (s *SignUp) Subject() string { return s.kept().subject }

// Delivery returns where the code was sent. The fields are empty if the service has sent no
// code, such as to a user without an address.
func (s *SignUp) Delivery() challenge.Delivery { return s.kept().delivery }

// Confirmed reports whether the user can sign in: after Confirm, or at once if a trigger of
// the pool has confirmed the sign-up.
func (s *SignUp) Confirmed() bool { return s.kept().confirmed }

// Issued returns when the service replied, by the service's clock: see [flow.Driver.Now].
func (s *SignUp) Issued() time.Time { return s.kept().issued }

// SignIn returns the flow that signs in the user of a confirmed sign-up. If the flow has the
// session of the confirmation, then the service asks nothing more. The service gives a
// session to app clients with ALLOW_USER_AUTH. The session is good once, for as long as the
// app client's AuthSessionValidity says: three minutes unless set otherwise.
//
// If flow.UserAuth.Session is empty, then the service asks the user for a factor. Any other
// flow, such as [flow.UserSRPAuth], will do as well. If the session has ended, the sign-in
// fails with code [flow.SessionEnded]: start again without the session.
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

// of returns the state of a sign-up to go on with. It refuses a sign-up of another app,
// which the service would answer with an unspecific error.
func (s *SignUp) of(d *flow.Driver) (state, error) {
	kept := s.kept()
	switch {
	case d == nil:
		return kept, errNoDriver
	case kept.username == "":
		return kept, errors.New("account: the SignUp is empty; use one that SignUp, Confirm, Resend or UnmarshalBinary gave")
	case kept.userPoolID != d.App().UserPoolID || kept.clientID != d.App().ClientID:
		return kept, fmt.Errorf("account: the SignUp is of app client %q of %q, the driver of app client %q of %q",
			kept.clientID, kept.userPoolID, d.App().ClientID, d.App().UserPoolID)
	}
	return kept, nil
}

// String says how far the sign-up has got.
func (s SignUp) String() string {
	switch kept := s.kept(); {
	case kept.username == "":
		return "no sign-up"
	case kept.confirmed:
		return "sign-up, confirmed"
	}
	return "sign-up, waiting for a code"
}

// GoString is String, for %#v.
func (s SignUp) GoString() string { return s.String() }

// LogValue is String, for slog.
func (s SignUp) LogValue() slog.Value { return slog.StringValue(s.String()) }

// newSignUp makes a SignUp of a reply that has just come.
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

// SignUp creates a user, and has the service send a code (operation SignUp).
//
// After [flow.NetworkFault] and [flow.CodeNotSent] the user may exist. Then call Resend: if
// the user does not exist, Resend fails with [flow.UnknownUser]. (It does not if the app
// client has PreventUserExistenceErrors.) [flow.NotAllowed]: the pool lets nobody sign up.
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
		if u.Password.IsGiven() { // perhaps in a form field that was left empty
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

// listOf makes the list that a request has in place of a map. The parameter is what errors
// call the map.
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
// space in the code does not matter. The result is the SignUp to sign in with.
//
// The session of a sign-up lives for minutes and the code for a day. If the service refuses
// the session, Confirm sends the code again without it.
//
// [flow.NotAllowed]: the sign-up may be confirmed already, such as by a request whose reply
// was lost ([flow.NetworkFault]). Let the user sign in. [flow.AliasTaken]: another user has
// the address. An error does not spend s: after a wrong code s still has the session.
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
			return call.Refuse(flow.NotAllowed, "", "the sign-up is confirmed already; sign in")
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
		// A wrong code leaves the session as it is: AWS's own clients send the session again
		// (amplify-android pull request 3136).
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

// Resend has the service send another code to a user who has not confirmed the sign-up
// (ResendConfirmationCode). Call Resend also after a sign-in with code
// [flow.SignUpUnconfirmed]. The codes before are void.
//
// The result has no session. If the SignUp of the same user is at hand, go on with that one:
// it takes the new code too, and may still sign in at once.
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
