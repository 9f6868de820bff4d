package account_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

func TestTOTP(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		user := r.user()
		must(t, "a code before the key", user.FinishTOTP(t.Context(), "123456", ""), flow.FactorMissing)
		app, err := user.StartTOTP(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := "otpauth://totp/Big%20Corp:" + "ada?secret=" + app.Secret.Reveal() + "&issuer=Big%20Corp"; app.URI("Big Corp", "ada") != want {
			t.Errorf("the URI is %s, want %s", app.URI("Big Corp", "ada"), want)
		}
		code := r.codeOf(app.Secret)
		must(t, "a wrong code", user.FinishTOTP(t.Context(), otherThan(code), "telephone"), flow.WrongCode)
		must(t, "the code", user.FinishTOTP(t.Context(), code[:3]+" "+code[3:], "telephone"), "")
		must(t, "SetMFA", user.SetMFA(t.Context(), account.MFA{Preferred: challenge.SoftwareTokenMFA}), "")

		step, err := r.driver.Start(t.Context(), flow.UserSRPAuth{Username: r.name, Password: secret.New(password)})
		if err != nil || step.Prompt == nil {
			t.Fatalf("got %v, %v", step, err)
		}
		if c := step.Prompt.Challenge(); c.Name != challenge.SoftwareTokenMFA || c.Parameters["FRIENDLY_DEVICE_NAME"] != "telephone" {
			t.Errorf("asked for %s of %q", c.Name, c.Parameters["FRIENDLY_DEVICE_NAME"])
		}
		r.signIn(password)
	})
}

// Users of other clients report a refused refresh token after the set-up of an authenticator
// app at a remembered device (amplify-js 6283, 7051, 7851).
func TestRefreshAfterTOTPAtADevice(t *testing.T) {
	for name, byAuthFlow := range map[string]bool{"GetTokensFromRefreshToken": false, "REFRESH_TOKEN_AUTH": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "secret", "alias", func(c *cognitotest.PoolConfig) {
				c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
			}, flow.ThisMachine(new(device.Memory)))
			tokens := r.signIn(password)
			if tokens.Device.Key == "" || tokens.Device.State != flow.DeviceConfirmed {
				t.Fatalf("the device is %+v", tokens.Device)
			}
			user := r.accounts.User(tokens)
			app, err := user.StartTOTP(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			must(t, "FinishTOTP", user.FinishTOTP(t.Context(), r.codeOf(app.Secret), ""), "")
			must(t, "SetMFA", user.SetMFA(t.Context(), account.MFA{Preferred: challenge.SoftwareTokenMFA}), "")
			refreshed, err := r.driver.Refresh(t.Context(), tokens, func(o *flow.Options) { o.RefreshByAuthFlow = byAuthFlow })
			if err != nil {
				t.Fatal(err)
			}
			if refreshed.Device.Key != tokens.Device.Key {
				t.Errorf("the device is %q, want %q", refreshed.Device.Key, tokens.Device.Key)
			}
			must(t, "with the new tokens", r.accounts.User(refreshed).SetMFA(t.Context(), account.MFA{Enable: []challenge.Name{challenge.EmailOTP}}), "")
		})
	}
}

func TestTOTPReplies(t *testing.T) {
	for name, test := range map[string]struct {
		api    scripted
		start  flow.Code
		finish flow.Code
	}{
		"good":       {scripted{secretCode: "JBSWY3DP", status: types.VerifySoftwareTokenResponseTypeSuccess}, "", ""},
		"wrong code": {scripted{secretCode: "JBSWY3DP", status: types.VerifySoftwareTokenResponseTypeError}, "", flow.WrongCode},
		"empty":      {scripted{}, flow.UnexpectedReply, flow.UnexpectedReply},
	} {
		user := test.api.asUser(t)
		app, err := user.StartTOTP(t.Context())
		must(t, name+", StartTOTP", err, test.start)
		if err != nil && !app.Secret.IsZero() || err == nil && app.Secret.Reveal() != "JBSWY3DP" {
			t.Errorf("%s: the key is %q", name, app.Secret.Reveal())
		}
		must(t, name+", FinishTOTP", user.FinishTOTP(t.Context(), "123456", ""), test.finish)
	}
	_, err := new(scripted).asUser(t).StartPasskey(t.Context())
	must(t, "StartPasskey", err, flow.UnexpectedReply)
}

