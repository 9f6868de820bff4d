package account_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

func TestMethodsAreComplete(t *testing.T) {
	listed := map[string]bool{"User": true} // User sends nothing
	for _, m := range methods {
		listed[m.name] = true
	}
	declared := map[string]bool{}
	for _, of := range []reflect.Type{reflect.TypeFor[*account.Client](), reflect.TypeFor[*account.User]()} {
		for i := range of.NumMethod() {
			declared[of.Method(i).Name] = true
		}
	}
	if !maps.Equal(listed, declared) {
		t.Errorf("the tests know %v, the package has %v", slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(declared)))
	}
}

// Each error of the service that the API model has for these operations, and each that any
// operation can have.
func TestRefusals(t *testing.T) {
	everywhere := map[string]flow.Code{
		"TooManyRequestsException": flow.Throttled, "InternalErrorException": flow.ServiceFault, "ForbiddenException": flow.Forbidden,
		"ResourceNotFoundException": flow.Other, "OperationNotEnabledException": flow.OperationNotEnabled,
		"FeatureUnavailableInTierException": flow.FeatureUnavailable, "UnknownOperationException": flow.NotImplemented,
		"PasswordResetRequiredException": flow.PasswordReset, "UserNotConfirmedException": flow.SignUpUnconfirmed,
		"InvalidParameterException": flow.Other, "LimitExceededException": flow.Throttled,
	}
	byName := map[string]flow.Code{
		"NotAuthorizedException": flow.NotAllowed, "UserNotFoundException": flow.UnknownUser, "CodeDeliveryFailureException": flow.CodeNotSent,
		"UserLambdaValidationException": flow.TriggerRefused, "UnexpectedLambdaException": flow.Other, "InvalidLambdaResponseException": flow.Other,
		"InvalidSmsRoleTrustRelationshipException": flow.Other, "InvalidEmailRoleAccessPolicyException": flow.Other,
	}
	byToken := map[string]flow.Code{"NotAuthorizedException": flow.TokenRefused, "UserNotFoundException": flow.TokenRefused}
	special := map[string]map[string]flow.Code{
		"SignUp": {
			"UsernameExistsException": flow.UsernameTaken, "InvalidPasswordException": flow.PasswordRefused, "InvalidParameterException": flow.InputRefused,
		},
		"Confirm": {
			"CodeMismatchException": flow.WrongCode, "ExpiredCodeException": flow.CodeExpired, "AliasExistsException": flow.AliasTaken,
			"TooManyFailedAttemptsException": flow.Throttled,
		},
		"Resend":         {"InvalidParameterException": flow.NotAllowed},
		"ForgotPassword": {"InvalidParameterException": flow.NotAllowed},
		"ResetPassword": {
			"CodeMismatchException": flow.WrongCode, "ExpiredCodeException": flow.CodeExpired, "InvalidPasswordException": flow.PasswordRefused,
			"PasswordHistoryPolicyViolationException": flow.PasswordRefused, "TooManyFailedAttemptsException": flow.Throttled,
		},
		"ChangePassword": {
			"NotAuthorizedException": flow.WrongCredentials, "InvalidPasswordException": flow.PasswordRefused,
			"PasswordHistoryPolicyViolationException": flow.PasswordRefused,
		},
		"StartTOTP": {"SoftwareTokenMFANotFoundException": flow.Other, "ConcurrentModificationException": flow.ServiceFault},
		"FinishTOTP": {
			"EnableSoftwareTokenMFAException": flow.WrongCode, "CodeMismatchException": flow.WrongCode, "SoftwareTokenMFANotFoundException": flow.FactorMissing,
		},
		"SetMFA": {"InvalidParameterException": flow.FactorMissing},
		"StartPasskey": {
			"LimitExceededException": flow.NotAllowed, "WebAuthnNotEnabledException": flow.Other, "WebAuthnConfigurationMissingException": flow.Other,
		},
		"FinishPasskey": {
			"LimitExceededException": flow.NotAllowed, "InvalidParameterException": flow.PasskeyRefused,
			"WebAuthnChallengeNotFoundException": flow.PasskeyRefused, "WebAuthnClientMismatchException": flow.PasskeyRefused,
			"WebAuthnCredentialNotSupportedException": flow.PasskeyRefused, "WebAuthnNotEnabledException": flow.Other,
			"WebAuthnOriginNotAllowedException": flow.Other, "WebAuthnRelyingPartyMismatchException": flow.Other,
		},
		"DeletePasskey": {"ResourceNotFoundException": ""},
	}
	r := newRig(t, "public", "name", nil)
	tokens := r.signIn(password)
	for _, m := range methods {
		want := maps.Clone(everywhere)
		maps.Copy(want, map[bool]map[string]flow.Code{false: byName, true: byToken}[m.user])
		maps.Copy(want, special[m.name])
		for name, code := range want {
			t.Run(m.name+"/"+name, func(t *testing.T) {
				r.wire.fail(m.operation, name, 10)
				defer r.wire.fail(m.operation, "", 0)
				err := m.call(t.Context(), r.accounts, tokens)
				must(t, m.name, err, code)
				var e *flow.Error
				if errors.As(err, &e) && (e.Operation != m.operation || e.ServiceCode() != name || e.Code() != code) {
					t.Errorf("%s: operation %q, service code %q, code %q", m.name, e.Operation, e.ServiceCode(), e.Code())
				}
			})
		}
	}
}

