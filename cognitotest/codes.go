package cognitotest

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Code is a code that the pool delivered.
type Code struct {
	// Username is the user's name, not an alias.
	Username string
	// Medium is "SMS" or "EMAIL".
	Medium string
	// Destination is where the code went, Masked what the client was shown.
	Destination, Masked string
	// Challenge is the challenge that the code answers, or the operation that
	// takes it: "ConfirmSignUp" or "ConfirmForgotPassword".
	Challenge string
	// Code is the code itself: six digits, or eight where EMAIL_OTP is the
	// first factor of a sign-in.
	Code string
}

// A code has six digits. The code of EMAIL_OTP has eight if a sign-in begins
// with it.
const (
	codeDigits       = 6
	firstEmailDigits = 8
)

// deliver makes a code and sends it: hooks get it when the call has done its
// work and before it is answered. A made-up user gets none.
func (c *call) deliver(u *user, challengeName string, by delivery, digits int) (Code, error) {
	to := u.attributes[by.attribute]
	switch {
	case !u.ghost:
	case addressAttribute(u.soughtName) == by.attribute:
		to = u.soughtName // the service masks what the client typed
	default:
		to = by.example
	}
	if to == "" {
		return Code{}, exception.InvalidParameter("the user has no %s to send a code to", by.attribute)
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return Code{}, err
	}
	sent := Code{
		Username: u.name, Medium: by.medium, Destination: to, Masked: by.mask(to),
		Challenge: challengeName, Code: fmt.Sprintf("%0*d", digits, number),
	}
	if !u.ghost {
		u.lastCode = sent
		c.codes = append(c.codes, sent)
	}
	return sent, nil
}

// LastCode returns the code last delivered to a user, the zero Code if there
// was none. The user is known by what the user signs in with (the name, an
// alias, the address in a pool with UsernameAttributes) and by the sub.
// LastCode panics if there is no such user. Delivery is synchronous: the code
// is there before the response that announces it.
func (p *Pool) LastCode(username string) Code {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mustLookUp("LastCode", username).lastCode
}

// mustLookUp finds the user that a test asks for.
func (p *Pool) mustLookUp(method, username string) *user {
	u := p.lookUp(username)
	if u == nil {
		panic(fmt.Sprintf("cognitotest: %s: no user %q", method, username))
	}
	return u
}

// maskEmail keeps the first character of either part: "a***@e***".
func maskEmail(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	first := func(s string) string {
		for _, r := range s {
			return string(r)
		}
		return ""
	}
	return first(local) + "***@" + first(domain) + "***"
}

// maskPhone keeps the last four digits: "+*******1234".
func maskPhone(number string) string {
	return "+*******" + number[max(0, len(number)-4):]
}

func noTOTP() error {
	return exception.New("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the user.")
}

// TOTP returns what the user's authenticator app shows at the pool's time. The
// user is known by the same names as in [Pool.LastCode]. TOTP panics if there
// is no such user, and if the user has no app. A code works once: between two
// sign-ins the clock has to move on by 30 seconds.
func (p *Pool) TOTP(username string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.mustLookUp("TOTP", username)
	if u.totp == nil {
		panic(fmt.Sprintf("cognitotest: TOTP: user %q has no TOTP secret", username))
	}
	return u.totp.Shown(p.now())
}
