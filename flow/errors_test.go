package flow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
)

// place is a point of a sign-in at which a request can fail.
type place struct {
	chain     string
	operation string
	skip      int // calls of the operation that succeed before
	challenge challenge.Name
}

var (
	atStart     = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER", "InitiateAuth", 0, ""}
	atProof     = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER", "RespondToAuthChallenge", 0, challenge.PasswordVerifier}
	atFirst     = place{"USER_AUTH -> SELECT_CHALLENGE(PASSWORD)", "RespondToAuthChallenge", 0, challenge.SelectChallenge}
	atCode      = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER -> SMS_MFA", "RespondToAuthChallenge", 1, challenge.SMSMFA}
	atTOTP      = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER -> SOFTWARE_TOKEN_MFA", "RespondToAuthChallenge", 1, challenge.SoftwareTokenMFA}
	atChoice    = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER -> SELECT_MFA_TYPE(SMS_MFA) -> SMS_MFA", "RespondToAuthChallenge", 1, challenge.SelectMFAType}
	atPassword  = place{"USER_SRP_AUTH -> PASSWORD_VERIFIER -> NEW_PASSWORD_REQUIRED", "RespondToAuthChallenge", 1, challenge.NewPasswordRequired}
	atAssociate = place{setUpChain, "AssociateSoftwareToken", 0, challenge.MFASetup}
	atVerify    = place{setUpChain, "VerifySoftwareToken", 0, challenge.MFASetup}
	atSetUp     = place{setUpChain, "RespondToAuthChallenge", 1, challenge.MFASetup}
	atCustom    = place{"CUSTOM_AUTH -> CUSTOM_CHALLENGE", "RespondToAuthChallenge", 0, challenge.CustomChallenge}
	atPasskey   = place{"USER_AUTH(WEB_AUTHN) -> WEB_AUTHN", "RespondToAuthChallenge", 0, challenge.WebAuthn}
	atRefresh   = place{"REFRESH_TOKEN_AUTH", "InitiateAuth", 0, ""}
)

const setUpChain = "USER_SRP_AUTH -> PASSWORD_VERIFIER -> AssociateSoftwareToken -> VerifySoftwareToken -> MFA_SETUP"

// is reports whether errors.As finds an error of the SDK's type.
func is[T error](err error) bool { var e T; return errors.As(err, &e) }

// isCode returns a function that reports whether an error has this code of the service. The SDK has
// no type for such an error at the operation.
func isCode(name string) func(error) bool {
	return func(err error) bool {
		var e smithy.APIError
		return errors.As(err, &e) && e.ErrorCode() == name
	}
}