// If the reply is lost, a request is sent again only if a repetition does no harm.
func TestLostReplies(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			r := newRig(t, "secret", "name", nil)
			tokens := r.signIn(password)
			if m.name == "Confirm" || m.name == "Resend" {
				r.signUp()
			}
			accept := map[string]any{}
			r.wire.accept = map[string]map[string]any{m.operation: accept}
			if m.operation == "AssociateSoftwareToken" {
				accept["SecretCode"] = "JBSWY3DP"
			}
			if m.operation == "StartWebAuthnRegistration" {
				accept["CredentialCreationOptions"] = map[string]any{}
			}
			if m.operation == "VerifySoftwareToken" {
				accept["Status"] = "SUCCESS"
			}
			r.wire.fail(m.operation, "", 1)
			err := m.call(t.Context(), r.accounts, tokens)
			sent := len(r.wire.sentTo(m.operation))
			if m.twice {
				must(t, "the second reply", err, "")
			} else {
				must(t, "the lost reply", err, flow.NetworkFault)
			}
			if want := map[bool]int{false: 1, true: 2}[m.twice]; sent != want {
				t.Errorf("sent %d times, want %d", sent, want)
			}
			// A throttled request is sent again, because the service has not acted.
			r.wire.fail(m.operation, "TooManyRequestsException", 1)
			must(t, "throttled once", m.call(t.Context(), r.accounts, tokens), "")
		})
	}
}

