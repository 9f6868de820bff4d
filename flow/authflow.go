package flow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/typed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// AuthFlow is how a sign-in starts. The types of this package that end in Auth
// are the service's auth flows (AuthFlow of InitiateAuth). Other packages cannot
// add one.
//
// An empty Username, an empty Password that the flow needs, and white space around
// Username are errors of code [WrongCredentials]: a form may have been left empty.
// Nothing is sent then.
type AuthFlow interface {
	opening() (opening, error)
}

// UserSRPAuth signs in with USER_SRP_AUTH: the password is proved by SRP and not
// sent, whatever the service asks and whatever a handler chooses. It is the flow to
// use with a driver made by New, and works with NewAdmin too.
type UserSRPAuth struct {
	Username string // or an alias: e-mail address, phone number, preferred user name
	Password secret.String
}

// UserPasswordAuth signs in with USER_PASSWORD_AUTH: the password is sent to
// the service. Pools need it to migrate users from elsewhere. It takes a driver
// made by New.
type UserPasswordAuth struct {
	Username string
	Password secret.String
}

// AdminUserPasswordAuth signs in with ADMIN_USER_PASSWORD_AUTH: a trusted server
// sends the password. It takes a driver made by NewAdmin.
type AdminUserPasswordAuth struct {
	Username string
	Password secret.String

	// LegacyName sends the flow's old name, ADMIN_NO_SRP_AUTH, which app
	// clients that were set up with it still expect.
	LegacyName bool
}

// CustomAuth signs in with CUSTOM_AUTH: the pool's Lambda triggers decide what
// is asked. With a Password the sign-in begins with SRP, and the password is not
// sent. Leave Password out to sign in without one. A Password that was given and
// is empty, such as that of a form field, is an error.
type CustomAuth struct {
	Username string
	Password secret.String // optional
}

// UserAuth signs in with USER_AUTH, the choice-based flow.
type UserAuth struct {
	Username string

	// Preferred is the first factor to begin with: challenge.Password,
	// PasswordSRP, EmailOTP, SMSOTP or WebAuthn, or a name that the service adds.
	// If Preferred is "", or if the user has no such factor, the pool asks with
	// SELECT_CHALLENGE.
	Preferred challenge.Name

	// Password is needed for Preferred Password and PasswordSRP. Otherwise it
	// is used when one of them is chosen later in the same call. It is sent only
	// if Preferred is Password, or if the answer to SELECT_CHALLENGE chooses
	// Password.
	Password secret.String

	// Session is what ConfirmSignUp returned, to sign in straight after
	// sign-up without another factor; usually empty. SignUp.SignIn of package
	// account sets it.
	Session secret.String

	// StepUp, if not nil, asks for a level of authentication. With StepUp.From the
	// Username may be empty: it is that of the tokens, and no other one will do.
	StepUp *StepUp
}

// RefreshTokenAuth gets new tokens with REFRESH_TOKEN_AUTH. Nobody is asked
// anything, and the refresh token in the result is the one given here unless
// the service sent a new one.
type RefreshTokenAuth struct {
	RefreshToken secret.String

	// Username is needed for app clients with a secret only, and must be the
	// one in the tokens, [Tokens].Username: not an alias.
	Username string

	// DeviceKey is Tokens.Device.Key, which the service demands where the pool tracks
	// devices. The key takes the place of the holder's device.
	DeviceKey string
}

// opening is an auth flow taken apart: the first request and what the later
// ones need.
type opening struct {
	flow         types.AuthFlowType
	username     string
	credential   credential
	session      string
	deviceKey    string
	refreshToken secret.String // to be kept if no other one comes

	given  AuthFlow // which it was made of
	stepUp *StepUp

	// first is a challenge whose responses go into the first request, made by
	// its machine handler as they would be later: SRP_A or PASSWORD.
	first  challenge.Name
	params map[string]string
}

// refreshes reports whether a flow asks for new tokens with a refresh token.
func refreshes(flow types.AuthFlowType) bool { return flow == types.AuthFlowTypeRefreshTokenAuth }

func (f UserSRPAuth) opening() (opening, error) {
	return opening{
		flow: types.AuthFlowTypeUserSrpAuth, username: f.Username, credential: credential{f.Password, proveOnly}, first: challenge.PasswordSRP,
	}, nil
}

func (f UserPasswordAuth) opening() (opening, error) {
	return opening{
		flow: types.AuthFlowTypeUserPasswordAuth, username: f.Username, credential: credential{f.Password, maySend}, first: challenge.Password,
	}, nil
}

func (f AdminUserPasswordAuth) opening() (opening, error) {
	o := opening{
		flow: types.AuthFlowTypeAdminUserPasswordAuth, username: f.Username, credential: credential{f.Password, maySend}, first: challenge.Password,
	}
	if f.LegacyName {
		o.flow = types.AuthFlowTypeAdminNoSrpAuth
	}
	return o, nil
}

