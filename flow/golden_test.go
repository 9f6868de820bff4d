package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/internal/packed"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	promptFormat  = "prompt-v1"
	goldenSession = "golden-session-0123456789"
	goldenSecret  = "JBSWY3DPEHPK3PXP" // the secret of no real authenticator app
	goldenAlias   = "ada@example.com"
)

var goldenTime = time.Unix(1_700_000_000, 0)

// goldenReply is a reply of the service: an error, the secret of an app, a success of
// VerifySoftwareToken, or a challenge. An empty goldenReply has tokens.
type goldenReply struct {
	err       error
	secret    string
	verified  bool
	challenge challenge.Name
	params    map[string]string
	available []types.ChallengeNameType
}

// goldenRequest is a request that the service has got.
type goldenRequest struct {
	operation, session string
	params             map[string]string
}

// goldenService is the service for the release that stored a prompt, and for a later release.
type goldenService struct {
	replies []goldenReply
	sent    []goldenRequest
	clock   time.Time // goldenTime from the first reply on
}

func (s *goldenService) reply(operation string, session *string, params map[string]string) (goldenReply, *types.AuthenticationResultType, error) {
	s.clock = goldenTime
	s.sent = append(s.sent, goldenRequest{operation, aws.ToString(session), params})
	if len(s.replies) == 0 {
		return goldenReply{}, nil, errors.New("the test has no reply to this request")
	}
	r := s.replies[0]
	s.replies = s.replies[1:]
	if r.err == nil && r.challenge == "" {
		return r, &types.AuthenticationResultType{AccessToken: aws.String("golden-access-token"), ExpiresIn: 3600}, nil
	}
	return r, nil, r.err
}

func (s *goldenService) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	r, tokens, err := s.reply("InitiateAuth", in.Session, in.AuthParameters)
	return &cip.InitiateAuthOutput{
		ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params, AvailableChallenges: r.available,
		Session: aws.String(goldenSession), AuthenticationResult: tokens,
	}, err
}

func (s *goldenService) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	r, tokens, err := s.reply("RespondToAuthChallenge "+string(in.ChallengeName), in.Session, in.ChallengeResponses)
	return &cip.RespondToAuthChallengeOutput{
		ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params, Session: aws.String(goldenSession), AuthenticationResult: tokens,
	}, err
}

func (s *goldenService) AssociateSoftwareToken(_ context.Context, in *cip.AssociateSoftwareTokenInput, _ ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error) {
	r, _, err := s.reply("AssociateSoftwareToken", in.Session, nil)
	return &cip.AssociateSoftwareTokenOutput{SecretCode: aws.String(r.secret), Session: aws.String(goldenSession)}, err
}

func (s *goldenService) VerifySoftwareToken(_ context.Context, in *cip.VerifySoftwareTokenInput, _ ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error) {
	_, _, err := s.reply("VerifySoftwareToken", in.Session, map[string]string{"UserCode": aws.ToString(in.UserCode)})
	return &cip.VerifySoftwareTokenOutput{Status: types.VerifySoftwareTokenResponseTypeSuccess, Session: aws.String(goldenSession)}, err
}

func (s *goldenService) AdminInitiateAuth(_ context.Context, in *cip.AdminInitiateAuthInput, _ ...func(*cip.Options)) (*cip.AdminInitiateAuthOutput, error) {
	r, tokens, err := s.reply("AdminInitiateAuth", in.Session, in.AuthParameters)
	return &cip.AdminInitiateAuthOutput{ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params, Session: aws.String(goldenSession), AuthenticationResult: tokens}, err
}

func (s *goldenService) AdminRespondToAuthChallenge(_ context.Context, in *cip.AdminRespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.AdminRespondToAuthChallengeOutput, error) {
	r, tokens, err := s.reply("AdminRespondToAuthChallenge "+string(in.ChallengeName), in.Session, in.ChallengeResponses)
	return &cip.AdminRespondToAuthChallengeOutput{ChallengeName: types.ChallengeNameType(r.challenge), ChallengeParameters: r.params, Session: aws.String(goldenSession), AuthenticationResult: tokens}, err
}

