package flow_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/modp"
)

// hostileServer replies to each request as the script decides.
type hostileServer struct {
	*script
	walk    *hostileWalk
	most    int // requests that the limits allow
	sent    []fakeRequest
	echo    []string // the values of the last request
	session string
	granted string // the access token of the last reply
}

// receive notes a request of a sign-in.
func (s *hostileServer) receive(q fakeRequest) {
	s.sent = append(s.sent, q)
	if len(s.sent) > s.most {
		s.walk.Errorf("%d requests, the limit is %d", len(s.sent), s.most)
		s.walk.FailNow()
	}
	s.granted = ""
	s.echo = append(slices.Sorted(maps.Values(q.params)), q.session)
}

// hostileReply has the members that the replies of several operations share.
type hostileReply struct {
	name      types.ChallengeNameType
	params    map[string]string
	available []types.ChallengeNameType
	session   *string
	tokens    *types.AuthenticationResultType
}

func (s *hostileServer) reply(q fakeRequest) (hostileReply, error) {
	s.receive(q)
	switch s.pick(14) {
	case 0, 1, 2:
		return hostileReply{}, s.fail()
	case 3:
		return hostileReply{tokens: s.tokens()}, nil
	case 4: // a result without tokens
		return hostileReply{tokens: &types.AuthenticationResultType{IdToken: aws.String("id")}, session: s.anySession()}, nil
	}
	r := hostileReply{name: types.ChallengeNameType(s.challengeName()), session: s.anySession()}
	r.params = s.params(challenge.Name(r.name))
	for range s.pick(4) {
		r.available = append(r.available, types.ChallengeNameType(pickOf(s.script, challengeNames)))
	}
	return r, nil
}

func (s *hostileServer) tokens() *types.AuthenticationResultType {
	s.granted = s.walk.fresh("Access")
	t := &types.AuthenticationResultType{AccessToken: aws.String(s.granted), ExpiresIn: int32(s.pick(3)-1) * 3600}
	if s.oneIn(2) {
		t.IdToken, t.RefreshToken = aws.String(s.garbage()), aws.String(s.garbage())
	}
	if s.oneIn(2) {
		t.NewDeviceMetadata = &types.NewDeviceMetadataType{DeviceKey: aws.String(s.garbage()), DeviceGroupKey: aws.String(s.garbage())}
		if s.walk.real { // the driver computes a verifier if the key is valid
			t.NewDeviceMetadata.DeviceKey = aws.String(deviceOfAda.Key)
		}
	}
	return t
}

func (s *hostileServer) anySession() *string {
	switch s.pick(6) {
	case 0:
		return nil
	case 1:
		return aws.String("")
	case 2:
		return aws.String(s.session)
	}
	s.session = s.walk.fresh("Session")
	return &s.session
}

var challengeNames = slices.Concat(
	[]challenge.Name{challenge.MFASetup, challenge.SelectChallenge, challenge.PasswordVerifier, challenge.DeviceSRPAuth, challenge.DevicePasswordVerifier},
	names(types.ChallengeNameType("").Values()))

func names(values []types.ChallengeNameType) (list []challenge.Name) {
	for _, v := range values {
		list = append(list, challenge.Name(v))
	}
	return list
}

func (s *hostileServer) challengeName() challenge.Name {
	if !s.oneIn(12) {
		return pickOf(s.script, challengeNames)
	}
	return pickOf(s.script, []challenge.Name{"", "FUTURE_CHALLENGE", "LINE\nBREAK\u2028", challenge.Name(s.published())})
}

