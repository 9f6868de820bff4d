package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// User has the operations of a user who is signed in.
type User struct {
	client *Client
	tokens *flow.Tokens
	optFns []func(*flow.Options)
}

// User returns the user of the tokens, with options for all calls. User sends nothing. After
// a refresh call User again with the new tokens.
//
// The access token must not have expired, and needs the scope
// aws.cognito.signin.user.admin. Tokens of package flow have this scope. Without an access
// token the methods fail with code [flow.TokenRefused].
func (c *Client) User(t *flow.Tokens, optFns ...func(*flow.Options)) *User {
	return &User{c, t, slices.Clip(optFns)}
}

// call calls an operation that the access token authorizes.
func (u *User) call(ctx context.Context, operation string, do func(context.Context, *flow.Call, *string) error) error {
	return u.client.call(ctx, operation, func(ctx context.Context, call *flow.Call) error {
		token, err := call.AccessToken(u.tokens)
		if err != nil {
			return err
		}
		return do(ctx, call, token)
	}, u.optFns)
}

// TOTP is the key of a new authenticator app.
type TOTP struct {
	Secret secret.String // in base32, as the user may type it
}

// URI returns the otpauth URI for a QR code. The URI contains the key: see
// [challenge.TOTPURI]. The account is a name that the user knows, such as the e-mail
// address. In a pool with e-mail addresses as user names, flow.Tokens.Username is a UUID.
func (t TOTP) URI(issuer, account string) string { return challenge.TOTPURI(t.Secret, issuer, account) }

// StartTOTP begins the set-up of an authenticator app (AssociateSoftwareToken). Each call
// makes a new key, and only the last key counts.
func (u *User) StartTOTP(ctx context.Context) (TOTP, error) {
	var made TOTP
	err := u.call(ctx, "AssociateSoftwareToken", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[flow.SoftwareTokenAPI](call)
		if err != nil {
			return err
		}
		out, err := api.AssociateSoftwareToken(ctx, &cip.AssociateSoftwareTokenInput{AccessToken: token}, call.Repeatable()...)
		if err != nil {
			return err
		}
		if made.Secret = secret.New(aws.ToString(out.SecretCode)); made.Secret.IsZero() {
			return broken("the response has no SecretCode")
		}
		return nil
	})
	if err != nil {
		return TOTP{}, err
	}
	return made, nil
}

// broken returns the error of a reply without a member that the service model demands.
func broken(what string) error { return &smithy.DeserializationError{Err: errors.New(what)} }

// FinishTOTP ends the set-up of an authenticator app with a code of six digits from the app
// (VerifySoftwareToken). White space in the code does not matter. The deviceName is the name
// of the app in later challenges. If deviceName is empty, Options.DeviceName is sent.
//
// The service asks for a code of the app only after [User.SetMFA]. The refresh token stays
// valid. If the pool remembers devices, a refresh must name the device, as
// flow.Driver.Refresh and flow.TokenSource do.
//
// [flow.FactorMissing]: there is no key to verify. Call StartTOTP.
//
// After [flow.NetworkFault] the app may be set up. Call FinishTOTP with the next code. If
// the service refuses that code too, call StartTOTP again.
func (u *User) FinishTOTP(ctx context.Context, code, deviceName string) error {
	return u.call(ctx, "VerifySoftwareToken", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[flow.SoftwareTokenAPI](call)
		if err != nil {
			return err
		}
		given, err := codeOf(call, code)
		if err != nil {
			return err
		}
		if len(*given) != 6 || strings.Trim(*given, "0123456789") != "" {
			return call.Refuse(flow.WrongCode, "the code is not six digits", "the code is not six digits")
		}
		if deviceName == "" {
			deviceName = call.Options.DeviceName
		}
		call.Means("SoftwareTokenMFANotFoundException", flow.FactorMissing)
		out, err := api.VerifySoftwareToken(ctx, &cip.VerifySoftwareTokenInput{
			AccessToken: token, UserCode: given, FriendlyDeviceName: optional(deviceName),
		}, call.Once()...)
		switch {
		case err != nil:
			return err
		case out.Status == "":
			return broken("the response has no Status")
		case out.Status != types.VerifySoftwareTokenResponseTypeSuccess:
			return &types.EnableSoftwareTokenMFAException{Message: aws.String(fmt.Sprintf("the status is %q", out.Status))}
		}
		return nil
	})
}

// MFA is a change of the second factors of a user: challenge.SMSMFA, EmailOTP,
// SoftwareTokenMFA and WebAuthn. A factor that is in no field does not change.
type MFA struct {
	// Preferred is the factor that the service asks for if the user has several. SetMFA
	// enables Preferred too. A passkey cannot be preferred. "": the preference does not
	// change.
	Preferred challenge.Name

	// Enable are factors that the service asks for from now on.
	Enable []challenge.Name

	// Disable are factors that the service does not ask for any more. A preference for
	// one of them ends.
	Disable []challenge.Name
}

