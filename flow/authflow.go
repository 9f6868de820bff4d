package flow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
	"github.com/cognitoflow/cognitoflow/internal/typed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// AuthFlow says how a sign-in starts. The types of this package that end in Auth are the
// service's auth flows (AuthFlow of InitiateAuth). Other packages cannot add one.
//
// If Username is empty or has white space around it, the error has the code
// [WrongCredentials], and nothing is sent. The same is true of an empty Password that the auth
// flow needs.
//
// # Passwords
//
// A password is proved by SRP, or sent. The driver proves the password of [UserSRPAuth], of
// [CustomAuth], and of challenge.CurrentPassword with PasswordSRP or "". A request that would
// send such a password has the error [PasswordInClear] and is not sent. The driver sends the
// password of [UserPasswordAuth], of [AdminUserPasswordAuth], and of
// challenge.CurrentPassword with Password. [UserAuth] can do both.
//
// The last password that was given counts: CurrentPassword replaces the password of the
// start. A password stays in memory until the call ends. A new password in answer to
// NEW_PASSWORD_REQUIRED is always sent, because the protocol has no other way.
type AuthFlow interface {
	opening() (opening, error)
}

// UserSRPAuth signs in with USER_SRP_AUTH: the password is proved by SRP and not sent. Use
// UserSRPAuth unless you need another auth flow. Drivers made by New and by NewAdmin take it.
type UserSRPAuth struct {
	Username string // or an alias: e-mail address, phone number, preferred user name
	Password secret.String
}

// UserPasswordAuth signs in with USER_PASSWORD_AUTH: the password is sent to the service.
// A pool needs it to migrate users from another directory. The driver must be made by New.
type UserPasswordAuth struct {
	Username string
	Password secret.String
}

// AdminUserPasswordAuth signs in with ADMIN_USER_PASSWORD_AUTH: a trusted server sends the
// password. The driver must be made by NewAdmin.
type AdminUserPasswordAuth struct {
	Username string
	Password secret.String

	// LegacyName sends the old name of the auth flow, ADMIN_NO_SRP_AUTH. App clients that
	// were set up with the old name expect it.
	LegacyName bool
}

// CustomAuth signs in with CUSTOM_AUTH: the pool's Lambda triggers choose the challenges.
// With a Password, the sign-in begins with SRP. Leave Password out to sign in without a
// password. A Password made of an empty text, such as an empty form field, is an error.
type CustomAuth struct {
	Username string
	Password secret.String // optional
}

// UserAuth signs in with USER_AUTH, the choice-based flow.
type UserAuth struct {
	Username string

	// Preferred is the factor to begin with: challenge.Password, PasswordSRP, EmailOTP,
	// SMSOTP or WebAuthn, or a name that the service adds later. If Preferred is "", or if the
	// user does not have the factor, the pool asks with SELECT_CHALLENGE.
	Preferred challenge.Name

	// Password is needed if Preferred is Password or PasswordSRP. Otherwise the driver
	// uses it if one of the two is chosen later in the same call. The password is sent only
	// if Preferred is Password, or if the answer to SELECT_CHALLENGE chooses Password.
	Password secret.String

	// Session is the session that ConfirmSignUp returned, to sign in after a sign-up
	// without another factor. SignUp.SignIn of package account sets Session. Otherwise leave
	// Session out.
	Session secret.String

	// StepUp, if not nil, asks for a level of authentication. With StepUp.From the
	// Username may be empty. The service accepts the user name of these tokens only.
	StepUp *StepUp
}

// RefreshTokenAuth gets new tokens with REFRESH_TOKEN_AUTH, without a question to the user. The
// service has REFRESH_TOKEN as another name of this auth flow. Most programs call
// [Driver.Refresh] or use a [TokenSource].
//
// The refresh token in the result is the given one unless the service sends another one.
type RefreshTokenAuth struct {
	RefreshToken secret.String

	// Username is needed only for app clients with a secret. Give [Tokens].Username, and not
	// an alias.
	Username string

	// DeviceKey is Tokens.Device.Key. The service demands the key if the pool tracks devices.
	// The key replaces the device of the holder.
	DeviceKey string
}

// opening is an auth flow taken apart: the parts of the first request, and the values that
// later requests need.
type opening struct {
	flow         types.AuthFlowType
	username     string
	credential   credential
	session      string
	deviceKey    string
	refreshToken secret.String // stays in use if the service sends no other one

	given  AuthFlow // the opening is made of it
	stepUp *StepUp

	// first is a challenge whose responses go into the first request: SRP_A or PASSWORD.
	// The handler of that challenge makes them.
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
		// The service's documentation spells the key ChallengeName. The service reads
		// CHALLENGE_NAME.
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
	if traits.Of(f.Preferred).TakesPassword {
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

// typedFields has the user's words for the fields that a user fills in.
var typedFields = map[string]string{"Username": "user name", "Password": "password"}

// emptyField is the error of a field that was left empty, as in a form.
func emptyField(f AuthFlow, name string, code Code) *Error {
	return badField(f, name, "is empty", code)
}

// badField is the error of a field. The text of the error names the field, and the message
// has the user's word for it. The flaw follows in both.
func badField(f AuthFlow, name, flaw string, code Code) *Error {
	err := &Error{Err: fmt.Errorf("%s.%s %s", flowName(f), name, flaw), code: code}
	if typed := typedFields[name]; typed != "" {
		err.message = "the " + typed + " " + flaw
	}
	return err
}

func flowName(f AuthFlow) string { return strings.TrimPrefix(fmt.Sprintf("%T", f), "flow.") }

// open prepares the engine for a sign-in with f. An f that cannot be right is an error.
func (e *engine) open(f AuthFlow) error {
	o, err := e.takeApart(f)
	e.in.opening, e.st.flow, e.st.names.typed = &o, o.flow, o.username
	return err
}

// takeApart takes an auth flow apart. A flow that cannot be right is an error.
func (e *engine) takeApart(f AuthFlow) (opening, error) {
	if f == nil {
		return opening{}, errors.New("flow: the AuthFlow is nil: give one such as UserSRPAuth")
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
		return o, &Error{code: TokenRefused, Err: errors.New("RefreshTokenAuth.Username is empty: an app client with a secret needs Tokens.Username")}
	}
	if s := o.stepUp; s != nil && s.isMet(o.username, e.now(), e.options.Now()) {
		return o, &Error{code: LevelMet, Err: errors.New("StepUp.From has the level: use these tokens")}
	}
	if flaw := typed.NameFlaw(o.username); flaw != "" {
		return o, badField(f, "Username", flaw, WrongCredentials)
	}
	return o, nil
}

// checkFlow refuses a flow that the operations of s do not take. Each of the two pairs of
// operations has one flow that the other pair refuses.
func checkFlow(s service, flow types.AuthFlowType) error {
	switch {
	case (flow == types.AuthFlowTypeAdminUserPasswordAuth || flow == types.AuthFlowTypeAdminNoSrpAuth) && !s.admin():
		return errors.New("flow: AdminUserPasswordAuth needs a driver made by NewAdmin: with New use UserSRPAuth or UserPasswordAuth")
	case flow == types.AuthFlowTypeUserPasswordAuth && s.admin():
		return errors.New("flow: UserPasswordAuth needs a driver made by New: with NewAdmin use AdminUserPasswordAuth")
	}
	return nil
}
