package cognitotest

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

var errTrigger = errors.New("not on Sundays")

// triggerLog keeps the events of the triggers that return only an error.
type triggerLog struct {
	events []trigger.Event
	fail   error
}

func (r *triggerLog) record(e trigger.Event) error {
	r.events = append(r.events, e)
	return r.fail
}

func (r *triggerLog) sources() (sources []string) {
	for _, e := range r.events {
		sources = append(sources, e.Source)
	}
	return sources
}

func withTriggers(f trigger.Functions) func(*PoolConfig) {
	return func(c *PoolConfig) { c.Triggers = f }
}

// migrating makes UserMigration find a user for each name.
func migrating(events *[]trigger.Event, found trigger.Migration, err error) func(*PoolConfig) {
	return withTriggers(trigger.Functions{UserMigration: func(e trigger.Event) (trigger.Migration, error) {
		*events = append(*events, e)
		return found, err
	}})
}

// signsIn signs in by password with ClientMetadata.
func (r *rig) signsIn(username, password string, metadata map[string]string) (*cip.InitiateAuthOutput, error) {
	return r.sdk.InitiateAuth(r.t.Context(), &cip.InitiateAuthInput{
		AuthFlow: "USER_PASSWORD_AUTH", ClientId: aws.String(r.app), ClientMetadata: metadata,
		AuthParameters: r.complete(map[string]string{"USERNAME": username, "PASSWORD": password}),
	})
}

var told = map[string]string{"foo": "bar"}

