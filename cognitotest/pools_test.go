package cognitotest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// makePool makes a pool by an operation.
func (r *rig) makePool(in cip.CreateUserPoolInput) *types.UserPoolType {
	r.t.Helper()
	if in.PoolName == nil {
		in.PoolName = aws.String("made")
	}
	out, err := r.pool.AdminClient().CreateUserPool(r.t.Context(), &in)
	if err != nil {
		r.t.Fatal(err)
	}
	return out.UserPool
}

// makeClient makes an app client of the pool by an operation.
func (r *rig) makeClient(in cip.CreateUserPoolClientInput) *types.UserPoolClientType {
	r.t.Helper()
	in.ClientName, in.UserPoolId = aws.String("made"), aws.String(r.pool.ID())
	out, err := r.pool.AdminClient().CreateUserPoolClient(r.t.Context(), &in)
	if err != nil {
		r.t.Fatal(err)
	}
	return out.UserPoolClient
}

func (r *rig) addSecret(client, secret string) (*types.ClientSecretDescriptorType, error) {
	in := &cip.AddUserPoolClientSecretInput{UserPoolId: aws.String(r.pool.ID()), ClientId: &client}
	if secret != "" {
		in.ClientSecret = &secret
	}
	out, err := r.pool.AdminClient().AddUserPoolClientSecret(r.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.ClientSecretDescriptor, nil
}

func (r *rig) deleteSecret(client, id string) error {
	_, err := r.pool.AdminClient().DeleteUserPoolClientSecret(r.t.Context(), &cip.DeleteUserPoolClientSecretInput{
		UserPoolId: aws.String(r.pool.ID()), ClientId: &client, ClientSecretId: &id,
	})
	return err
}

// A test may make its pool, its app client and its user by operations, as tests for other
// test servers do.
func TestPoolMadeByOperations(t *testing.T) {
	r := newRig(t, nil)
	ctx, admin := t.Context(), r.pool.AdminClient(func(o *cip.Options) {
		o.Region = "us-east-1"
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing", SessionToken: "testing"}, nil
		})
	})
	made, err := admin.CreateUserPool(ctx, &cip.CreateUserPoolInput{
		PoolName: aws.String("shop"), UsernameAttributes: []types.UsernameAttributeType{"email"}, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
		Policies:              &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(6)}},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(true)}, DeviceConfiguration: &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("given_name"), Required: aws.Bool(true)},
			{Name: aws.String("team"), AttributeDataType: "String", Mutable: aws.Bool(true), StringAttributeConstraints: &types.StringAttributeConstraintsType{MaxLength: aws.String("9")}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := made.UserPool.Id
	if !strings.HasPrefix(*id, "us-east-1_") || *made.UserPool.Arn != "arn:aws:cognito-idp:us-east-1:123456789012:userpool/"+*id {
		t.Errorf("%s, %s", *id, *made.UserPool.Arn)
	}
	if !*made.UserPool.UsernameConfiguration.CaseSensitive || !made.UserPool.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt {
		t.Errorf("%+v", made.UserPool)
	}
	var schema []string
	for _, a := range made.UserPool.SchemaAttributes {
		if *a.Required || strings.Contains(*a.Name, ":") {
			schema = append(schema, *a.Name)
		}
	}
	if want := []string{"sub", "given_name", "custom:team"}; !slices.Equal(schema, want) {
		t.Errorf("required or custom: %q, want %q", schema, want)
	}
	app, err := admin.CreateUserPoolClient(ctx, &cip.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: aws.String("web"), GenerateSecret: true,
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	if err != nil {
		t.Fatal(err)
	}
	client, secret := *app.UserPoolClient.ClientId, *app.UserPoolClient.ClientSecret
	signUp := &cip.SignUpInput{
		ClientId: &client, Username: aws.String(aliceEmail), Password: aws.String("simple"), SecretHash: aws.String(secretHash(secret, aliceEmail, client)),
	}
	_, err = r.sdk.SignUp(ctx, signUp)
	wantError(t, err, "InvalidParameterException", "given_name")
	signUp.UserAttributes = []types.AttributeType{{Name: aws.String("given_name"), Value: aws.String("Alice")}}
	if _, err = r.sdk.SignUp(ctx, signUp); err != nil {
		t.Fatal(err)
	}
	code := r.pool.Server().Pool(*id).LastCode(aliceEmail)
	if code.PoolID != *id {
		t.Errorf("the code is one of pool %s", code.PoolID)
	}
	if _, err := r.sdk.ConfirmSignUp(ctx, &cip.ConfirmSignUpInput{
		ClientId: &client, Username: aws.String(aliceEmail), ConfirmationCode: &code.Code, SecretHash: signUp.SecretHash,
	}); err != nil {
		t.Fatal(err)
	}
	out, err := admin.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
		UserPoolId: id, ClientId: &client, AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
		AuthParameters: map[string]string{"USERNAME": aliceEmail, "PASSWORD": "simple", "SECRET_HASH": *signUp.SecretHash},
	})
	tokens := wantTokens(t, out, err)
	if tokens.NewDeviceMetadata == nil {
		t.Error("the pool does not track devices")
	}
	_, err = admin.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: id, Username: aws.String(strings.ToUpper(aliceEmail))})
	wantError(t, err, "UserNotFoundException", "")
	if claims := payloadOf(t, *tokens.IdToken); claims["iss"] != r.pool.Endpoint()+"/"+*id || claims["given_name"] != "Alice" || claims["iat"] != float64(r.clock.Now().Unix()) {
		t.Errorf("claims %v", claims)
	}
	if described, err := admin.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: id}); err != nil || described.UserPool.EstimatedNumberOfUsers != 1 ||
		!slices.Equal(described.UserPool.AutoVerifiedAttributes, []types.VerifiedAttributeType{"email"}) {
		t.Errorf("%+v, %v", described, err)
	}

	if _, err := admin.DeleteUserPoolClient(ctx, &cip.DeleteUserPoolClientInput{UserPoolId: id, ClientId: &client}); err != nil {
		t.Fatal(err)
	}
	_, err = r.sdk.GetUser(ctx, &cip.GetUserInput{AccessToken: tokens.AccessToken})
	wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
	_, err = admin.DescribeUserPoolClient(ctx, &cip.DescribeUserPoolClientInput{UserPoolId: id, ClientId: &client})
	wantError(t, err, "ResourceNotFoundException", "client")
	if _, err := admin.DeleteUserPool(ctx, &cip.DeleteUserPoolInput{UserPoolId: id}); err != nil {
		t.Fatal(err)
	}
	_, err = admin.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: id})
	wantError(t, err, "ResourceNotFoundException", "User pool")
	if r.pool.Server().Pool(*id) != nil {
		t.Error("the server has the pool that was deleted")
	}
}

