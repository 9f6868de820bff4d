package directory

import (
	"crypto/subtle"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Delivery is a way to send codes.
type Delivery struct {
	Medium    string
	Attribute string // the user attribute with the address
	Mask      func(string) string
	Example   string // an address for users who are made up
}

// DeliveryTo is the way to send a code to the address in an attribute.
func DeliveryTo(attribute string) (Delivery, bool) {
	for _, by := range []Delivery{Email, SMS} {
		if by.Attribute == attribute {
			return by, true
		}
	}
	return Delivery{}, false
}

// The ways to send codes.
var (
	SMS   = Delivery{"SMS", "phone_number", maskPhone, "+15550100199"}
	Email = Delivery{"EMAIL", "email", maskEmail, "somebody@example.com"}
)

// SentCode is a code that waits to be used.
type SentCode struct {
	Code string
	By   Delivery
	To   string // the address
	Used bool
	// Until is when the code expires. Zero: with the session that it belongs to.
	Until time.Time
}

// Use takes a code. A wrong one is refused with the text mismatch: the
// service has another one for each operation.
func (s *SentCode) Use(code, mismatch string, now time.Time) error {
	switch {
	case s == nil, subtle.ConstantTimeCompare([]byte(code), []byte(s.Code)) != 1:
		return exception.New("CodeMismatchException", "%s", mismatch)
	case s.Used, !s.Until.IsZero() && !now.Before(s.Until):
		return exception.New("ExpiredCodeException", "Invalid code provided, please request a code again.")
	}
	s.Used = true
	return nil
}

// Purpose says which operation takes a code. A user can have a code for each
// address that is to be verified.
type Purpose struct{ Operation, Attribute string }

// life is how long a code is good.
func (p Purpose) life() time.Duration {
	if p.Operation == PurposeForgotPassword {
		return time.Hour
	}
	return 24 * time.Hour
}

// KeepCode keeps a code until the operation takes it. Only the last one is good.
func (p *Pool) KeepCode(u *User, purpose Purpose, sent SentCode) {
	if u.PurposeCodes == nil {
		u.PurposeCodes = make(map[Purpose]*SentCode)
	}
	sent.Until = p.Now().Add(purpose.life())
	u.PurposeCodes[purpose] = &sent
}

// PurposeCode returns the code last sent for an operation, nil if there is none.
func (u *User) PurposeCode(operation, attribute string) *SentCode {
	return u.PurposeCodes[Purpose{operation, attribute}]
}

// Code is a code that a pool delivered. Type Code of package cognitotest,
// which has the same fields, says what each means.
type Code struct {
	PoolID      string
	Username    string
	Medium      string
	Destination string
	Masked      string
	Challenge   string
	Code        string
}

// A code has six digits. The code of EMAIL_OTP has eight if a sign-in begins
// with it.
const (
	CodeDigits       = 6
	FirstEmailDigits = 8
)

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

// The names by which codes and sessions of the sign-up and of the change of a
// forgotten password are known; those of sign-ins are named after challenges.
const (
	PurposeSignUp         = "ConfirmSignUp"
	PurposeSignedUp       = "InitiateAuth after ConfirmSignUp"
	PurposeForgotPassword = "ConfirmForgotPassword"
	PurposeVerify         = "VerifyUserAttribute"
)
