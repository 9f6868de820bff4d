package flow

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
)

// API is what a driver made by [New] needs of the service. A
// *cognitoidentityprovider.Client has it, and so has a fake of two methods.
// Neither operation is signed: a client with aws.AnonymousCredentials will do.
//
// Where the value has more of the service's operations the driver uses them
// when a sign-in needs them: see [SoftwareTokenAPI].
type API interface {
	InitiateAuth(context.Context, *cip.InitiateAuthInput, ...func(*cip.Options)) (*cip.InitiateAuthOutput, error)
	RespondToAuthChallenge(context.Context, *cip.RespondToAuthChallengeInput, ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error)
}

// AdminAPI is what a driver made by [NewAdmin] needs of the service. Both
// operations are signed with AWS credentials.
type AdminAPI interface {
	AdminInitiateAuth(context.Context, *cip.AdminInitiateAuthInput, ...func(*cip.Options)) (*cip.AdminInitiateAuthOutput, error)
	AdminRespondToAuthChallenge(context.Context, *cip.AdminRespondToAuthChallengeInput, ...func(*cip.Options)) (*cip.AdminRespondToAuthChallengeOutput, error)
}

// SoftwareTokenAPI sets up an authenticator app in the course of a sign-in
// (MFA_SETUP).
type SoftwareTokenAPI interface {
	AssociateSoftwareToken(context.Context, *cip.AssociateSoftwareTokenInput, ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error)
	VerifySoftwareToken(context.Context, *cip.VerifySoftwareTokenInput, ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error)
}

// request is what the driver sends: the start of a sign-in when flow is set,
// the answer to a challenge otherwise.
type request struct {
	flow      types.AuthFlowType
	challenge challenge.Name
	params    map[string]string
	session   string
}

// reply is what comes back, whichever operation it came from.
type reply struct {
	challenge types.ChallengeNameType
	params    map[string]string
	available []types.ChallengeNameType
	session   *string
	tokens    *types.AuthenticationResultType
}

// service is the pair of operations that a sign-in goes through.
type service interface {
	send(context.Context, request, App, *Options) (*reply, error)
	operation(request) string
	admin() bool
	hashes() bool // whether requests carry SECRET_HASH, rather than the secret itself
}

type userService struct{ api API }

func (userService) admin() bool  { return false }
func (userService) hashes() bool { return true }

func (userService) operation(r request) string {
	if r.flow != "" {
		return "InitiateAuth"
	}
	return "RespondToAuthChallenge"
}

func (s userService) send(ctx context.Context, r request, app App, o *Options) (*reply, error) {
	if r.flow != "" {
		out, err := s.api.InitiateAuth(ctx, &cip.InitiateAuthInput{
			AuthFlow:          r.flow,
			ClientId:          aws.String(app.ClientID),
			AuthParameters:    r.params,
			Session:           optional(r.session),
			ClientMetadata:    o.ClientMetadata,
			UserContextData:   o.UserContextData,
			AnalyticsMetadata: o.AnalyticsMetadata,
		}, o.startOptions(r)...)
		if err != nil {
			return nil, err
		}
		return &reply{out.ChallengeName, out.ChallengeParameters, out.AvailableChallenges, out.Session, out.AuthenticationResult}, nil
	}
	out, err := s.api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ChallengeName:      types.ChallengeNameType(r.challenge),
		ClientId:           aws.String(app.ClientID),
		ChallengeResponses: r.params,
		Session:            optional(r.session),
		ClientMetadata:     o.ClientMetadata,
		UserContextData:    o.UserContextData,
		AnalyticsMetadata:  o.AnalyticsMetadata,
	}, o.answerOptions()...)
	if err != nil {
		return nil, err
	}
	return &reply{out.ChallengeName, out.ChallengeParameters, nil, out.Session, out.AuthenticationResult}, nil
}

type adminService struct{ api AdminAPI }

func (adminService) admin() bool  { return true }
func (adminService) hashes() bool { return true }

func (adminService) operation(r request) string {
	if r.flow != "" {
		return "AdminInitiateAuth"
	}
	return "AdminRespondToAuthChallenge"
}

func (s adminService) send(ctx context.Context, r request, app App, o *Options) (*reply, error) {
	if r.flow != "" {
		out, err := s.api.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
			AuthFlow:          r.flow,
			ClientId:          aws.String(app.ClientID),
			UserPoolId:        aws.String(app.UserPoolID),
			AuthParameters:    r.params,
			Session:           optional(r.session),
			ClientMetadata:    o.ClientMetadata,
			ContextData:       o.ContextData,
			AnalyticsMetadata: o.AnalyticsMetadata,
		}, o.startOptions(r)...)
		if err != nil {
			return nil, err
		}
		return &reply{out.ChallengeName, out.ChallengeParameters, out.AvailableChallenges, out.Session, out.AuthenticationResult}, nil
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
	}, o.answerOptions()...)
	if err != nil {
		return nil, err
	}
	return &reply{out.ChallengeName, out.ChallengeParameters, nil, out.Session, out.AuthenticationResult}, nil
}

// optional leaves a member out of a request rather than sending it empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
