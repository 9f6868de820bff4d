package cognitotest

import (
	"context"
	"encoding/base64"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/coreos/go-oidc/v3/oidc"
)

func TestDeviceOperations(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	admin, pool, alice := r.pool.AdminClient(), aws.String(r.pool.ID()), aws.String("alice")
	made := r.clock.Now()
	b, result := r.newDevice()
	r.unconfirmed() // a device that no list has
	var keys []string
	for range 3 {
		r.clock.Advance(time.Minute)
		more, _ := r.newDevice()
		keys = append(keys, more.key)
	}

	one, err := r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &b.key})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range one.Device.DeviceAttributes {
		got[*a.Name] = *a.Value
	}
	if got["device_name"] != "browser" || got["device_status"] != "valid" || got["dev:device_remembered_status"] != "remembered" {
		t.Errorf("attributes %v", got)
	}
	if d := one.Device; *d.DeviceKey != b.key || !d.DeviceCreateDate.Equal(made) || !d.DeviceLastAuthenticatedDate.Equal(made) {
		t.Errorf("device %q made %v, last authenticated %v", *d.DeviceKey, d.DeviceCreateDate, d.DeviceLastAuthenticatedDate)
	}

	// The device at the end of the first page is forgotten before the second page.
	page, err := r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(2)})
	if err != nil || len(page.Devices) != 2 || aws.ToString(page.PaginationToken) == "" {
		t.Fatalf("first page: %v, %v", page, err)
	}
	if *page.Devices[0].DeviceKey != b.key || *page.Devices[1].DeviceKey != keys[0] {
		t.Error("the first page has other devices")
	}
	if _, err := r.sdk.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &keys[0]}); err != nil {
		t.Fatal(err)
	}
	page, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(2), PaginationToken: page.PaginationToken})
	if err != nil || len(page.Devices) != 2 || page.PaginationToken != nil {
		t.Fatalf("last page: %v, %v", page, err)
	}
	if *page.Devices[0].DeviceKey != keys[1] || *page.Devices[1].DeviceKey != keys[2] {
		t.Error("the last page has other devices")
	}

	all, err := admin.AdminListDevices(ctx, &cip.AdminListDevicesInput{UserPoolId: pool, Username: alice})
	if err != nil || len(all.Devices) != 3 {
		t.Fatalf("the administrator sees %v, %v", all, err)
	}
	if _, err := admin.AdminUpdateDeviceStatus(ctx, &cip.AdminUpdateDeviceStatusInput{
		UserPoolId: pool, Username: alice, DeviceKey: &b.key, DeviceRememberedStatus: types.DeviceRememberedStatusTypeNotRemembered,
	}); err != nil {
		t.Fatal(err)
	}
	seen, err := admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key})
	if err != nil {
		t.Fatal(err)
	}
	if last := seen.Device.DeviceAttributes[len(seen.Device.DeviceAttributes)-1]; *last.Value != "not_remembered" {
		t.Errorf("%s = %s", *last.Name, *last.Value)
	}
	if _, err := admin.AdminForgetDevice(ctx, &cip.AdminForgetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key}); err != nil {
		t.Fatal(err)
	}
	_, err = admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: alice, DeviceKey: &b.key})
	wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
}

func TestDeviceOperationsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, result := r.newDevice()
	waiting, _ := r.unconfirmed()
	admin, pool := r.pool.AdminClient(), aws.String(r.pool.ID())

	for _, key := range []string{waiting.key, "eu-west-1_0123"} {
		_, err := r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
		_, err = r.sdk.ForgetDevice(ctx, &cip.ForgetDeviceInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
		_, err = r.sdk.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{AccessToken: result.AccessToken, DeviceKey: &key})
		wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
	}
	_, err := r.sdk.UpdateDeviceStatus(ctx, &cip.UpdateDeviceStatusInput{AccessToken: result.AccessToken, DeviceKey: &b.key, DeviceRememberedStatus: "maybe"})
	wantError(t, err, "InvalidParameterException", "deviceRememberedStatus")
	_, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, Limit: aws.Int32(61)})
	wantError(t, err, "InvalidParameterException", "limit")
	for _, page := range []string{"0", "-1", "x"} {
		_, err = r.sdk.ListDevices(ctx, &cip.ListDevicesInput{AccessToken: result.AccessToken, PaginationToken: &page})
		wantError(t, err, "InvalidParameterException", "pagination token")
	}
	_, err = r.sdk.GetDevice(ctx, &cip.GetDeviceInput{AccessToken: aws.String("e30.e30.e30"), DeviceKey: &b.key})
	wantError(t, err, "NotAuthorizedException", "Invalid Access Token")
	_, err = admin.AdminGetDevice(ctx, &cip.AdminGetDeviceInput{UserPoolId: pool, Username: aws.String("nobody"), DeviceKey: &b.key})
	wantError(t, err, "UserNotFoundException", "")
	_, err = r.sdk.AdminListDevices(ctx, &cip.AdminListDevicesInput{UserPoolId: pool, Username: aws.String("alice")})
	wantError(t, err, "MissingAuthenticationTokenException", "")
}

