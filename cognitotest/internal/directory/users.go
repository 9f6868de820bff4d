package directory

import (
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

// TOTPSetup is the state of the set-up of an authenticator app. During a sign-in the session
// of MFA_SETUP holds the state.
type TOTPSetup struct {
	TOTP     *totp.App
	Verified bool
}

// User is one user of a pool. The lock of the pool guards the fields. A new credential
// replaces the old one: nothing changes a credential.
type User struct {
	Name, ID   string
	Ghost      bool   // invented for an unknown name
	SoughtName string // the unknown name
	Attributes map[string]string
	Groups     []*Group // the first joined group first

	passwords   []string // the present one first, empty for a user without a password
	Temporary   bool
	passwordSet time.Time
	Credential  *srp.Credential

	MFA          []string
	PreferredMFA string
	TOTP         *totp.App
	TOTPSetup    TOTPSetup // a set-up with an access token
	Passkeys     []Passkey
	Registration *PasskeyRegistration  // the newest registration
	Assertion    *webauthn.SessionData // the newest challenge for a passkey
	PurposeCodes map[Purpose]*SentCode
	Sent         []Code    // the newest code last, see Deliver
	Devices      []*Device // the oldest first, with unconfirmed ones
	lastDevice   int       // the number of the newest device
	lastPasskey  int       // the number of the newest passkey

	signOuts int // the number of revocations of all tokens

	Disabled, Unconfirmed, ResetRequired bool

	Created, Modified time.Time
	number            int // the place in the list of users, 0 outside of the pool
	deleted           bool
}

// maxSent is the size of the mailbox of a user.
const maxSent = 100

// Deliver puts a code into the mailbox of the user. A full mailbox drops its oldest code.
func (u *User) Deliver(c Code) { u.Sent = append(u.Sent[max(0, len(u.Sent)-maxSent+1):], c) }

// CheckStatus returns an error if the user may not sign in. The service checks the status
// before it judges a password.
func (u *User) CheckStatus() error {
	switch {
	case u.Ghost:
		return exception.WrongCredentials()
	case u.deleted:
		return NoSuchUser()
	case u.Disabled:
		return exception.NotAuthorized("User is disabled.")
	case u.Unconfirmed:
		return exception.New("UserNotConfirmedException", "User is not confirmed.")
	}
	return nil
}

// NoSuchUser is the exception for an unknown name and for a deleted user.
func NoSuchUser() error { return exception.New("UserNotFoundException", "User does not exist.") }

// Status is UserStatus, as administrators see it.
func (u *User) Status() string {
	switch {
	case u.Unconfirmed:
		return "UNCONFIRMED"
	case u.ResetRequired:
		return "RESET_REQUIRED"
	case u.Temporary:
		return "FORCE_CHANGE_PASSWORD"
	}
	return "CONFIRMED"
}

// CountUsers counts the users of the pool.
func (p *Pool) CountUsers() int { return len(p.subs) }

// SignOut revokes all tokens of the user.
func (u *User) SignOut() { u.signOuts++ }