func TestNameOfAnApp(t *testing.T) {
	options := func(o *flow.Options) { o.DeviceName = "of the options" }
	for given, want := range map[string]string{"telephone": "telephone", "": "of the options"} {
		api := &scripted{status: types.VerifySoftwareTokenResponseTypeSuccess}
		must(t, given, api.asUser(t, options).FinishTOTP(t.Context(), "123456", given), "")
		if aws.ToString(api.named) != want {
			t.Errorf("%q was sent, want %q", aws.ToString(api.named), want)
		}
	}
	api := &scripted{status: types.VerifySoftwareTokenResponseTypeSuccess}
	must(t, "no name", api.asUser(t).FinishTOTP(t.Context(), "123456", ""), "")
	if api.named != nil {
		t.Errorf("%q was sent", *api.named)
	}
}

// Factors that are not named stay as they are, and so does a preference.
func TestSetMFA(t *testing.T) {
	const on, preferred, off = "on", "preferred", "off"
	for name, test := range map[string]struct {
		mfa   account.MFA
		now   challenge.Name // the preference of the user
		want  string
		reads bool
	}{
		"prefer":                        {account.MFA{Preferred: challenge.EmailOTP}, "SMS_MFA", "EMAIL_OTP preferred", false},
		"prefer one, enable another":    {account.MFA{Preferred: challenge.EmailOTP, Enable: names(challenge.SMSMFA)}, "SMS_MFA", "SMS_MFA on, EMAIL_OTP preferred", false},
		"prefer and enable the same":    {account.MFA{Preferred: challenge.EmailOTP, Enable: names(challenge.EmailOTP)}, "", "EMAIL_OTP preferred", false},
		"enable":                        {account.MFA{Enable: names(challenge.SoftwareTokenMFA)}, "", "SOFTWARE_TOKEN_MFA on", true},
		"enable, another preferred":     {account.MFA{Enable: names(challenge.SoftwareTokenMFA)}, "SMS_MFA", "SOFTWARE_TOKEN_MFA on", true},
		"enable what is preferred":      {account.MFA{Enable: names(challenge.SoftwareTokenMFA, challenge.SMSMFA)}, "SMS_MFA", "SMS_MFA preferred, SOFTWARE_TOKEN_MFA on", true},
		"enable passkeys":               {account.MFA{Enable: names(challenge.WebAuthn)}, "SMS_MFA", "WEB_AUTHN on", false},
		"disable":                       {account.MFA{Disable: names(challenge.SMSMFA, challenge.WebAuthn)}, "SMS_MFA", "SMS_MFA off, WEB_AUTHN off", false},
		"disable and enable, preferred": {account.MFA{Enable: names(challenge.SMSMFA), Disable: names(challenge.EmailOTP)}, "SMS_MFA", "SMS_MFA preferred, EMAIL_OTP off", true},
	} {
		t.Run(name, func(t *testing.T) {
			api := &scripted{}
			if test.reads {
				api.user = &cip.GetUserOutput{PreferredMfaSetting: aws.String(string(test.now))}
			}
			must(t, "SetMFA", api.asUser(t).SetMFA(t.Context(), test.mfa), "")
			var got []string
			add := func(name challenge.Name, enabled, prefer bool) {
				state := off
				switch {
				case prefer && enabled:
					state = preferred
				case enabled:
					state = on
				}
				got = append(got, fmt.Sprint(name, " ", state))
			}
			if s := api.mfa.SMSMfaSettings; s != nil {
				add(challenge.SMSMFA, s.Enabled, s.PreferredMfa)
			}
			if s := api.mfa.EmailMfaSettings; s != nil {
				add(challenge.EmailOTP, s.Enabled, s.PreferredMfa)
			}
			if s := api.mfa.SoftwareTokenMfaSettings; s != nil {
				add(challenge.SoftwareTokenMFA, s.Enabled, s.PreferredMfa)
			}
			if s := api.mfa.WebAuthnMfaSettings; s != nil {
				add(challenge.WebAuthn, s.Enabled, false)
			}
			if strings.Join(got, ", ") != test.want || aws.ToString(api.mfa.AccessToken) != "an-access-token" {
				t.Errorf("sent %q, want %q", got, test.want)
			}
		})
	}
	// The preference is not known, so nothing is changed.
	api := &scripted{}
	must(t, "a preference that cannot be read", api.asUser(t).SetMFA(t.Context(), account.MFA{Enable: names(challenge.SMSMFA)}), flow.ServiceFault)
	if api.mfa != nil {
		t.Error("the setting was sent")
	}
}

func names(list ...challenge.Name) []challenge.Name { return list }

