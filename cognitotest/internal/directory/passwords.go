package directory

import (
	"crypto/subtle"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// PasswordPolicy decides which passwords a user may choose. cognitotest.PasswordPolicy
// documents the fields.
type PasswordPolicy struct {
	MinimumLength                 int
	RequireLowercase              bool
	RequireUppercase              bool
	RequireNumbers                bool
	RequireSymbols                bool
	HistorySize                   int
	TemporaryPasswordValidityDays int
}

func (pp PasswordPolicy) validate() error {
	switch {
	case pp.MinimumLength < 0 || pp.MinimumLength > maxPassword:
		return invalid.Field("minimumLength", "%d is not between 1 and %d", pp.MinimumLength, maxPassword)
	case pp.HistorySize < 0:
		return invalid.Field("historySize", "%d is negative", pp.HistorySize)
	case pp.TemporaryPasswordValidityDays < 0:
		return invalid.Field("temporaryPasswordValidityDays", "%d is negative", pp.TemporaryPasswordValidityDays)
	}
	return nil
}

// ServicePolicy is the policy of a new pool of the service.
var ServicePolicy = PasswordPolicy{
	MinimumLength: 8, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true,
	TemporaryPasswordValidityDays: 7,
}

const maxPassword = 256

func (pp PasswordPolicy) violation(password string) string {
	has := func(class func(rune) bool) bool { return slices.ContainsFunc([]rune(password), class) }
	switch length := utf8.RuneCountInString(password); {
	case length < pp.MinimumLength:
		return "Password not long enough"
	case length > maxPassword:
		return "Password too long"
	case strings.TrimSpace(password) != password:
		return "Password must not have leading or trailing spaces"
	case pp.RequireLowercase && !has(func(r rune) bool { return 'a' <= r && r <= 'z' }):
		return "Password must have lowercase characters"
	case pp.RequireUppercase && !has(func(r rune) bool { return 'A' <= r && r <= 'Z' }):
		return "Password must have uppercase characters"
	case pp.RequireNumbers && !has(func(r rune) bool { return '0' <= r && r <= '9' }):
		return "Password must have numeric characters"
	case pp.RequireSymbols && !has(isSymbol):
		return "Password must have symbol characters"
	}
	return ""
}

// isSymbol reports whether r is a special character of the guide. The space is one.
func isSymbol(r rune) bool {
	return r == ' ' || r <= unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// CheckFirstPassword checks the password of a sign-up against the policy. The service has
// another text for a later password.
func (p *Pool) CheckFirstPassword(password string) error {
	if problem := p.Policy.violation(password); problem != "" {
		return exception.New("InvalidPasswordException", "Password did not conform with policy: %s", problem)
	}
	return nil
}

// CheckNewPassword checks a new password against the policy and the history.
func (p *Pool) CheckNewPassword(u *User, password string) error {
	if problem := p.Policy.violation(password); problem != "" {
		return exception.New("InvalidPasswordException", "Password does not conform to policy: %s", problem)
	}
	if slices.Contains(u.passwords[:min(p.Policy.HistorySize, len(u.passwords))], password) {
		return exception.New("PasswordHistoryPolicyViolationException", "Password has previously been used")
	}
	return nil
}

// SetPassword gives the user a new password and a salt.
func (p *Pool) SetPassword(u *User, password string, temporary bool, salt *big.Int) {
	now := p.Now()
	kept := u.passwords[:min(len(u.passwords), max(p.Policy.HistorySize-1, 0))]
	u.passwords = append([]string{password}, kept...)
	u.Temporary, u.passwordSet, u.Modified = temporary, now, now
	u.Credential = srp.NewCredential(p.Name(), p.SRPID(u), password, salt)
}

// TemporaryPassword returns a random password that the policy accepts.
func (p *Pool) TemporaryPassword() string {
	return ("Tt7-" + random.Token(maxPassword))[:max(p.Policy.MinimumLength, 16)]
}

// CheckReset returns an error if the password of the user cannot be reset. A reset needs an
// enabled user with a permanent password and a verified address.
func (u *User) CheckReset() error {
	switch {
	case u.Ghost:
		return nil
	case u.Disabled:
		return exception.NotAuthorized("User is disabled.")
	case u.Temporary:
		return exception.NotAuthorized("User password cannot be reset in the current state.")
	case !u.IsVerified("email") && !u.IsVerified("phone_number"):
		return exception.InvalidParameter("Cannot reset password for the user as there is no registered/verified email or phone_number")
	}
	return nil
}

// SetUserPassword gives the user the password of an administrator. The user becomes
// confirmed. A lockout and a demanded reset end.
func (p *Pool) SetUserPassword(u *User, password string, temporary bool) error {
	if err := p.CheckNewPassword(u, password); err != nil {
		return err
	}
	p.SetPassword(u, password, temporary, srp.NewSalt())
	u.Unconfirmed, u.ResetRequired = false, false
	p.ForgiveFailures(u)
	return nil
}

// DropPassword deletes the password of the user.
func (u *User) DropPassword() { u.passwords, u.Temporary, u.Credential = nil, false, nil }

// Password returns the present password, or an empty string.
func (u *User) Password() string {
	if len(u.passwords) == 0 {
		return ""
	}
	return u.passwords[0]
}

// HasAnyPassword reports whether the user has a password.
func (u *User) HasAnyPassword() bool { return len(u.passwords) > 0 }

// HasPassword reports whether the password is the present one.
func (u *User) HasPassword(password string) bool {
	return len(u.passwords) > 0 && subtle.ConstantTimeCompare([]byte(u.passwords[0]), []byte(password)) == 1
}

// hasExpiredPassword reports whether the temporary password of the user has expired.
func (p *Pool) hasExpiredPassword(u *User) bool {
	days := time.Duration(p.Policy.TemporaryPasswordValidityDays)
	return u.Temporary && p.Now().Sub(u.passwordSet) >= days*24*time.Hour
}

// lockout counts the wrong passwords of one user, or of one unknown name.
type lockout struct {
	failures int
	last     time.Time // the time of the last counted attempt
}

const (
	freeFailures = 5
	lockoutReset = 15 * time.Minute
)

// until is the time from which the pool judges attempts again: one second after the fifth
// failure, then two, four, ... seconds, up to lockoutReset.
func (l lockout) until() time.Time {
	if l.failures < freeFailures {
		return l.last
	}
	// 2^10 seconds are longer than the reset.
	seconds := 1 << min(l.failures-freeFailures, 10)
	return l.last.Add(min(time.Duration(seconds)*time.Second, lockoutReset))
}

// ForgiveFailures ends the lockout of a user.
func (p *Pool) ForgiveFailures(u *User) { p.lockouts.Remove(u.ID) }

// JudgePassword refuses or accepts the password of a sign-in. The caller knows whether the
// password is right. For a wrong password the error tells nothing else about the user.
func (p *Pool) JudgePassword(u *User, right bool) error {
	if err := p.countPassword(u, right, exception.NotAuthorized("Password attempts exceeded")); err != nil {
		return err
	}
	if u.ResetRequired {
		return exception.New("PasswordResetRequiredException", "Password reset required for the user")
	}
	if p.hasExpiredPassword(u) {
		return exception.NotAuthorized("Temporary password has expired and must be reset by an administrator.")
	}
	return u.CheckStatus()
}

// JudgePreviousPassword refuses or accepts the previous password in ChangePassword.
func (p *Pool) JudgePreviousPassword(u *User, right bool) error {
	return p.countPassword(u, right, exception.New("LimitExceededException", "Attempt limit exceeded, please try after some time."))
}

// countPassword refuses and counts a wrong password. After too many wrong passwords
// countPassword returns the error locked.
func (p *Pool) countPassword(u *User, right bool, locked error) error {
	now := p.Now()
	kept, _ := p.lockouts.Get(u.ID)
	l := kept.Value
	if now.Sub(l.last) >= lockoutReset {
		l = lockout{}
	}
	if now.Before(l.until()) {
		return locked
	}
	if !right || u.Ghost {
		p.lockouts.Put(u.ID, lockout{failures: l.failures + 1, last: now}, now, now.Add(lockoutReset))
		return exception.WrongCredentials()
	}
	p.ForgiveFailures(u)
	return nil
}
