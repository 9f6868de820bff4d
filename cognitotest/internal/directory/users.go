package directory

import (
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

// TOTPSetup is the set-up of an authenticator app, as far as it has got. In
// the course of a sign-in the session of MFA_SETUP holds it.
type TOTPSetup struct {
	TOTP     *totp.App
	Verified bool
}

// User is one user of a pool. The pool's lock guards the fields. A credential is
// replaced, not changed.
type User struct {
	Name, ID   string
	Ghost      bool   // made up for a name that nobody has
	SoughtName string // that name
	Attributes map[string]string
	Groups     []*Group // in the order in which the user joined

	passwords   []string // the present one first; none: cannot use a password
	Temporary   bool
	passwordSet time.Time
	Credential  *srp.Credential

	MFA          []string
	PreferredMFA string
	TOTP         *totp.App
	TOTPSetup    TOTPSetup // by the user's own access token
	Passkeys     []Passkey
	Registration *PasskeyRegistration  // the last one
	Assertion    *webauthn.SessionData // last asked of a passkey
	PurposeCodes map[Purpose]*SentCode
	Sent         []Code    // the newest last, see Deliver
	Devices      []*Device // oldest first, those not confirmed included
	lastDevice   int       // the number of the newest device
	lastPasskey  int       // the number of the newest passkey

	signOuts int // how often all tokens were taken back

	Disabled, Unconfirmed, ResetRequired bool

	Created, Modified time.Time
	number            int // in the order in which users came; 0: not in the pool yet
	deleted           bool
}

// maxSent bounds how many codes a user's mailbox holds.
const maxSent = 100

// Deliver puts a code into the user's mailbox. The oldest one goes if it is full.
func (u *User) Deliver(c Code) { u.Sent = append(u.Sent[max(0, len(u.Sent)-maxSent+1):], c) }

// CheckStatus says whether a user may sign in, or go on to do so. The service
// asks before it judges a password.
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

// NoSuchUser is the exception for a name that nobody has, and for a deleted user.
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

// SignOut takes back all tokens that the user has.
func (u *User) SignOut() { u.signOuts++ }
