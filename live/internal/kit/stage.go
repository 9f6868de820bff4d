package kit

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// The invented values of recordings.
const (
	madeUpPoolID      = "eu-west-1_MadeUp001"
	madeUpClientID    = "madeupclient"
	madeUpSecret      = "made0up0client0secret0of0nobody"
	madeUpName        = "ada"
	madeUpSub         = "0a1b2c3d-0001-4000-8000-000000000001"
	madeUpEmail       = record.MadeUpEmail
	madeUpPassword    = "Made-Up-Passw0rd"
	madeUpNewPassword = "Made-Up-Passw0rd-2"
	madeUpTOTPSecret  = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

	givenName    = "Ada"
	weakPassword = "weak"
	appName      = "authenticator app" // the name of an app in package cognitotest
)

// newSetting returns the pool at the start of a probe: one app client for all flows, and one user with
// a password.
func newSetting() *cognitotest.PoolConfig {
	return &cognitotest.PoolConfig{
		ID: madeUpPoolID,
		Clients: []cognitotest.ClientConfig{{ID: madeUpClientID, AuthFlows: []string{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH",
			"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		}}},
		Users:             []cognitotest.UserConfig{{Name: madeUpName, ID: madeUpSub, Password: madeUpPassword}},
		AdminCreatesUsers: true,
	}
}

// Scene is one pool at the service, with one app client and one user. A setting describes the pool.
type Scene struct {
	*Service
	name     string // the name of the probe
	setting  *cognitotest.PoolConfig
	stage    *cip.Client // the client that makes the scene
	api      *cip.Client // the recorded client of the probe
	recorder *record.Recorder

	poolID, clientID, clientSecret string
	user                           person
	passkey                        *passkey
	next                           string // the next password of the user
	sent                           string // the newest code
	session                        string // the session of a sign-up
	trace                          []string
	triggers                       *conversation.Triggers // the triggers of the replay
	notReplayed                    string                 // the reason why no pool can replay the exchanges
	*judgement
}

// judgement has the doubts about an answer of the service.
type judgement struct {
	fault   error // the reason why there is no answer
	typed   bool  // somebody typed the last code
	doubted bool  // the service refused a typed code
}

// person is a user of the scene.
type person struct {
	name, sub, email, phone, password string
	totpSecret                        string
	lastStep                          int64 // the step of the last used code of the app
}

// newScene prepares a scene for the probe with this name.
func (s *Service) newScene(name string, setting *cognitotest.PoolConfig) *Scene {
	sc := &Scene{Service: s, name: name, setting: setting, stage: s.Client(), recorder: s.recorder(), next: newPassword(), judgement: &judgement{}}
	sc.api = s.client(sc.recorder)
	return sc
}

// close deletes the pool of the scene, also after the end of ctx.
func (sc *Scene) close(ctx context.Context) error {
	if sc.poolID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return sc.Delete(ctx, []Leftover{{ID: sc.poolID, Name: Prefix + sc.Run + "-" + sc.name}})
}

// make makes the pool, the app client and the user. The caller closes the scene, also after an error.
func (sc *Scene) make(ctx context.Context) error {
	if err := sc.makePool(ctx); err != nil {
		return err
	}
	if err := sc.makeClient(ctx); err != nil {
		return err
	}
	wanted := sc.setting.Users[0]
	var err error
	if sc.user, err = sc.newPerson(ctx, wanted); err != nil {
		return err
	}
	if wanted.Attributes["phone_number"] != "" {
		wanted.Attributes["phone_number"] = record.MadeUpPhone(sc.Phone)
	}
	for real, madeUp := range map[string]string{
		sc.user.phone: record.MadeUpPhone(sc.Phone), wanted.Attributes[plan]: wanted.Attributes[plan],
		sc.poolID: madeUpPoolID, sc.clientID: madeUpClientID, sc.clientSecret: madeUpSecret,
		sc.user.name: madeUpName, sc.user.sub: madeUpSub, sc.user.email: madeUpEmail,
		sc.user.password: madeUpPassword, sc.next: madeUpNewPassword, givenName: givenName, sc.RelyingParty: madeUpRelyingParty, weakPassword: weakPassword, appName: appName,
	} {
		sc.recorder.Replace(real, madeUp)
	}
	sc.recorder.SecretOf(record.ClientSecret{
		ClientID: sc.clientID, Secret: sc.clientSecret, MadeUpClientID: madeUpClientID, MadeUpSecret: madeUpSecret,
	})
	return nil
}

func (sc *Scene) makePool(ctx context.Context) error {
	c, name := sc.setting, sc.name[:min(len(sc.name), longestName)]
	in := &cip.CreateUserPoolInput{
		PoolName: aws.String(Prefix + sc.Run + "-" + name), UserPoolTags: map[string]string{Tag: sc.Run},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: c.AdminCreatesUsers},
		LambdaConfig:          sc.lambdas(),
	}
	if !c.AdminCreatesUsers && sc.Email != "" {
		in.AutoVerifiedAttributes = []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail}
	}
	if sends(c, "EMAIL_OTP") {
		in.EmailConfiguration = &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeDeveloper, SourceArn: &sc.Identity}
		// The service refuses EMAIL_OTP as a second factor if codes by e-mail also replace the password.
		in.AccountRecoverySetting = &types.AccountRecoverySettingType{
			RecoveryMechanisms: []types.RecoveryOptionType{{Name: types.RecoveryOptionNameTypeAdminOnly, Priority: aws.Int32(1)}},
		}
	}
	if sends(c, "SMS_MFA") || sends(c, "SMS_OTP") {
		in.SmsConfiguration = sc.sms()
	}
	if len(c.AllowedFirstFactors) > 0 {
		in.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{}}
		for _, f := range c.AllowedFirstFactors {
			in.Policies.SignInPolicy.AllowedFirstAuthFactors = append(in.Policies.SignInPolicy.AllowedFirstAuthFactors, types.AuthFactorType(f))
		}
	}
	for _, a := range c.AliasAttributes {
		in.AliasAttributes = append(in.AliasAttributes, types.AliasAttributeType(a))
	}
	for _, a := range c.RequiredAttributes {
		in.Schema = append(in.Schema, types.SchemaAttributeType{Name: &a, Required: aws.Bool(true), Mutable: aws.Bool(true), AttributeDataType: types.AttributeDataTypeString})
	}
	if d := c.DeviceConfiguration; d != nil {
		in.DeviceConfiguration = &types.DeviceConfigurationType{
			ChallengeRequiredOnNewDevice: d.ChallengeRequiredOnNewDevice, DeviceOnlyRememberedOnUserPrompt: d.DeviceOnlyRememberedOnUserPrompt,
		}
	}
	// The creation ignores an interrupt. Otherwise the pool could exist without a known ID.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer cancel()
	made, err := sc.stage.CreateUserPool(whole, in)
	if err != nil {
		return err
	}
	if made.UserPool == nil || made.UserPool.Id == nil {
		return errors.New("CreateUserPool: the reply has no ID")
	}
	sc.poolID = *made.UserPool.Id
	if c.MFA == "" && c.WebAuthn == nil {
		return nil
	}
	factors := &cip.SetUserPoolMfaConfigInput{UserPoolId: &sc.poolID, MfaConfiguration: types.UserPoolMfaTypeOff}
	if c.MFA != "" {
		factors.MfaConfiguration = types.UserPoolMfaType(c.MFA)
		for _, factor := range c.MFATypes {
			switch factor {
			case "SOFTWARE_TOKEN_MFA":
				factors.SoftwareTokenMfaConfiguration = &types.SoftwareTokenMfaConfigType{Enabled: true}
			case "EMAIL_OTP":
				factors.EmailMfaConfiguration = &types.EmailMfaConfigType{}
			case "SMS_MFA":
				factors.SmsMfaConfiguration = &types.SmsMfaConfigType{SmsConfiguration: sc.sms()}
			}
		}
	}
	if c.WebAuthn != nil {
		factors.WebAuthnConfiguration = &types.WebAuthnConfigurationType{
			RelyingPartyId: &sc.RelyingParty, UserVerification: types.UserVerificationType(cmp.Or(c.WebAuthn.UserVerification, "preferred")),
		}
	}
	if _, err = sc.stage.SetUserPoolMfaConfig(ctx, factors); err != nil {
		return err
	}
	return nil
}

