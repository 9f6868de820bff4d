package cognitotest

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func (r *rig) changePassword(token *string, previous, proposed string) error {
	in := &cip.ChangePasswordInput{AccessToken: token, ProposedPassword: aws.String(proposed)}
	if previous != "" {
		in.PreviousPassword = aws.String(previous)
	}
	_, err := r.sdk.ChangePassword(r.t.Context(), in)
	return err
}

func (r *rig) passwordIs(username, password string) {
	r.t.Helper()
	out, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": username, "PASSWORD": password})
	wantTokens(r.t, out, err)
}

var evidenceOfAccounts = map[string]func(*testing.T){
	"the previous password in ChangePassword": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		wantError(t, r.changePassword(token, "wrong-password", "weak"), "NotAuthorizedException", wrongCredentialsText)
		wantError(t, r.changePassword(token, "", newPassword), "InvalidParameterException", "Missing required parameter OldPassword")
		if err := r.changePassword(token, password, newPassword); err != nil {
			t.Fatal(err)
		}
		r.passwordIs("alice", newPassword)
	},
	"a wrong previous password": func(t *testing.T) {
		r := newRig(t, nil)
		wantError(t, r.changePassword(r.tokens().AccessToken, "wrong-password", newPassword), "NotAuthorizedException", wrongCredentialsText)
		r.passwordIs("alice", password)
	},
	"too many wrong previous passwords": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		for range 5 {
			wantError(t, r.changePassword(token, "wrong-password", newPassword), "NotAuthorizedException", "")
		}
		wantError(t, r.changePassword(token, password, newPassword), "LimitExceededException", "Attempt limit exceeded, please try after some time.")
	},
	"a weak password after the first one": func(t *testing.T) {
		const text = "Password does not conform to policy: Password not long enough"
		r := newRig(t, mustChangePassword)
		out, err := r.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		answer := map[string]string{"USERNAME": "alice", "NEW_PASSWORD": "short", "userAttributes.given_name": "Alice"}
		_, err = r.respond("NEW_PASSWORD_REQUIRED", *out.Session, answer)
		wantError(t, err, "InvalidPasswordException", text)
		answer["NEW_PASSWORD"] = newPassword
		done, err := r.respond("NEW_PASSWORD_REQUIRED", *out.Session, answer)
		token := wantTokens(t, done, err).AccessToken
		wantError(t, r.changePassword(token, newPassword, "short"), "InvalidPasswordException", text)
		r.passwordIs("alice", newPassword)
	},
	"ChangePassword of a user without a password": func(t *testing.T) {
		r := newRig(t, everyFactor)
		if _, err := r.signUp("bob", "", "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		confirmed, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil)
		if err != nil || confirmed.Session != nil {
			t.Fatalf("%v, %v", confirmed, err)
		}
		out, err := r.userAuth("bob", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP"})
		if err != nil {
			t.Fatal(err)
		}
		done, err := r.respond("EMAIL_OTP", *out.Session, map[string]string{"USERNAME": "bob", "EMAIL_OTP_CODE": r.pool.LastCode("bob").Code})
		token := wantTokens(t, done, err).AccessToken
		if err := r.changePassword(token, "", newPassword); err != nil {
			t.Fatal(err)
		}
		r.passwordIs("bob", newPassword)
		wantError(t, r.changePassword(token, "", password), "InvalidParameterException", "OldPassword")
	},
	"tokens after ChangePassword": func(t *testing.T) {
		r := newRig(t, nil)
		tokens := r.tokens()
		if err := r.changePassword(tokens.AccessToken, password, newPassword); err != nil {
			t.Fatal(err)
		}
		if err := r.getUser(tokens); err != nil {
			t.Error(err)
		}
		if _, err := r.refresh(tokens.RefreshToken, nil); err != nil {
			t.Error(err)
		}
	},
	"GetUserAuthFactors": func(t *testing.T) {
		r, _, token := withPasskey(t, func(c *PoolConfig) {
			c.MFA = "OPTIONAL"
		})
		want := []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
		out, err := r.sdk.GetUserAuthFactors(t.Context(), &cip.GetUserAuthFactorsInput{AccessToken: token})
		if err != nil || aws.ToString(out.Username) != "alice" || !slices.Equal(out.ConfiguredUserAuthFactors, want) {
			t.Errorf("%v, %v, want %v", out, err, want)
		}
		r = newRig(t, func(c *PoolConfig) {
			withTOTP(c)
			c.Users[0].PreferredMFA = "SOFTWARE_TOKEN_MFA"
		})
		told, err := r.pool.AdminClient().AdminGetUserAuthFactors(t.Context(), &cip.AdminGetUserAuthFactorsInput{
			UserPoolId: aws.String(r.pool.ID()), Username: aws.String(aliceEmail),
		})
		want = []types.AuthFactorType{"PASSWORD", "SOFTWARE_TOKEN"}
		if err != nil || !slices.Equal(told.ConfiguredUserAuthFactors, want) || aws.ToString(told.PreferredMfaSetting) != "SOFTWARE_TOKEN_MFA" ||
			!slices.Equal(told.UserMFASettingList, []string{"SOFTWARE_TOKEN_MFA"}) {
			t.Errorf("%v, %v, want %v", told, err, want)
		}
	},
}