// goldenCase is a prompt in one of the states in which a prompt is stored.
type goldenCase struct {
	admin  bool
	held   bool // the calls have a browser with a device of goldenAlias, and another device of "ada"
	start  flow.AuthFlow
	took   time.Duration      // the duration of the first request
	before []goldenReply      // the replies before the prompt is stored
	given  []challenge.Answer // the answers before the prompt is stored

	want   challenge.Challenge // the challenge of the prompt
	answer challenge.Answer    // the answer to the prompt
	after  []goldenReply       // the replies to the answer
	sent   []goldenRequest     // the requests of the answer
}

// The devices in the browser of goldenCase.held. The values are of no real pool.
var (
	goldenDevice = device.Credentials{
		Key: "eu-central-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", GroupKey: "-Ex_mple1", Password: secret.New("0penSesame+/of=="),
	}
	goldenOtherDevice = device.Credentials{
		Key: "eu-central-1_0a1b2c3d-4e5f-6789-abcd-ef9876543210", GroupKey: "-Ex_mple2", Password: secret.New("0penBarley+/of=="),
	}
)

var (
	throttledReply = goldenReply{err: &types.TooManyRequestsException{Message: aws.String("Rate exceeded")}}
	passwordStart  = flow.UserPasswordAuth{Username: goldenAlias, Password: secret.New("pw")}
	setUpParams    = map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}
	choiceParams   = map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`}
	smsParams      = map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******1234"}
	adaParams      = map[string]string{"USERNAME": "ada"}
	unknownDevice  = goldenReply{err: &types.ResourceNotFoundException{Message: aws.String("Device does not exist.")}}
)

// asks returns a challenge for goldenAlias.
func asks(name challenge.Name, params map[string]string) challenge.Challenge {
	return challenge.Challenge{Name: name, Parameters: params, Username: goldenAlias, SignInName: goldenAlias}
}

func asksAgain(c challenge.Challenge, attempt int) challenge.Challenge {
	c.Attempt = attempt
	return c
}

func needsNoAnswer(c challenge.Challenge) challenge.Challenge {
	c.NoAnswerNeeded = true
	return c
}

func withSecret(c challenge.Challenge) challenge.Challenge {
	c.TOTPSecret = secret.New(goldenSecret)
	return c
}

func offers(c challenge.Challenge, user string, names ...challenge.Name) challenge.Challenge {
	c.Username, c.Available = user, names
	return c
}

// answers returns the request that answers a challenge for goldenAlias.
func answers(name challenge.Name, params ...string) goldenRequest {
	all := map[string]string{"USERNAME": goldenAlias}
	for i := 0; i < len(params); i += 2 {
		all[params[i]] = params[i+1]
	}
	return goldenRequest{"RespondToAuthChallenge " + string(name), goldenSession, all}
}

var grants = []goldenReply{{}}

var goldenCases = map[string]goldenCase{
	"email-otp": {
		start: passwordStart, before: []goldenReply{{challenge: "EMAIL_OTP", params: map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}}},
		want:   asks("EMAIL_OTP", map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("EMAIL_OTP", "EMAIL_OTP_CODE", "123456")},
	},
	"sms-mfa-of-a-user-whose-srp-id-is-known": {
		start:  passwordStart,
		before: []goldenReply{{challenge: "SMS_MFA", params: map[string]string{"USER_ID_FOR_SRP": "ada"}}},
		want:   offers(asks("SMS_MFA", map[string]string{"USER_ID_FOR_SRP": "ada"}), "ada"),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SMS_MFA", "SMS_MFA_CODE", "123456", "USERNAME", "ada")},
	},
	"app-code-after-a-wrong-one": {
		start:  passwordStart,
		before: []goldenReply{{challenge: "SOFTWARE_TOKEN_MFA"}, {err: &types.CodeMismatchException{Message: aws.String("Invalid code")}}},
		given:  []challenge.Answer{challenge.Code("000000")},
		want:   asksAgain(asks("SOFTWARE_TOKEN_MFA", nil), 1),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", "123456")},
	},
	"select-mfa-type": {
		start:  passwordStart,
		before: []goldenReply{{challenge: "SELECT_MFA_TYPE", params: map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`}}},
		want:   asks("SELECT_MFA_TYPE", map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`}),
		answer: challenge.Choose("SMS_MFA"), after: grants, sent: []goldenRequest{answers("SELECT_MFA_TYPE", "ANSWER", "SMS_MFA")},
	},
	"select-challenge": {
		start: flow.UserAuth{Username: goldenAlias},
		before: []goldenReply{{
			challenge: "SELECT_CHALLENGE", available: []types.ChallengeNameType{"EMAIL_OTP", "TELEPATHY"}, params: map[string]string{"USERNAME": "ada"},
		}},
		want:   offers(asks("SELECT_CHALLENGE", map[string]string{"USERNAME": "ada"}), "ada", "EMAIL_OTP", "TELEPATHY"),
		answer: challenge.Choose("EMAIL_OTP"), after: grants, sent: []goldenRequest{answers("SELECT_CHALLENGE", "ANSWER", "EMAIL_OTP", "USERNAME", "ada")},
	},
	"web-authn": {
		start:  flow.UserAuth{Username: goldenAlias, Preferred: challenge.WebAuthn},
		before: []goldenReply{{challenge: "WEB_AUTHN", params: map[string]string{"CREDENTIAL_REQUEST_OPTIONS": `{"challenge":"Z29sZGVu"}`}}},
		want:   asks("WEB_AUTHN", map[string]string{"CREDENTIAL_REQUEST_OPTIONS": `{"challenge":"Z29sZGVu"}`}),
		answer: challenge.Credential([]byte(`{"id":"a"}`)), after: grants, sent: []goldenRequest{answers("WEB_AUTHN", "CREDENTIAL", `{"id":"a"}`)},
	},
	"step-up": {
		start:  flow.UserAuth{Username: goldenAlias, StepUp: &flow.StepUp{Levels: []string{flow.Level4}, MaxAge: time.Hour}},
		before: []goldenReply{{challenge: "SOFTWARE_TOKEN_MFA"}},
		want:   asks("SOFTWARE_TOKEN_MFA", nil),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", "123456")},
	},
	"new-password": {
		start:  passwordStart,
		before: []goldenReply{{challenge: "NEW_PASSWORD_REQUIRED", params: map[string]string{"requiredAttributes": `["userAttributes.given_name"]`, "userAttributes": "{}"}}},
		want:   asks("NEW_PASSWORD_REQUIRED", map[string]string{"requiredAttributes": `["userAttributes.given_name"]`, "userAttributes": "{}"}),
		answer: challenge.NewPassword("new pw", map[string]string{"given_name": "Ada"}), after: grants,
		sent: []goldenRequest{answers("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD", "new pw", "userAttributes.given_name", "Ada")},
	},
	"custom-challenge-third-question": {
		start:  flow.CustomAuth{Username: goldenAlias},
		before: []goldenReply{{challenge: "CUSTOM_CHALLENGE"}, {challenge: "CUSTOM_CHALLENGE"}, {challenge: "CUSTOM_CHALLENGE", params: map[string]string{"question": "6 * 7"}}},
		given:  []challenge.Answer{challenge.Custom("1"), challenge.Custom("2")},
		want:   asksAgain(asks("CUSTOM_CHALLENGE", map[string]string{"question": "6 * 7"}), 2),
		answer: challenge.Custom("42"), after: grants, sent: []goldenRequest{answers("CUSTOM_CHALLENGE", "ANSWER", "42")},
	},
	"begun-again-after-a-lost-reply": {
		start: flow.CustomAuth{Username: goldenAlias}, before: []goldenReply{{err: io.ErrUnexpectedEOF}, {challenge: "CUSTOM_CHALLENGE"}},
		want:   asks("CUSTOM_CHALLENGE", nil),
		answer: challenge.Custom("42"), after: grants, sent: []goldenRequest{answers("CUSTOM_CHALLENGE", "ANSWER", "42")},
	},
	"after-a-slow-reply": {
		start: passwordStart, took: 1500 * time.Millisecond, before: []goldenReply{{challenge: "SMS_MFA", params: smsParams}},
		want:   asks("SMS_MFA", smsParams),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SMS_MFA", "SMS_MFA_CODE", "123456")},
	},
	"mfa-setup-before-the-secret": {
		start: passwordStart, before: []goldenReply{{challenge: "MFA_SETUP", params: setUpParams}, throttledReply},
		want:   needsNoAnswer(asks("MFA_SETUP", setUpParams)),
		answer: challenge.Continue(), after: []goldenReply{{secret: goldenSecret}}, sent: []goldenRequest{{"AssociateSoftwareToken", goldenSession, nil}},
	},
	"mfa-setup-with-the-secret": {
		start: passwordStart, before: []goldenReply{{challenge: "MFA_SETUP", params: setUpParams}, {secret: goldenSecret}},
		want:   withSecret(asks("MFA_SETUP", setUpParams)),
		answer: challenge.Code("123456"), after: []goldenReply{{verified: true}, {}},
		sent: []goldenRequest{{"VerifySoftwareToken", goldenSession, map[string]string{"UserCode": "123456"}}, answers("MFA_SETUP")},
	},
	"mfa-setup-after-the-code": {
		start: passwordStart, before: []goldenReply{{challenge: "MFA_SETUP", params: setUpParams}, {secret: goldenSecret}, {verified: true}, throttledReply},
		given:  []challenge.Answer{challenge.Code("123456")},
		want:   needsNoAnswer(withSecret(asks("MFA_SETUP", setUpParams))),
		answer: challenge.Continue(), after: grants, sent: []goldenRequest{answers("MFA_SETUP")},
	},
	"mfa-setup-choice": {
		start: passwordStart, before: []goldenReply{{challenge: "MFA_SETUP", params: choiceParams}},
		want:   asks("MFA_SETUP", choiceParams),
		answer: challenge.Choose("SOFTWARE_TOKEN_MFA"), after: []goldenReply{{secret: goldenSecret}}, sent: []goldenRequest{{"AssociateSoftwareToken", goldenSession, nil}},
	},
	"mfa-setup-with-email-chosen": {
		start: passwordStart, before: []goldenReply{{challenge: "MFA_SETUP", params: choiceParams}},
		given:  []challenge.Answer{challenge.Choose("EMAIL_OTP")},
		want:   asks("MFA_SETUP", map[string]string{"MFAS_CAN_SETUP": `["EMAIL_OTP"]`}),
		answer: challenge.Email("ada@example.org"), after: grants, sent: []goldenRequest{answers("MFA_SETUP", "EMAIL", "ada@example.org")},
	},
	"with-a-device": {
		held: true, start: passwordStart, before: []goldenReply{{challenge: "SMS_MFA", params: smsParams}},
		want:   asks("SMS_MFA", smsParams),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SMS_MFA", "SMS_MFA_CODE", "123456", "DEVICE_KEY", goldenDevice.Key)},
	},
	"without-the-device-that-the-pool-does-not-know": {
		held: true, start: passwordStart,
		before: []goldenReply{unknownDevice, {challenge: "SMS_MFA", params: smsParams}},
		want:   asks("SMS_MFA", smsParams),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SMS_MFA", "SMS_MFA_CODE", "123456")},
	},
	"without-any-device-after-two-that-the-pool-does-not-know": {
		held: true, start: flow.CustomAuth{Username: goldenAlias},
		before: []goldenReply{unknownDevice, {challenge: "CUSTOM_CHALLENGE", params: adaParams}, unknownDevice, {challenge: "CUSTOM_CHALLENGE", params: adaParams}},
		given:  []challenge.Answer{challenge.Custom("1")},
		want:   offers(asksAgain(asks("CUSTOM_CHALLENGE", adaParams), 1), "ada"),
		answer: challenge.Custom("42"), after: grants, sent: []goldenRequest{answers("CUSTOM_CHALLENGE", "ANSWER", "42", "USERNAME", "ada")},
	},
	"after-the-proof-of-the-device": {
		held: true, start: passwordStart,
		before: []goldenReply{
			{challenge: "DEVICE_SRP_AUTH"},
			{challenge: "DEVICE_PASSWORD_VERIFIER", params: map[string]string{"SALT": "1", "SRP_B": "2", "SECRET_BLOCK": "Z29sZGVu"}},
			{challenge: "SMS_MFA", params: smsParams},
		},
		want:   asks("SMS_MFA", smsParams),
		answer: challenge.Code("123456"), after: grants, sent: []goldenRequest{answers("SMS_MFA", "SMS_MFA_CODE", "123456", "DEVICE_KEY", goldenDevice.Key)},
	},
	"admin": {
		admin: true, start: flow.AdminUserPasswordAuth{Username: goldenAlias, Password: secret.New("pw")}, before: []goldenReply{{challenge: "SMS_MFA", params: smsParams}},
		want:   asks("SMS_MFA", smsParams),
		answer: challenge.Code("123456"), after: grants,
		sent: []goldenRequest{{"AdminRespondToAuthChallenge SMS_MFA", goldenSession, map[string]string{"SMS_MFA_CODE": "123456", "USERNAME": goldenAlias}}},
	},
	"unknown": {
		start: passwordStart, before: []goldenReply{{challenge: "FACE_SCAN", params: map[string]string{"ω": "\x00\xff<&>"}}},
		want:   asks("FACE_SCAN", map[string]string{"ω": "\x00\ufffd<&>"}),
		answer: challenge.Raw(map[string]string{"ANSWER": "x"}), after: grants, sent: []goldenRequest{answers("FACE_SCAN", "ANSWER", "x")},
	},
}

// rig returns a driver of the case, an option for each call, and the service.
func (c goldenCase) rig(t *testing.T, replies []goldenReply, optFns ...func(*flow.Options)) (*flow.Driver, func(*flow.Options), *goldenService) {
	t.Helper()
	service := &goldenService{replies: replies, clock: goldenTime.Add(-c.took)}
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}
	optFns = append(optFns, func(o *flow.Options) { o.Now = func() time.Time { return service.clock } })
	var d *flow.Driver
	var err error
	if c.admin {
		d, err = flow.NewAdmin(service, app, optFns...)
	} else {
		d, err = flow.New(service, app, optFns...)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !c.held {
		return d, func(*flow.Options) {}, service
	}
	browser := device.Browser(new(device.Memory), anID())
	wallet := browser.Wallet(app.UserPoolID, app.ClientID)
	for user, known := range map[string]device.Credentials{goldenAlias: goldenDevice, "ada": goldenOtherDevice} {
		if err := wallet.Put(t.Context(), user, device.Entry{Credentials: known, Used: goldenTime}); err != nil {
			t.Fatal(err)
		}
	}
	return d, flow.ThisBrowser(browser), service
}

// prompt returns the prompt of the case as this release makes it.
func (c goldenCase) prompt(t *testing.T) *flow.Prompt {
	t.Helper()
	d, here, _ := c.rig(t, c.before)
	step, err := d.Start(t.Context(), c.start, here)
	for _, a := range c.given {
		step, err = d.Respond(t.Context(), goldenPromptOf(t, step, err), a, here)
	}
	return goldenPromptOf(t, step, err)
}

// stored returns the prompt as this release stores it.
func (c goldenCase) stored(t *testing.T) []byte {
	t.Helper()
	return stored(t, c.prompt(t))
}

func goldenPromptOf(t *testing.T, step flow.Step, err error) *flow.Prompt {
	t.Helper()
	if e, ok := errors.AsType[*flow.Error](err); ok && e.Prompt != nil {
		return e.Prompt
	}
	if err != nil || step.Prompt == nil {
		t.Fatalf("there is no prompt: %v", err)
	}
	return step.Prompt
}

// This release reads a prompt that the first release of its version has stored. The prompt asks
// the same challenge, and the answer sends the same requests. The same holds for a prompt that
// this release stores.
func TestGoldenPrompts(t *testing.T) {
	var names []string
	for name, c := range goldenCases {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			for when, data := range map[string][]byte{
				"stored by the first release": golden.Data(t, promptFormat, name, c.stored), "stored now": c.stored(t),
			} {
				var p flow.Prompt
				if err := p.UnmarshalBinary(data); err != nil {
					golden.Broke(t, promptFormat, name, "%s: it is not read: %v", when, err)
					continue
				}
				if got := p.Challenge(); !reflect.DeepEqual(got, c.want) {
					golden.Broke(t, promptFormat, name, "%s: it asks %+v, and asked %+v", when, got, c.want)
				}
				if got := p.Issued(); !got.Equal(goldenTime) {
					golden.Broke(t, promptFormat, name, "%s: it was issued at %v, and not at %v", when, got, goldenTime)
				}
				checkMembers(t, name, when, data, &p)
				d, here, service := c.rig(t, c.after)
				if _, err := d.Respond(t.Context(), &p, c.answer, here); err != nil {
					golden.Broke(t, promptFormat, name, "%s: the answer fails: %v", when, err)
				}
				if !reflect.DeepEqual(service.sent, c.sent) {
					golden.Broke(t, promptFormat, name, "%s: the answer sends %+v, and sent %+v", when, service.sent, c.sent)
				}
			}
		})
	}
	golden.Covered(t, promptFormat, names...)
	golden.Members(t, promptFormat, flow.PromptCode, golden.Packed)
}

// checkMembers wants this release to write each member of a stored prompt again. The answer to a
// prompt does not show each member.
func checkMembers(t *testing.T, name, when string, data []byte, p *flow.Prompt) {
	t.Helper()
	again, err := p.MarshalBinary()
	if err != nil {
		golden.Broke(t, promptFormat, name, "%s: it is not stored again: %v", when, err)
		return
	}
	var before, after map[string]any
	if err := errors.Join(packed.Unpack(data[0], data, &before), packed.Unpack(again[0], again, &after)); err != nil {
		t.Fatal(err)
	}
	for member, value := range before {
		if !reflect.DeepEqual(after[member], value) {
			golden.Broke(t, promptFormat, name, "%s: the member %q is lost", when, member)
		}
	}
}

// A stored prompt has the number of answers of the sign-in.
func TestGoldenPromptCountsAnswers(t *testing.T) {
	const name = "custom-challenge-third-question"
	c := goldenCases[name]
	data, err := os.ReadFile(filepath.Join("testdata", promptFormat, name))
	if err != nil {
		t.Fatal(err)
	}
	var p flow.Prompt
	if err := p.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	for limit, fails := range map[int]bool{2: true, 3: false} {
		d, _, _ := c.rig(t, grants, func(o *flow.Options) { o.Limits.Answers = limit })
		if _, err := d.Respond(t.Context(), &p, c.answer); errors.Is(err, flow.LimitReached) != fails || (err != nil) != fails {
			golden.Broke(t, promptFormat, name, "after two answers, and with a limit of %d, the third ends with %v", limit, err)
		}
	}
}

const tokensFormat = "tokens-v1"

// This release reads and refreshes tokens that a program stored with encoding/json.
func TestGoldenTokens(t *testing.T) {
	full := flow.Tokens{
		AccessToken: secret.New("golden-access-token"), IDToken: secret.New("golden-id-token"), RefreshToken: secret.New("golden-refresh-token"),
		TokenType: "Bearer", Expiry: goldenTime.Add(time.Hour).UTC(), Username: "ada", Subject: "5d6f3c1e-0000-4000-8000-000000000001",
		Scopes: []string{"aws.cognito.signin.user.admin", "openid"}, AuthTime: goldenTime.UTC(), ACR: flow.Level4, AMR: []string{"pwd", "mfa"},
		Device: flow.DeviceOutcome{Key: goldenDevice.Key, GroupKey: goldenDevice.GroupKey, State: flow.DeviceUnconfirmed, Kept: true, Undecided: true},
	}
	confirmed := full
	confirmed.Device.State, confirmed.Device.GroupKey, confirmed.Device.Undecided = flow.DeviceConfirmed, "", false
	another := confirmed
	another.TokenType = "DPoP"
	cases := map[string]flow.Tokens{
		"full.json": full, "confirmed.json": confirmed, "another-type.json": another,
		"least.json": {AccessToken: secret.New(""), IDToken: secret.New(""), RefreshToken: secret.New("golden-refresh-token"), TokenType: "Bearer"},
	}
	var names []string
	for name, want := range cases {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			data := golden.Data(t, tokensFormat, name, func(t *testing.T) []byte {
				data, err := json.MarshalIndent(want, "", "\t")
				if err != nil {
					t.Fatal(err)
				}
				return append(data, '\n')
			})
			var got flow.Tokens
			if err := json.Unmarshal(data, &got); err != nil {
				golden.Broke(t, tokensFormat, name, "they are not read: %v", err)
				return
			}
			if !reflect.DeepEqual(got, want) {
				golden.Broke(t, tokensFormat, name, "they are read as %+v, and were %+v", got, want)
			}
			service := &goldenService{replies: grants}
			d, err := flow.New(service, flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}, func(o *flow.Options) { o.RefreshByAuthFlow = true })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Refresh(t.Context(), &got); err != nil {
				golden.Broke(t, tokensFormat, name, "a refresh fails: %v", err)
			}
			params := map[string]string{"REFRESH_TOKEN": "golden-refresh-token"}
			if want.Device.Key != "" {
				params["DEVICE_KEY"] = goldenDevice.Key
			}
			if sent := []goldenRequest{{"InitiateAuth", "", params}}; !reflect.DeepEqual(service.sent, sent) {
				golden.Broke(t, tokensFormat, name, "a refresh sends %+v, and sent %+v", service.sent, sent)
			}
		})
	}
	golden.Covered(t, tokensFormat, names...)
	golden.Members(t, tokensFormat, flow.TokensJSON, golden.JSON)
}
