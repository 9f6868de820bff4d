package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
	"github.com/cognitoflow/cognitoflow/secret"
)

// API has the operations that a driver made by [New] needs. A
// *cognitoidentityprovider.Client implements it. For a test, implement the two methods, or use
// the pool of package cognitotest. The requests are not signed, so the client may have
// aws.AnonymousCredentials.
//
// If the value has the methods of [SoftwareTokenAPI], [TokenAPI] or [DeviceAPI] too, the
// driver uses these methods when a call needs them.
type API interface {
	InitiateAuth(context.Context, *cip.InitiateAuthInput, ...func(*cip.Options)) (*cip.InitiateAuthOutput, error)
	RespondToAuthChallenge(context.Context, *cip.RespondToAuthChallengeInput, ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error)
}

// AdminAPI has the operations that a driver made by [NewAdmin] needs. The requests are
// signed with AWS credentials.
type AdminAPI interface {
	AdminInitiateAuth(context.Context, *cip.AdminInitiateAuthInput, ...func(*cip.Options)) (*cip.AdminInitiateAuthOutput, error)
	AdminRespondToAuthChallenge(context.Context, *cip.AdminRespondToAuthChallengeInput, ...func(*cip.Options)) (*cip.AdminRespondToAuthChallengeOutput, error)
}

// SoftwareTokenAPI has the operations that set up an authenticator app during a sign-in
// (MFA_SETUP).
type SoftwareTokenAPI interface {
	AssociateSoftwareToken(context.Context, *cip.AssociateSoftwareTokenInput, ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error)
	VerifySoftwareToken(context.Context, *cip.VerifySoftwareTokenInput, ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error)
}

// request is one call of the service. A request with a flow starts a sign-in. Any other
// request answers the challenge, or takes one of the two steps before the answer to MFA_SETUP.
type request struct {
	flow      types.AuthFlowType
	challenge challenge.Name
	step      setUpStep
	params    map[string]string
	code      string // of VerifySoftwareToken
	session   string
	by        By
	person    bool // a person gave the content of the request

	clientSecret secret.String // Options.ClientSecret may return another one next time
}

// setUpStep is an operation before the answer to MFA_SETUP.
type setUpStep string

const (
	associateStep setUpStep = "AssociateSoftwareToken"
	verifyStep    setUpStep = "VerifySoftwareToken"
)

func (r request) isZero() bool   { return r.flow == "" && r.challenge == "" }
func (r request) isStart() bool  { return r.flow != "" }
func (r request) isAnswer() bool { return r.flow == "" && r.step == "" }

// operation returns the operation for r. The prefix tells the pair of operations. The steps
// of the set-up of an authenticator app are the same in both pairs.
func (r request) operation(prefix string) string {
	switch {
	case r.step != "":
		return string(r.step)
	case r.isStart():
		return prefix + "InitiateAuth"
	}
	return prefix + "RespondToAuthChallenge"
}

// provesDevice reports whether r answers one of the two challenges that prove a
// device.
func (r request) provesDevice() bool { return r.isAnswer() && traits.Of(r.challenge).ProvesDevice }

// provesPassword reports whether the other end can try passwords with the content of r, or
// gets the password itself.
func (r request) provesPassword() bool {
	return r.params["PASSWORD"] != "" || r.isAnswer() && traits.Of(r.challenge).ProvesSRP && !traits.Of(r.challenge).ProvesDevice
}

// spends reports whether r uses up something at the service that does not work twice: a
// session, or a code that the service sends.
func (r request) spends() bool {
	return !r.isStart() || r.session != "" || traits.Of(r.params["PREFERRED_CHALLENGE"]).SendsCode ||
		r.stepsUpFromTokens() // the missing factor may be a code by SMS
}

// reply is the common form of the replies to all operations.
type reply struct {
	challenge challenge.Name
	params    map[string]string
	available []challenge.Name
	session   string
	tokens    *types.AuthenticationResultType

	totpSecret secret.String // of AssociateSoftwareToken
	verified   bool          // of VerifySoftwareToken

	at time.Time // by the service's clock, zero if the reply does not tell
}

// service is the set of operations that a sign-in uses.
type service interface {
	// send calls the operation for r with the options of this sign-in.
	send(context.Context, request, App, *Options) (*reply, error)
	operation(request) string
	admin() bool
	hashes() bool // whether requests carry SECRET_HASH, and not the secret itself
}

type userService struct{ api API }

func (userService) admin() bool  { return false }
func (userService) hashes() bool { return true }

func (userService) operation(r request) string { return r.operation("") }