func TestEndedContexts(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	tokens := r.signIn(password)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	before := r.wire.count()
	for _, m := range methods {
		for how, ctx := range map[string]context.Context{"canceled": canceled, "deadline": past} {
			must(t, m.name+", "+how, m.call(ctx, r.accounts, tokens), flow.Canceled)
		}
	}
	if sent := r.wire.count() - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// A context that ends during the call.
func TestContextThatEndsDuringACall(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	tokens := r.signIn(password)
	for _, m := range methods {
		ctx, cancel := context.WithCancel(t.Context())
		r.wire.onRequest = cancel
		must(t, m.name, m.call(ctx, r.accounts, tokens), flow.Canceled)
	}
	r.wire.onRequest = nil
}

// RequestTimeout is the driver's, and not the caller's.
func TestRequestTimeout(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	tokens := r.signIn(password)
	for _, m := range methods {
		err := m.call(t.Context(), r.accounts, tokens, func(o *flow.Options) { o.RequestTimeout = 1 })
		must(t, m.name, err, flow.NetworkFault)
	}
}

type twoMethods struct{ flow.API }

func TestAPIWithoutTheOperation(t *testing.T) {
	d, err := flow.New(twoMethods{}, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range methods {
		err := m.call(t.Context(), account.For(d), &flow.Tokens{AccessToken: secret.New("access")})
		must(t, m.name, err, flow.Misconfigured)
		if !strings.HasPrefix(err.Error(), "flow: "+m.operation+": account_test.twoMethods does not have this operation") {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

func TestNoDriver(t *testing.T) {
	c := account.For(nil)
	for _, m := range methods {
		if m.name == "Confirm" {
			continue // there is no sign-up to confirm
		}
		if err := m.call(t.Context(), c, &flow.Tokens{AccessToken: secret.New("access")}); err == nil || !strings.HasPrefix(err.Error(), "account: there is no driver") {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	if _, err := c.Confirm(t.Context(), new(account.SignUp), "123456"); err == nil || !strings.HasPrefix(err.Error(), "account: there is no driver") {
		t.Errorf("Confirm: %v", err)
	}
	if err := new(account.User).DeletePasskey(t.Context(), "a-credential"); err == nil || !strings.HasPrefix(err.Error(), "account: there is no driver") {
		t.Errorf("a User that no Client made: %v", err)
	}
}

// The hash, the metadata and the context go along with the operations that take them. The
// options of the call come last.
func TestWhatGoesAlong(t *testing.T) {
	for _, client := range []string{"public", "secret"} {
		r := newRig(t, client, "name", nil)
		tokens := r.signIn(password)
		r.wire.accept = map[string]map[string]any{
			"AssociateSoftwareToken": {"SecretCode": "JBSWY3DP"}, "VerifySoftwareToken": {"Status": "SUCCESS"},
			"StartWebAuthnRegistration": {"CredentialCreationOptions": map[string]any{}}, "GetUserAuthFactors": {}, "ListWebAuthnCredentials": {},
		}
		for _, m := range methods {
			if r.wire.accept[m.operation] == nil {
				r.wire.accept[m.operation] = map[string]any{}
			}
			must(t, m.name, m.call(t.Context(), r.accounts, tokens, contextData), "")
			body := r.wire.sentTo(m.operation)[0]
			var hash any
			if name, _ := body["Username"].(string); client == "secret" && !m.user {
				hash = secrethash.Compute(name, client, clientSecret)
			}
			if body["SecretHash"] != hash {
				t.Errorf("%s, %s: the hash is %v, want %v", client, m.name, body["SecretHash"], hash)
			}
			for _, member := range []string{"ClientMetadata", "UserContextData", "AnalyticsMetadata"} {
				if (body[member] != nil) == m.user {
					t.Errorf("%s: %s is %v", m.name, member, body[member])
				}
			}
			if m.user != (body["AccessToken"] == tokens.AccessToken.Reveal()) {
				t.Errorf("%s: the access token is %v", m.name, body["AccessToken"])
			}
		}
	}
}

// The secret of an app client may come from a function, which may fail.
func TestSecretOfAFunction(t *testing.T) {
	r := newRig(t, "secret", "name", nil)
	r.signUp()
	for _, m := range methods {
		if m.user {
			continue
		}
		before := r.wire.count()
		err := m.call(t.Context(), r.accounts, nil, func(o *flow.Options) {
			o.ClientSecret = func(context.Context) (secret.String, error) {
				return secret.String{}, errors.New("the vault is sealed")
			}
		})
		must(t, m.name, err, flow.SecretUnavailable)
		if r.wire.count() != before {
			t.Errorf("%s was sent", m.name)
		}
	}
}

// An SDK client whose errors have only a type.
func TestErrorsOfAFake(t *testing.T) {
	d, err := flow.New(refusing{}, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = account.For(d).ForgotPassword(t.Context(), "ada")
	must(t, "ForgotPassword", err, flow.NotAllowed)
	if want := `flow: ForgotPassword: NotAuthorizedException: "User password cannot be reset in the current state." [not_allowed]`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

type refusing struct{ flow.API }

func (refusing) ForgotPassword(context.Context, *cip.ForgotPasswordInput, ...func(*cip.Options)) (*cip.ForgotPasswordOutput, error) {
	return nil, &types.NotAuthorizedException{Message: aws.String("User password cannot be reset in the current state.")}
}
