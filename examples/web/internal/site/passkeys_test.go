package site

import (
	"regexp"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/internal/passkeytest"
)

var passkeyOptions = regexp.MustCompile(`<input type="hidden" name="credential"[^>]*>`)

// options returns the options for passkeys in the page.
func (b *browser) options() string {
	b.t.Helper()
	return attr(passkeyOptions.FindString(b.body), "data-options")
}

func TestPasskeys(t *testing.T) {
	const origin = "https://example.com"
	each(t, cognitotest.PoolConfig{
		AllowedFirstFactors: []string{"PASSWORD", "WEB_AUTHN"},
		WebAuthn:            &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{origin}},
		Users:               []cognitotest.UserConfig{user("ada")},
	}, func(t *testing.T, r *rig) {
		party := virtualwebauthn.RelyingParty{ID: "example.com", Origin: origin}
		authenticator, key := virtualwebauthn.NewAuthenticator(), passkeytest.NewCredential()

		b := r.browser().signIn("ada").at(200, "Hello, ada")
		b.post("/passkey", nil).at(200, "Add a passkey")
		creation, err := virtualwebauthn.ParseAttestationOptions(b.options())
		if err != nil {
			t.Fatal(err)
		}
		b.submit("credential", virtualwebauthn.CreateAttestationResponse(party, authenticator, key, *creation)).at(200, "Ways to sign in")
		authenticator.AddCredential(key)

		b = r.browser().get("/signin").submit("username", "ada", "way", "passkey").at(200, "Use your passkey")
		request, err := virtualwebauthn.ParseAssertionOptions(b.options())
		if err != nil {
			t.Fatal(err)
		}
		stranger := passkeytest.NewCredential()
		stranger.ID = key.ID
		signedBy := func(c virtualwebauthn.Credential) string {
			return virtualwebauthn.CreateAssertionResponse(party, authenticator, c, *request)
		}
		b.submit("credential", "").at(200, "Use your passkey") // the form of a browser without JavaScript
		b.submit("credential", signedBy(stranger)).at(422, "Sign in").blames(problemExpired)

		b.submit("username", "ada", "way", "passkey").at(200, "Use your passkey")
		if request, err = virtualwebauthn.ParseAssertionOptions(b.options()); err != nil {
			t.Fatal(err)
		}
		b.submit("credential", signedBy(key)).at(200, "Hello, ada")
	})
}

// Without a passkey the user chooses another first factor.
func TestNoPasskeyYet(t *testing.T) {
	r := start(t, cognitotest.PoolConfig{Users: []cognitotest.UserConfig{user("ada")}})
	r.browser().get("/signin").submit("username", "ada", "way", "passkey").at(200, "Choose how to continue")
}