// An app client belongs to one pool. Another pool does not know the app client.
func TestAppClientOfAnotherPool(t *testing.T) {
	r := newRig(t, nil)
	id := r.makePool(cip.CreateUserPoolInput{}).Id
	_, err := r.pool.AdminClient().DescribeUserPoolClient(t.Context(), &cip.DescribeUserPoolClientInput{UserPoolId: id, ClientId: aws.String(publicApp)})
	wantError(t, err, "ResourceNotFoundException", "")
}

// A change of settings has an effect on the next call.
func TestSettingsChangeAtRunTime(t *testing.T) {
	r := newRig(t, withTOTP)
	ctx, admin, id := t.Context(), r.pool.AdminClient(), aws.String(r.pool.ID())
	r.totpChallenge()
	if _, err := admin.SetUserPoolMfaConfig(ctx, &cip.SetUserPoolMfaConfigInput{UserPoolId: id, MfaConfiguration: "OFF"}); err != nil {
		t.Fatal(err)
	}
	tokens := r.tokens()

	_, err := admin.UpdateUserPool(ctx, &cip.UpdateUserPoolInput{
		UserPoolId: id, PoolName: aws.String("renamed"), UserPoolTier: "LITE",
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
		Policies:              &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.userAuth("alice", nil)
	if begun(t, out, err, "SELECT_CHALLENGE"); !slices.Contains(out.AvailableChallenges, "EMAIL_OTP") {
		t.Errorf("choices %v", out.AvailableChallenges)
	}
	_, err = r.userAuth("alice", map[string]string{"TARGET_ACR_VALUES": level1})
	wantError(t, err, "FeatureUnavailableInTierException", "")
	_, err = r.sdk.SignUp(ctx, &cip.SignUpInput{ClientId: &r.app, Username: aws.String("bob"), Password: aws.String(password)})
	wantError(t, err, "NotAuthorizedException", "not permitted")
	described, err := admin.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: id})
	if err != nil || *described.UserPool.Name != "renamed" || !slices.Equal(described.UserPool.AliasAttributes, []types.AliasAttributeType{"email", "phone_number", "preferred_username"}) {
		t.Errorf("%+v, %v", described, err)
	}
	// A refused change changes nothing.
	_, err = admin.UpdateUserPool(ctx, &cip.UpdateUserPoolInput{UserPoolId: id, UserPoolTier: "GOLD"})
	wantError(t, err, "InvalidParameterException", "UserPoolTier: \"GOLD\"")

	if _, err := admin.UpdateUserPoolClient(ctx, &cip.UpdateUserPoolClientInput{
		UserPoolId: id, ClientId: &r.app, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}, PreventUserExistenceErrors: "ENABLED",
	}); err != nil {
		t.Fatal(err)
	}
	_, err = r.login("alice")
	wantError(t, err, "InvalidParameterException", "not enabled")
	_, err = r.refresh(tokens.RefreshToken, nil)
	wantError(t, err, "InvalidParameterException", "not enabled")
	_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "nobody", "SRP_A": newSRPClient(t).publicA.Text(16)})
	if err != nil {
		t.Errorf("a user who is hidden: %v", err)
	}
	_, err = admin.UpdateUserPoolClient(ctx, &cip.UpdateUserPoolClientInput{UserPoolId: id, ClientId: &r.app, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_ALL"}})
	wantError(t, err, "InvalidParameterException", "ExplicitAuthFlows[0]: \"ALLOW_ALL\"")
	if _, answer := r.startSRP("alice", password); answer == nil {
		t.Error("the flow is gone")
	}
}

// The Describe operations know pools and app clients of a configuration too.
func TestDescribeConfiguration(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.MFA, c.MFATypes, c.DeviceConfiguration = "OPTIONAL", []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}, &DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
		c.WebAuthn.UserVerification = "required"
		c.Clients[0] = ClientConfig{
			ID: publicApp, AuthFlows: []string{"ALLOW_USER_AUTH"}, AccessTokenSeconds: 900, PreventUserExistenceErrors: "ENABLED", AuthSessionSeconds: 300,
			TokenRevocation: "DISABLED", RefreshTokenRotation: "ENABLED", RetryGraceSeconds: 7,
		}
	})
	ctx, admin, id := t.Context(), r.pool.AdminClient(), aws.String(r.pool.ID())
	pool, err := admin.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: id})
	if err != nil {
		t.Fatal(err)
	}
	if got := pool.UserPool; got.MfaConfiguration != "OPTIONAL" || !got.DeviceConfiguration.ChallengeRequiredOnNewDevice || *got.Name != "TestPool1" || len(got.Policies.SignInPolicy.AllowedFirstAuthFactors) != 4 {
		t.Errorf("%+v", got)
	}
	mfa, err := admin.GetUserPoolMfaConfig(ctx, &cip.GetUserPoolMfaConfigInput{UserPoolId: id})
	if err != nil || mfa.EmailMfaConfiguration == nil || mfa.SmsMfaConfiguration != nil || !mfa.SoftwareTokenMfaConfiguration.Enabled ||
		*mfa.WebAuthnConfiguration.RelyingPartyId != "example.com" || mfa.WebAuthnConfiguration.UserVerification != "required" {
		t.Errorf("%+v, %v", mfa, err)
	}
	client, err := admin.DescribeUserPoolClient(ctx, &cip.DescribeUserPoolClientInput{UserPoolId: id, ClientId: aws.String(publicApp)})
	if err != nil {
		t.Fatal(err)
	}
	got := client.UserPoolClient
	if *got.ClientName != publicApp || *got.AccessTokenValidity != 900 || got.TokenValidityUnits.AccessToken != "seconds" || *got.EnableTokenRevocation || got.PreventUserExistenceErrors != "ENABLED" ||
		*got.AuthSessionValidity != 5 || *got.RefreshTokenRotation.RetryGracePeriodSeconds != 7 || !slices.Equal(got.ExplicitAuthFlows, []types.ExplicitAuthFlowsType{"ALLOW_USER_AUTH"}) {
		t.Errorf("%+v", got)
	}
	// The Update operations take the description.
	if _, err := admin.UpdateUserPoolClient(ctx, &cip.UpdateUserPoolClientInput{
		UserPoolId: id, ClientId: got.ClientId, ExplicitAuthFlows: got.ExplicitAuthFlows, AccessTokenValidity: got.AccessTokenValidity, TokenValidityUnits: got.TokenValidityUnits,
	}); err != nil {
		t.Error(err)
	}
}