func TestSetMFAAtThePool(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		user := r.user()
		set := func(m account.MFA) error { return user.SetMFA(t.Context(), m) }
		asked := func() challenge.Name {
			step, err := r.driver.Start(t.Context(), flow.UserSRPAuth{Username: r.name, Password: secret.New(password)})
			if err != nil {
				t.Fatal(err)
			}
			if step.Tokens != nil {
				return ""
			}
			return step.Prompt.Challenge().Name
		}
		must(t, "an app that nobody has set up", set(account.MFA{Preferred: challenge.SoftwareTokenMFA}), flow.FactorMissing)
		must(t, "e-mail", set(account.MFA{Preferred: challenge.EmailOTP}), "")
		if name := asked(); name != challenge.EmailOTP {
			t.Errorf("asked for %q", name)
		}
		app, err := user.StartTOTP(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		must(t, "FinishTOTP", user.FinishTOTP(t.Context(), r.codeOf(app.Secret), ""), "")
		must(t, "both", set(account.MFA{Enable: names(challenge.SoftwareTokenMFA, challenge.EmailOTP)}), "")
		if name := asked(); name != challenge.EmailOTP { // still preferred
			t.Errorf("asked for %q", name)
		}
		must(t, "the app alone", set(account.MFA{Disable: names(challenge.EmailOTP)}), "")
		if name := asked(); name != challenge.SoftwareTokenMFA {
			t.Errorf("asked for %q", name)
		}
		must(t, "none", set(account.MFA{Disable: names(challenge.SoftwareTokenMFA)}), "")
		if name := asked(); name != "" {
			t.Errorf("asked for %q", name)
		}
	})
}

func TestPasskeys(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		tokens := r.signIn(password)
		user, key := r.accounts.User(tokens), newPasskey(tokens.Subject)
		options, err := user.StartPasskey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		credential := key.create(t, options)
		r.wire.fail("CompleteWebAuthnRegistration", "WebAuthnChallengeNotFoundException", 1)
		must(t, "a registration that has ended", user.FinishPasskey(t.Context(), credential), flow.PasskeyRefused)
		must(t, "FinishPasskey", user.FinishPasskey(t.Context(), credential), "")
		must(t, "a second time", user.FinishPasskey(t.Context(), credential), flow.PasskeyRefused)

		f := flow.UserAuth{Username: r.name, Preferred: challenge.WebAuthn}
		if _, err := r.driver.SignIn(t.Context(), f, key); err != nil {
			t.Fatal(err)
		}
		list, err := user.Passkeys(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("got %v, %v", list, err)
		}
		var made struct{ ID string }
		if err := json.Unmarshal(credential, &made); err != nil {
			t.Fatal(err)
		}
		k := list[0]
		if k.ID != made.ID || k.Name == "" || k.RelyingParty != party.ID || k.Created.After(r.clock.Now()) || k.Created.Before(r.clock.Now().Add(-time.Hour)) {
			t.Errorf("got %+v", k)
		}
		must(t, "DeletePasskey", user.DeletePasskey(t.Context(), k.ID), "")
		must(t, "DeletePasskey again", user.DeletePasskey(t.Context(), k.ID), "")
		if list, err := user.Passkeys(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("left are %v, %v", list, err)
		}
	})
}

// Numbers and texts of the credential arrive as they were.
func TestCredentialIsSentAsItIs(t *testing.T) {
	r := newRig(t, "public", "name", nil)
	const credential = `{"id":"x","response":{"publicKeyAlgorithm":-7,"transports":["internal","usb"],"authenticatorData":"AAECAwQ"},"clientExtensionResults":{"credProps":{"rk":true}},"n":null}`
	must(t, "FinishPasskey", r.user().FinishPasskey(t.Context(), json.RawMessage(credential)), flow.PasskeyRefused)
	got, err := json.Marshal(r.wire.sentTo("CompleteWebAuthnRegistration")[0]["Credential"])
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal([]byte(credential), &want); err != nil {
		t.Fatal(err)
	}
	if wanted, err := json.Marshal(want); err != nil || string(got) != string(wanted) {
		t.Errorf("sent %s, want %s, %v", got, wanted, err)
	}
}

// The pages of a list are followed, and a list without an end is not.
func TestPagesOfPasskeys(t *testing.T) {
	for pages, want := range map[int]int{1: 1, 3: 3, 100: 100, 101: 0} {
		api := &scripted{pages: pages}
		list, err := api.asUser(t).Passkeys(t.Context())
		if len(list) != want || (err == nil) != (want != 0) || err != nil && !errors.Is(err, flow.UnexpectedReply) {
			t.Errorf("%d pages: %d passkeys, %v", pages, len(list), err)
		}
	}
}
