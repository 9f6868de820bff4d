package directory

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Passkey is a credential that a user has registered.
type Passkey struct {
	webauthn.Credential
	Number  int // the place in the list of the user
	Created time.Time
}

// AddPasskey gives the user a passkey.
func (u *User) AddPasskey(made webauthn.Credential, now time.Time) {
	u.lastPasskey++
	u.Passkeys = append(u.Passkeys, Passkey{Credential: made, Number: u.lastPasskey, Created: now})
}

// PasskeyOwner is a user for the WebAuthn library.
type PasskeyOwner struct{ *User }

// WebAuthnID is the user handle: the sub.
func (u PasskeyOwner) WebAuthnID() []byte { return []byte(u.ID) }

// WebAuthnName is the user name.
func (u PasskeyOwner) WebAuthnName() string { return u.Name }

// WebAuthnDisplayName is the user name too.
func (u PasskeyOwner) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials are the passkeys of the user.
func (u PasskeyOwner) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, k := range u.Passkeys {
		list = append(list, k.Credential)
	}
	return list
}

// passkeyTimeout is the timeout in the options for the browser.
var passkeyTimeout = webauthn.TimeoutConfig{Timeout: 3 * time.Minute, TimeoutUVD: 3 * time.Minute}

// PasskeyRegistration is the registration of a passkey that waits for its end.
type PasskeyRegistration struct {
	*webauthn.SessionData
	Client *Client // the app client that began the registration
	Until  time.Time
}

// RegistrationUntil is the latest end of a registration that begins now.
func (p *Pool) RegistrationUntil() time.Time { return p.Now().Add(passkeyTimeout.Timeout) }

// NewWebAuthn makes the relying party of passkeys. The user verification is "preferred" or
// "required". Empty is "preferred". An error tells the mistake in the ID or in the origins.
func NewWebAuthn(rpID string, origins []string, userVerification string) (*webauthn.WebAuthn, error) {
	verification := cmp.Or(protocol.UserVerificationRequirement(userVerification), protocol.VerificationPreferred)
	return webauthn.New(&webauthn.Config{
		RPID: rpID, RPDisplayName: rpID, RPOrigins: origins,
		Timeouts: webauthn.TimeoutsConfig{Login: passkeyTimeout, Registration: passkeyTimeout},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: verification,
		},
	})
}

// Explained returns the whole text of an error of the WebAuthn library. The method Error of
// the library returns a part.
func Explained(err error) string {
	if e, ok := err.(*protocol.Error); ok {
		return e.Details + " " + e.DevInfo
	}
	return err.Error()
}

// FindPasskey returns the index of a passkey of the user, or -1.
func (u *User) FindPasskey(id []byte) int {
	return slices.IndexFunc(u.Passkeys, func(k Passkey) bool { return bytes.Equal(k.ID, id) })
}

// HasPasskey reports whether a user of the pool has the credential.
func (p *Pool) HasPasskey(id []byte) bool {
	for _, u := range p.subs {
		if u.FindPasskey(id) >= 0 {
			return true
		}
	}
	return false
}

// WebAuthnMissing is the exception of a pool without a relying party.
func WebAuthnMissing() error {
	return exception.New("WebAuthnConfigurationMissingException", "the user pool has no relying party ID")
}