func (f CustomAuth) opening() (opening, error) {
	o := opening{flow: types.AuthFlowTypeCustomAuth, username: f.Username, credential: credential{f.Password, proveOnly}}
	switch {
	case !f.Password.IsZero():
		o.first = challenge.PasswordSRP
		// The service's documentation spells the key ChallengeName; what it
		// reads is this.
		o.params = map[string]string{"CHALLENGE_NAME": "SRP_A"}
	case f.Password.IsGiven():
		e := emptyField(f, "Password", WrongCredentials)
		e.advice = "leave the field out to sign in without a password"
		return o, e
	}
	return o, nil
}

func (f UserAuth) opening() (opening, error) {
	o := opening{
		flow: types.AuthFlowTypeUserAuth, username: f.Username, credential: credential{f.Password, asChosen}, session: f.Session.Reveal(),
		params: map[string]string{},
	}
	if f.Preferred.TakesPassword() {
		o.first, o.credential.use = f.Preferred, useFor(f.Preferred)
	}
	if s := f.StepUp; s != nil {
		var err error
		if o.params, err = s.params(); err != nil {
			return o, fmt.Errorf("flow: UserAuth: %w", err)
		}
		if o.stepUp = s; s.From != nil && o.username == "" {
			o.username = s.From.Username
		}
	}
	if f.Preferred != "" {
		o.params["PREFERRED_CHALLENGE"] = string(f.Preferred)
	}
	return o, nil
}

func (f RefreshTokenAuth) opening() (opening, error) {
	if f.RefreshToken.IsZero() {
		return opening{}, emptyField(f, "RefreshToken", TokenRefused)
	}
	return opening{
		flow: types.AuthFlowTypeRefreshTokenAuth, username: f.Username, deviceKey: f.DeviceKey, refreshToken: f.RefreshToken,
		params: map[string]string{"REFRESH_TOKEN": f.RefreshToken.Reveal()},
	}, nil
}

// typedFields are the fields that a user fills in, as the user knows them.
var typedFields = map[string]string{"Username": "user name", "Password": "password"}

// emptyField is the error of a field that was left empty, as in a form.
func emptyField(f AuthFlow, name string, code Code) *Error {
	return badField(f, name, "is empty", code)
}

// badField is the error of a field. The flaw follows the name of the field in the text
// of the error, and the user's word for the field in the message.
func badField(f AuthFlow, name, flaw string, code Code) *Error {
	err := &Error{Err: fmt.Errorf("%s.%s %s", flowName(f), name, flaw), code: code}
	if typed := typedFields[name]; typed != "" {
		err.message = "the " + typed + " " + flaw
	}
	return err
}

func flowName(f AuthFlow) string { return strings.TrimPrefix(fmt.Sprintf("%T", f), "flow.") }

// open makes the engine that of a sign-in with f, and refuses an f that cannot be right.
func (e *engine) open(f AuthFlow) error {
	o, err := e.takeApart(f)
	e.in.opening, e.st.flow, e.st.names.typed = &o, o.flow, o.username
	return err
}

// takeApart takes an auth flow apart and refuses one that cannot be right.
func (e *engine) takeApart(f AuthFlow) (opening, error) {
	if f == nil {
		return opening{}, errors.New("flow: the AuthFlow is nil; give one such as UserSRPAuth")
	}
	o, err := f.opening()
	if err != nil {
		return o, err
	}
	if err := checkFlow(e.service, o.flow); err != nil {
		return o, err
	}
	o.given = f
	hashed := e.service.hashes() && e.options.hasClientSecret(e.app)
	switch {
	case o.username == "" && !refreshes(o.flow):
		return o, emptyField(f, "Username", WrongCredentials)
	case o.username == "" && hashed:
		return o, &Error{code: TokenRefused, Err: errors.New("RefreshTokenAuth.Username is empty; an app client with a secret needs Tokens.Username")}
	}
	if s := o.stepUp; s != nil && s.isMet(o.username, e.now(), e.options.Now()) {
		return o, &Error{code: LevelMet, Err: errors.New("StepUp.From has the level; use these tokens")}
	}
	if flaw := typed.NameFlaw(o.username); flaw != "" {
		return o, badField(f, "Username", flaw, WrongCredentials)
	}
	return o, nil
}

// checkFlow refuses a flow that the operations of s do not take: each of the two
// pairs has one flow of its own.
func checkFlow(s service, flow types.AuthFlowType) error {
	switch {
	case (flow == types.AuthFlowTypeAdminUserPasswordAuth || flow == types.AuthFlowTypeAdminNoSrpAuth) && !s.admin():
		return errors.New("flow: AdminUserPasswordAuth needs a driver made by NewAdmin; with New use UserSRPAuth or UserPasswordAuth")
	case flow == types.AuthFlowTypeUserPasswordAuth && s.admin():
		return errors.New("flow: UserPasswordAuth needs a driver made by New; with NewAdmin use AdminUserPasswordAuth")
	}
	return nil
}