// SetMFA changes the second factors of the user (SetUserMFAPreference). The operation sets
// for each factor both whether it is enabled and whether it is preferred. So for Enable
// without Preferred, SetMFA first reads the preference (GetUser), in order to keep it.
//
// [flow.FactorMissing]: the user has no verified address or no authenticator app for a
// factor, or the pool does not have the factor.
func (u *User) SetMFA(ctx context.Context, m MFA) error {
	return u.call(ctx, "SetUserMFAPreference", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			SetUserMFAPreference(context.Context, *cip.SetUserMFAPreferenceInput, ...func(*cip.Options)) (*cip.SetUserMFAPreferenceOutput, error)
		}](call)
		if err != nil {
			return err
		}
		if flaw := m.flaw(); flaw != "" {
			return call.Refuse(flow.InputRefused, "", flaw)
		}
		if m.Preferred == "" && slices.ContainsFunc(m.Enable, canBePreferred) {
			present, err := preferred(ctx, call, token)
			if err != nil {
				return err
			}
			if slices.Contains(m.Enable, present) {
				m.Preferred = present
			}
		}
		call.Means(invalidParameter, flow.FactorMissing)
		in := m.input()
		in.AccessToken = token
		_, err = api.SetUserMFAPreference(ctx, in, call.Repeatable()...)
		return err
	})
}

// preferred returns the second factor that the user prefers.
func preferred(ctx context.Context, call *flow.Call, token *string) (challenge.Name, error) {
	api, err := flow.APIOf[interface {
		GetUser(context.Context, *cip.GetUserInput, ...func(*cip.Options)) (*cip.GetUserOutput, error)
	}](call)
	if err != nil {
		return "", err
	}
	out, err := api.GetUser(ctx, &cip.GetUserInput{AccessToken: token}, call.Repeatable()...)
	if err != nil {
		return "", err
	}
	return challenge.Name(aws.ToString(out.PreferredMfaSetting)), nil
}

func canBePreferred(name challenge.Name) bool { return name != challenge.WebAuthn }

// secondFactors are the factors of SetUserMFAPreference.
var secondFactors = []challenge.Name{challenge.SMSMFA, challenge.EmailOTP, challenge.SoftwareTokenMFA, challenge.WebAuthn}

// flaw returns why the change is impossible, and "" if it is possible.
func (m MFA) flaw() string {
	wanted := slices.Clone(m.Enable)
	if m.Preferred != "" {
		wanted = append(wanted, m.Preferred)
	}
	named := slices.Concat(wanted, m.Disable)
	for _, name := range named {
		if !slices.Contains(secondFactors, name) {
			return fmt.Sprintf("MFA has %.40q: the second factors are %v", name, secondFactors)
		}
	}
	for _, name := range m.Disable {
		if slices.Contains(wanted, name) {
			return fmt.Sprintf("MFA.Disable has %s, and so has MFA.Enable or MFA.Preferred", name)
		}
	}
	switch {
	case len(named) == 0:
		return "MFA is empty: name at least one factor"
	case m.Preferred != "" && !canBePreferred(m.Preferred):
		return "MFA.Preferred is WEB_AUTHN: a passkey can be enabled, but not preferred"
	}
	return ""
}

// input makes the request, without the access token.
func (m MFA) input() *cip.SetUserMFAPreferenceInput {
	in := &cip.SetUserMFAPreferenceInput{}
	for _, name := range secondFactors {
		preferred := name == m.Preferred
		enabled := preferred || slices.Contains(m.Enable, name)
		if !enabled && !slices.Contains(m.Disable, name) {
			continue
		}
		switch name {
		case challenge.SMSMFA:
			in.SMSMfaSettings = &types.SMSMfaSettingsType{Enabled: enabled, PreferredMfa: preferred}
		case challenge.EmailOTP:
			in.EmailMfaSettings = &types.EmailMfaSettingsType{Enabled: enabled, PreferredMfa: preferred}
		case challenge.SoftwareTokenMFA:
			in.SoftwareTokenMfaSettings = &types.SoftwareTokenMfaSettingsType{Enabled: enabled, PreferredMfa: preferred}
		case challenge.WebAuthn:
			in.WebAuthnMfaSettings = &types.WebAuthnMfaSettingsType{Enabled: enabled}
		}
	}
	return in
}

// Factors are the factors that a user has.
type Factors struct {
	// First are the factors that a sign-in with USER_AUTH can begin with, such as
	// challenge.Password, EmailOTP and WebAuthn.
	First []challenge.Name
	// Second are the second factors that are enabled, such as challenge.SMSMFA and
	// SoftwareTokenMFA.
	Second []challenge.Name
	// Preferred is the second factor that the service asks for if the user has several.
	Preferred challenge.Name
}

// onlySecond is the service's name for an authenticator app in the list of first factors. A
// sign-in cannot begin with an authenticator app.
const onlySecond = types.AuthFactorTypeSoftwareToken

// Factors returns the factors of the user (GetUserAuthFactors). Factors can return names that
// package challenge does not have, if the service adds factors.
func (u *User) Factors(ctx context.Context) (Factors, error) {
	var f Factors
	err := u.call(ctx, "GetUserAuthFactors", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			GetUserAuthFactors(context.Context, *cip.GetUserAuthFactorsInput, ...func(*cip.Options)) (*cip.GetUserAuthFactorsOutput, error)
		}](call)
		if err != nil {
			return err
		}
		out, err := api.GetUserAuthFactors(ctx, &cip.GetUserAuthFactorsInput{AccessToken: token}, call.Repeatable()...)
		if err != nil {
			return err
		}
		for _, name := range out.ConfiguredUserAuthFactors {
			if name != onlySecond {
				f.First = append(f.First, challenge.Name(name))
			}
		}
		for _, name := range out.UserMFASettingList {
			f.Second = append(f.Second, challenge.Name(name))
		}
		f.Preferred = challenge.Name(aws.ToString(out.PreferredMfaSetting))
		return nil
	})
	return f, err
}
