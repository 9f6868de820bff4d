package cognitotest

import (
	"maps"
	"regexp"
	"slices"
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

// makeClient makes an app client of the rig's pool by an operation.
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
		if err != nil || !out.UserConfirmed { // and PostConfirmation, which is not named, did not fail
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
}
