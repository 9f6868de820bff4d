package cognitotest

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

const (
	wrongCredentialsText = "Incorrect username or password."
	wrongCodeText        = "Invalid code or auth state for the user."
)

var evidenceOfTexts = map[string]func(*testing.T){
	"a wrong EMAIL_OTP code": func(t *testing.T) {
		r := newRig(t, withEmailMFA(Dialect{}))
		wantError(t, r.emailCode(r.emailChallenge(), r.wrongCode()), "CodeMismatchException", wrongCodeText)
	},
	"a wrong SMS_MFA code": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.MFA = "ON"
			c.Users[0].MFA = []string{"SMS_MFA"}
		})
		out, err := r.login("alice")
		begun(t, out, err, "SMS_MFA")
		_, err = r.respond("SMS_MFA", *out.Session, map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": r.wrongCode()})
		wantError(t, err, "CodeMismatchException", wrongCodeText)
	},
	"a wrong SOFTWARE_TOKEN_MFA code": func(t *testing.T) {
		r := newRig(t, withTOTP)
		wantError(t, r.totpCode(r.totpChallenge(), "no"), "CodeMismatchException", "Invalid code received for user")
	},
	"a TOTP code that was used": func(t *testing.T) {
		r := newRig(t, withTOTP)
		code := r.pool.TOTP("alice")
		if err := r.totpCode(r.totpChallenge(), code); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.totpCode(r.totpChallenge(), code), "ExpiredCodeException", "Your software token has already been used once.")
	},
	"a wrong code in VerifySoftwareToken": func(t *testing.T) {
		r := newRig(t, mfaRequired)
		made, err := r.associate(r.setupSession())
		if err != nil {
			t.Fatal(err)
		}
		wrong := []byte(r.shown(made.SecretCode))
		wrong[0] = '0' + (wrong[0]-'0'+1)%10
		_, err = r.verify(*made.Session, string(wrong))
		wantError(t, err, "EnableSoftwareTokenMFAException", "Code mismatch")
	},
	"a wrong code in ConfirmSignUp, ConfirmForgotPassword": func(t *testing.T) {
		const text = "Invalid verification code provided, please try again."
		r := newRig(t, nil)
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		_, err := r.confirmSignUp("bob", "no code", nil)
		wantError(t, err, "CodeMismatchException", text)
		if _, err := r.sdk.ForgotPassword(t.Context(), &cip.ForgotPasswordInput{ClientId: &r.app, Username: aws.String("alice")}); err != nil {
			t.Fatal(err)
		}
		_, err = r.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
			ClientId: &r.app, Username: aws.String("alice"), ConfirmationCode: aws.String("no code"), Password: aws.String(newPassword),
		})
		wantError(t, err, "CodeMismatchException", text)
	},
	"a weak password in SignUp": func(t *testing.T) {
		_, err := newRig(t, nil).signUp("bob", "password")
		wantError(t, err, "InvalidPasswordException", "Password did not conform with policy: ")
	},
	"a wrong password": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"a password that has to be reset": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.Users[0].ResetRequired = true })
		_, err := r.login("alice")
		wantError(t, err, "PasswordResetRequiredException", "")
		_, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"})
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		_, err = r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"too many wrong passwords": func(t *testing.T) {
		r := newRig(t, nil)
		wrong := map[string]string{"USERNAME": "alice", "PASSWORD": "wrong"}
		for range 5 {
			_, err := r.initiate("USER_PASSWORD_AUTH", wrong)
			wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		}
		_, err := r.login("alice")
		wantError(t, err, "NotAuthorizedException", "Password attempts exceeded")
		r.clock.Advance(time.Second)
		if _, err := r.login("alice"); err != nil {
			t.Error(err)
		}
	},
	"expired temporary passwords": func(t *testing.T) {
		r := newRig(t, mustChangePassword)
		r.clock.Advance(7*24*time.Hour - time.Second)
		out, err := r.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		r.clock.Advance(time.Second)
		_, err = r.srp("alice", password)
		wantError(t, err, "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
		_, err = r.srp("alice", "wrong")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
	},
	"an attribute that has a value, with a new password": func(t *testing.T) {
		r := newRig(t, mustChangePassword)
		out, err := r.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		_, err = r.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{
			"USERNAME": "alice", "NEW_PASSWORD": newPassword, "userAttributes.email": aliceEmail, "userAttributes.given_name": "Alice",
		})
		wantError(t, err, "NotAuthorizedException", "Cannot modify an already provided email")
	},
	"a refresh token that was revoked": func(t *testing.T) {
		r := newRig(t, nil)
		token := *r.tokens().RefreshToken
		if err := r.revoke(token); err != nil {
			t.Fatal(err)
		}
		_, err := r.getTokens(token)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		_, err = r.refresh(&token, nil)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		tokens := r.tokens()
		if _, err := r.sdk.GlobalSignOut(t.Context(), &cip.GlobalSignOutInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Fatal(err)
		}
		_, err = r.getTokens(*tokens.RefreshToken)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		_, err = r.refresh(tokens.RefreshToken, nil)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
	},
	"a refresh token that is unknown": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.getTokens("no token of ours")
		wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
		_, err = r.refresh(aws.String("no token of ours"), nil)
		wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	},
	"a refresh token that was rotated out": func(t *testing.T) {
		r := newRig(t, rotating(0))
		token := *r.tokens().RefreshToken
		if _, err := r.getTokens(token); err != nil {
			t.Fatal(err)
		}
		_, err := r.getTokens(token)
		wantError(t, err, "RefreshTokenReuseException", "")
	},
	"REFRESH_TOKEN_AUTH under rotation": func(t *testing.T) {
		r := newRig(t, rotating(0))
		_, err := r.refresh(r.tokens().RefreshToken, nil)
		wantError(t, err, "NotAuthorizedException", "")
	},
	"an access token that is unknown or revoked": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.sdk.GetUser(t.Context(), &cip.GetUserInput{AccessToken: aws.String("unknown")})
		wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
		tokens := r.tokens()
		if _, err := r.sdk.GlobalSignOut(t.Context(), &cip.GlobalSignOutInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.getUser(tokens), "NotAuthorizedException", "Access Token has been revoked")
	},
	"SRP_A that is missing or not hexadecimal": func(t *testing.T) {
		r := newRig(t, nil)
		_, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice"})
		wantError(t, err, "InvalidParameterException", "Missing required parameter SRP_A")
		_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": "0xab"})
		wantError(t, err, "InvalidParameterException", "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$")
	},
	"a signature that is not base64": func(t *testing.T) {
		r := newRig(t, nil)
		_, answer := r.startSRP("alice", password)
		answer["PASSWORD_CLAIM_SIGNATURE"] = "a signature"
		_, err := r.respond("PASSWORD_VERIFIER", "", answer)
		wantError(t, err, "InvalidParameterException", "Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
	},
	"HTTP status of client errors": func(t *testing.T) {
		r := newRig(t, nil)
		for want, body := range map[string]string{
			"NotAuthorizedException":    `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"alice","PASSWORD":"x"}}`,
			"UserNotFoundException":     `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"bob","PASSWORD":"x"}}`,
			"ResourceNotFoundException": `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"nobodys","AuthParameters":{"USERNAME":"bob","PASSWORD":"x"}}`,
		} {
			res, answer := r.post(targetPrefix+"InitiateAuth", contentType, body)
			if res.StatusCode != http.StatusBadRequest || answer["__type"] != want {
				t.Errorf("%s: %v, want %s", res.Status, answer, want)
			}
		}
	},
	"spaces and letters in passwords": func(t *testing.T) {
		r := newRig(t, nil)
		if _, err := r.signUp("bob", "Correct horse 7"); err != nil {
			t.Errorf("a space inside: %v", err)
		}
		_, err := r.signUp("carol", "Correct-Horse-7 ")
		wantError(t, err, "InvalidParameterException", "password")
		_, err = r.signUp("carol", "ÇORRÉÇT-ñøřśé-7")
		wantError(t, err, "InvalidPasswordException", "lowercase")
	},
	"dates in AdminGetUser": func(t *testing.T) {
		r := newRig(t, nil)
		out, err := r.pool.AdminClient().AdminGetUser(t.Context(), &cip.AdminGetUserInput{UserPoolId: aws.String(r.pool.ID()), Username: aws.String("alice")})
		if err != nil {
			t.Fatal(err)
		}
		if want := r.clock.Now(); !aws.ToTime(out.UserCreateDate).Equal(want) || !aws.ToTime(out.UserLastModifiedDate).Equal(want) {
			t.Errorf("dates %v and %v, want %v", out.UserCreateDate, out.UserLastModifiedDate, want)
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