// sound has right and nearly right values of parameters.
var sound = map[string][]string{
	"USERNAME":                   {hostileUser, "eve", hostileAlias},
	"USER_ID_FOR_SRP":            {hostileUser, deviceOfAda.Key},
	"SRP_B":                      {"0", "2", hex.EncodeToString(modp.N()), "-1", strings.Repeat("ab", 384)},
	"SALT":                       {"1f2e", "0", "g"},
	"SECRET_BLOCK":               {"AAAA", "A"},
	"DEVICE_KEY":                 {deviceOfAda.Key, "eu-west-1_ffffffff"},
	"MFAS_CAN_SETUP":             {`["SOFTWARE_TOKEN_MFA"]`, `["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`, `["EMAIL_OTP"]`, `["SMS_MFA"]`, `[""]`, `{}`},
	"MFAS_CAN_CHOOSE":            {`["SMS_MFA","SOFTWARE_TOKEN_MFA"]`, `[]`},
	"requiredAttributes":         {`["userAttributes.given_name"]`, `[]`, `["a\nb"]`},
	"userAttributes":             {`{"email":"ada@example.org"}`, `{"given_name":"Ada"}`, `[]`},
	"CREDENTIAL_REQUEST_OPTIONS": {`{"challenge":"AAAA"}`, "{"},

	"CODE_DELIVERY_DESTINATION": {"a***@e***"},
}

var parameterNames = slices.Sorted(maps.Keys(sound))

// needed has the parameters that a challenge comes with.
var needed = map[challenge.Name][]string{
	challenge.PasswordVerifier:       {"SRP_B", "SALT", "SECRET_BLOCK", "USER_ID_FOR_SRP", "USERNAME"},
	challenge.DevicePasswordVerifier: {"SRP_B", "SALT", "SECRET_BLOCK", "DEVICE_KEY", "USERNAME"},
	challenge.MFASetup:               {"MFAS_CAN_SETUP"},
	challenge.SelectMFAType:          {"MFAS_CAN_CHOOSE"},
	challenge.NewPasswordRequired:    {"requiredAttributes", "userAttributes"},
	challenge.WebAuthn:               {"CREDENTIAL_REQUEST_OPTIONS"},
}

func (s *hostileServer) params(name challenge.Name) map[string]string {
	if s.oneIn(6) {
		return nil
	}
	p := map[string]string{}
	for _, key := range needed[name] {
		p[key] = pickOf(s.script, sound[key])
	}
	for range s.pick(4) {
		if key := pickOf(s.script, parameterNames); s.oneIn(3) {
			p[key] = s.published()
		} else {
			p[key] = pickOf(s.script, sound[key])
		}
	}
	return p
}

