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
	"github.com/descope/virtualwebauthn"

	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
)

// requireVerification makes the pool demand user verification.
func requireVerification(c *PoolConfig) { c.WebAuthn.UserVerification = "required" }

// unverified is the same authenticator without user verification.
func unverified(k *keyring) *keyring {
	other := *k
	other.Options.UserNotVerified = true
	return &other
}

// verificationIn returns userVerification of the options for a browser.
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

// keyring is an authenticator, of another library than the library of the pool.
type keyring struct {
	virtualwebauthn.Authenticator
	key   virtualwebauthn.Credential
	party virtualwebauthn.RelyingParty
}

func newKeyring(userHandle string) *keyring {
	return &keyring{
		Authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(userHandle)}),
		key:           passkeytest.NewCredential(),
		party:         virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"},
	}
}

// create answers registration options.
func (k *keyring) create(t *testing.T, options document.Interface) string {
	t.Helper()
	var decoded map[string]any
	if err := options.UnmarshalSmithyDocument(&decoded); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := virtualwebauthn.ParseAttestationOptions(string(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return virtualwebauthn.CreateAttestationResponse(k.party, k.Authenticator, k.key, *parsed)
}

func (k *keyring) sign(t *testing.T, options string) string {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		t.Fatalf("%v in %s", err, options)
	}
	k.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(k.party, k.Authenticator, k.key, *parsed)
}

func (r *rig) startRegistration(token *string) (*cip.StartWebAuthnRegistrationOutput, error) {
	return r.sdk.StartWebAuthnRegistration(r.t.Context(), &cip.StartWebAuthnRegistrationInput{AccessToken: token})
}

func (r *rig) completeRegistration(token *string, credential string) error {
	var decoded map[string]any
	if err := json.Unmarshal([]byte(credential), &decoded); err != nil {
		r.t.Fatal(err)
	}
	_, err := r.sdk.CompleteWebAuthnRegistration(r.t.Context(), &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: token, Credential: document.NewLazyDocument(decoded),
	})
	return err
}

// withPasskey registers a passkey for Alice.
func withPasskey(t *testing.T, adjust func(*PoolConfig)) (*rig, *keyring, *string) {
	t.Helper()
	r := newRig(t, func(c *PoolConfig) {
		everyFactor(c)
		c.Users[0].ID = "6b7f5a1e-52b5-4a0e-9d3c-3b8f0c1d2e4f"
		if adjust != nil {
			adjust(c)
		}
	})
	out, err := r.login("alice")
	token := wantTokens(t, out, err).AccessToken
	started, err := r.startRegistration(token)
	if err != nil {
		t.Fatal(err)
	}
	k := newKeyring("6b7f5a1e-52b5-4a0e-9d3c-3b8f0c1d2e4f")
	if err := r.completeRegistration(token, k.create(t, started.CredentialCreationOptions)); err != nil {
		t.Fatal(err)
	}
	return r, k, token
}

func (r *rig) askPasskey() (session, options string) {
	r.t.Helper()
	out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN"})
	if err != nil || out.ChallengeName != "WEB_AUTHN" {
		r.t.Fatalf("%v, %v", out, err)
	}
	return aws.ToString(out.Session), out.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"]
}

func (r *rig) givePasskey(session, credential string) (*cip.RespondToAuthChallengeOutput, error) {
	return r.respond("WEB_AUTHN", session, map[string]string{"USERNAME": "alice", "CREDENTIAL": credential})
}

func TestPasskeySignIn(t *testing.T) {
	r, k, _ := withPasskey(t, nil)
	for range 2 { // the counter of the passkey goes up
		session, options := r.askPasskey()
		var told struct {
			Challenge, RPID  string
			AllowCredentials []struct{ ID, Type string }
		}
		if err := json.Unmarshal([]byte(options), &told); err != nil || told.RPID != "example.com" || len(told.AllowCredentials) != 1 {
			t.Fatalf("options %s: %v", options, err)
		}
		out, err := r.givePasskey(session, k.sign(t, options))
		wantTokens(t, out, err)
	}
}

func TestPasskeyRefusals(t *testing.T) {
	r, k, _ := withPasskey(t, nil)
	_, earlier := r.askPasskey()
	cases := map[string]struct {
		credential    func(options string) string
		name, message string
	}{
		"no JSON":               {func(string) string { return "{" }, "InvalidParameterException", "AuthenticationResponseJSON"},
		"empty JSON":            {func(string) string { return "{}" }, "InvalidParameterException", "AuthenticationResponseJSON"},
		"of another challenge":  {func(string) string { return k.sign(t, earlier) }, "NotAuthorizedException", "CREDENTIAL"},
		"of another origin":     {func(o string) string { return atOrigin(k, "https://evil.example").sign(t, o) }, "NotAuthorizedException", "CREDENTIAL"},
		"for another party":     {func(o string) string { return forParty(k, "evil.example").sign(t, o) }, "NotAuthorizedException", "CREDENTIAL"},
		"by another key":        {func(o string) string { return newKeyring("x").sign(t, o) }, "NotAuthorizedException", "CREDENTIAL"},
		"by a key with that ID": {func(o string) string { return sameID(k).sign(t, o) }, "NotAuthorizedException", "CREDENTIAL"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			session, options := r.askPasskey()
			_, err := r.givePasskey(session, c.credential(options))
			wantError(t, err, c.name, c.message)
		})
	}
	t.Run("with a counter that goes back", func(t *testing.T) {
		session, options := r.askPasskey()
		k.key.Counter = 100
		if _, err := r.givePasskey(session, k.sign(t, options)); err != nil {
			t.Fatal(err)
		}
		session, options = r.askPasskey()
		k.key.Counter = 50
		_, err := r.givePasskey(session, k.sign(t, options))
		wantError(t, err, "NotAuthorizedException", "counter")
	})
}