// A trigger may call operations of the pool about the same user, as a Lambda function
// that adds new users to a group does.
func TestTriggerCallsThePool(t *testing.T) {
	var a administrator
	r := newRig(t, func(c *PoolConfig) {
		c.Groups = []GroupConfig{{Name: "members"}}
		c.Triggers.PostConfirmation = func(e trigger.Event) error { return a.join(e.Username, "members") }
		c.Triggers.PreTokenGeneration = func(e trigger.Event) (trigger.Tokens, error) {
			return trigger.Tokens{}, a.rig.pool.UpdateUser(e.Username, func(u *UserConfig) { u.Disabled = u.Name == "bob" })
		}
	})
	a = r.administrator()
	for _, name := range []string{"bob", "carol"} {
		if _, err := r.signUp(name, password, "email", name+"@example.com"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.confirmSignUp(name, r.pool.LastCode(name).Code, nil); err != nil {
			t.Fatal(err)
		}
		if got := a.groupsOf(name); !slices.Equal(got, []string{"members"}) {
			t.Errorf("groups %q", got)
		}
	}
	_, err := r.login("bob") // the trigger has disabled Bob
	wantError(t, err, "NotAuthorizedException", "User is disabled.")
	out, err := r.login("carol")
	wantClaim(t, claimsIn(t, wantTokens(t, out, err).IdToken), "cognito:groups", []any{"members"})
}

var evidenceOfTriggers = map[string]func(*testing.T){
	"attributes in events": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, withTriggers(trigger.Functions{
			PreSignUp:         func(e trigger.Event) (trigger.SignUp, error) { return trigger.SignUp{}, seen.record(e) },
			PostConfirmation:  seen.record,
			PreAuthentication: seen.record,
		}))
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil); err != nil {
			t.Fatal(err)
		}
		r.passwordIs("bob", password)
		before := map[string]string{"email": "bob@example.com"}
		after := map[string]string{
			"email": "bob@example.com", "email_verified": "true", "sub": r.pool.Sub("bob"), "cognito:user_status": "CONFIRMED",
		}
		for i, want := range []map[string]string{before, after, after} {
			if got := seen.events[i].Attributes; !maps.Equal(got, want) {
				t.Errorf("%s: %v, want %v", seen.events[i].Source, got, want)
			}
		}
	},
	"ClientID of operations of administrators": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, withTriggers(trigger.Functions{
			PreSignUp: func(e trigger.Event) (trigger.SignUp, error) { return trigger.SignUp{}, seen.record(e) },
		}))
		r.administrator().mustCreate("bob", nil)
		if _, err := r.signUp("carol", password); err != nil {
			t.Fatal(err)
		}
		if got := []string{seen.events[0].ClientID, seen.events[1].ClientID}; !slices.Equal(got, []string{"CLIENT_ID_NOT_APPLICABLE", publicApp}) {
			t.Errorf("client IDs %q", got)
		}
	},
	"PreSignUp, the event": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, withTriggers(trigger.Functions{
			PreSignUp: func(e trigger.Event) (trigger.SignUp, error) { return trigger.SignUp{}, seen.record(e) },
		}))
		if _, err := r.sdk.SignUp(t.Context(), &cip.SignUpInput{
			ClientId: aws.String(r.app), Username: aws.String("bob"), Password: aws.String(password), ClientMetadata: told,
			UserAttributes: attributeList("email", "bob@example.com"), ValidationData: attributeList("company", "ours"),
		}); err != nil {
			t.Fatal(err)
		}
		want := trigger.Event{
			Source: "PreSignUp_SignUp", ClientID: publicApp, Username: "bob", ClientMetadata: told,
			Attributes: map[string]string{"email": "bob@example.com"}, ValidationData: map[string]string{"company": "ours"},
		}
		if len(seen.events) != 1 || !reflect.DeepEqual(seen.events[0], want) {
			t.Errorf("events %+v, want %+v", seen.events, want)
		}
	},
	"PreSignUp, the result": func(t *testing.T) {
		r := newRig(t, withTriggers(trigger.Functions{PreSignUp: func(e trigger.Event) (trigger.SignUp, error) {
			if e.Username == "mallory" {
				return trigger.SignUp{}, errTrigger
			}
			return trigger.SignUp{AutoConfirm: true, AutoVerifyEmail: true}, nil
		}}))
		_, err := r.signUp("mallory", password)
		wantError(t, err, "UserLambdaValidationException", "PreSignUp failed with error not on Sundays.")
		if _, err := r.login("mallory"); err == nil {
			t.Error("the user who was refused signs in")
		}
		out, err := r.signUp("bob", password, "email", aliceEmail)
		if err != nil || !out.UserConfirmed || out.CodeDeliveryDetails != nil || r.pool.LastCode("bob") != (Code{}) {
			t.Fatalf("%+v, %v", out, err)
		}
		done, err := r.login(aliceEmail)
		if access := claimsIn(t, wantTokens(t, done, err).AccessToken); access["username"] != "bob" {
			t.Errorf("%s is %v", aliceEmail, access["username"])
		}
		if got := attributesIn(r.administrator().get("alice").UserAttributes)["email_verified"]; got != "false" {
			t.Errorf("Alice's email_verified is %q", got)
		}
		// The session of SignUp signs in, as the session of ConfirmSignUp does.
		out, err = r.signUp("carol", password, "email", "carol@example.com")
		if err != nil {
			t.Fatal(err)
		}
		done, err = r.enter("carol", out.Session)
		wantTokens(t, done, err)
	},
	"PreSignUp at AdminCreateUser": func(t *testing.T) {
		var seen triggerLog
		a := newRig(t, withTriggers(trigger.Functions{PreSignUp: func(e trigger.Event) (trigger.SignUp, error) {
			return trigger.SignUp{AutoConfirm: true, AutoVerifyPhone: true}, seen.record(e)
		}})).administrator()
		made := a.mustCreate("bob", func(in *cip.AdminCreateUserInput) {
			in.ClientMetadata, in.ValidationData = told, attributeList("company", "ours")
		})
		if made.UserStatus != "FORCE_CHANGE_PASSWORD" || !slices.Equal(seen.sources(), []string{"PreSignUp_AdminCreateUser"}) ||
			!maps.Equal(seen.events[0].ClientMetadata, told) || seen.events[0].ValidationData["company"] != "ours" {
			t.Errorf("%+v, events %+v", made, seen.events)
		}
		seen.fail = errTrigger
		_, err := a.create("carol", nil)
		wantError(t, err, "UserLambdaValidationException", "PreSignUp failed with error not on Sundays.")
		wantError(t, a.delete("carol"), "UserNotFoundException", "")
	},
	"PreSignUp that verifies an address nobody gave": func(t *testing.T) {
		r := newRig(t, withTriggers(trigger.Functions{PreSignUp: func(trigger.Event) (trigger.SignUp, error) {
			return trigger.SignUp{AutoVerifyPhone: true}, nil
		}}))
		_, err := r.signUp("bob", password, "email", "bob@example.com")
		wantError(t, err, "InvalidLambdaResponseException", "phone_number")
		wantError(t, r.administrator().delete("bob"), "UserNotFoundException", "")
	},
	"PostConfirmation": func(t *testing.T) {
		var seen triggerLog
		autoConfirm := false
		r := newRig(t, withTriggers(trigger.Functions{
			PostConfirmation: seen.record,
			PreSignUp:        func(trigger.Event) (trigger.SignUp, error) { return trigger.SignUp{AutoConfirm: autoConfirm}, nil },
		}))
		for _, name := range []string{"bob", "carol"} {
			if _, err := r.signUp(name, password, "email", name+"@example.com"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.sdk.ConfirmSignUp(t.Context(), &cip.ConfirmSignUpInput{
			ClientId: aws.String(r.app), Username: aws.String("bob"), ConfirmationCode: aws.String(r.pool.LastCode("bob").Code), ClientMetadata: told,
		}); err != nil {
			t.Fatal(err)
		}
		if err := r.administrator().confirm("carol"); err != nil {
			t.Fatal(err)
		}
		if err := r.forgotPassword("bob"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
			ClientId: aws.String(r.app), Username: aws.String("bob"), ConfirmationCode: aws.String(r.pool.LastCode("bob").Code), Password: aws.String(newPassword),
		}); err != nil {
			t.Fatal(err)
		}
		autoConfirm = true
		if _, err := r.signUp("dave", password); err != nil {
			t.Fatal(err)
		}
		want := []string{"PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword", "PostConfirmation_ConfirmSignUp"}
		if !slices.Equal(seen.sources(), want) || !maps.Equal(seen.events[0].ClientMetadata, told) || seen.events[1].Username != "carol" || seen.events[3].Username != "dave" {
			t.Errorf("events %+v, want %q", seen.events, want)
		}
	},
	"PostConfirmation that fails": func(t *testing.T) {
		r := newRig(t, withTriggers(trigger.Functions{PostConfirmation: func(trigger.Event) error { return errTrigger }}))
		if _, err := r.signUp("bob", password, "email", "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		_, err := r.confirmSignUp("bob", r.pool.LastCode("bob").Code, nil)
		wantError(t, err, "UserLambdaValidationException", "PostConfirmation failed with error not on Sundays.")
		r.passwordIs("bob@example.com", password)
	},
	"PreAuthentication": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, withTriggers(trigger.Functions{PreAuthentication: seen.record}))
		_, err := r.signsIn(aliceEmail, "wrong-password", told)
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		out, err := r.login("alice")
		tokens := wantTokens(t, out, err)
		if _, err := r.refresh(tokens.RefreshToken, nil); err != nil {
			t.Fatal(err)
		}
		if want := []string{"PreAuthentication_Authentication", "PreAuthentication_Authentication"}; !slices.Equal(seen.sources(), want) ||
			!maps.Equal(seen.events[0].ValidationData, told) || seen.events[0].ClientMetadata != nil || seen.events[0].Username != "alice" {
			t.Errorf("events %+v", seen.events)
		}
		seen.fail = errTrigger
		_, err = r.login("alice")
		wantError(t, err, "UserLambdaValidationException", "PreAuthentication failed with error not on Sundays.")
		_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "alice", "SRP_A": newSRPClient(t).publicA.Text(16)})
		wantError(t, err, "UserLambdaValidationException", "PreAuthentication")
	},
	"PreAuthentication of an unknown hidden user": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, func(c *PoolConfig) {
			hideUsers(c)
			c.Triggers.PreAuthentication = seen.record
		})
		_, err := r.login("nobody")
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		if len(seen.events) != 1 || !seen.events[0].UserNotFound || seen.events[0].Username != "nobody" {
			t.Errorf("events %+v", seen.events)
		}
	},
	"PostAuthentication": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, func(c *PoolConfig) {
			c.MFA = "ON"
			c.Users[0].MFA = []string{"SMS_MFA"}
			c.DeviceConfiguration = &DeviceConfiguration{}
			c.Triggers.PostAuthentication = seen.record
		})
		out, err := r.login("alice")
		begun(t, out, err, "SMS_MFA")
		if len(seen.events) > 0 {
			t.Errorf("events %+v before the last answer", seen.events)
		}
		answered, err := r.sdk.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
			ChallengeName: "SMS_MFA", ClientId: aws.String(r.app), Session: out.Session, ClientMetadata: told,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": r.pool.LastCode("alice").Code},
		})
		wantTokens(t, answered, err)
		if want := []string{"PostAuthentication_Authentication"}; !slices.Equal(seen.sources(), want) ||
			!maps.Equal(seen.events[0].ClientMetadata, told) || !seen.events[0].NewDeviceUsed {
			t.Errorf("events %+v", seen.events)
		}
		plain := newRig(t, func(c *PoolConfig) { c.Triggers.PostAuthentication = seen.record })
		tokens := plain.tokens()
		if seen.events[1].NewDeviceUsed {
			t.Error("a new device in a pool that tracks none")
		}
		if _, err := plain.refresh(tokens.RefreshToken, nil); err != nil || len(seen.events) != 2 {
			t.Errorf("%d events, %v", len(seen.events), err)
		}
		seen.fail = errTrigger
		_, err = plain.login("alice")
		wantError(t, err, "UserLambdaValidationException", "PostAuthentication failed with error not on Sundays.")
	},
	"PreTokenGeneration, the event": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, func(c *PoolConfig) {
			c.Groups = []GroupConfig{{Name: "staff", RoleARN: staffRole}}
			c.Users[0].Groups = []string{"staff", "readers"}
			c.Triggers.PreTokenGeneration = func(e trigger.Event) (trigger.Tokens, error) { return trigger.Tokens{}, seen.record(e) }
		})
		tokens := r.tokens()
		want := trigger.Groups{Names: []string{"staff", "readers"}, Roles: []string{staffRole}, PreferredRole: staffRole}
		if e := seen.events[0]; !reflect.DeepEqual(e.Groups, want) || e.Attributes["cognito:user_status"] != "CONFIRMED" {
			t.Errorf("event %+v, want %+v", e, want)
		}
		wantClaim(t, claimsIn(t, tokens.IdToken), "cognito:preferred_role", staffRole) // nothing changes
		seen.fail = errTrigger
		_, err := r.login("alice")
		wantError(t, err, "UserLambdaValidationException", "PreTokenGeneration failed with error not on Sundays.")
	},
	"PreTokenGeneration, groups": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			c.Groups = []GroupConfig{{Name: "group3", RoleARN: staffRole}}
			c.Users[0].Groups = []string{"group3"}
			c.Triggers.PreTokenGeneration = func(trigger.Event) (trigger.Tokens, error) {
				return trigger.Tokens{Groups: &trigger.Groups{Names: []string{"group1", "group2"}}}, nil
			}
		})
		tokens := r.tokens()
		id, access := claimsIn(t, tokens.IdToken), claimsIn(t, tokens.AccessToken)
		for _, claims := range []map[string]any{id, access} {
			wantClaim(t, claims, "cognito:groups", []any{"group1", "group2"})
		}
		wantClaim(t, id, "cognito:roles", nil)
		wantClaim(t, id, "cognito:preferred_role", nil)
	},
	"PreTokenGeneration, claims": func(t *testing.T) {
		add := map[string]any{"plan": "gold", "limits": []any{1.0, 2.0}, "sub": "somebody", "exp": 1, "username": "mallory", "aud": "other", "email": "x@example.com"}
		suppress := []string{"phone_number", "client_id", "username", "cognito:username", "token_use"}
		r := newRig(t, withTriggers(trigger.Functions{PreTokenGeneration: func(trigger.Event) (trigger.Tokens, error) {
			return trigger.Tokens{
				ID: trigger.Claims{Add: add, Suppress: suppress}, Access: trigger.Claims{Add: add, Suppress: suppress},
				AddScopes: []string{"shop/read"}, SuppressScopes: []string{"none"},
			}, nil
		}}))
		tokens := r.tokens()
		id, access := claimsIn(t, tokens.IdToken), claimsIn(t, tokens.AccessToken)
		for _, claims := range []map[string]any{id, access} {
			wantClaim(t, claims, "plan", "gold")
			wantClaim(t, claims, "limits", []any{1.0, 2.0})
			wantClaim(t, claims, "sub", r.pool.Sub("alice"))
			wantClaim(t, claims, "exp", float64(r.clock.Now().Unix()+3600))
		}
		wantClaim(t, id, "email", "x@example.com")
		wantClaim(t, id, "phone_number", nil)
		wantClaim(t, id, "aud", publicApp)
		wantClaim(t, id, "cognito:username", "alice")
		wantClaim(t, access, "username", "alice")
		wantClaim(t, access, "client_id", publicApp)
		wantClaim(t, access, "scope", "aws.cognito.signin.user.admin shop/read")
	},
	"PreTokenGeneration, the reason": func(t *testing.T) {
		var seen triggerLog
		r := newRig(t, func(c *PoolConfig) {
			c.Users = append(c.Users, UserConfig{Name: "bob", TemporaryPassword: password})
			c.Triggers.PreTokenGeneration = func(e trigger.Event) (trigger.Tokens, error) { return trigger.Tokens{}, seen.record(e) }
		})
		tokens := r.tokens()
		if _, err := r.refresh(tokens.RefreshToken, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := r.sdk.GetTokensFromRefreshToken(t.Context(), &cip.GetTokensFromRefreshTokenInput{
			ClientId: aws.String(r.app), RefreshToken: tokens.RefreshToken, ClientMetadata: told,
		}); err != nil {
			t.Fatal(err)
		}
		r.changes("bob", password)
		want := []string{"TokenGeneration_Authentication", "TokenGeneration_RefreshTokens", "TokenGeneration_RefreshTokens", "TokenGeneration_NewPasswordChallenge"}
		if !slices.Equal(seen.sources(), want) || !maps.Equal(seen.events[2].ClientMetadata, told) {
			t.Errorf("events %+v, want %q", seen.events, want)
		}
		var atDevice triggerLog
		r = newRig(t, func(c *PoolConfig) {
			tracking(insteadOfMFA, Dialect{})(c)
			c.Triggers.PreTokenGeneration = func(e trigger.Event) (trigger.Tokens, error) { return trigger.Tokens{}, atDevice.record(e) }
		})
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err == nil {
			_, err = r.prove(s, b)
		}
		if want = []string{"TokenGeneration_Authentication", "TokenGeneration_AuthenticateDevice"}; err != nil || !slices.Equal(atDevice.sources(), want) {
			t.Errorf("events %q, want %q: %v", atDevice.sources(), want, err)
		}
	},
	"UserMigration at sign-in": func(t *testing.T) {
		var events []trigger.Event
		r := newRig(t, migrating(&events, trigger.Migration{
			Attributes: map[string]string{"email": "bob@example.com", "email_verified": "true"}, FinalStatus: "CONFIRMED",
		}, nil))
		out, err := r.signsIn("bob", "test123", told)
		wantTokens(t, out, err)
		want := trigger.Event{Source: "UserMigration_Authentication", ClientID: publicApp, Username: "bob", Password: "test123", ValidationData: told}
		if len(events) != 1 || !reflect.DeepEqual(events[0], want) {
			t.Errorf("events %+v, want %+v", events, want)
		}
		got := r.administrator().get("bob")
		if attributes := attributesIn(got.UserAttributes); got.UserStatus != "CONFIRMED" || attributes["email_verified"] != "true" || len(attributes) != 3 {
			t.Errorf("%s, %v", got.UserStatus, attributes)
		}
		r.passwordIs("bob@example.com", "test123")
		_, err = r.signsIn("bob", "other-password", nil)
		wantError(t, err, "NotAuthorizedException", wrongCredentialsText)
		// SRP sends no password, so the trigger does not run.
		_, err = r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": "carol", "SRP_A": newSRPClient(t).publicA.Text(16)})
		wantError(t, err, "UserNotFoundException", "")
		if len(events) != 1 {
			t.Errorf("events %+v", events)
		}
	},
	"UserMigration with another name": func(t *testing.T) {
		var events []trigger.Event
		found := trigger.Migration{
			Attributes: map[string]string{"username": "bob", "preferred_username": "bobby", "email": "bob@example.com"}, FinalStatus: "CONFIRMED",
		}
		r := newRig(t, migrating(&events, found, nil))
		_, err := r.signsIn("bob@example.com", password, nil) // the address is not verified
		wantError(t, err, "UserNotFoundException", "Exception migrating user in app client "+publicApp+
			": Invalid username or missing email / phone_number / preferred_username attributes")
		out, err := r.signsIn("bobby", password, nil)
		id := claimsIn(t, wantTokens(t, out, err).IdToken)
		wantClaim(t, id, "cognito:username", "bob")
		wantClaim(t, id, "preferred_username", "bobby")
		_, err = r.signsIn("robert", password, nil)
		wantError(t, err, "UserNotFoundException", "Exception migrating user")
	},
	"UserMigration in ForgotPassword": func(t *testing.T) {
		var events []trigger.Event
		r := newRig(t, migrating(&events, trigger.Migration{Attributes: map[string]string{"email": "bob@example.com", "email_verified": "true"}}, nil))
		if _, err := r.sdk.ForgotPassword(t.Context(), &cip.ForgotPasswordInput{
			ClientId: aws.String(r.app), Username: aws.String("bob"), ClientMetadata: told,
		}); err != nil {
			t.Fatal(err)
		}
		want := trigger.Event{Source: "UserMigration_ForgotPassword", ClientID: publicApp, Username: "bob", ClientMetadata: told}
		if len(events) != 1 || !reflect.DeepEqual(events[0], want) {
			t.Errorf("events %+v, want %+v", events, want)
		}
		if _, err := r.sdk.ConfirmForgotPassword(t.Context(), &cip.ConfirmForgotPasswordInput{
			ClientId: aws.String(r.app), Username: aws.String("bob"), ConfirmationCode: aws.String(r.pool.LastCode("bob").Code), Password: aws.String(newPassword),
		}); err != nil {
			t.Fatal(err)
		}
		r.passwordIs("bob", newPassword)
	},
	"UserMigration with RESET_REQUIRED": func(t *testing.T) {
		var events []trigger.Event
		found := trigger.Migration{Attributes: map[string]string{"email": "bob@example.com"}, FinalStatus: "RESET_REQUIRED"}
		r := newRig(t, migrating(&events, found, nil))
		_, err := r.signsIn("bob", password, nil)
		wantError(t, err, "PasswordResetRequiredException", "")
		if status := r.administrator().get("bob").UserStatus; status != types.UserStatusTypeResetRequired {
			t.Errorf("status %s", status)
		}
		for status, want := range map[string]string{"": "", "ARCHIVED": "UserNotFoundException"} {
			found.FinalStatus = status
			out, err := newRig(t, migrating(&events, found, nil)).signsIn("bob", password, nil)
			if want != "" {
				wantError(t, err, want, "finalUserStatus")
			} else {
				wantTokens(t, out, err)
			}
		}
	},
	"UserMigration that fails": func(t *testing.T) {
		var events []trigger.Event
		r := newRig(t, migrating(&events, trigger.Migration{}, errTrigger))
		for range 2 {
			_, err := r.signsIn("bob", password, nil)
			wantError(t, err, "UserLambdaValidationException", "UserMigration failed with error not on Sundays.")
		}
		wantError(t, r.forgotPassword("bob"), "UserLambdaValidationException", "UserMigration")
		if len(events) != 3 {
			t.Errorf("%d events", len(events))
		}
		wantError(t, r.administrator().delete("bob"), "UserNotFoundException", "")
	},
}