// sends reports whether the pool sends codes of a factor.
func sends(c *cognitotest.PoolConfig, factor string) bool {
	return slices.Contains(c.MFATypes, factor) || slices.Contains(c.AllowedFirstFactors, factor)
}

func (sc *Scene) sms() *types.SmsConfigurationType {
	sms := &types.SmsConfigurationType{SnsCallerArn: &sc.SMSRole}
	if sc.ExternalID != "" {
		sms.ExternalId = &sc.ExternalID
	}
	return sms
}

// lambdas returns the LambdaConfig for the triggers of the setting, or nil.
func (sc *Scene) lambdas() *types.LambdaConfigType {
	t := sc.setting.Triggers
	switch {
	case t.Define != nil:
		return &types.LambdaConfigType{DefineAuthChallenge: &sc.Triggers, CreateAuthChallenge: &sc.Triggers, VerifyAuthChallengeResponse: &sc.Triggers}
	case t.PreSignUp != nil:
		return &types.LambdaConfigType{PreSignUp: &sc.Triggers, PostConfirmation: &sc.Triggers}
	}
	return nil
}

func (sc *Scene) makeClient(ctx context.Context) error {
	c := sc.setting.Clients[0]
	in := &cip.CreateUserPoolClientInput{
		UserPoolId: &sc.poolID, ClientName: aws.String(Prefix + sc.Run), GenerateSecret: c.Secret != "",
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypes(c.PreventUserExistenceErrors),
	}
	if c.AuthSessionSeconds > 0 {
		in.AuthSessionValidity = aws.Int32(int32(c.AuthSessionSeconds / 60))
	}
	for _, f := range c.AuthFlows {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsType(f))
	}
	if c.RefreshTokenRotation != "" {
		in.RefreshTokenRotation = &types.RefreshTokenRotationType{
			Feature: types.FeatureType(c.RefreshTokenRotation), RetryGracePeriodSeconds: aws.Int32(int32(c.RetryGraceSeconds)),
		}
	}
	made, err := sc.stage.CreateUserPoolClient(ctx, in)
	if err != nil {
		return err
	}
	sc.clientID, sc.clientSecret = aws.ToString(made.UserPoolClient.ClientId), aws.ToString(made.UserPoolClient.ClientSecret)
	return nil
}