func (s userService) send(ctx context.Context, r request, app App, o *Options) (*reply, error) {
	switch {
	case r.step != "":
		return setUpSoftwareToken(ctx, s.api, r, o)
	case r.isStart():
		out, err := s.api.InitiateAuth(ctx, &cip.InitiateAuthInput{
			AuthFlow:          r.flow,
			ClientId:          aws.String(app.ClientID),
			AuthParameters:    r.params,
			Session:           optional(r.session),
			ClientMetadata:    o.ClientMetadata,
			UserContextData:   o.UserContextData,
			AnalyticsMetadata: o.AnalyticsMetadata,
		}, o.clientOptions(r)...)
		if err != nil {
			return nil, err
		}
		return newReply(out.ChallengeName, out.ChallengeParameters, out.AvailableChallenges, out.Session, out.AuthenticationResult, out.ResultMetadata), nil
	}
	out, err := s.api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName:      types.ChallengeNameType(r.challenge),
		ClientId:           aws.String(app.ClientID),
		ChallengeResponses: r.params,
		Session:            optional(r.session),
		ClientMetadata:     o.ClientMetadata,
		UserContextData:    o.UserContextData,
		AnalyticsMetadata:  o.AnalyticsMetadata,
	}, o.clientOptions(r)...)
	if err != nil {
		return nil, err
	}
	return newReply(out.ChallengeName, out.ChallengeParameters, nil, out.Session, out.AuthenticationResult, out.ResultMetadata), nil
}

type adminService struct{ api AdminAPI }

func (adminService) admin() bool  { return true }
func (adminService) hashes() bool { return true }

func (adminService) operation(r request) string { return r.operation("Admin") }

func (s adminService) send(ctx context.Context, r request, app App, o *Options) (*reply, error) {
	switch {
	case r.step != "":
		return setUpSoftwareToken(ctx, s.api, r, o)
	case r.isStart():
		out, err := s.api.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
			AuthFlow:          r.flow,
			ClientId:          aws.String(app.ClientID),
			UserPoolId:        aws.String(app.UserPoolID),
			AuthParameters:    r.params,
			Session:           optional(r.session),
			ClientMetadata:    o.ClientMetadata,
			ContextData:       o.ContextData,
			AnalyticsMetadata: o.AnalyticsMetadata,
		}, o.clientOptions(r)...)
		if err != nil {
			return nil, err
		}
		return newReply(out.ChallengeName, out.ChallengeParameters, out.AvailableChallenges, out.Session, out.AuthenticationResult, out.ResultMetadata), nil
	}
	out, err := s.api.AdminRespondToAuthChallenge(ctx, &cip.AdminRespondToAuthChallengeInput{
		ChallengeName:      types.ChallengeNameType(r.challenge),
		ClientId:           aws.String(app.ClientID),
		UserPoolId:         aws.String(app.UserPoolID),
		ChallengeResponses: r.params,
		Session:            optional(r.session),
		ClientMetadata:     o.ClientMetadata,
		ContextData:        o.ContextData,
		AnalyticsMetadata:  o.AnalyticsMetadata,
	}, o.clientOptions(r)...)
	if err != nil {
		return nil, err
	}
	return newReply(out.ChallengeName, out.ChallengeParameters, nil, out.Session, out.AuthenticationResult, out.ResultMetadata), nil
}

// setUpSoftwareToken takes a step of the set-up of an authenticator app.
func setUpSoftwareToken(ctx context.Context, api any, r request, o *Options) (*reply, error) {
	tokens, ok := api.(SoftwareTokenAPI)
	if !ok {
		return nil, &localError{fmt.Sprintf("%T does not have AssociateSoftwareToken and VerifySoftwareToken", api)}
	}
	if r.step == associateStep {
		out, err := tokens.AssociateSoftwareToken(ctx, &cip.AssociateSoftwareTokenInput{Session: optional(r.session)}, o.clientOptions(r)...)
		if err != nil {
			return nil, err
		}
		made := &reply{session: aws.ToString(out.Session), totpSecret: secret.New(aws.ToString(out.SecretCode)), at: serverTime(out.ResultMetadata)}
		if made.totpSecret.IsZero() {
			return nil, errEmptyReply
		}
		return made, nil
	}
	out, err := tokens.VerifySoftwareToken(ctx, &cip.VerifySoftwareTokenInput{
		Session: optional(r.session), UserCode: aws.String(r.code), FriendlyDeviceName: optional(o.DeviceName),
	}, o.clientOptions(r)...)
	if err != nil {
		return nil, err
	}
	switch out.Status {
	case types.VerifySoftwareTokenResponseTypeSuccess:
	case "":
		return nil, errEmptyReply
	default:
		return nil, &types.EnableSoftwareTokenMFAException{Message: aws.String(fmt.Sprintf("VerifySoftwareToken ended with status %q", out.Status))}
	}
	return &reply{session: aws.ToString(out.Session), verified: true, at: serverTime(out.ResultMetadata)}, nil
}

func newReply(name types.ChallengeNameType, params map[string]string, available []types.ChallengeNameType, session *string,
	tokens *types.AuthenticationResultType, metadata middleware.Metadata,
) *reply {
	r := &reply{challenge: challenge.Name(name), params: params, session: aws.ToString(session), tokens: tokens, at: serverTime(metadata)}
	for _, name := range available {
		r.available = append(r.available, challenge.Name(name))
	}
	return r
}

// serverTime is the Date of a reply that did not come from a cache.
func serverTime(metadata middleware.Metadata) time.Time {
	at, _ := awsmiddleware.GetServerTime(metadata)
	return at
}

// optional returns nil for an empty text, so that the request does not have the member.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
