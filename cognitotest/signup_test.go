package cognitotest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// hash is SecretHash for the rig's app, nil for a public one.
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
	wantError(t, err, "UserNotConfirmedException", "") // whatever the session
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
	// The address is proved, and an alias.
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

// A sub finds its user wherever an administrator gives it.
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

// A user who signs up by one address may have the other one too.
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

// The address of a sign-up may have become another user's in the meantime.
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
	if first != second { // one time in a million they are the same
		_, err = r.confirmSignUp("bob", first, nil)
		wantError(t, err, "CodeMismatchException", "")
	}
	if _, err = r.confirmSignUp("bob", second, nil); err != nil {
		t.Error(err)
	}
	_, err = resend("alice")
	wantError(t, err, "InvalidParameterException", "confirmed")
	// Nothing is told of names that nobody has.
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
