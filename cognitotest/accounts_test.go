package cognitotest

import (
	"slices"
	"testing"
	"time"

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

func (r *rig) updateAttributes(token *string, pairs ...string) (*cip.UpdateUserAttributesOutput, error) {
	return r.sdk.UpdateUserAttributes(r.t.Context(), &cip.UpdateUserAttributesInput{AccessToken: token, UserAttributes: attributeList(pairs...)})
}

func (r *rig) verifyAttribute(token *string, name, code string) error {
	_, err := r.sdk.VerifyUserAttribute(r.t.Context(), &cip.VerifyUserAttributeInput{
		AccessToken: token, AttributeName: aws.String(name), Code: aws.String(code),
	})
	return err
}

func (r *rig) attributes(token *string) map[string]string {
	r.t.Helper()
	out, err := r.sdk.GetUser(r.t.Context(), &cip.GetUserInput{AccessToken: token})
	if err != nil {
		r.t.Fatal(err)
	}
	return attributesIn(out.UserAttributes)
}

func (r *rig) forgotPassword(username string) error {
	_, err := r.sdk.ForgotPassword(r.t.Context(), &cip.ForgotPasswordInput{ClientId: aws.String(r.app), Username: aws.String(username)})
	return err
}

// hash is SecretHash for the app client of the rig, nil for a public one.
func (r *rig) hash(username string) *string {
	if r.secret == "" {
		return nil
	}
	return aws.String(secretHash(r.secret, username, r.app))
}

func (r *rig) signUp(username, password string, attributes ...string) (*cip.SignUpOutput, error) {
	in := &cip.SignUpInput{ClientId: aws.String(r.app), Username: aws.String(username), SecretHash: r.hash(username)}
	if password != "" {
		in.Password = aws.String(password)
	}
	for i := 0; i < len(attributes); i += 2 {
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: aws.String(attributes[i]), Value: aws.String(attributes[i+1])})
	}
	return r.sdk.SignUp(r.t.Context(), in)
}

func (r *rig) confirmSignUp(username, code string, session *string) (*cip.ConfirmSignUpOutput, error) {
	return r.sdk.ConfirmSignUp(r.t.Context(), &cip.ConfirmSignUpInput{
		ClientId: aws.String(r.app), Username: aws.String(username), ConfirmationCode: aws.String(code), Session: session, SecretHash: r.hash(username),
	})
}

func (r *rig) enter(username string, session *string) (*cip.InitiateAuthOutput, error) {
	return r.sdk.InitiateAuth(r.t.Context(), &cip.InitiateAuthInput{
		AuthFlow: "USER_AUTH", ClientId: aws.String(r.app), Session: session, AuthParameters: r.complete(map[string]string{"USERNAME": username}),
	})
}

func TestSignUpToTokens(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.MFA = "ON" }).withSecret()
	made, err := r.signUp("bob", password, "email", "bob@example.com", "name", "Bob")
	if err != nil {
		t.Fatal(err)
	}
	sent := r.pool.LastCode("bob")
	if made.UserConfirmed || aws.ToString(made.UserSub) == "" || aws.ToString(made.CodeDeliveryDetails.Destination) != sent.Masked || sent.Challenge != "ConfirmSignUp" {
		t.Errorf("%+v, sent %+v", made, sent)
	}
	_, err = r.login("bob")
	wantError(t, err, "UserNotConfirmedException", "")
	_, err = r.enter("bob", made.Session)
	wantError(t, err, "UserNotConfirmedException", "") // with every session
	_, err = r.confirmSignUp("bob", "x"+sent.Code, made.Session)
	wantError(t, err, "CodeMismatchException", "")
	confirmed, err := r.confirmSignUp("bob", sent.Code, made.Session)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.enter("alice", confirmed.Session)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	other := *r
	other.app, other.secret = publicApp, ""
	_, err = other.enter("bob", confirmed.Session)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	// A first sign-in needs no second factor.
	out, err := r.enter("bob", confirmed.Session)
	wantTokens(t, out, err)
	_, err = r.enter("bob", confirmed.Session)
	wantError(t, err, "NotAuthorizedException", "Invalid session")
	// The code verified the address, which is now an alias.
	if out, err = r.login("bob@example.com"); err != nil || out.ChallengeName != "MFA_SETUP" {
		t.Errorf("%v, %v", out, err)
	}
	_, err = r.confirmSignUp("bob", sent.Code, nil)
	wantError(t, err, "NotAuthorizedException", "CONFIRMED")
}