// garbage returns a text that is no value of a parameter.
func (s *hostileServer) garbage() string {
	switch s.pick(8) {
	case 0:
		return ""
	case 1:
		return "null"
	case 2:
		return "\x00\xff\r\n"
	case 3:
		if s.walk.real {
			return huge
		}
	case 4:
		return s.echoed()
	case 5:
		return strings.Repeat(`"\`, 400)
	}
	return "garbage"
}

// published returns garbage for a challenge, and notes the secrets in the garbage. A prompt keeps
// the challenge for a later call.
func (s *hostileServer) published() string {
	text := s.garbage()
	for _, told := range s.walk.secrets {
		if _, known := s.walk.published[told]; !known && strings.Contains(text, told) {
			s.walk.published[told] = s.walk.calls
		}
	}
	return text
}

var huge = strings.Repeat("a huge parameter ", 5000)

// echoed returns the values of the last request.
func (s *hostileServer) echoed() string {
	return fmt.Sprintf(pickOf(s.script, []string{"%s", "%q", "%+q"}), s.echo)
}

var exceptions = []string{
	"NotAuthorizedException", "CodeMismatchException", "ExpiredCodeException", "ResourceNotFoundException", "UserNotFoundException",
	"InvalidPasswordException", "InvalidParameterException", "EnableSoftwareTokenMFAException", "PasswordHistoryPolicyViolationException",
	"AliasExistsException", "TooManyRequestsException", "LimitExceededException", "InternalErrorException", "ConcurrentModificationException",
	"UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException", "UserNotConfirmedException",
	"PasswordResetRequiredException", "ForbiddenException", "RefreshTokenReuseException", "TokenRevokedException", "UnknownOperationException",
	"MFAMethodNotFoundException", "SoftwareTokenMFANotFoundException", "InvalidUserPoolConfigurationException", "InvalidSmsRoleAccessPolicyException",
	"InvalidSmsRoleTrustRelationshipException", "InvalidEmailRoleAccessPolicyException", "UnsupportedOperationException", "CodeDeliveryFailureException",
	"InvalidUserPoolConfigurationException", "DeviceKeyExistsException",
}

// fail returns an error of the service, of the network or of a proxy.
func (s *hostileServer) fail() error {
	switch s.pick(16) {
	case 0:
		return io.ErrUnexpectedEOF
	case 1:
		return &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	case 2:
		return &url.Error{Op: "Post", URL: "https://cognito-idp", Err: io.EOF}
	case 3:
		return &smithy.OperationError{OperationName: "InitiateAuth", Err: errors.New(s.message())}
	case 4:
		return &smithy.DeserializationError{Err: errors.New(s.message())}
	case 5:
		return &types.DeviceKeyExistsException{Message: aws.String(s.message())}
	case 6:
		return &smithy.GenericAPIError{Code: s.garbage(), Message: s.message(), Fault: smithy.ErrorFault(s.pick(3))}
	}
	var err error = &smithy.GenericAPIError{Code: pickOf(s.script, exceptions), Message: s.message(), Fault: smithy.ErrorFault(s.pick(3))}
	if s.oneIn(4) {
		response := &http.Response{StatusCode: pickOf(s.script, []int{200, 400, 404, 429, 500, 501})}
		err = &awshttp.ResponseError{RequestID: s.garbage(), ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: response}, Err: err,
		}}
	}
	return err
}

func (s *hostileServer) message() string {
	switch s.pick(4) {
	case 0:
		return "Incorrect username or password."
	case 1:
		return s.garbage()
	}
	return "Values " + s.echoed() + " are bad."
}

func (s *hostileServer) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	r, err := s.reply(fakeRequest{flow: in.AuthFlow, params: in.AuthParameters, session: aws.ToString(in.Session)})
	return &cip.InitiateAuthOutput{
		ChallengeName: r.name, ChallengeParameters: r.params, AvailableChallenges: r.available, Session: r.session, AuthenticationResult: r.tokens,
	}, err
}

func (s *hostileServer) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	r, err := s.reply(fakeRequest{challenge: challenge.Name(in.ChallengeName), params: in.ChallengeResponses, session: aws.ToString(in.Session)})
	return &cip.RespondToAuthChallengeOutput{
		ChallengeName: r.name, ChallengeParameters: r.params, Session: r.session, AuthenticationResult: r.tokens,
	}, err
}

func (s *hostileServer) AdminInitiateAuth(_ context.Context, in *cip.AdminInitiateAuthInput, _ ...func(*cip.Options)) (*cip.AdminInitiateAuthOutput, error) {
	r, err := s.reply(fakeRequest{flow: in.AuthFlow, params: in.AuthParameters, session: aws.ToString(in.Session)})
	return &cip.AdminInitiateAuthOutput{
		ChallengeName: r.name, ChallengeParameters: r.params, AvailableChallenges: r.available, Session: r.session, AuthenticationResult: r.tokens,
	}, err
}

func (s *hostileServer) AdminRespondToAuthChallenge(_ context.Context, in *cip.AdminRespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.AdminRespondToAuthChallengeOutput, error) {
	r, err := s.reply(fakeRequest{challenge: challenge.Name(in.ChallengeName), params: in.ChallengeResponses, session: aws.ToString(in.Session)})
	return &cip.AdminRespondToAuthChallengeOutput{
		ChallengeName: r.name, ChallengeParameters: r.params, Session: r.session, AuthenticationResult: r.tokens,
	}, err
}

func (s *hostileServer) AssociateSoftwareToken(_ context.Context, in *cip.AssociateSoftwareTokenInput, _ ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error) {
	s.receive(fakeRequest{session: aws.ToString(in.Session)})
	if s.oneIn(3) {
		return nil, s.fail()
	}
	return &cip.AssociateSoftwareTokenOutput{SecretCode: aws.String(pickOf(s.script, []string{"JBSWY3DP", "JBSWY3DP", "", "\n"})), Session: s.anySession()}, nil
}

func (s *hostileServer) VerifySoftwareToken(_ context.Context, in *cip.VerifySoftwareTokenInput, _ ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error) {
	s.receive(fakeRequest{params: map[string]string{"UserCode": aws.ToString(in.UserCode)}, session: aws.ToString(in.Session)})
	if s.oneIn(3) {
		return nil, s.fail()
	}
	status := pickOf(s.script, []types.VerifySoftwareTokenResponseType{"SUCCESS", "SUCCESS", "ERROR", "", "LINE\nBREAK"})
	return &cip.VerifySoftwareTokenOutput{Status: status, Session: s.anySession()}, nil
}

func (s *hostileServer) GetTokensFromRefreshToken(_ context.Context, in *cip.GetTokensFromRefreshTokenInput, _ ...func(*cip.Options)) (*cip.GetTokensFromRefreshTokenOutput, error) {
	s.receive(fakeRequest{flow: "refresh", params: map[string]string{
		"REFRESH_TOKEN": aws.ToString(in.RefreshToken), "CLIENT_SECRET": aws.ToString(in.ClientSecret),
	}})
	switch s.pick(4) {
	case 0:
		return nil, s.fail()
	case 1:
		return &cip.GetTokensFromRefreshTokenOutput{}, nil
	}
	return &cip.GetTokensFromRefreshTokenOutput{AuthenticationResult: s.tokens()}, nil
}

// The operations below come after the tokens. A failure of these operations does not cost the
// tokens.

func (s *hostileServer) ConfirmDevice(_ context.Context, in *cip.ConfirmDeviceInput, _ ...func(*cip.Options)) (*cip.ConfirmDeviceOutput, error) {
	s.echo = []string{aws.ToString(in.AccessToken)}
	if s.oneIn(2) {
		return nil, s.fail()
	}
	return &cip.ConfirmDeviceOutput{UserConfirmationNecessary: s.oneIn(2)}, nil
}

func (s *hostileServer) UpdateDeviceStatus(_ context.Context, in *cip.UpdateDeviceStatusInput, _ ...func(*cip.Options)) (*cip.UpdateDeviceStatusOutput, error) {
	s.echo = []string{aws.ToString(in.AccessToken)}
	if s.oneIn(2) {
		return nil, s.fail()
	}
	return &cip.UpdateDeviceStatusOutput{}, nil
}

func (s *hostileServer) ListDevices(context.Context, *cip.ListDevicesInput, ...func(*cip.Options)) (*cip.ListDevicesOutput, error) {
	return nil, s.fail()
}

func (s *hostileServer) GetDevice(context.Context, *cip.GetDeviceInput, ...func(*cip.Options)) (*cip.GetDeviceOutput, error) {
	return nil, s.fail()
}

func (s *hostileServer) ForgetDevice(context.Context, *cip.ForgetDeviceInput, ...func(*cip.Options)) (*cip.ForgetDeviceOutput, error) {
	return nil, s.fail()
}

func (s *hostileServer) RevokeToken(context.Context, *cip.RevokeTokenInput, ...func(*cip.Options)) (*cip.RevokeTokenOutput, error) {
	return nil, s.fail()
}

func (s *hostileServer) GlobalSignOut(context.Context, *cip.GlobalSignOutInput, ...func(*cip.Options)) (*cip.GlobalSignOutOutput, error) {
	return nil, s.fail()
}