func TestPagesOfPools(t *testing.T) {
	r := newRig(t, nil)
	ctx, admin := t.Context(), r.pool.AdminClient()
	names := []string{"TestPool1"}
	for i := range 4 {
		r.clock.Advance(time.Second)
		names = append(names, *r.makePool(cip.CreateUserPoolInput{PoolName: aws.String(fmt.Sprintf("pool %d", i))}).Name)
	}
	var listed []string
	for pages := cip.NewListUserPoolsPaginator(admin, &cip.ListUserPoolsInput{MaxResults: aws.Int32(2)}); pages.HasMorePages(); {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.UserPools {
			listed = append(listed, *p.Name)
		}
	}
	if !slices.Equal(listed, names) {
		t.Errorf("listed %q, want %q", listed, names)
	}
	out, err := admin.ListUserPoolClients(ctx, &cip.ListUserPoolClientsInput{UserPoolId: aws.String(r.pool.ID()), MaxResults: aws.Int32(1)})
	if err != nil || len(out.UserPoolClients) != 1 || *out.UserPoolClients[0].ClientId != publicApp || out.NextToken == nil {
		t.Fatalf("%+v, %v", out, err)
	}
	out, err = admin.ListUserPoolClients(ctx, &cip.ListUserPoolClientsInput{UserPoolId: aws.String(r.pool.ID()), NextToken: out.NextToken})
	if err != nil || len(out.UserPoolClients) != 1 || *out.UserPoolClients[0].ClientName != secretApp || out.NextToken != nil {
		t.Errorf("%+v, %v", out, err)
	}
	for _, in := range []cip.ListUserPoolsInput{{MaxResults: aws.Int32(0)}, {MaxResults: aws.Int32(61)}, {MaxResults: aws.Int32(1), NextToken: aws.String("x")}} {
		_, err := admin.ListUserPools(ctx, &in)
		wantError(t, err, "InvalidParameterException", "")
	}
}

// An operation for administrators needs a signature, also if it names no pool.
func TestPoolsAreForAdministrators(t *testing.T) {
	r := newRig(t, nil)
	_, err := r.sdk.CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("mine")})
	wantError(t, err, "MissingAuthenticationTokenException", "")
	_, err = r.pool.AdminClient().CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("no!")})
	wantError(t, err, "InvalidParameterException", "poolName")
}