// another invents a user. In recordings all users except the first one have the same name.
func (sc *Scene) another() person {
	p := person{name: "live" + lowercase(12), password: newPassword()}
	p.email = sc.address(p.name)
	for real, madeUp := range map[string]string{p.name: "grace", p.email: "grace@example.com", p.password: "Made-Up-Passw0rd-4"} {
		sc.recorder.Replace(real, madeUp)
	}
	return p
}

// newPerson makes a user. The service sends no message.
func (sc *Scene) newPerson(ctx context.Context, wanted cognitotest.UserConfig) (person, error) {
	p := sc.another()
	in := &cip.AdminCreateUserInput{
		UserPoolId: &sc.poolID, Username: &p.name, MessageAction: types.MessageActionTypeSuppress, TemporaryPassword: &p.password,
	}
	for _, name := range slices.Sorted(maps.Keys(wanted.Attributes)) {
		value := wanted.Attributes[name]
		switch name {
		case "email":
			value = p.email
		case "phone_number":
			p.phone, value = sc.Phone, sc.Phone
		}
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: &name, Value: &value})
	}
	made, err := sc.stage.AdminCreateUser(ctx, in)
	if err != nil {
		return p, err
	}
	for _, a := range made.User.Attributes {
		if aws.ToString(a.Name) == "sub" {
			p.sub = aws.ToString(a.Value)
		}
	}
	if wanted.Password != "" || wanted.TOTPSecret != "" {
		if err := sc.setPassword(ctx, p, true); err != nil {
			return p, err
		}
	}
	if wanted.TOTPSecret != "" {
		if err := sc.setUpApp(ctx, &p); err != nil {
			return p, err
		}
	}
	factors := wanted.MFA
	if len(factors) == 0 && wanted.TOTPSecret != "" {
		factors = []string{"SOFTWARE_TOKEN_MFA"}
	}
	if len(factors) > 0 {
		if err := sc.prefer(ctx, p, factors); err != nil {
			return p, err
		}
	}
	if wanted.TOTPSecret != "" && wanted.TemporaryPassword != "" {
		return p, sc.setPassword(ctx, p, false)
	}
	return p, nil
}

