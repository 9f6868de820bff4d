package cognitotest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// administrator calls signed operations of the pool of a rig.
type administrator struct {
	*rig
	sdk  *cip.Client
	pool *string
}

func (r *rig) administrator() administrator {
	return administrator{r, r.pool.AdminClient(), aws.String(r.pool.ID())}
}

// attributeList makes attributes of pairs: a name and its value.
func attributeList(pairs ...string) (list []types.AttributeType) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.AttributeType{Name: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return list
}

func attributesIn(list []types.AttributeType) map[string]string {
	attributes := make(map[string]string)
	for _, a := range list {
		attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return attributes
}

func (a administrator) create(username string, adjust func(*cip.AdminCreateUserInput)) (*types.UserType, error) {
	in := &cip.AdminCreateUserInput{UserPoolId: a.pool, Username: aws.String(username)}
	if adjust != nil {
		adjust(in)
	}
	out, err := a.sdk.AdminCreateUser(a.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.User, nil
}

func (a administrator) mustCreate(username string, adjust func(*cip.AdminCreateUserInput)) *types.UserType {
	a.t.Helper()
	made, err := a.create(username, adjust)
	if err != nil {
		a.t.Fatal(err)
	}
	return made
}

func (a administrator) get(username string) *cip.AdminGetUserOutput {
	a.t.Helper()
	out, err := a.sdk.AdminGetUser(a.t.Context(), &cip.AdminGetUserInput{UserPoolId: a.pool, Username: aws.String(username)})
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

func (a administrator) setPassword(username, password string, permanent bool) error {
	_, err := a.sdk.AdminSetUserPassword(a.t.Context(), &cip.AdminSetUserPasswordInput{
		UserPoolId: a.pool, Username: aws.String(username), Password: aws.String(password), Permanent: permanent,
	})
	return err
}

func (a administrator) confirm(username string) error {
	_, err := a.sdk.AdminConfirmSignUp(a.t.Context(), &cip.AdminConfirmSignUpInput{UserPoolId: a.pool, Username: aws.String(username)})
	return err
}

func (a administrator) delete(username string) error {
	_, err := a.sdk.AdminDeleteUser(a.t.Context(), &cip.AdminDeleteUserInput{UserPoolId: a.pool, Username: aws.String(username)})
	return err
}

func (a administrator) update(username string, pairs ...string) error {
	_, err := a.sdk.AdminUpdateUserAttributes(a.t.Context(), &cip.AdminUpdateUserAttributesInput{
		UserPoolId: a.pool, Username: aws.String(username), UserAttributes: attributeList(pairs...),
	})
	return err
}

func (a administrator) disable(username string) {
	a.t.Helper()
	if _, err := a.sdk.AdminDisableUser(a.t.Context(), &cip.AdminDisableUserInput{UserPoolId: a.pool, Username: aws.String(username)}); err != nil {
		a.t.Fatal(err)
	}
}

func (a administrator) reset(username string) error {
	_, err := a.sdk.AdminResetUserPassword(a.t.Context(), &cip.AdminResetUserPasswordInput{UserPoolId: a.pool, Username: aws.String(username)})
	return err
}

func (a administrator) list(adjust func(*cip.ListUsersInput)) (*cip.ListUsersOutput, error) {
	in := &cip.ListUsersInput{UserPoolId: a.pool}
	adjust(in)
	return a.sdk.ListUsers(a.t.Context(), in)
}

// filtered lists the names of the users that a filter finds.
func (a administrator) filtered(filter string) (names []string) {
	a.t.Helper()
	out, err := a.list(func(in *cip.ListUsersInput) { in.Filter = aws.String(filter) })
	if err != nil {
		a.t.Fatal(err)
	}
	for _, u := range out.Users {
		names = append(names, aws.ToString(u.Username))
	}
	return names
}

// manyUsers gives the pool three users beside Alice.
func manyUsers(c *PoolConfig) {
	c.Users[0].Attributes["family_name"] = `O"Hara`
	c.Users = append(c.Users,
		UserConfig{Name: "bob", Disabled: true, Attributes: map[string]string{"email": "bob@example.org", "given_name": "Robert"}},
		UserConfig{Name: "bobby", Unconfirmed: true, Attributes: map[string]string{"name": "Bobby", "phone_number": "+15550100123"}},
		UserConfig{Name: "Carol", TemporaryPassword: password, Attributes: map[string]string{"preferred_username": "caz", "custom:team": "blue"}},
	)
}

// changes signs a user in with a temporary password and replaces the password.
func (r *rig) changes(username, temporary string) {
	r.t.Helper()
	out, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": username, "PASSWORD": temporary})
	begun(r.t, out, err, "NEW_PASSWORD_REQUIRED")
	done, err := r.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{"USERNAME": username, "NEW_PASSWORD": newPassword})
	wantTokens(r.t, done, err)
}

func withAttributes(pairs ...string) func(*cip.AdminCreateUserInput) {
	return func(in *cip.AdminCreateUserInput) { in.UserAttributes = attributeList(pairs...) }
}

// lastModified returns UserLastModifiedDate.
func (r *rig) lastModified(username string) time.Time {
	r.t.Helper()
	out, err := r.pool.AdminClient().AdminGetUser(r.t.Context(), &cip.AdminGetUserInput{UserPoolId: aws.String(r.pool.ID()), Username: &username})
	if err != nil {
		r.t.Fatal(err)
	}
	return aws.ToTime(out.UserLastModifiedDate)
}

func TestLastModifiedDate(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		mfaRequired(c)
		c.Users[0].Attributes["phone_number_verified"] = "true" // for the code that resets the password
	})
	changed := func(by, username string) {
		t.Helper()
		if got, want := r.lastModified(username), r.clock.Now(); !got.Equal(want) {
			t.Errorf("UserLastModifiedDate after %s: %v, want %v", by, got, want)
		}
		r.clock.Advance(time.Hour)
	}
	changed("AddUser", "alice")
	_, err := r.respond("MFA_SETUP", r.setupSession(), map[string]string{"USERNAME": "alice", "EMAIL": "new@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	changed("a new address", "alice")
	r.resetPassword(newPassword)
	changed("a new password", "alice")
	if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	changed("SignUp", "bob")
	if _, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil); err != nil {
		t.Fatal(err)
	}
	changed("ConfirmSignUp", "bob")
}

var evidenceOfAdministration = map[string]func(*testing.T){
	"AdminCreateUser": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		made := a.mustCreate("bob", func(in *cip.AdminCreateUserInput) {
			in.TemporaryPassword = aws.String(password)
			in.UserAttributes = attributeList("email", "bob@example.com", "custom:team", "blue")
		})
		given := attributesIn(made.Attributes)
		if made.UserStatus != "FORCE_CHANGE_PASSWORD" || !made.Enabled || aws.ToString(made.Username) != "bob" ||
			given["sub"] != a.rig.pool.Sub("bob") || given["custom:team"] != "blue" || len(given) != 3 ||
			!aws.ToTime(made.UserCreateDate).Equal(a.clock.Now()) || !aws.ToTime(made.UserLastModifiedDate).Equal(a.clock.Now()) {
			t.Errorf("%+v, attributes %v", made, given)
		}
		a.changes("bob", password)
		if status := a.get("bob").UserStatus; status != "CONFIRMED" {
			t.Errorf("status %s", status)
		}
		_, err := a.create("carol", func(in *cip.AdminCreateUserInput) { in.TemporaryPassword = aws.String("short") })
		wantError(t, err, "InvalidPasswordException", "Password does not conform to policy: Password not long enough")
		a.mustCreate("carol", withAttributes("phone_number", "+15550100123"))
		a.changes("carol", a.rig.pool.LastCode("carol").Code)
		for name, value := range map[string]string{"sub": "1", "identities": "[]", "nickname2": "x"} {
			_, err = a.create("dave", withAttributes(name, value))
			wantError(t, err, "InvalidParameterException", name)
		}
	},
	"an existing name in AdminCreateUser": func(t *testing.T) {
		_, err := newRig(t, nil).administrator().create("Alice", nil)
		wantError(t, err, "UsernameExistsException", "User account already exists")
	},
	"an existing address, where addresses are user names": func(t *testing.T) {
		a := byAddress(t, nil).administrator()
		_, err := a.create(graceEmail, nil)
		wantError(t, err, "UsernameExistsException", "An account with the given email already exists.")
		_, err = a.create("dave", nil)
		wantError(t, err, "InvalidParameterException", "Username should be an email.")
		made := a.mustCreate("dave@example.com", nil)
		if given := attributesIn(made.Attributes); given["sub"] != *made.Username || given["email"] != "dave@example.com" || len(given) != 2 {
			t.Errorf("%s: %v", *made.Username, given)
		}
	},
	"an existing alias in AdminCreateUser": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		owned := withAttributes("email", aliceEmail, "email_verified", "true")
		_, err := a.create("bob", owned)
		wantError(t, err, "AliasExistsException", "An account with the given email already exists.")
		a.mustCreate("bob", func(in *cip.AdminCreateUserInput) {
			owned(in)
			in.ForceAliasCreation, in.TemporaryPassword = true, aws.String(password)
		})
		out, err := a.login(aliceEmail)
		begun(t, out, err, "NEW_PASSWORD_REQUIRED") // the address is the alias of Bob now
		if verified := attributesIn(a.get("alice").UserAttributes)["email_verified"]; verified != "false" {
			t.Errorf("Alice's email_verified is %q", verified)
		}
		a.passwordIs("alice", password)
		// A name cannot move. If one alias of the request cannot move, no alias moves.
		_, err = a.create("alice", func(in *cip.AdminCreateUserInput) {
			owned(in)
			in.ForceAliasCreation = true
		})
		wantError(t, err, "UsernameExistsException", "")
		if verified := attributesIn(a.get("bob").UserAttributes)["email_verified"]; verified != "true" {
			t.Errorf("Bob's email_verified is %q", verified)
		}
	},
	"email_verified in AdminCreateUser": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		_, err := a.create("bob", withAttributes("email_verified", "True"))
		wantError(t, err, "InvalidParameterException", "No email provided but email_verified was true")
		a.mustCreate("bob", func(in *cip.AdminCreateUserInput) {
			withAttributes("email", "bob@example.com", "email_verified", "True")(in)
			in.TemporaryPassword = aws.String(password)
		})
		if verified := attributesIn(a.get("bob").UserAttributes)["email_verified"]; verified != "True" {
			t.Errorf("email_verified is %q", verified)
		}
		a.changes("bob@example.com", password)
	},
	"medium of an invitation": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		both := withAttributes("email", "bob@example.com", "phone_number", "+15550100123")
		invited := func(name string, adjust func(*cip.AdminCreateUserInput)) Code {
			a.mustCreate(name, func(in *cip.AdminCreateUserInput) {
				in.TemporaryPassword = aws.String(password)
				adjust(in)
			})
			return a.rig.pool.LastCode(name)
		}
		if sent := invited("bob", both); sent.Medium != "SMS" || sent.Code != password || sent.Challenge != "AdminCreateUser" || sent.Destination != "+15550100123" {
			t.Errorf("sent %+v", sent)
		}
		byMail := func(in *cip.AdminCreateUserInput) {
			both(in)
			in.DesiredDeliveryMediums = []types.DeliveryMediumType{"EMAIL"}
		}
		if sent := invited("carol", byMail); sent.Medium != "EMAIL" || sent.Code != password {
			t.Errorf("sent %+v", sent)
		}
		for name, adjust := range map[string]func(*cip.AdminCreateUserInput){
			"dave": withAttributes("email", "dave@example.com"),
			"erin": func(in *cip.AdminCreateUserInput) {
				both(in)
				in.MessageAction = "SUPPRESS"
			},
		} {
			if sent := invited(name, adjust); sent != (Code{}) {
				t.Errorf("%s was sent %+v", name, sent)
			}
		}
		_, err := a.create("frank", func(in *cip.AdminCreateUserInput) {
			in.DesiredDeliveryMediums = []types.DeliveryMediumType{"PIGEON"}
		})
		wantError(t, err, "InvalidParameterException", "DesiredDeliveryMediums")
	},
	"AdminCreateUser with RESEND": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		resend := func(in *cip.AdminCreateUserInput) {
			in.MessageAction, in.DesiredDeliveryMediums = "RESEND", []types.DeliveryMediumType{"EMAIL"}
		}
		_, err := a.create("bob", resend)
		wantError(t, err, "UserNotFoundException", "User does not exist.")
		_, err = a.create("alice", resend)
		wantError(t, err, "UnsupportedUserStateException", "CONFIRMED")
		a.mustCreate("bob", func(in *cip.AdminCreateUserInput) {
			withAttributes("email", "bob@example.com")(in)
			in.TemporaryPassword = aws.String(password)
		})
		a.clock.Advance(8 * 24 * time.Hour)
		_, err = a.login("bob")
		wantError(t, err, "NotAuthorizedException", "Temporary password has expired")
		a.mustCreate("bob", resend)
		sent := a.rig.pool.LastCode("bob")
		if sent.Medium != "EMAIL" || sent.Code == password {
			t.Errorf("sent %+v", sent)
		}
		a.changes("bob", sent.Code)
	},
	"AdminCreateUser without a password": func(t *testing.T) {
		a := newRig(t, everyFactor).administrator()
		_, err := a.create("bob", nil)
		wantError(t, err, "InvalidParameterException", "email or a phone_number")
		made := a.mustCreate("bob", withAttributes("email", "bob@example.com", "email_verified", "true"))
		if made.UserStatus != "CONFIRMED" || a.rig.pool.LastCode("bob") != (Code{}) {
			t.Errorf("%+v, sent %+v", made, a.rig.pool.LastCode("bob"))
		}
		out, err := a.userAuth("bob", nil)
		if err != nil || len(out.AvailableChallenges) != 1 || out.AvailableChallenges[0] != "EMAIL_OTP" {
			t.Errorf("%v, %v", out, err)
		}
	},
	"AdminSetUserPassword": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) { c.Users[0].ResetRequired = true }).administrator()
		wantError(t, a.setPassword("alice", "short", true), "InvalidPasswordException", "Password does not conform to policy: Password not long enough")
		if err := a.setPassword(aliceEmail, newPassword, true); err != nil {
			t.Fatal(err)
		}
		if status := a.get("alice").UserStatus; status != "CONFIRMED" {
			t.Errorf("status %s", status)
		}
		a.passwordIs("alice", newPassword)
		if err := a.setPassword("alice", password, false); err != nil {
			t.Fatal(err)
		}
		if status := a.get("alice").UserStatus; status != "FORCE_CHANGE_PASSWORD" {
			t.Errorf("status %s", status)
		}
		a.changes("alice", password)
		if _, err := a.signUp("bob", password); err != nil {
			t.Fatal(err)
		}
		if err := a.setPassword("bob", newPassword, true); err != nil {
			t.Fatal(err)
		}
		a.passwordIs("bob", newPassword)
		wantError(t, a.setPassword("nobody", newPassword, true), "UserNotFoundException", "User does not exist.")
	},
	"AdminConfirmSignUp of other users": func(t *testing.T) {
		a := newRig(t, mustChangePassword).administrator()
		wantError(t, a.confirm("alice"), "NotAuthorizedException", "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD")
		if err := a.setPassword("alice", password, true); err != nil {
			t.Fatal(err)
		}
		wantError(t, a.confirm("alice"), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
	},
	"addresses after AdminConfirmSignUp": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		if _, err := a.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		if err := a.confirm("bob"); err != nil {
			t.Fatal(err)
		}
		a.passwordIs("bob", password)
		_, err := a.login("bob@example.com")
		wantError(t, err, "UserNotFoundException", "")
	},
	"an access token of a deleted user": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		tokens := a.tokens()
		if err := a.delete(aliceEmail); err != nil {
			t.Fatal(err)
		}
		wantError(t, a.getUser(tokens), "UserNotFoundException", "User does not exist.")
		wantError(t, a.delete("alice"), "UserNotFoundException", "User does not exist.")
		_, err := a.login(aliceEmail)
		wantError(t, err, "UserNotFoundException", "")
		a.mustCreate("alice", withAttributes("email", aliceEmail, "email_verified", "true")) // the name and the alias are free again
		wantError(t, a.getUser(tokens), "UserNotFoundException", "User does not exist.")
	},
	"sessions and refresh tokens of a deleted user": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		tokens := a.tokens()
		if err := a.setPassword("alice", password, false); err != nil {
			t.Fatal(err)
		}
		out, err := a.login("alice")
		begun(t, out, err, "NEW_PASSWORD_REQUIRED")
		if err := a.delete("alice"); err != nil {
			t.Fatal(err)
		}
		_, err = a.respond("NEW_PASSWORD_REQUIRED", *out.Session, map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword})
		wantError(t, err, "UserNotFoundException", "User does not exist.")
		_, err = a.getTokens(*tokens.RefreshToken)
		wantError(t, err, "UserNotFoundException", "User does not exist.")
	},
	"AdminUpdateUserAttributes of an address": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		if err := a.update("alice", "email", "a@example.com", "custom:team", "blue"); err != nil {
			t.Fatal(err)
		}
		got := attributesIn(a.get("alice").UserAttributes)
		if got["email"] != "a@example.com" || got["email_verified"] != "false" || got["custom:team"] != "blue" {
			t.Errorf("attributes %v", got)
		}
		if sent := a.rig.pool.LastCode("alice"); sent.Destination != "a@example.com" {
			t.Errorf("sent %+v", sent)
		}
		if err := a.update("alice", "phone_number", "+331234567", "phone_number_verified", "true", "email_verified", "true"); err != nil {
			t.Fatal(err)
		}
		a.passwordIs("+331234567", password)
		a.passwordIs("a@example.com", password)
		if sent := a.rig.pool.LastCode("alice"); sent.Medium != "EMAIL" {
			t.Errorf("sent %+v", sent)
		}
		if _, err := a.sdk.AdminDeleteUserAttributes(t.Context(), &cip.AdminDeleteUserAttributesInput{
			UserPoolId: a.pool, Username: aws.String("alice"), UserAttributeNames: []string{"custom:team", "phone_number"},
		}); err != nil {
			t.Fatal(err)
		}
		if got = attributesIn(a.get("alice").UserAttributes); len(got) != 3 || got["email"] != "a@example.com" {
			t.Errorf("attributes %v", got)
		}
		wantError(t, a.update("alice", "phone_number_verified", "true"), "InvalidParameterException", "No phone_number provided but phone_number_verified was true")
	},
	"email_verified of an alias in use": func(t *testing.T) {
		a := newRig(t, manyUsers).administrator()
		if err := a.update("bob", "email", aliceEmail); err != nil {
			t.Fatal(err)
		}
		a.passwordIs(aliceEmail, password)
		if err := a.update("bob", "email_verified", "true"); err != nil {
			t.Fatal(err)
		}
		_, err := a.login(aliceEmail)
		wantError(t, err, "NotAuthorizedException", "User is disabled.") // the address is the alias of Bob now
		if got := attributesIn(a.get("alice").UserAttributes)["email_verified"]; got != "false" {
			t.Errorf("Alice's email_verified is %q", got)
		}
		wantError(t, a.update("bobby", "preferred_username", "caz"), "AliasExistsException", "An account with the given preferred_username already exists.")
	},
	"sub in AdminUpdateUserAttributes": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		wantError(t, a.update("alice", "nickname", "Al", "sub", "1"), "InvalidParameterException", "sub")
		if got := attributesIn(a.get("alice").UserAttributes); got["nickname"] != "" {
			t.Errorf("a refused update left %v", got)
		}
	},
	"AdminDisableUser": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		tokens := a.tokens()
		a.disable("alice")
		if a.get("alice").Enabled {
			t.Error("Alice is enabled")
		}
		_, err := a.login("alice")
		wantError(t, err, "NotAuthorizedException", "User is disabled.")
		wantError(t, a.getUser(tokens), "NotAuthorizedException", "")
		if _, err := a.sdk.AdminEnableUser(t.Context(), &cip.AdminEnableUserInput{UserPoolId: a.pool, Username: aws.String("alice")}); err != nil {
			t.Fatal(err)
		}
		wantError(t, a.getUser(tokens), "NotAuthorizedException", "Access Token has been revoked")
		_, err = a.getTokens(*tokens.RefreshToken)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
		a.passwordIs("alice", password)
	},
	"AdminResetUserPassword": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		if err := a.reset("alice"); err != nil {
			t.Fatal(err)
		}
		sent := a.rig.pool.LastCode("alice")
		if status := a.get("alice").UserStatus; status != "RESET_REQUIRED" || sent.Challenge != "ConfirmForgotPassword" {
			t.Errorf("status %s, sent %+v", status, sent)
		}
		_, err := a.login("alice")
		wantError(t, err, "PasswordResetRequiredException", "")
		if _, err := a.rig.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
			ClientId: aws.String(a.app), Username: aws.String("alice"), ConfirmationCode: aws.String(sent.Code), Password: aws.String(newPassword),
		}); err != nil {
			t.Fatal(err)
		}
		a.passwordIs("alice", newPassword)
		if status := a.get("alice").UserStatus; status != "CONFIRMED" {
			t.Errorf("status %s", status)
		}
	},
	"AdminResetUserPassword in another state": func(t *testing.T) {
		a := newRig(t, mustChangePassword).administrator()
		wantError(t, a.reset("alice"), "NotAuthorizedException", "User password cannot be reset in the current state.")
		a.disable("alice")
		wantError(t, a.reset("alice"), "NotAuthorizedException", "User is disabled.")
	},
	"AdminSetUserMFAPreference": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) { c.MFA = "OPTIONAL" }).administrator()
		set := func(preferred bool) {
			t.Helper()
			if _, err := a.sdk.AdminSetUserMFAPreference(t.Context(), &cip.AdminSetUserMFAPreferenceInput{
				UserPoolId: a.pool, Username: aws.String("alice"), SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: preferred},
			}); err != nil {
				t.Fatal(err)
			}
		}
		set(false)
		if got := a.get("alice"); !slices.Equal(got.UserMFASettingList, []string{"SMS_MFA"}) || got.PreferredMfaSetting != nil {
			t.Errorf("%v, %v", got.UserMFASettingList, got.PreferredMfaSetting)
		}
		set(true)
		if got := a.get("alice"); !slices.Equal(got.UserMFASettingList, []string{"SMS_MFA"}) || aws.ToString(got.PreferredMfaSetting) != "SMS_MFA" {
			t.Errorf("%v, %v", got.UserMFASettingList, got.PreferredMfaSetting)
		}
		out, err := a.login("alice")
		begun(t, out, err, "SMS_MFA")
		_, err = a.sdk.AdminSetUserMFAPreference(t.Context(), &cip.AdminSetUserMFAPreferenceInput{
			UserPoolId: a.pool, Username: aws.String("alice"), SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true},
		})
		wantError(t, err, "InvalidParameterException", "")
	},
	"filters of ListUsers": func(t *testing.T) {
		a := newRig(t, manyUsers).administrator()
		for filter, want := range map[string][]string{
			"":                                        {"alice", "bob", "bobby", "Carol"},
			`username = "bob"`:                        {"bob"},
			`username ^= "bob"`:                       {"bob", "bobby"},
			`username^="bob"`:                         {"bob", "bobby"},
			`email ^= "bob@"`:                         {"bob"},
			`family_name = "O\"Hara"`:                 {"alice"},
			`given_name = "Robert"`:                   {"bob"},
			`name = "Bobby"`:                          {"bobby"},
			`phone_number ^= "+1555"`:                 {"bobby"},
			`preferred_username = "caz"`:              {"Carol"},
			`status = "Disabled"`:                     {"bob"},
			`status = "Enabled"`:                      {"alice", "bobby", "Carol"},
			`cognito:user_status = "UNCONFIRMED"`:     {"bobby"},
			`cognito:user_status ^= "FORCE"`:          {"Carol"},
			`sub = "` + a.rig.pool.Sub("bobby") + `"`: {"bobby"},
			`sub = "nobody"`:                          nil,
		} {
			if got := a.filtered(filter); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", filter, got, want)
			}
		}
	},
	"case in filters": func(t *testing.T) {
		a := newRig(t, manyUsers).administrator()
		for filter, want := range map[string][]string{
			`cognito:user_status = "unconfirmed"`: {"bobby"},
			`status = "disabled"`:                 nil,
			`username = "Bob"`:                    nil,
			`username = "Carol"`:                  {"Carol"},
			`email = "Bob@example.org"`:           nil,
		} {
			if got := a.filtered(filter); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", filter, got, want)
			}
		}
	},
	"a filter that is none": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		for _, filter := range []string{"foo", `email "a"`, `email = a`, `email = "a" b`, `email = "a`, `email != "a"`, `email = "a" and name = "b"`, ` `} {
			_, err := a.list(func(in *cip.ListUsersInput) { in.Filter = aws.String(filter) })
			wantError(t, err, "InvalidParameterException", "Error while parsing filter.")
		}
	},
	"a filter for another attribute": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		for _, name := range []string{"custom:team", "nickname", "email_verified"} {
			_, err := a.list(func(in *cip.ListUsersInput) { in.Filter = aws.String(name + ` = "x"`) })
			wantError(t, err, "InvalidParameterException", "Invalid search attribute: "+name)
		}
	},
	"AttributesToGet": func(t *testing.T) {
		a := newRig(t, manyUsers).administrator()
		out, err := a.list(func(in *cip.ListUsersInput) { in.AttributesToGet = []string{"sub", "email"} })
		if err != nil || len(out.Users) != 4 {
			t.Fatalf("%v, %v", out, err)
		}
		for i, want := range []int{2, 2, 1, 1} {
			if got := attributesIn(out.Users[i].Attributes); len(got) != want || got["sub"] == "" {
				t.Errorf("%s: %v", *out.Users[i].Username, got)
			}
		}
		team := func(filter string) error {
			_, err := a.list(func(in *cip.ListUsersInput) {
				in.AttributesToGet, in.Filter = []string{"custom:team"}, aws.String(filter)
			})
			return err
		}
		wantError(t, team(`username ^= ""`), "InvalidParameterException", "")
		if err := team(`username = "Carol"`); err != nil {
			t.Error(err)
		}
	},
	"pages of ListUsers": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) {
			for i := range 64 {
				c.Users = append(c.Users, UserConfig{Name: fmt.Sprintf("user%d", i)})
			}
		}).administrator()
		pages := func(limit int32) (sizes []int, names []string) {
			t.Helper()
			p := cip.NewListUsersPaginator(a.sdk, &cip.ListUsersInput{UserPoolId: a.pool, Limit: aws.Int32(limit), Filter: aws.String(`username ^= "user"`)})
			for p.HasMorePages() {
				page, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				sizes = append(sizes, len(page.Users))
				for _, u := range page.Users {
					names = append(names, *u.Username)
				}
			}
			return sizes, names
		}
		sizes, names := pages(25)
		if !slices.Equal(sizes, []int{25, 25, 14}) || names[0] != "user0" || names[63] != "user63" {
			t.Errorf("pages of %v, from %s to %s", sizes, names[0], names[63])
		}
		if sizes, _ = pages(0); !slices.Equal(sizes, []int{60, 4}) {
			t.Errorf("pages of %v", sizes)
		}
		// A deleted user does not shift the next page.
		first, err := a.list(func(in *cip.ListUsersInput) { in.Limit = aws.Int32(2) })
		if err != nil {
			t.Fatal(err)
		}
		if err := a.delete("user0"); err != nil {
			t.Fatal(err)
		}
		second, err := a.list(func(in *cip.ListUsersInput) { in.PaginationToken = first.PaginationToken })
		if err != nil || *second.Users[0].Username != "user1" {
			t.Errorf("%v, %v", second, err)
		}
		_, err = a.list(func(in *cip.ListUsersInput) { in.PaginationToken = aws.String("x") })
		wantError(t, err, "InvalidParameterException", "Invalid pagination token given.")
	},
	"a Limit that is too high": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		for limit, text := range map[int32]string{100: "less than or equal to 60", -1: "greater than or equal to 0"} {
			_, err := a.list(func(in *cip.ListUsersInput) { in.Limit = aws.Int32(limit) })
			wantError(t, err, "InvalidParameterException", fmt.Sprintf(
				"1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value %s", limit, text))
		}
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
}