// refusals are the errors of the service, with the places of a sign-in at which they come, and the
// remedy. If the remedy is AnswerPrompt, the error has a prompt, and an answer leads to tokens. The
// same holds if the remedy is TryLater and a person has answered.
var refusals = []struct {
	exception string // without "Exception"
	is        func(error) bool
	remedy    flow.Remedy
	at        []place
}{
	{"NotAuthorized", is[*types.NotAuthorizedException], flow.CheckCredentials, []place{atStart, atProof, atFirst}},
	{"NotAuthorized", is[*types.NotAuthorizedException], flow.StartAgain, []place{atCode, atTOTP, atPassword, atCustom, atVerify, atSetUp, atPasskey, atRefresh}},
	{"UserNotFound", is[*types.UserNotFoundException], flow.CheckCredentials, []place{atStart, atProof}},
	{"UserNotConfirmed", is[*types.UserNotConfirmedException], flow.ConfirmSignUp, []place{atStart, atProof, atCode}},
	{"PasswordResetRequired", is[*types.PasswordResetRequiredException], flow.ResetPassword, []place{atStart, atProof}},
	{"ResourceNotFound", is[*types.ResourceNotFoundException], "", []place{atStart, atProof, atCode}},
	{"CodeMismatch", is[*types.CodeMismatchException], flow.AnswerPrompt, []place{atCode, atTOTP}},
	{"CodeMismatch", is[*types.CodeMismatchException], flow.StartAgain, []place{atProof}},
	{"ExpiredCode", is[*types.ExpiredCodeException], flow.AnswerPrompt, []place{atTOTP}},
	{"ExpiredCode", is[*types.ExpiredCodeException], flow.StartAgain, []place{atCode}},
	{"EnableSoftwareTokenMFA", is[*types.EnableSoftwareTokenMFAException], flow.AnswerPrompt, []place{atVerify}},
	{"InvalidParameter", is[*types.InvalidParameterException], flow.AnswerPrompt, []place{atVerify, atPassword}},
	{"SoftwareTokenMFANotFound", is[*types.SoftwareTokenMFANotFoundException], "", []place{atTOTP, atAssociate}},
	{"MFAMethodNotFound", is[*types.MFAMethodNotFoundException], "", []place{atChoice}},
	{"InvalidPassword", is[*types.InvalidPasswordException], flow.AnswerPrompt, []place{atPassword}},
	{"PasswordHistoryPolicyViolation", is[*types.PasswordHistoryPolicyViolationException], flow.AnswerPrompt, []place{atPassword}},
	{"AliasExists", is[*types.AliasExistsException], flow.AnswerPrompt, []place{atPassword}},
	{"AliasExists", is[*types.AliasExistsException], "", []place{atCode}},
	{"Forbidden", is[*types.ForbiddenException], "", []place{atStart, atCode}},
	{"TooManyRequests", is[*types.TooManyRequestsException], flow.TryLater, []place{atStart, atProof, atCode, atPassword, atCustom, atRefresh}},
	{"LimitExceeded", isCode("LimitExceededException"), flow.TryLater, []place{atStart, atCode}},
	{"InternalError", is[*types.InternalErrorException], flow.TryLater, []place{atStart, atProof, atCode, atPasskey}},
	{"UserLambdaValidation", is[*types.UserLambdaValidationException], "", []place{atStart, atCustom}},
	{"UnexpectedLambda", is[*types.UnexpectedLambdaException], "", []place{atStart, atCustom}},
	{"InvalidLambdaResponse", is[*types.InvalidLambdaResponseException], "", []place{atStart, atCustom}},
	{"InvalidUserPoolConfiguration", is[*types.InvalidUserPoolConfigurationException], "", []place{atStart, atCode}},
	{"InvalidSmsRoleAccessPolicy", is[*types.InvalidSmsRoleAccessPolicyException], "", []place{atStart, atProof}},
	{"InvalidSmsRoleTrustRelationship", is[*types.InvalidSmsRoleTrustRelationshipException], "", []place{atStart, atChoice}},
	{"InvalidEmailRoleAccessPolicy", is[*types.InvalidEmailRoleAccessPolicyException], "", []place{atStart, atProof}},
	{"UnsupportedOperation", is[*types.UnsupportedOperationException], "", []place{atStart}},
	{"UnsupportedTokenType", isCode("UnsupportedTokenTypeException"), "", []place{atRefresh}},
	{"Unauthorized", isCode("UnauthorizedException"), "", []place{atRefresh}},
	{"RefreshTokenReuse", isCode("RefreshTokenReuseException"), flow.StartAgain, []place{atRefresh}},
	{"InvalidParameter", is[*types.InvalidParameterException], "", []place{atStart, atProof, atCode, atRefresh}},
	{"WeatherOnMars", isCode("WeatherOnMarsException"), "", []place{atStart, atCode}}, // no version of the SDK has this one
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range refusals {
		for _, at := range c.at {
			t.Run(c.exception+"/"+at.operation+" "+string(at.challenge), func(t *testing.T) {
				r, f := newChain(t, at.chain, "secret")
				fault := cognitotest.Fault{Operation: at.operation, Skip: at.skip, Error: c.exception + "Exception"}
				if c.exception == "InternalError" && (at == atStart || at == atProof) {
					fault.Times = 2 // after one such error, the sign-in begins again
				}
				r.pool.Fail(fault)
				var e *flow.Error
				if err := r.walk(f); !errors.As(err, &e) {
					t.Fatalf("got %v, want a flow.Error", err)
				}
				if !c.is(e) || e.Operation != at.operation || e.Challenge != at.challenge || e.Remedy() != c.remedy {
					t.Errorf("got %+v", e)
				}
				answered := at.challenge != "" && at != atProof && at != atAssociate
				again := c.remedy == flow.AnswerPrompt || c.remedy == flow.TryLater && answered
				if (e.Prompt != nil) != again {
					t.Fatalf("a prompt to answer: %v, want %v", e.Prompt != nil, again)
				}
				r.checkText(e)
				if !again { // only a new sign-in can succeed
					r.left = r.Steps
					r.byHandler(f)
					return
				}
				asked := e.Prompt.Challenge()
				if refused := asked.Attempt == 1 && asked.Reason != nil; refused != (c.remedy == flow.AnswerPrompt) {
					t.Errorf("attempt %d, reason %v", asked.Attempt, asked.Reason)
				}
				r.left = append([]chains.Step{r.last}, r.left...)
				if err := r.resume(flow.Step{Prompt: e.Prompt}); err != nil {
					t.Errorf("the prompt of the error does not lead to tokens: %v", err)
				}
			})
		}
	}
}

// walk signs in step by step until tokens or the first error.
func (r *chainRun) walk(f flow.AuthFlow) error {
	step, err := r.driver().Start(r.Context(), f)
	if err != nil {
		return err
	}
	return r.resume(step)
}

func (r *chainRun) resume(step flow.Step) error {
	for step.Tokens == nil {
		answer, err := r.answer(r.Context(), step.Prompt.Challenge())
		if err != nil {
			return err
		}
		if step, err = r.driver().Respond(r.Context(), step.Prompt, answer); err != nil {
			return err
		}
	}
	return nil
}

// checkText wants an error to name its operation and challenge, to quote the service, and to contain
// no secret.
func (r *chainRun) checkText(e *flow.Error) {
	r.Helper()
	text := e.Error()
	for _, part := range []string{e.Operation, string(e.Challenge), `: "fault injected by the test"`, "[" + string(e.Code())} {
		if !strings.Contains(text, part) {
			r.Errorf("%q does not say %q", text, part)
		}
	}
	for _, secret := range []string{password, clientSecret, r.pool.LastCode(username).Code} {
		if secret != "" && strings.Contains(text, secret) {
			r.Errorf("%q contains a secret", text)
		}
	}
}

// refusals has each exception that the operations of a sign-in can return.
func TestRefusalsAreComplete(t *testing.T) {
	tested := make(map[string]bool)
	for _, c := range refusals {
		tested[c.exception] = true
	}
	for name := range strings.FieldsSeq(`NotAuthorized UserNotFound UserNotConfirmed PasswordResetRequired
		ResourceNotFound CodeMismatch ExpiredCode EnableSoftwareTokenMFA SoftwareTokenMFANotFound MFAMethodNotFound
		InvalidPassword PasswordHistoryPolicyViolation AliasExists Forbidden TooManyRequests InternalError
		UserLambdaValidation UnexpectedLambda InvalidLambdaResponse InvalidUserPoolConfiguration
		InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship InvalidEmailRoleAccessPolicy UnsupportedOperation
		UnsupportedTokenType Unauthorized RefreshTokenReuse InvalidParameter LimitExceeded`) {
		if !tested[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}