func TestDeviceTakesThePlaceOfTheCode(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, result := r.newDevice()
	claims := r.verified(result.AccessToken, &oidc.Config{SkipClientIDCheck: true})
	if claims["device_key"] != b.key {
		t.Errorf("device_key = %v, want %s", claims["device_key"], b.key)
	}

	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = r.prove(s, b); err != nil {
		t.Fatal(err)
	}
	second := wantTokens(t, s.result, nil)
	if second.NewDeviceMetadata != nil {
		t.Error("a known device got another one")
	}
	if claims := r.verified(second.AccessToken, &oidc.Config{SkipClientIDCheck: true}); claims["device_key"] != b.key {
		t.Errorf("device_key = %v, want %s", claims["device_key"], b.key)
	}
}

func TestDeviceProofIsRefused(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{GroupKeyUnderscore: true}))
	b, _ := r.newDevice()
	for what, wrong := range map[string]browser{
		"password": {b.key, b.group, "other password"},
		"group":    {b.key, b.group[:strings.Index(b.group, "_")], b.password},
	} {
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.prove(s, wrong); err == nil {
			t.Fatalf("a proof with another %s was taken", what)
		}
		wantError(t, err, "NotAuthorizedException", "")
	}
}

// Without ChallengeRequiredOnNewDevice the pool asks for the code, and then for the device.
func TestDeviceAfterTheCode(t *testing.T) {
	r := newRig(t, tracking(DeviceConfiguration{}, Dialect{}))
	b, _ := r.newDevice()
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = r.prove(r.code(s, nil), b); err != nil {
		t.Fatal(err)
	}
	wantTokens(t, s.result, nil)
}

func TestDeviceIsRememberedWhenTheUserSaysSo(t *testing.T) {
	r := newRig(t, tracking(DeviceConfiguration{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true}, Dialect{}))
	b, result := r.unconfirmed()
	out, err := r.confirm(result, b)
	if err != nil || !out.UserConfirmationNecessary {
		t.Fatalf("ConfirmDevice: %v, confirmation necessary: %v", err, out != nil && out.UserConfirmationNecessary)
	}
	for _, status := range []types.DeviceRememberedStatusType{"", "remembered", "not_remembered"} {
		if status != "" {
			if _, err := r.sdk.UpdateDeviceStatus(context.Background(), &cip.UpdateDeviceStatusInput{
				AccessToken: result.AccessToken, DeviceKey: &b.key, DeviceRememberedStatus: status,
			}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		if status == "remembered" {
			if s, err = r.prove(s, b); err != nil {
				t.Fatal(err)
			}
		} else {
			s = r.code(s, map[string]string{"DEVICE_KEY": b.key})
		}
		if tokens := wantTokens(t, s.result, nil); tokens.NewDeviceMetadata != nil {
			t.Errorf("status %q: a known device got another one", status)
		}
	}
}

func TestDeviceKeysThatAreRefused(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) {
		tracking(insteadOfMFA, Dialect{})(c)
		c.MFA = "OPTIONAL"
		c.Users = append(c.Users, UserConfig{Name: "bob", Password: password})
	})
	mine, _ := r.newDevice()
	waiting, _ := r.unconfirmed()
	out, err := r.srp("bob", password)
	if err != nil {
		t.Fatal(err)
	}
	bobs := out.AuthenticationResult
	theirs := browser{*bobs.NewDeviceMetadata.DeviceKey, *bobs.NewDeviceMetadata.DeviceGroupKey, "p"}
	if _, err := r.confirm(bobs, theirs); err != nil {
		t.Fatal(err)
	}
	forgotten, _ := r.newDevice()
	if !r.pool.ForgetDevice(aliceEmail, forgotten.key) || r.pool.ForgetDevice("alice", forgotten.key) || r.pool.ForgetDevice("nobody", mine.key) {
		t.Error("ForgetDevice does not say what it did")
	}
	for what, key := range map[string]string{
		"unknown": "eu-west-1_4f0b2f4e-0000-4000-8000-000000000000", "another user's": theirs.key,
		"forgotten": forgotten.key, "not confirmed": waiting.key, "no key at all": "x",
	} {
		t.Run(what, func(t *testing.T) {
			r := *r
			r.t = t
			_, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": key})
			wantError(t, err, "ResourceNotFoundException", "Device does not exist.")

			out, answer := r.startSRP("alice", password)
			s := authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}
			answer["DEVICE_KEY"] = key
			_, err = r.answer(s, answer)
			wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
			delete(answer, "DEVICE_KEY")
			s = r.mustAnswer(s, answer) // the session takes another answer

			code := r.pool.LastCode("alice").Code
			_, err = r.answer(s, map[string]string{"EMAIL_OTP_CODE": code, "DEVICE_KEY": key})
			wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
			wantTokens(t, r.code(s, nil).result, nil) // the code stays valid
		})
	}

	s, err := r.passwordStep(mine.key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.answer(s, map[string]string{"SRP_A": "abcd"})
	wantError(t, err, "InvalidParameterException", "Missing required parameter DEVICE_KEY")
	_, err = r.answer(s, map[string]string{"SRP_A": "0", "DEVICE_KEY": mine.key})
	wantError(t, err, "InvalidParameterException", "SRP_A")
	r.pool.ForgetDevice("alice", mine.key)
	_, err = r.answer(s, map[string]string{"SRP_A": "abcd", "DEVICE_KEY": mine.key})
	wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
}