func TestRelyingPartyByOperation(t *testing.T) {
	r := newRig(t, nil)
	ctx, admin, id := t.Context(), r.pool.AdminClient(), r.makePool(cip.CreateUserPoolInput{}).Id
	set := func(w types.WebAuthnConfigurationType) (*cip.SetUserPoolMfaConfigOutput, error) {
		return admin.SetUserPoolMfaConfig(ctx, &cip.SetUserPoolMfaConfigInput{UserPoolId: id, WebAuthnConfiguration: &w})
	}
	for want, w := range map[string]types.WebAuthnConfigurationType{
		"RelyingPartyId":   {UserVerification: "required"},
		"UserVerification": {RelyingPartyId: aws.String("example.com"), UserVerification: "perhaps"},
		"SINGLE_FACTOR":    {RelyingPartyId: aws.String("example.com"), FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION"},
	} {
		_, err := set(w)
		wantError(t, err, "InvalidParameterException", want)
	}
	out, err := set(types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com"), UserVerification: "required"})
	if err != nil || *out.WebAuthnConfiguration.RelyingPartyId != "example.com" {
		t.Fatalf("%+v, %v", out, err)
	}
	if out, err = set(types.WebAuthnConfigurationType{FactorConfiguration: "SINGLE_FACTOR"}); err != nil || out.WebAuthnConfiguration.UserVerification != "required" {
		t.Errorf("%+v, %v", out, err)
	}
}

// The pool takes both secrets of an app client. A sign-in may start with one secret and go
// on with the other.
func TestClientSecretsAreExchanged(t *testing.T) {
	r := newRig(t, nil)
	made := r.makeClient(cip.CreateUserPoolClientInput{GenerateSecret: true, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
		"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
	}})
	r.app, r.secret = *made.ClientId, *made.ClientSecret
	asked, answer := r.startSRP("alice", password)
	list, err := r.pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: made.UserPoolId, ClientId: made.ClientId})
	if err != nil {
		t.Fatal(err)
	}
	added, err := r.addSecret(r.app, "")
	if err != nil {
		t.Fatal(err)
	}
	old := r.secret
	r.secret = *added.ClientSecretValue
	out, err := r.respond("PASSWORD_VERIFIER", aws.ToString(asked.Session), answer)
	tokens := wantTokens(t, out, err)
	for _, secret := range []string{old, r.secret} {
		for name, call := range map[string]func() error{
			"GetTokensFromRefreshToken": func() error {
				_, err := r.sdk.GetTokensFromRefreshToken(t.Context(), &cip.GetTokensFromRefreshTokenInput{ClientId: &r.app, ClientSecret: &secret, RefreshToken: tokens.RefreshToken})
				return err
			},
			"RevokeToken": func() error {
				_, err := r.sdk.RevokeToken(t.Context(), &cip.RevokeTokenInput{ClientId: &r.app, ClientSecret: &secret, Token: aws.String("another token")})
				return err
			},
		} {
			if err := call(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := r.deleteSecret(r.app, *list.ClientSecrets[0].ClientSecretId); err != nil {
		t.Fatal(err)
	}
	refreshed, err := r.refresh(tokens.RefreshToken, map[string]string{"SECRET_HASH": secretHash(r.secret, "alice", r.app)})
	wantTokens(t, refreshed, err)
	_, err = r.refresh(tokens.RefreshToken, map[string]string{"SECRET_HASH": secretHash(old, "alice", r.app)})
	wantError(t, err, "NotAuthorizedException", "secret hash")
}

// The SDK for Go does not have AcrConfiguration yet. SDKs for other languages have it.
func TestAcrConfiguration(t *testing.T) {
	r := newRig(t, nil)
	id := *r.makePool(cip.CreateUserPoolInput{}).Id
	call := func(operation string, in map[string]any, member string) string {
		in["UserPoolId"] = id
		out := r.raw(operation, in, "X-Amz-Date", "20260307T210405Z", "Authorization",
			"AWS4-HMAC-SHA256 Credential=AKIDCOGNITOTEST00000/20260307/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
		return string(out[member])
	}
	levels := func(names ...string) map[string]any {
		configuration := map[string]any{}
		for i := 0; i < len(names); i += 2 {
			configuration[names[i]] = map[string]string{"AcrValue": names[i+1]}
		}
		return configuration
	}
	want := func(name string) {
		t.Helper()
		effective := `"AcrConfiguration":{"Level1":{"AcrValue":"urn:cognito:loa:1"},"Level2":{"AcrValue":"` + name + `"},"Level3":{"AcrValue":"urn:cognito:loa:3"},"Level4":{"AcrValue":"urn:cognito:loa:4"}}`
		if got := call("DescribeUserPool", map[string]any{}, "UserPool"); !strings.Contains(got, effective) {
			t.Errorf("%s does not have %s", got, effective)
		}
	}
	want(level2)
	// AcrConfiguration shows the level names of a configuration.
	if problem := call("UpdateUserPool", map[string]any{"poolMembers": "x", "All": map[string]string{}}, "__type"); problem != "" {
		t.Error(problem)
	}
	if problem := call("UpdateUserPool", map[string]any{"AcrConfiguration": levels("Level2", "silver")}, "__type"); problem != "" {
		t.Fatal(problem)
	}
	want("silver")
	for exception, in := range map[string]map[string]any{
		`"InvalidParameterException"`:         {"AcrConfiguration": levels("Level2", level4)},
		`"FeatureUnavailableInTierException"`: {"AcrConfiguration": levels("Level2", "gold"), "UserPoolTier": "LITE"},
	} {
		if got := call("UpdateUserPool", in, "__type"); got != exception {
			t.Errorf("got %s, want %s", got, exception)
		}
	}
	want("silver")
}

func TestMembersOutOfRange(t *testing.T) {
	r := newRig(t, nil)
	for want, policy := range map[string]types.PasswordPolicyType{
		"MinimumLength":                 {MinimumLength: aws.Int32(5)},
		"PasswordHistorySize":           {PasswordHistorySize: aws.Int32(25)},
		"TemporaryPasswordValidityDays": {TemporaryPasswordValidityDays: 366},
	} {
		_, err := r.pool.AdminClient().CreateUserPool(t.Context(), &cip.CreateUserPoolInput{
			PoolName: aws.String("made"), Policies: &types.UserPoolPolicyType{PasswordPolicy: &policy},
		})
		wantError(t, err, "InvalidParameterException", want)
	}
	_, err := r.pool.AdminClient().CreateUserPool(t.Context(), &cip.CreateUserPoolInput{
		PoolName: aws.String("made"), Schema: []types.SchemaAttributeType{{Name: aws.String("team"), Required: aws.Bool(true)}},
	})
	wantError(t, err, "InvalidParameterException", "team")
	_, err = r.pool.AdminClient().CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
		UserPoolId: aws.String(r.pool.ID()), ClientName: aws.String("made"), TokenValidityUnits: &types.TokenValidityUnitsType{AccessToken: "weeks"},
	})
	wantError(t, err, "InvalidParameterException", "weeks")
}

// A pool that an operation makes has the clock, the dialect and the triggers of the oldest pool.
func TestMadePoolTakesAfterTheOldest(t *testing.T) {
	var delivered []Code
	r := newRig(t, func(c *PoolConfig) {
		c.OnCode = func(code Code) { delivered = append(delivered, code) }
		c.Dialect.Messages = map[string]string{"NotAuthorizedException": "no"}
	})
	younger := r.makePool(cip.CreateUserPoolInput{})
	made, err := r.pool.AdminClient().CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
		UserPoolId: younger.Id, ClientName: aws.String("made"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.app = *made.UserPoolClient.ClientId
	if _, err := r.sdk.SignUp(t.Context(), &cip.SignUpInput{
		ClientId: &r.app, Username: aws.String("bob"), Password: aws.String(password), UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("bob@example.com")}},
	}); err != nil {
		t.Fatal(err)
	}
	if len(delivered) != 1 || delivered[0].PoolID != *younger.Id || delivered[0].Username != "bob" {
		t.Errorf("delivered %+v", delivered)
	}
	if err := r.pool.Server().Pool(*younger.Id).AddUser(UserConfig{Name: "carol", Password: password}); err != nil {
		t.Fatal(err)
	}
	_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "carol", "PASSWORD": "wrong"})
	wantError(t, err, "NotAuthorizedException", "no")
}