func atOrigin(k *keyring, origin string) *keyring {
	other := *k
	other.party.Origin = origin
	return &other
}

func forParty(k *keyring, id string) *keyring {
	other := *k
	other.party.ID = id
	return &other
}

// sameID is another key with the credential ID of k.
func sameID(k *keyring) *keyring {
	other := *k
	other.key = passkeytest.NewCredential()
	other.key.ID = k.key.ID
	return &other
}

func TestPasskeyRegistrationRefusals(t *testing.T) {
	r, _, token := withPasskey(t, nil)
	start := func() document.Interface {
		t.Helper()
		out, err := r.startRegistration(token)
		if err != nil {
			t.Fatal(err)
		}
		return out.CredentialCreationOptions
	}
	fresh := newKeyring("x")
	wantError(t, r.completeRegistration(token, `{"id":"x"}`), "InvalidParameterException", "RegistrationResponseJSON")
	earlier := start()
	start()
	wantError(t, r.completeRegistration(token, fresh.create(t, earlier)), "WebAuthnChallengeNotFoundException", "")
	wantError(t, r.completeRegistration(token, atOrigin(fresh, "https://evil.example").create(t, start())), "WebAuthnOriginNotAllowedException", "evil")
	wantError(t, r.completeRegistration(token, forParty(fresh, "evil.example").create(t, start())), "WebAuthnRelyingPartyMismatchException", "")
	options := start()
	if err := r.completeRegistration(token, fresh.create(t, options)); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.completeRegistration(token, fresh.create(t, options)), "WebAuthnChallengeNotFoundException", "")
	wantError(t, r.completeRegistration(token, fresh.create(t, start())), "InvalidParameterException", "already")
	_, err := r.startRegistration(aws.String("no.access.token"))
	wantError(t, err, "NotAuthorizedException", "Access Token")

	const maxPasskeys = 20 // the quota of the service
	for range maxPasskeys - 2 {
		if err := r.completeRegistration(token, newKeyring("x").create(t, start())); err != nil {
			t.Fatal(err)
		}
	}
	_, err = r.startRegistration(token)
	wantError(t, err, "LimitExceededException", "20")
}

func TestPasskeysHaveToBeConfigured(t *testing.T) {
	for name, adjust := range map[string]func(*PoolConfig){
		"WebAuthnNotEnabledException": func(c *PoolConfig) {
			c.WebAuthn = &WebAuthnConfig{RPID: "localhost", Origins: []string{"http://localhost"}}
		},
		"WebAuthnConfigurationMissingException": func(c *PoolConfig) { c.AllowedFirstFactors = []string{"PASSWORD", "WEB_AUTHN"} },
	} {
		r := newRig(t, adjust)
		out, err := r.login("alice")
		_, err = r.startRegistration(wantTokens(t, out, err).AccessToken)
		wantError(t, err, name, "")
	}
}

func TestListAndDeletePasskeys(t *testing.T) {
	r, _, token := withPasskey(t, nil)
	list := func() *cip.ListWebAuthnCredentialsOutput {
		t.Helper()
		out, err := r.sdk.ListWebAuthnCredentials(t.Context(), &cip.ListWebAuthnCredentialsInput{AccessToken: token})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := list().Credentials
	if len(all) != 1 || aws.ToString(all[0].RelyingPartyId) != "example.com" || !aws.ToTime(all[0].CreatedAt).Equal(r.clock.Now()) {
		t.Fatalf("%+v", all)
	}
	remove := func(id *string) error {
		_, err := r.sdk.DeleteWebAuthnCredential(t.Context(), &cip.DeleteWebAuthnCredentialInput{AccessToken: token, CredentialId: id})
		return err
	}
	wantError(t, remove(aws.String("AAAA")), "ResourceNotFoundException", "")
	if err := remove(all[0].CredentialId); err != nil {
		t.Fatal(err)
	}
	if left := list().Credentials; len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	if out, err := r.userAuth("alice", map[string]string{"PREFERRED_CHALLENGE": "WEB_AUTHN"}); err != nil || out.ChallengeName != "SELECT_CHALLENGE" {
		t.Errorf("%v, %v", out, err)
	}
}

// With CredentialInChoice a choice may bring a credential that signs the options of an
// earlier challenge.
func TestCredentialInChoice(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		r, k, _ := withPasskey(t, func(c *PoolConfig) { c.Dialect.CredentialInChoice = allowed })
		_, options := r.askPasskey()
		answer := map[string]string{"ANSWER": "WEB_AUTHN", "CREDENTIAL": k.sign(t, options)}
		out, err := r.choose(answer)
		if !allowed {
			wantError(t, err, "InvalidParameterException", "CREDENTIAL")
			continue
		}
		wantTokens(t, out, err)
		_, err = r.choose(answer) // the pool takes the credential once
		wantError(t, err, "InvalidParameterException", "CREDENTIAL")
	}
}

// If the pool demands user verification, a passkey without verification is not enough.
func TestUserVerification(t *testing.T) {
	for verification, refused := range map[string]bool{"": false, "preferred": false, "required": true} {
		r, k, _ := withPasskey(t, func(c *PoolConfig) { c.WebAuthn.UserVerification = verification })
		session, options := r.askPasskey()
		k.Options.UserNotVerified = true
		out, err := r.givePasskey(session, k.sign(t, options))
		if refused {
			wantError(t, err, "NotAuthorizedException", "CREDENTIAL")
		} else {
			wantTokens(t, out, err)
		}
	}
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
			if want == "preferred" { // the pool takes a passkey without verification
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
		// A deleted passkey does not shift the next page.
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