// A device can be forgotten between two steps. The next step refuses the device.
func TestDeviceForgottenOnTheWay(t *testing.T) {
	r := newRig(t, tracking(DeviceConfiguration{}, Dialect{}))
	b, _ := r.newDevice()
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	r.pool.ForgetDevice("alice", b.key)
	if tokens := wantTokens(t, r.code(s, nil).result, nil); tokens.NewDeviceMetadata == nil {
		t.Error("no new device took its place")
	}
}

func TestConfirmDevice(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, result := r.unconfirmed()
	good := b.verifier(t, big.NewInt(0x7f))
	n := newSRPClient(t).n
	number := func(n *big.Int) *string {
		return aws.String(base64.StdEncoding.EncodeToString([]byte(signedBytes(n))))
	}
	raw := func(bytes string) *string { return aws.String(base64.StdEncoding.EncodeToString([]byte(bytes))) }
	confirm := func(key string, verifier *types.DeviceSecretVerifierConfigType) error {
		_, err := r.sdk.ConfirmDevice(context.Background(), &cip.ConfirmDeviceInput{
			AccessToken: result.AccessToken, DeviceKey: &key, DeviceSecretVerifierConfig: verifier,
		})
		return err
	}
	for what, verifier := range map[string]*types.DeviceSecretVerifierConfigType{
		"none":                   nil,
		"no salt":                {PasswordVerifier: good.PasswordVerifier},
		"no verifier":            {Salt: good.Salt},
		"salt not base64":        {Salt: aws.String("%"), PasswordVerifier: good.PasswordVerifier},
		"salt below zero":        {Salt: raw("\xff"), PasswordVerifier: good.PasswordVerifier},
		"salt padded":            {Salt: raw("\x00\x7f"), PasswordVerifier: good.PasswordVerifier},
		"verifier zero":          {Salt: good.Salt, PasswordVerifier: number(new(big.Int))},
		"verifier one":           {Salt: good.Salt, PasswordVerifier: number(big.NewInt(1))},
		"verifier N":             {Salt: good.Salt, PasswordVerifier: number(n)},
		"verifier padded":        {Salt: good.Salt, PasswordVerifier: raw("\x00\x7f")},
		"verifier in hex digits": {Salt: good.Salt, PasswordVerifier: aws.String("7f7")},
	} {
		t.Log(what)
		wantError(t, confirm(b.key, verifier), "InvalidParameterException", "")
	}
	wantError(t, confirm("eu-west-1_0123", good), "ResourceNotFoundException", "Device does not exist.")
	if err := confirm(b.key, good); err != nil {
		t.Fatal(err)
	}
	wantError(t, confirm(b.key, good), "DeviceKeyExistsException", "")
}

// With RawDeviceNumbers the pool reads the raw bytes of a device as a number without a
// sign.
func TestRawDeviceNumbers(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{RawDeviceNumbers: true}))
	b, result := r.unconfirmed()
	verifier := b.verifier(t, big.NewInt(0xff))
	verifier.Salt = aws.String(base64.StdEncoding.EncodeToString([]byte{0xff})) // the device hashed 00 ff
	if err := r.confirmWith(result, b, verifier); err != nil {
		t.Fatal(err)
	}
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = r.prove(s, b); err != nil {
		t.Fatal(err)
	}
	wantTokens(t, s.result, nil)
}