func TestSignUpSessionExpires(t *testing.T) {
	r := newRig(t, nil)
	made, err := r.signUp("bob", password, "email", "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	confirmed, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, made.Session)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(4 * 60e9)
	_, err = r.enter("bob", confirmed.Session)
	wantError(t, err, "NotAuthorizedException", "expired")
}

func TestSignUpRefusals(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.RequiredAttributes = []string{"email"} })
	cases := map[string]struct {
		username, password string
		attributes         []string
		name, message      string
	}{
		"name of another":       {"alice", password, []string{"email", "b@example.com"}, "UsernameExistsException", ""},
		"name of another, case": {"ALICE", password, []string{"email", "b@example.com"}, "UsernameExistsException", ""},
		"looks like an alias":   {aliceEmail, password, []string{"email", "b@example.com"}, "InvalidParameterException", "email format"},
		"space before password": {"bob", " " + password, []string{"email", "b@example.com"}, "InvalidParameterException", "'password'"},
		"weak password":         {"bob", "password", []string{"email", "b@example.com"}, "InvalidPasswordException", "uppercase"},
		"no password":           {"bob", "", []string{"email", "b@example.com"}, "InvalidParameterException", "Password"},
		"missing attribute":     {"bob", password, nil, "InvalidParameterException", "email"},
		"unknown attribute":     {"bob", password, []string{"email", "b@example.com", "shoe", "43"}, "InvalidParameterException", "shoe"},
		"verified by itself":    {"bob", password, []string{"email", "b@example.com", "email_verified", "true"}, "NotAuthorizedException", "unauthorized attribute"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := r.signUp(c.username, c.password, c.attributes...)
			wantError(t, err, c.name, c.message)
		})
	}
	if r.pool.state.LookUp("bob") != nil {
		t.Error("a refused sign-up left a user")
	}
	secret := newRig(t, nil).withSecret()
	_, err := secret.sdk.SignUp(t.Context(), &cip.SignUpInput{ClientId: aws.String(secretApp), Username: aws.String("bob"), Password: aws.String(password)})
	wantError(t, err, "NotAuthorizedException", "SECRET_HASH")
}

// Each operation for administrators takes the sub as the user name.
func TestNamesAndSubsAreOneSet(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.Users[0].ID = "4f0b2f4e-0000-4000-8000-00000000000a" })
	for _, sub := range []string{"4f0b2f4e-0000-4000-8000-00000000000a", "4F0B2F4E-0000-4000-8000-00000000000A"} {
		_, err := r.signUp(sub, password)
		wantError(t, err, "UsernameExistsException", "User already exists")
		if r.pool.state.LookUp(sub) != r.pool.state.LookUp("alice") {
			t.Errorf("%s is not alice's", sub)
		}
	}
	if err := r.pool.AddUser(UserConfig{Name: "bob", ID: "Alice"}); err == nil {
		t.Error("a sub that is another user's name")
	}
	bob := UserConfig{Name: "bob", Attributes: map[string]string{"preferred_username": "4f0b2f4e-0000-4000-8000-00000000000a"}}
	if err := r.pool.AddUser(bob); err == nil {
		t.Error("an alias that is another user's sub")
	}
	r = newRig(t, func(c *PoolConfig) {
		c.Users[0].ID = "4f0b2f4e-0000-4000-8000-00000000000a"
		c.Users = append(c.Users, UserConfig{Name: "bob", TemporaryPassword: password})
	})
	out, err := r.login("bob")
	begun(t, out, err, "NEW_PASSWORD_REQUIRED")
	_, err = r.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{
		"USERNAME": "bob", "NEW_PASSWORD": newPassword, "userAttributes.preferred_username": "4f0b2f4e-0000-4000-8000-00000000000a",
	})
	wantError(t, err, "AliasExistsException", "")
}