func TestTokenRevocationByOperation(t *testing.T) {
	r := newRig(t, nil)
	for want, enabled := range map[string]*bool{"": nil, "UnsupportedOperationException": aws.Bool(false)} {
		r.app = *r.makeClient(cip.CreateUserPoolClientInput{EnableTokenRevocation: enabled}).ClientId
		err := r.revoke("a token")
		if want != "" {
			wantError(t, err, want, "")
		} else if err != nil {
			t.Error(err)
		}
	}
}

// UnusedAccountValidityDays is an older name of TemporaryPasswordValidityDays.
func TestValidityOfTemporaryPasswords(t *testing.T) {
	r := newRig(t, nil)
	for name, test := range map[string]struct {
		unused, temporary, want int32
	}{
		"neither": {0, 0, 7}, "the older": {3, 0, 3}, "the newer": {0, 4, 4}, "both": {3, 4, 4},
	} {
		got := r.makePool(cip.CreateUserPoolInput{
			AdminCreateUserConfig: &types.AdminCreateUserConfigType{
				UnusedAccountValidityDays: test.unused, InviteMessageTemplate: &types.MessageTemplateType{EmailSubject: aws.String("welcome")},
			},
			Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{TemporaryPasswordValidityDays: test.temporary}},
		})
		if c := got.AdminCreateUserConfig; c.UnusedAccountValidityDays != test.want || got.Policies.PasswordPolicy.TemporaryPasswordValidityDays != test.want || *c.InviteMessageTemplate.EmailSubject != "welcome" {
			t.Errorf("%s: %d and %d days", name, c.UnusedAccountValidityDays, got.Policies.PasswordPolicy.TemporaryPasswordValidityDays)
		}
	}
}