func TestRefreshNeedsTheDevice(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, result := r.newDevice()
	if err := r.refreshAt(b.key, result); err != nil {
		t.Fatal(err)
	}
	other, _ := r.newDevice()
	err := r.refreshAt("", result)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	err = r.refreshAt(other.key, result)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	err = r.refreshAt("eu-west-1_4f0b2f4e-0000-4000-8000-000000000000", result)
	wantError(t, err, "ResourceNotFoundException", "Device does not exist.")

	waiting, unconfirmed := r.unconfirmed()
	err = r.refreshAt(waiting.key, unconfirmed)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")

	r.pool.ForgetDevice("alice", b.key)
	err = r.refreshAt(b.key, result)
	wantError(t, err, "ResourceNotFoundException", "Device does not exist.")
	err = r.refreshAt("", result)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
}

// A pool tracks devices in each auth flow.
func TestDevicesWithoutSRP(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	out, err := r.login("alice")
	if err != nil {
		t.Fatal(err)
	}
	result := wantTokens(t, r.code(authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}, nil).result, nil)
	if result.NewDeviceMetadata == nil {
		t.Error("no new device came with the tokens")
	}
	b, _ := r.newDevice()
	out, err = r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": b.key})
	if err != nil {
		t.Fatal(err)
	}
	r.wantStep(authStep{name: out.ChallengeName}, "DEVICE_SRP_AUTH")
}

func TestDeviceAfterPasswordless(t *testing.T) {
	for _, asks := range []bool{false, true} {
		r := newRig(t, func(c *PoolConfig) {
			tracking(insteadOfMFA, Dialect{DeviceAfterPasswordless: asks})(c)
			c.Clients[0].AuthFlows = append(c.Clients[0].AuthFlows, "ALLOW_USER_AUTH")
			c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
		})
		b, _ := r.newDevice()
		out, err := r.initiate("USER_AUTH", map[string]string{"USERNAME": "alice", "PREFERRED_CHALLENGE": "EMAIL_OTP", "DEVICE_KEY": b.key})
		if err != nil {
			t.Fatal(err)
		}
		s := r.code(authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}, nil)
		if asks {
			if s, err = r.prove(s, b); err != nil {
				t.Fatal(err)
			}
		}
		if tokens := wantTokens(t, s.result, nil); tokens.NewDeviceMetadata != nil {
			t.Error("a known device got another one")
		}
	}
}

func TestDeviceRefreshAfterAdmin(t *testing.T) {
	for _, works := range []bool{false, true} {
		r := newRig(t, tracking(DeviceConfiguration{}, Dialect{DeviceRefreshAfterAdmin: works}))
		b, _ := r.newDevice()
		admin, ctx := r.pool.AdminClient(), context.Background()
		out, err := admin.AdminInitiateAuth(ctx, &cip.AdminInitiateAuthInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: &r.app, AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
		if err != nil {
			t.Fatal(err)
		}
		answered, err := admin.AdminRespondToAuthChallenge(ctx, &cip.AdminRespondToAuthChallengeInput{
			UserPoolId: aws.String(r.pool.ID()), ClientId: &r.app, ChallengeName: out.ChallengeName, Session: out.Session,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": r.pool.LastCode("alice").Code},
		})
		if err != nil {
			t.Fatal(err)
		}
		result := wantTokens(t, answered, nil)
		b.key, b.group = *result.NewDeviceMetadata.DeviceKey, *result.NewDeviceMetadata.DeviceGroupKey
		if _, err := r.confirm(result, b); err != nil {
			t.Fatal(err)
		}
		if err := r.refreshAt(b.key, result); works != (err == nil) {
			t.Errorf("the refresh should work: %v; got %v", works, err)
		}
	}
}

func TestDeviceParameters(t *testing.T) {
	for parameters, want := range map[string][2]string{
		"":     {"", "DEVICE_KEY SALT SECRET_BLOCK SRP_B USERNAME"},
		"ALL":  {"DEVICE_KEY USERNAME USER_ID_FOR_SRP", "DEVICE_KEY SALT SECRET_BLOCK SRP_B USERNAME USER_ID_FOR_SRP"},
		"NONE": {"", "SALT SECRET_BLOCK SRP_B"},
	} {
		r := newRig(t, tracking(insteadOfMFA, Dialect{Parameters: parameters}))
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		if got := listKeys(s.parameters); got != want[0] {
			t.Errorf("%q: DEVICE_SRP_AUTH has %q, want %q", parameters, got, want[0])
		}
		s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": newSRPClient(t).publicA.Text(16)})
		if got := listKeys(s.parameters); got != want[1] {
			t.Errorf("%q: DEVICE_PASSWORD_VERIFIER has %q, want %q", parameters, got, want[1])
		}
	}
}

// listKeys returns the sorted keys of a map.
func listKeys(m map[string]string) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }

