package cognitotest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// requireVerification makes the pool take no passkey without user verification.
func requireVerification(c *PoolConfig) { c.WebAuthn.UserVerification = "required" }

// unverified is the same authenticator, which has verified nobody.
func unverified(k *keyring) *keyring {
	other := *k
	other.Options.UserNotVerified = true
	return &other
}

// verificationIn is the user verification that options for a browser ask for.
func verificationIn(t *testing.T, options document.Interface) string {
	t.Helper()
	var decoded struct {
		AuthenticatorSelection struct {
			UserVerification string `document:"userVerification"`
		} `document:"authenticatorSelection"`
	}
	if err := options.UnmarshalSmithyDocument(&decoded); err != nil {
		t.Fatal(err)
	}
	return decoded.AuthenticatorSelection.UserVerification
}

var evidenceOfPasskeys = map[string]func(*testing.T){
	"UserVerification": func(t *testing.T) {
		for want, adjust := range map[string]func(*PoolConfig){"preferred": nil, "required": requireVerification} {
			r, k, token := withPasskey(t, adjust)
			started, err := r.startRegistration(token)
			if err != nil {
				t.Fatal(err)
			}
			if got := verificationIn(t, started.CredentialCreationOptions); got != want {
				t.Errorf("registration %q, want %q", got, want)
			}
			session, options := r.askPasskey()
			var told struct{ UserVerification string }
			if err := json.Unmarshal([]byte(options), &told); err != nil || told.UserVerification != want {
				t.Errorf("sign-in %q, want %q: %v", told.UserVerification, want, err)
			}
			if want == "preferred" { // one that has none is taken
				out, err := r.givePasskey(session, unverified(k).sign(t, options))
				wantTokens(t, out, err)
			}
		}
		config := PoolConfig{Clients: []ClientConfig{{ID: "app"}}, WebAuthn: &WebAuthnConfig{RPID: "localhost", Origins: []string{"http://localhost"}}}
		config.WebAuthn.UserVerification = "discouraged"
		if _, err := NewServer(config); err == nil || err.Error() != `pools[0].webauthn.userVerification: "discouraged" is none of preferred, required` {
			t.Errorf("error %v", err)
		}
	},
	"UserVerification required, registration": func(t *testing.T) {
		r, _, token := withPasskey(t, requireVerification)
		started, err := r.startRegistration(token)
		if err != nil {
			t.Fatal(err)
		}
		other := newKeyring("6b7f5a1e-52b5-4a0e-9d3c-3b8f0c1d2e4f")
		wantError(t, r.completeRegistration(token, unverified(other).create(t, started.CredentialCreationOptions)), "WebAuthnCredentialNotSupportedException", "")
		if err := r.completeRegistration(token, other.create(t, started.CredentialCreationOptions)); err != nil {
			t.Error(err)
		}
	},
	"UserVerification required, sign-in": func(t *testing.T) {
		r, k, _ := withPasskey(t, requireVerification)
		session, options := r.askPasskey()
		_, err := r.givePasskey(session, unverified(k).sign(t, options))
		wantError(t, err, "NotAuthorizedException", "CREDENTIAL")
		session, options = r.askPasskey()
		out, err := r.givePasskey(session, k.sign(t, options))
		wantTokens(t, out, err)
	},
	"WebAuthnMfaSettings": func(t *testing.T) {
		r, _, token := withPasskey(t, nil)
		set := func(enabled bool) error {
			_, err := r.sdk.SetUserMFAPreference(t.Context(), &cip.SetUserMFAPreferenceInput{
				AccessToken: token, WebAuthnMfaSettings: &types.WebAuthnMfaSettingsType{Enabled: enabled},
			})
			return err
		}
		wantError(t, set(true), "InvalidParameterException", "WebAuthnMfaSettings")
		if err := set(false); err != nil {
			t.Error(err)
		}
	},
	"a registration that is too old": func(t *testing.T) {
		r, _, token := withPasskey(t, nil)
		for age, want := range map[time.Duration]string{3*time.Minute - time.Second: "", 3 * time.Minute: "WebAuthnChallengeNotFoundException"} {
			started, err := r.startRegistration(token)
			if err != nil {
				t.Fatal(err)
			}
			r.clock.Advance(age)
			err = r.completeRegistration(token, newKeyring("x").create(t, started.CredentialCreationOptions))
			if want != "" {
				wantError(t, err, want, "")
			} else if err != nil {
				t.Error(err)
			}
		}
	},
	"a registration that another app client began": func(t *testing.T) {
		r, _, token := withPasskey(t, nil)
		other := r.withSecret()
		out, err := other.login("alice")
		begun := wantTokens(t, out, err).AccessToken
		started, err := r.startRegistration(begun)
		if err != nil {
			t.Fatal(err)
		}
		credential := newKeyring("x").create(t, started.CredentialCreationOptions)
		wantError(t, r.completeRegistration(token, credential), "WebAuthnClientMismatchException", "")
		if err := r.completeRegistration(begun, credential); err != nil {
			t.Error(err)
		}
	},
	"pages of ListWebAuthnCredentials": func(t *testing.T) {
		r, _, token := withPasskey(t, nil)
		for range 2 {
			started, err := r.startRegistration(token)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.completeRegistration(token, newKeyring("x").create(t, started.CredentialCreationOptions)); err != nil {
				t.Fatal(err)
			}
		}
		page := func(size *int32, next *string) (ids []string, _ *string) {
			t.Helper()
			out, err := r.sdk.ListWebAuthnCredentials(t.Context(), &cip.ListWebAuthnCredentialsInput{AccessToken: token, MaxResults: size, NextToken: next})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out.Credentials {
				ids = append(ids, *c.CredentialId)
			}
			return ids, out.NextToken
		}
		all, next := page(nil, nil)
		if len(all) != 3 || next != nil {
			t.Fatalf("without a limit: %q, next %v", all, next)
		}
		first, next := page(aws.Int32(2), nil)
		if !slices.Equal(first, all[:2]) || next == nil {
			t.Fatalf("the first page: %q of %q, next %v", first, all, next)
		}
		// A passkey that goes does not shift the next page.
		if _, err := r.sdk.DeleteWebAuthnCredential(t.Context(), &cip.DeleteWebAuthnCredentialInput{AccessToken: token, CredentialId: &all[0]}); err != nil {
			t.Fatal(err)
		}
		if second, next := page(aws.Int32(2), next); !slices.Equal(second, all[2:]) || next != nil {
			t.Errorf("the second page: %q of %q, next %v", second, all, next)
		}
		_, err := r.sdk.ListWebAuthnCredentials(t.Context(), &cip.ListWebAuthnCredentialsInput{AccessToken: token, MaxResults: aws.Int32(21)})
		wantError(t, err, "InvalidParameterException", "less than or equal to 20")
	},
}