// If addresses and numbers are user names, a user may have both. Each belongs to one user.
func TestSignUpByAddress(t *testing.T) {
	r := byAddress(t, func(c *PoolConfig) { c.UsernameAttributes = []string{"email", "phone_number"} })
	_, err := r.signUp("+331234567", password, "email", graceEmail)
	wantError(t, err, "UsernameExistsException", "An account with the given email already exists.")
	_, err = r.signUp("dave@example.com", password, "email", "erin@example.com")
	wantError(t, err, "InvalidParameterException", "email")
	if _, err := r.signUp("dave@example.com", password, "email", "dave@example.com", "phone_number", "+331234567"); err != nil {
		t.Error(err)
	}
	_, err = r.signUp("+331234567", password)
	wantError(t, err, "UsernameExistsException", "An account with the given phone_number already exists.")
}

// Without a password a user signs in with codes.
func TestSignUpWithoutPassword(t *testing.T) {
	r := newRig(t, everyFactor)
	if _, err := r.signUp("bob", "", "email", "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil); err != nil {
		t.Fatal(err)
	}
	out, err := r.userAuth("bob", nil)
	if err != nil || len(out.AvailableChallenges) != 1 || out.AvailableChallenges[0] != "EMAIL_OTP" {
		t.Errorf("%v, %v", out, err)
	}
}

// While a sign-up waits for its code, its address can become the alias of another user.
func TestSignUpAlias(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.signUp("bob", password, "email", aliceEmail); err != nil {
		t.Fatal(err)
	}
	code := r.pool.LastCode("bob").Code
	_, err := r.confirmSignUp("bob", code, nil)
	wantError(t, err, "AliasExistsException", "")
	_, err = r.login("bob")
	wantError(t, err, "UserNotConfirmedException", "")
}

func TestResendConfirmationCode(t *testing.T) {
	r := newRig(t, hideUsers)
	if _, err := r.signUp("bob", password, "phone_number", "+4912345678"); err != nil {
		t.Fatal(err)
	}
	first := r.pool.LastCode("bob").Code
	resend := func(name string) (*cip.ResendConfirmationCodeOutput, error) {
		return r.sdk.ResendConfirmationCode(t.Context(), &cip.ResendConfirmationCodeInput{ClientId: aws.String(r.app), Username: aws.String(name)})
	}
	out, err := resend("bob")
	if err != nil || out.CodeDeliveryDetails.DeliveryMedium != types.DeliveryMediumTypeSms {
		t.Fatalf("%v, %v", out, err)
	}
	second := r.pool.LastCode("bob").Code
	if first != second { // once in a million the two codes are equal
		_, err = r.confirmSignUp("bob", first, nil)
		wantError(t, err, "CodeMismatchException", "")
	}
	if _, err = r.confirmSignUp("bob", second, nil); err != nil {
		t.Error(err)
	}
	_, err = resend("alice")
	wantError(t, err, "InvalidParameterException", "confirmed")
	// The pool does not tell whether a name exists.
	if _, err = resend("nobody"); err != nil {
		t.Error(err)
	}
	_, err = r.confirmSignUp("nobody", "123456", nil)
	wantError(t, err, "CodeMismatchException", "")
}