// A proof is valid only for the device that the challenge names.
func TestProofForAnotherDevice(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{}))
	b, _ := r.newDevice()
	other, _ := r.newDevice()
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	half := newSRPClient(t)
	s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": half.publicA.Text(16)})
	claim := r.deviceClaim(half, s, b)
	claim["DEVICE_KEY"] = other.key
	_, err = r.answer(s, claim)
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

// The dialect may demand the sessions of device challenges.
func TestDeviceWithoutSession(t *testing.T) {
	r := newRig(t, tracking(insteadOfMFA, Dialect{Session: "ALWAYS"}))
	b, _ := r.newDevice()
	s, err := r.passwordStep(b.key)
	if err != nil {
		t.Fatal(err)
	}
	s.session = ""
	_, err = r.answer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": "abcd"})
	wantError(t, err, "InvalidParameterException", "Session")
}

// Devices that no client confirms do not fill the pool.
func TestUnconfirmedDevicesAreBounded(t *testing.T) {
	r := newRig(t, func(c *PoolConfig) { c.DeviceConfiguration = &DeviceConfiguration{} })
	var last *types.AuthenticationResultType
	const maxUnconfirmedDevices = 100
	for range maxUnconfirmedDevices + 20 {
		last = r.tokens()
	}
	if got := len(r.pool.state.LookUp("alice").Devices); got != maxUnconfirmedDevices {
		t.Errorf("%d devices wait, want %d", got, maxUnconfirmedDevices)
	}
	b := browser{aws.ToString(last.NewDeviceMetadata.DeviceKey), aws.ToString(last.NewDeviceMetadata.DeviceGroupKey), "device password"}
	if _, err := r.confirm(last, b); err != nil {
		t.Errorf("the newest of them: %v", err)
	}
}

var evidenceOfDevices = map[string]func(*testing.T){
	"devices after USER_PASSWORD_AUTH": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		out, err := r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": b.key})
		begun(t, out, err, "DEVICE_SRP_AUTH")
	},
	"devices after a passwordless first factor": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) {
			tracking(insteadOfMFA, Dialect{})(c)
			everyFactor(c)
		})
		b, _ := r.newDevice()
		out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP", "DEVICE_KEY": b.key})
		begun(t, out, err, "EMAIL_OTP")
		wantTokens(t, r.code(authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}, nil).result, nil)
	},
	"parameters of the device challenges": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, _ := r.newDevice()
		s, err := r.passwordStep(b.key)
		if err != nil {
			t.Fatal(err)
		}
		wantKeys(t, s.parameters, "")
		s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": "abcd"})
		wantKeys(t, s.parameters, "DEVICE_KEY SALT SECRET_BLOCK SRP_B USERNAME")
	},
	"DeviceGroupKey": func(t *testing.T) {
		form := regexp.MustCompile(`^-[0-9A-Za-z]{8}$`)
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		if b, _ := r.unconfirmed(); !form.MatchString(b.group) {
			t.Errorf("group key %q", b.group)
		}
	},
	"numbers of ConfirmDevice not in two's complement": func(t *testing.T) {
		r := newRig(t, tracking(insteadOfMFA, Dialect{}))
		b, result := r.unconfirmed()
		config := b.verifier(t, fromHex(t, "ff0123456789abcdef0123456789abcd"))
		config.Salt = aws.String("/wEjRWeJq83vASNFZ4mrzQ==") // ff01...cd without a sign byte
		wantError(t, r.confirmWith(result, b, config), "InvalidParameterException", "Salt")
	},
	"refresh after an administrator's sign-in, tracked devices": func(t *testing.T) {
		r := newRig(t, func(c *PoolConfig) { c.DeviceConfiguration = &DeviceConfiguration{} })
		result := r.adminTokens()
		b := browser{aws.ToString(result.NewDeviceMetadata.DeviceKey), aws.ToString(result.NewDeviceMetadata.DeviceGroupKey), "device password"}
		if _, err := r.confirm(result, b); err != nil {
			t.Fatal(err)
		}
		wantError(t, r.refreshAt(b.key, result), "NotAuthorizedException", "Invalid Refresh Token")
	},
}