// prefer sets the second factors of a user. A single factor is preferred.
func (sc *Scene) prefer(ctx context.Context, p person, factors []string) error {
	in := &cip.AdminSetUserMFAPreferenceInput{UserPoolId: &sc.poolID, Username: &p.name}
	alone := len(factors) == 1
	for _, factor := range factors {
		switch factor {
		case "SOFTWARE_TOKEN_MFA":
			in.SoftwareTokenMfaSettings = &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: alone}
		case "EMAIL_OTP":
			in.EmailMfaSettings = &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: alone}
		case "SMS_MFA":
			in.SMSMfaSettings = &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: alone}
		}
	}
	if _, err := sc.stage.AdminSetUserMFAPreference(ctx, in); err != nil {
		return err
	}
	return nil
}

func (sc *Scene) setPassword(ctx context.Context, p person, permanent bool) error {
	_, err := sc.stage.AdminSetUserPassword(ctx, &cip.AdminSetUserPasswordInput{
		UserPoolId: &sc.poolID, Username: &p.name, Password: &p.password, Permanent: permanent,
	})
	if err != nil {
		return err
	}
	return nil
}

// setUpApp gives a user an authenticator app. A sign-in asks for the app only after prefer.
func (sc *Scene) setUpApp(ctx context.Context, p *person) error {
	token, err := sc.accessToken(ctx, *p)
	if err != nil {
		return fmt.Errorf("set up an authenticator app: %w", err)
	}
	begun, err := sc.stage.AssociateSoftwareToken(ctx, &cip.AssociateSoftwareTokenInput{AccessToken: token})
	if err != nil {
		return err
	}
	p.totpSecret = aws.ToString(begun.SecretCode)
	code, err := sc.fresh(ctx, p)
	if err != nil {
		return err
	}
	if _, err = sc.stage.VerifySoftwareToken(ctx, &cip.VerifySoftwareTokenInput{
		AccessToken: token, UserCode: &code, FriendlyDeviceName: aws.String(appName),
	}); err != nil {
		return err
	}
	return nil
}

// accessToken signs in a user without a second factor.
func (sc *Scene) accessToken(ctx context.Context, p person) (*string, error) {
	out, err := sc.stage.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
		UserPoolId: &sc.poolID, ClientId: &sc.clientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: sc.withHash(p.name, map[string]string{"USERNAME": p.name, "PASSWORD": p.password}),
	})
	switch {
	case err != nil:
		return nil, err
	case out.AuthenticationResult == nil:
		return nil, finding("AdminInitiateAuth: no tokens but the challenge " + record.Word(string(out.ChallengeName)))
	}
	return out.AuthenticationResult.AccessToken, nil
}

const totpPeriod = 30 // seconds

// fresh returns an unused code of the app. If the present code is used, fresh waits for the next code.
func (sc *Scene) fresh(ctx context.Context, p *person) (string, error) {
	if step := sc.ServiceNow().Unix() / totpPeriod; step <= p.lastStep {
		next := time.Unix((p.lastStep+1)*totpPeriod+1, 0)
		if err := sc.pause(ctx, next.Sub(sc.ServiceNow())); err != nil {
			return "", err
		}
	}
	p.lastStep = sc.ServiceNow().Unix() / totpPeriod
	return totp.GenerateCode(p.totpSecret, sc.ServiceNow())
}

// pause waits, and records the pause.
func (sc *Scene) pause(ctx context.Context, d time.Duration) error {
	sc.recorder.Wait(d)
	return sc.Sleep(ctx, d)
}

// code returns a code of the app of the user, for the probe.
func (sc *Scene) code(ctx context.Context, wrong bool) (string, error) {
	if wrong {
		right, err := totp.GenerateCode(sc.user.totpSecret, sc.ServiceNow())
		if err != nil {
			return "", err
		}
		code := conversation.WrongCode(right)
		sc.recorder.Code(code, "<wrong totp>")
		return code, nil
	}
	code, err := sc.fresh(ctx, &sc.user)
	sc.recorder.Code(code, "<totp>")
	return code, err
}

// lowercase returns a random text of small letters and digits. The first character is a digit, so that
// no word is equal to the text.
func lowercase(n int) string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	b[0] = '2' + b[0]%8
	return string(b)
}

// newPassword returns a random password that the policy of a new pool accepts.
func newPassword() string { return "Live-7" + lowercase(18) }