func TestForgotPassword(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		c.Users[0].ResetRequired = true
		hideUsers(c)
	}).withSecret()
	forgot := func(name string) error {
		_, err := r.sdk.ForgotPassword(t.Context(), &cip.ForgotPasswordInput{ClientId: aws.String(r.app), Username: aws.String(name), SecretHash: r.hash(name)})
		return err
	}
	confirm := func(name, code, password string) error {
		_, err := r.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
			ClientId: aws.String(r.app), Username: aws.String(name), SecretHash: r.hash(name),
			ConfirmationCode: aws.String(code), Password: aws.String(password),
		})
		return err
	}
	_, err := r.login("alice")
	wantError(t, err, "PasswordResetRequiredException", "")
	wantError(t, confirm("alice", "123456", newPassword), "CodeMismatchException", "")
	if err := forgot(aliceEmail); err != nil {
		t.Fatal(err)
	}
	code := r.pool.LastCode("alice").Code
	wantError(t, confirm("alice", "x"+code, newPassword), "CodeMismatchException", "")
	wantError(t, confirm("alice", code, "short"), "InvalidPasswordException", "")
	if err := confirm("alice", code, newPassword); err != nil {
		t.Fatal(err)
	}
	wantError(t, confirm("alice", code, newPassword), "ExpiredCodeException", "")
	out, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": newPassword})
	wantTokens(t, out, err)
	if err := forgot("nobody"); err != nil {
		t.Errorf("of nobody: %v", err)
	}
	wantError(t, confirm("nobody", code, newPassword), "CodeMismatchException", "")
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
		if _, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil); err != nil {
			t.Fatal(err)
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
	"ForgotPassword with a temporary password": func(t *testing.T) {
		wantError(t, newRig(t, mustChangePassword).forgotPassword("alice"), "NotAuthorizedException", "User password cannot be reset in the current state.")
	},
	"ForgotPassword without a verified address": func(t *testing.T) {
		r := newRig(t, nil)
		for _, attributes := range []map[string]string{nil, {"email": aliceEmail, "phone_number": "+3312345678", "email_verified": "false"}} {
			r.mustUpdate("alice", func(u *UserConfig) { u.Attributes = attributes })
			wantError(t, r.forgotPassword("alice"), "InvalidParameterException",
				"Cannot reset password for the user as there is no registered/verified email or phone_number")
		}
		r.mustUpdate("alice", func(u *UserConfig) { u.Attributes["phone_number_verified"] = "true" })
		if err := r.forgotPassword("alice"); err != nil || r.pool.LastCode("alice").Medium != "SMS" {
			t.Errorf("%v, sent %+v", err, r.pool.LastCode("alice"))
		}
	},
	"an attribute that clients cannot write": func(t *testing.T) {
		const text = "A client attempted to write unauthorized attribute"
		r := newRig(t, nil)
		_, err := r.signUp("bob", password, "email", "bob@example.com", "email_verified", "true")
		wantError(t, err, "NotAuthorizedException", text)
		token := r.tokens().AccessToken
		for _, name := range []string{"email_verified", "phone_number_verified", "sub", "identities"} {
			_, err = r.updateAttributes(token, "nickname", "Al", name, "true")
			wantError(t, err, "NotAuthorizedException", text)
		}
		_, err = r.updateAttributes(token, "shoe", "43")
		wantError(t, err, "InvalidParameterException", "shoe")
		if got := r.attributes(token); got["nickname"] != "" {
			t.Errorf("a refused update left %v", got)
		}
	},
	"the Session of SignUp and ConfirmSignUp": func(t *testing.T) {
		for _, allowed := range []bool{false, true} {
			r := newRig(t, func(c *PoolConfig) {
				if !allowed {
					c.Clients[0].AuthFlows = []string{"ALLOW_USER_SRP_AUTH"}
				}
			})
			made, err := r.signUp("bob", password, "email", "bob@example.com")
			if err != nil {
				t.Fatal(err)
			}
			confirmed, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil)
			if err != nil {
				t.Fatal(err)
			}
			if (made.Session != nil) != allowed || (confirmed.Session != nil) != allowed {
				t.Errorf("ALLOW_USER_AUTH %t: sessions %v and %v", allowed, made.Session, confirmed.Session)
			}
		}
	},
	"the Session of ConfirmSignUp": func(t *testing.T) {
		for name, with := range map[string]bool{"bob": true, "carol": false} {
			r := newRig(t, nil)
			made, err := r.signUp(name, password, "email", name+"@example.com")
			if err != nil {
				t.Fatal(err)
			}
			session := made.Session
			if !with {
				session = nil
			}
			confirmed, err := r.confirmSignUp(name, r.pool.LastCode(name).Code, session)
			if err != nil {
				t.Fatal(err)
			}
			out, err := r.enter(name, confirmed.Session)
			wantTokens(t, out, err)
		}
	},
	"email_verified after SignUp": func(t *testing.T) {
		r := newRig(t, nil)
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		if got := attributesIn(r.administrator().get("bob").UserAttributes); got["email_verified"] != "false" || len(got) != 3 {
			t.Errorf("attributes %v", got)
		}
	},
	"an address that a user changes": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		out, err := r.updateAttributes(token, "email", "a@example.com", "nickname", "Al", "phone_number", "+3312345678")
		if err != nil {
			t.Fatal(err)
		}
		sent := r.pool.LastCode("alice")
		list := out.CodeDeliveryDetailsList
		if len(list) != 1 || list[0].DeliveryMedium != "EMAIL" || aws.ToString(list[0].AttributeName) != "email" ||
			aws.ToString(list[0].Destination) != sent.Masked || sent.Destination != "a@example.com" || sent.Challenge != "VerifyUserAttribute" {
			t.Errorf("%+v, sent %+v", list, sent)
		}
		if got := r.attributes(token); got["email"] != "a@example.com" || got["email_verified"] != "false" || got["nickname"] != "Al" {
			t.Errorf("attributes %v", got)
		}
		_, err = r.login("a@example.com")
		wantError(t, err, "UserNotFoundException", "")
		if err := r.verifyAttribute(token, "email", sent.Code); err != nil {
			t.Fatal(err)
		}
		r.passwordIs("a@example.com", password)
		wantError(t, r.verifyAttribute(token, "email", sent.Code), "ExpiredCodeException", "")
		byName := byAddress(t, nil)
		done, err := byName.login(graceEmail)
		token = wantTokens(t, done, err).AccessToken
		if _, err := byName.updateAttributes(token, "email", "g@example.com"); err != nil {
			t.Fatal(err)
		}
		byName.passwordIs("g@example.com", password)
	},
	"an address in use that a user changes to": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.Users = append(c.Users, UserConfig{Name: "bob", Password: password})
		})
		done, err := r.login("bob")
		token := wantTokens(t, done, err).AccessToken
		if _, err := r.updateAttributes(token, "email", aliceEmail); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.verifyAttribute(token, "email", r.pool.LastCode("bob").Code), "AliasExistsException", "An account with the given email already exists.")
	},
	"an attribute with an empty value": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.RequiredAttributes = []string{"email"}
			c.Users[0].Attributes["nickname"] = "Al"
		})
		token := r.tokens().AccessToken
		if _, err := r.updateAttributes(token, "nickname", ""); err != nil {
			t.Fatal(err)
		}
		if got, ok := r.attributes(token)["nickname"]; ok {
			t.Errorf("nickname %q", got)
		}
		_, err := r.updateAttributes(token, "email", "")
		wantError(t, err, "InvalidParameterException", "email")
	},
	"DeleteUserAttributes of an address": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		remove := func(names ...string) error {
			_, err := r.sdk.DeleteUserAttributes(t.Context(), &cip.DeleteUserAttributesInput{AccessToken: token, UserAttributeNames: names})
			return err
		}
		wantError(t, remove("email", "sub"), "NotAuthorizedException", "")
		if err := remove("email", "nickname"); err != nil {
			t.Fatal(err)
		}
		got := r.attributes(token)
		delete(got, "sub")
		if len(got) != 1 || got["phone_number"] == "" {
			t.Errorf("attributes %v", got)
		}
		_, err := r.login(aliceEmail)
		wantError(t, err, "UserNotFoundException", "")
	},
	"a wrong code in VerifyUserAttribute": func(t *testing.T) {
		const text = "Invalid verification code provided, please try again."
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		wantError(t, r.verifyAttribute(token, "phone_number", "123456"), "CodeMismatchException", text) // no code was sent
		if _, err := r.updateAttributes(token, "phone_number", "+331234567"); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.verifyAttribute(token, "phone_number", r.wrongCode()), "CodeMismatchException", text)
		wantError(t, r.verifyAttribute(token, "email", r.pool.LastCode("alice").Code), "CodeMismatchException", text)
		wantError(t, r.verifyAttribute(token, "nickname", "123456"), "InvalidParameterException", "nickname")
		if err := r.verifyAttribute(token, "phone_number", r.pool.LastCode("alice").Code); err != nil {
			t.Error(err)
		}
	},
	"codes outside of a sign-in": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		verify := func(wait time.Duration) error {
			if _, err := r.sdk.GetUserAttributeVerificationCode(t.Context(), &cip.GetUserAttributeVerificationCodeInput{
				AccessToken: token, AttributeName: aws.String("email"),
			}); err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(wait)
			token = r.tokens().AccessToken
			return r.verifyAttribute(token, "email", r.pool.LastCode("alice").Code)
		}
		if err := verify(24*time.Hour - time.Second); err != nil {
			t.Error(err)
		}
		wantError(t, verify(24*time.Hour), "ExpiredCodeException", "")
		reset := func(wait time.Duration) error {
			if err := r.forgotPassword("alice"); err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(wait)
			_, err := r.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
				ClientId: aws.String(r.app), Username: aws.String("alice"), Password: aws.String(newPassword),
				ConfirmationCode: aws.String(r.pool.LastCode("alice").Code),
			})
			return err
		}
		wantError(t, reset(time.Hour), "ExpiredCodeException", "")
		if err := reset(time.Hour - time.Second); err != nil {
			t.Error(err)
		}
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		r.clock.Advance(24 * time.Hour)
		_, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil)
		wantError(t, err, "ExpiredCodeException", "Invalid code provided, please request a code again.")
	},
	"an alias in use, in ConfirmSignUp": func(t *testing.T) {
		r := newRig(t, nil)
		if _, err := r.signUp("bob", password, "email", aliceEmail); err != nil {
			t.Fatal(err)
		}
		confirm := func(force bool) error {
			_, err := r.sdk.ConfirmSignUp(t.Context(), &cip.ConfirmSignUpInput{
				ClientId: aws.String(r.app), Username: aws.String("bob"), ConfirmationCode: aws.String(r.pool.LastCode("bob").Code), ForceAliasCreation: force,
			})
			return err
		}
		wantError(t, confirm(false), "AliasExistsException", "An account with the given email already exists.")
		if err := confirm(true); err != nil {
			t.Fatal(err)
		}
		out, err := r.login(aliceEmail)
		wantClaim(t, claimsIn(t, wantTokens(t, out, err).AccessToken), "username", "bob")
		if got := attributesIn(r.administrator().get("alice").UserAttributes)["email_verified"]; got != "false" {
			t.Errorf("Alice's email_verified is %q", got)
		}
	},
	"a code for an address that has changed since": func(t *testing.T) {
		r := newRig(t, nil)
		a := r.administrator()
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		code := r.pool.LastCode("bob").Code
		if _, err := a.sdk.AdminUpdateUserAttributes(t.Context(), &cip.AdminUpdateUserAttributesInput{
			UserPoolId: a.pool, Username: aws.String("bob"), UserAttributes: attributeList("email", "b@example.com"),
		}); err != nil {
			t.Fatal(err)
		}
		_, err := r.confirmSignUp("bob", code, nil)
		wantError(t, err, "CodeMismatchException", "")
	},
	"GetUserAttributeVerificationCode of a verified address": func(t *testing.T) {
		r := newRig(t, nil)
		token := r.tokens().AccessToken
		ask := func(name string) (*cip.GetUserAttributeVerificationCodeOutput, error) {
			return r.sdk.GetUserAttributeVerificationCode(t.Context(), &cip.GetUserAttributeVerificationCodeInput{
				AccessToken: token, AttributeName: aws.String(name),
			})
		}
		out, err := ask("email")
		if err != nil || aws.ToString(out.CodeDeliveryDetails.Destination) != r.pool.LastCode("alice").Masked {
			t.Fatalf("%v, %v", out, err)
		}
		if err := r.verifyAttribute(token, "email", r.pool.LastCode("alice").Code); err != nil {
			t.Error(err)
		}
		_, err = ask("nickname")
		wantError(t, err, "InvalidParameterException", "nickname")
	},
	"DeleteUser": func(t *testing.T) {
		r := newRig(t, nil)
		remove := func(token *string) error {
			_, err := r.sdk.DeleteUser(t.Context(), &cip.DeleteUserInput{AccessToken: token})
			return err
		}
		token := r.tokens().AccessToken
		if err := remove(token); err != nil {
			t.Fatal(err)
		}
		wantError(t, remove(token), "UserNotFoundException", "User does not exist.")
		_, err := r.login("alice")
		wantError(t, err, "UserNotFoundException", "")
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
}