var evidenceOfPools = map[string]func(*testing.T){
	"a new pool": func(t *testing.T) {
		r := newRig(t, nil)
		got := r.makePool(cip.CreateUserPoolInput{})
		policy := got.Policies.PasswordPolicy
		if got.MfaConfiguration != "OFF" || got.EstimatedNumberOfUsers != 0 || got.DeletionProtection != "INACTIVE" || got.LambdaConfig == nil {
			t.Errorf("%+v", got)
		}
		if *policy.MinimumLength != 8 || policy.TemporaryPasswordValidityDays != 7 || !policy.RequireLowercase || !policy.RequireNumbers || !policy.RequireSymbols || !policy.RequireUppercase {
			t.Errorf("%+v", policy)
		}
		if a := got.AdminCreateUserConfig; a.AllowAdminCreateUserOnly || a.UnusedAccountValidityDays != 7 {
			t.Errorf("%+v", a)
		}
		var required []string
		for _, a := range got.SchemaAttributes {
			if *a.Required {
				required = append(required, *a.Name)
			}
		}
		if len(got.SchemaAttributes) != 20 || !slices.Equal(required, []string{"sub"}) {
			t.Errorf("%d attributes, required %q", len(got.SchemaAttributes), required)
		}
		if got.EmailConfiguration.EmailSendingAccount != "COGNITO_DEFAULT" || got.VerificationMessageTemplate.DefaultEmailOption != "CONFIRM_WITH_CODE" {
			t.Errorf("%+v, %+v", got.EmailConfiguration, got.VerificationMessageTemplate)
		}
		if !got.CreationDate.Equal(r.clock.Now()) || !got.LastModifiedDate.Equal(r.clock.Now()) {
			t.Errorf("made %v, changed %v", got.CreationDate, got.LastModifiedDate)
		}
	},
	"the feature plan of a new pool": func(t *testing.T) {
		if got := newRig(t, nil).makePool(cip.CreateUserPoolInput{}); got.UserPoolTier != "ESSENTIALS" {
			t.Errorf("%s", got.UserPoolTier)
		}
	},
	"IDs of pools and app clients": func(t *testing.T) {
		r := newRig(t, nil)
		pool := *r.makePool(cip.CreateUserPoolInput{}).Id
		client := r.makeClient(cip.CreateUserPoolClientInput{GenerateSecret: true})
		for text, form := range map[string]string{
			pool: "^eu-west-1_[0-9a-zA-Z]{9}$", *client.ClientId: "^[0-9a-z]{26}$", *client.ClientSecret: "^[0-9a-z]{51,52}$",
		} {
			if !regexp.MustCompile(form).MatchString(text) {
				t.Errorf("%q is not %s", text, form)
			}
		}
	},
	"MFA of a new pool without SmsConfiguration": func(t *testing.T) {
		r := newRig(t, nil)
		for _, mfa := range []types.UserPoolMfaType{"ON", "OPTIONAL"} {
			_, err := r.pool.AdminClient().CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("made"), MfaConfiguration: mfa})
			wantError(t, err, "InvalidParameterException", "SMS configuration and Auto verification")
		}
		sms := &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::123456789012:role/sms")}
		got := r.makePool(cip.CreateUserPoolInput{MfaConfiguration: "ON", SmsConfiguration: sms})
		if got.MfaConfiguration != "ON" || *got.SmsConfiguration.SnsCallerArn != *sms.SnsCallerArn {
			t.Errorf("%+v", got)
		}
	},
	"GetUserPoolMfaConfig of a pool without MFA": func(t *testing.T) {
		r := newRig(t, nil)
		out, err := r.pool.AdminClient().GetUserPoolMfaConfig(t.Context(), &cip.GetUserPoolMfaConfigInput{UserPoolId: r.makePool(cip.CreateUserPoolInput{}).Id})
		if err != nil {
			t.Fatal(err)
		}
		if out.MfaConfiguration != "OFF" || out.SmsMfaConfiguration != nil || out.SoftwareTokenMfaConfiguration != nil || out.EmailMfaConfiguration != nil || out.WebAuthnConfiguration != nil {
			t.Errorf("%+v", out)
		}
	},
	"a member left out of SetUserPoolMfaConfig": func(t *testing.T) {
		r := newRig(t, nil)
		id := r.makePool(cip.CreateUserPoolInput{}).Id
		set := func(in cip.SetUserPoolMfaConfigInput) (*cip.SetUserPoolMfaConfigOutput, error) {
			in.UserPoolId = id
			return r.pool.AdminClient().SetUserPoolMfaConfig(t.Context(), &in)
		}
		_, err := set(cip.SetUserPoolMfaConfigInput{MfaConfiguration: "ON"})
		wantError(t, err, "InvalidParameterException", "Invalid MFA configuration")
		if _, err := set(cip.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true}}); err != nil {
			t.Fatal(err)
		}
		out, err := set(cip.SetUserPoolMfaConfigInput{EmailMfaConfiguration: &types.EmailMfaConfigType{Subject: aws.String("your code")}})
		if err != nil || out.MfaConfiguration != "ON" || !out.SoftwareTokenMfaConfiguration.Enabled || *out.EmailMfaConfiguration.Subject != "your code" {
			t.Errorf("%+v, %v", out, err)
		}
	},
	"a member left out of UpdateUserPool": func(t *testing.T) {
		r := newRig(t, nil)
		made := r.makePool(cip.CreateUserPoolInput{
			UserPoolTier: "PLUS", DeletionProtection: "ACTIVE", UsernameAttributes: []types.UsernameAttributeType{"email"},
			DeviceConfiguration: &types.DeviceConfigurationType{}, UserPoolTags: map[string]string{"team": "compilers"},
			Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(12)}},
		})
		if made.UserPoolTier != "PLUS" || made.DeletionProtection != "ACTIVE" || made.DeviceConfiguration == nil || made.UserPoolTags["team"] != "compilers" || *made.Policies.PasswordPolicy.MinimumLength != 12 {
			t.Fatalf("%+v", made)
		}
		if _, err := r.pool.AdminClient().UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: made.Id}); err != nil {
			t.Fatal(err)
		}
		out, err := r.pool.AdminClient().DescribeUserPool(t.Context(), &cip.DescribeUserPoolInput{UserPoolId: made.Id})
		if err != nil {
			t.Fatal(err)
		}
		got := out.UserPool
		if got.UserPoolTier != "ESSENTIALS" || got.DeletionProtection != "INACTIVE" || got.DeviceConfiguration != nil || got.UserPoolTags != nil || *got.Policies.PasswordPolicy.MinimumLength != 8 {
			t.Errorf("%+v", got)
		}
		if !slices.Equal(got.UsernameAttributes, made.UsernameAttributes) || *got.Name != "made" {
			t.Errorf("%+v", got)
		}
	},
	"deletion protection": func(t *testing.T) {
		r := newRig(t, nil)
		id := r.makePool(cip.CreateUserPoolInput{DeletionProtection: "ACTIVE"}).Id
		_, err := r.pool.AdminClient().DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: id})
		wantError(t, err, "InvalidParameterException", "deletion protection")
	},
	"a new app client": func(t *testing.T) {
		got := newRig(t, nil).makeClient(cip.CreateUserPoolClientInput{})
		if *got.AuthSessionValidity != 3 || got.RefreshTokenValidity != 30 || !*got.EnableTokenRevocation || got.ClientSecret != nil {
			t.Errorf("%+v", got)
		}
		if got.ExplicitAuthFlows != nil || got.PreventUserExistenceErrors != "" || got.AccessTokenValidity != nil || got.TokenValidityUnits == nil || *got.EnablePropagateAdditionalUserContextData {
			t.Errorf("%+v", got)
		}
	},
	"a member left out of UpdateUserPoolClient": func(t *testing.T) {
		r := newRig(t, nil)
		made := r.makeClient(cip.CreateUserPoolClientInput{
			CallbackURLs: []string{"https://example.com"}, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"USER_PASSWORD_AUTH"}, AccessTokenValidity: aws.Int32(2),
		})
		out, err := r.pool.AdminClient().UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{
			UserPoolId: made.UserPoolId, ClientId: made.ClientId, SupportedIdentityProviders: []string{"COGNITO"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := out.UserPoolClient
		if got.CallbackURLs != nil || got.ExplicitAuthFlows != nil || got.AccessTokenValidity != nil || !slices.Equal(got.SupportedIdentityProviders, []string{"COGNITO"}) || *got.ClientName != "made" {
			t.Errorf("%+v", got)
		}
	},
	"GenerateSecret and ClientSecret together": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.pool.AdminClient().CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
			UserPoolId: aws.String(r.pool.ID()), ClientName: aws.String("made"), GenerateSecret: true, ClientSecret: aws.String(appSecret),
		})
		wantError(t, err, "InvalidParameterException", "GenerateSecret")
	},
	"client secrets in answers": func(t *testing.T) {
		r := newRig(t, nil)
		made := r.makeClient(cip.CreateUserPoolClientInput{ClientSecret: aws.String(appSecret)})
		added, err := r.addSecret(*made.ClientId, nextSecret)
		if err != nil || added.ClientSecretValue != nil {
			t.Fatalf("%+v, %v", added, err)
		}
		out, err := r.pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: made.UserPoolId, ClientId: made.ClientId})
		if err != nil || len(out.ClientSecrets) != 2 || out.ClientSecrets[0].ClientSecretValue != nil || *out.ClientSecrets[1].ClientSecretId != *added.ClientSecretId {
			t.Fatalf("%+v, %v", out, err)
		}
		if err := r.deleteSecret(*made.ClientId, *out.ClientSecrets[0].ClientSecretId); err != nil {
			t.Fatal(err)
		}
		if added, err = r.addSecret(*made.ClientId, ""); err != nil || len(aws.ToString(added.ClientSecretValue)) < 24 {
			t.Errorf("%+v, %v", added, err)
		}
	},
	"the ID of a client secret": func(t *testing.T) {
		r := newRig(t, nil)
		out, err := r.pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(secretApp)})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range out.ClientSecrets {
			if !regexp.MustCompile("^"+secretApp+`--\d+$`).MatchString(*s.ClientSecretId) || !s.ClientSecretCreateDate.Equal(r.clock.Now()) {
				t.Errorf("%s of %v", *s.ClientSecretId, s.ClientSecretCreateDate)
			}
			seen[*s.ClientSecretId] = true
		}
		if len(seen) != 2 {
			t.Errorf("IDs %v", slices.Sorted(maps.Keys(seen)))
		}
	},
	"a third client secret": func(t *testing.T) {
		_, err := newRig(t, nil).addSecret(secretApp, "")
		wantError(t, err, "LimitExceededException", "")
	},
	"a client secret of a public app client": func(t *testing.T) {
		_, err := newRig(t, nil).addSecret(publicApp, "")
		wantError(t, err, "InvalidParameterException", "public")
	},
	"the last client secret": func(t *testing.T) {
		r := newRig(t, nil)
		made := r.makeClient(cip.CreateUserPoolClientInput{GenerateSecret: true})
		out, err := r.pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: made.UserPoolId, ClientId: made.ClientId})
		if err != nil || len(out.ClientSecrets) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		wantError(t, r.deleteSecret(*made.ClientId, *out.ClientSecrets[0].ClientSecretId), "InvalidParameterException", "last")
		wantError(t, r.deleteSecret(*made.ClientId, "none"), "ResourceNotFoundException", "")
	},
	"ClientSecret of an app client with two": func(t *testing.T) {
		r := newRig(t, nil)
		describe := func() string {
			out, err := r.pool.AdminClient().DescribeUserPoolClient(t.Context(), &cip.DescribeUserPoolClientInput{UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(secretApp)})
			if err != nil {
				t.Fatal(err)
			}
			return aws.ToString(out.UserPoolClient.ClientSecret)
		}
		if got := describe(); got != appSecret {
			t.Errorf("the secret is not the older one")
		}
		out, err := r.pool.AdminClient().ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: aws.String(r.pool.ID()), ClientId: aws.String(secretApp)})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.deleteSecret(secretApp, *out.ClientSecrets[0].ClientSecretId); err != nil {
			t.Fatal(err)
		}
		if got := describe(); got != nextSecret {
			t.Error("the secret is not the one that is left")
		}
	},
	"SignUp where administrators make users": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.AdminCreatesUsers = true })
		_, err := r.sdk.SignUp(t.Context(), &cip.SignUpInput{ClientId: &r.app, Username: aws.String("bob"), Password: aws.String(password)})
		wantError(t, err, "NotAuthorizedException", "SignUp is not permitted for this user pool")
	},
	"lifetimes of tokens": func(t *testing.T) {
		r := newRig(t, nil)
		for _, in := range []cip.CreateUserPoolClientInput{
			{AccessTokenValidity: aws.Int32(25)}, {IdTokenValidity: aws.Int32(4), TokenValidityUnits: &types.TokenValidityUnitsType{IdToken: "minutes"}},
			{RefreshTokenValidity: 3651}, {AuthSessionValidity: aws.Int32(16)},
		} {
			in.UserPoolId, in.ClientName = aws.String(r.pool.ID()), aws.String("made")
			_, err := r.pool.AdminClient().CreateUserPoolClient(t.Context(), &in)
			wantError(t, err, "InvalidParameterException", "Invalid range")
		}
		r.app = *r.makeClient(cip.CreateUserPoolClientInput{
			AccessTokenValidity: aws.Int32(2), IdTokenValidity: aws.Int32(10), RefreshTokenValidity: 1, TokenValidityUnits: &types.TokenValidityUnitsType{IdToken: "minutes"},
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		}).ClientId
		out, err := r.login("alice")
		got := wantTokens(t, out, err)
		for token, life := range map[string]time.Duration{*got.AccessToken: 2 * time.Hour, *got.IdToken: 10 * time.Minute} {
			if c := payloadOf(t, token); c["exp"].(float64)-c["iat"].(float64) != life.Seconds() {
				t.Errorf("%v, want %v", c, life)
			}
		}
		r.clock.Advance(24 * time.Hour)
		_, err = r.refresh(got.RefreshToken, nil)
		wantError(t, err, "NotAuthorizedException", "expired")
	},
	"LambdaConfig": func(t *testing.T) {
		r := newRig(t, withTriggers(trigger.Functions{
			PreSignUp:        func(trigger.Event) (trigger.SignUp, error) { return trigger.SignUp{AutoConfirm: true}, nil },
			PostConfirmation: func(trigger.Event) error { return errTrigger },
		}))
		sdk, arn := r.pool.AdminClient(), aws.String("arn:aws:lambda:eu-west-1:123456789012:function:f")
		make := func(triggers *types.LambdaConfigType) (*cip.CreateUserPoolOutput, error) {
			return sdk.CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("made"), LambdaConfig: triggers})
		}
		made, err := make(&types.LambdaConfigType{PreSignUp: arn})
		if err != nil {
			t.Fatal(err)
		}
		if got := made.UserPool.LambdaConfig.PreSignUp; aws.ToString(got) != *arn {
			t.Errorf("LambdaConfig has PreSignUp %v", got)
		}
		app, err := sdk.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{UserPoolId: made.UserPool.Id, ClientName: aws.String("app")})
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.sdk.SignUp(t.Context(), &cip.SignUpInput{
			ClientId: app.UserPoolClient.ClientId, Username: aws.String("bob"), Password: aws.String(password),
		})
		if err != nil || !out.UserConfirmed { // LambdaConfig does not name PostConfirmation, which would fail
			t.Errorf("%+v, %v", out, err)
		}
		_, err = make(&types.LambdaConfigType{PreAuthentication: arn})
		wantError(t, err, "InvalidParameterException", "PreAuthentication")
		_, err = sdk.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{
			UserPoolId: made.UserPool.Id, LambdaConfig: &types.LambdaConfigType{PreSignUp: arn},
		})
		wantError(t, err, "InvalidParameterException", "CreateUserPool")
	},
	"links to confirm with": func(t *testing.T) {
		r := newRig(t, nil)
		for want, in := range map[string]cip.CreateUserPoolInput{
			"no links":  {VerificationMessageTemplate: &types.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK"}},
			"nickname":  {AliasAttributes: []types.AliasAttributeType{"nickname"}},
			"OPTIONALY": {MfaConfiguration: "OPTIONALY", SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn")}},
		} {
			in.PoolName = aws.String("made")
			_, err := r.pool.AdminClient().CreateUserPool(t.Context(), &in)
			wantError(t, err, "InvalidParameterException", want)
		}
	},
	"length of client secrets": func(t *testing.T) {
		config := PoolConfig{Clients: []ClientConfig{{ID: "app", Secret: "12345678901234567890123"}}}
		if _, err := NewServer(config); err == nil {
			t.Error("a client secret of 23 characters is taken")
		}
		config.Clients[0].Secret += "4"
		if _, err := NewServer(config); err != nil {
			t.Error(err)
		}
	},
	"two client secrets at once": func(t *testing.T) {
		r := newRig(t, nil)
		for _, r := range []*rig{r.withSecret(), r.withSecondSecret()} {
			out, err := r.login("alice")
			tokens := wantTokens(t, out, err)
			if _, err := r.getTokens(*tokens.RefreshToken); err != nil {
				t.Error(err)
			}
		}
	},
}
