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

// PasswordPolicy says which passwords a user may choose. Type PasswordPolicy of
// package cognitotest, which has the same fields, says what each means.
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

// ServicePolicy is what a new pool of the service has.
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

// isSymbol reports whether the guide lists r as a special character, the space
// included.
func isSymbol(r rune) bool {
	return r == ' ' || r <= unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// CheckFirstPassword holds the password of a sign-up against the policy. The
// service words the refusal otherwise than that of a later password.
func (p *Pool) CheckFirstPassword(password string) error {
	if problem := p.Policy.violation(password); problem != "" {
		return exception.New("InvalidPasswordException", "Password did not conform with policy: %s", problem)
	}
	return nil
}

// CheckNewPassword holds a password of a user against the policy and the history.
func (p *Pool) CheckNewPassword(u *User, password string) error {
	if problem := p.Policy.violation(password); problem != "" {
		return exception.New("InvalidPasswordException", "Password does not conform to policy: %s", problem)
	}
	if slices.Contains(u.passwords[:min(p.Policy.HistorySize, len(u.passwords))], password) {
		return exception.New("PasswordHistoryPolicyViolationException", "Password has previously been used")
	}
	return nil
}

// SetPassword gives the user a new password with a salt of its own.
func (p *Pool) SetPassword(u *User, password string, temporary bool, salt *big.Int) {
	now := p.Now()
	kept := u.passwords[:min(len(u.passwords), max(p.Policy.HistorySize-1, 0))]
	u.passwords = append([]string{password}, kept...)
	u.Temporary, u.passwordSet, u.Modified = temporary, now, now
	u.Credential = srp.NewCredential(p.Name(), p.SRPID(u), password, salt)
}

// TemporaryPassword makes up a password that the policy takes.
func (p *Pool) TemporaryPassword() string {
	return ("Tt7-" + random.Token(maxPassword))[:max(p.Policy.MinimumLength, 16)]
}

// CheckReset refuses to reset the password of a user who is disabled, has a temporary
// password, or has no verified address.
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

// SetUserPassword gives the user a password that an administrator chose. The user is
// confirmed then, is not locked out, and need not reset a password.
func (p *Pool) SetUserPassword(u *User, password string, temporary bool) error {
	if err := p.CheckNewPassword(u, password); err != nil {
		return err
	}
	p.SetPassword(u, password, temporary, srp.NewSalt())
	u.Unconfirmed, u.ResetRequired = false, false
	p.ForgiveFailures(u)
	return nil
}

// DropPassword leaves the user without a password.
func (u *User) DropPassword() { u.passwords, u.Temporary, u.Credential = nil, false, nil }

// Password is the present password, "" for none.
func (u *User) Password() string {
	if len(u.passwords) == 0 {
		return ""
	}
	return u.passwords[0]
}

// HasAnyPassword says whether the user can sign in with a password at all.
func (u *User) HasAnyPassword() bool { return len(u.passwords) > 0 }

// HasPassword says whether this is the present password.
func (u *User) HasPassword(password string) bool {
	return len(u.passwords) > 0 && subtle.ConstantTimeCompare([]byte(u.passwords[0]), []byte(password)) == 1
}

// hasExpiredPassword says whether the user did not use a temporary password in
// time.
func (p *Pool) hasExpiredPassword(u *User) bool {
	days := time.Duration(p.Policy.TemporaryPasswordValidityDays)
	return u.Temporary && p.Now().Sub(u.passwordSet) >= days*24*time.Hour
}

// lockout counts the failed passwords of one user, or of a name that nobody
// has.
type lockout struct {
	failures int
	last     time.Time // of the last attempt that counted
}

const (
	freeFailures = 5
	lockoutReset = 15 * time.Minute
)

// until is when the next attempt is judged: after the fifth failure in a
// second, then in two, four, ... up to lockoutReset.
func (l lockout) until() time.Time {
	if l.failures < freeFailures {
		return l.last
	}
	// 2^10 seconds are beyond the reset already.
	seconds := 1 << min(l.failures-freeFailures, 10)
	return l.last.Add(min(time.Duration(seconds)*time.Second, lockoutReset))
}

// ForgiveFailures ends the lockout of a user.
func (p *Pool) ForgiveFailures(u *User) { p.lockouts.Remove(u.ID) }

// JudgePassword decides on the password of a sign-in, of which the caller knows
// whether it is right. Before it is known to be right nothing more is said about
// the user.
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

// JudgePreviousPassword decides on the password that a signed-in user gives in
// order to replace it.
func (p *Pool) JudgePreviousPassword(u *User, right bool) error {
	return p.countPassword(u, right, exception.New("LimitExceededException", "Attempt limit exceeded, please try after some time."))
}

// countPassword refuses a wrong password, and counts it. After too many of them
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
