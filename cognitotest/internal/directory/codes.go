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
	Example   string // the address of an invented user
}

// DeliveryTo returns the way to send a code to the address in an attribute.
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

// SentCode is a code that an operation or a challenge may take.
type SentCode struct {
	Code string
	By   Delivery
	To   string // the address
	Used bool
	// Until is the end of the code. Zero: the code ends with its session.
	Until time.Time
}

// Use takes a code. The error of a wrong code has the text mismatch, because each operation
// of the service has another text.
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

// Purpose is the operation that takes a code. A user can have one code for each address to
// verify.
type Purpose struct{ Operation, Attribute string }

// life is the lifetime of a code.
func (p Purpose) life() time.Duration {
	if p.Operation == PurposeForgotPassword {
		return time.Hour
	}
	return 24 * time.Hour
}

// KeepCode keeps a code until the operation takes the code. A new code replaces the code
// of the same purpose.
func (p *Pool) KeepCode(u *User, purpose Purpose, sent SentCode) {
	if u.PurposeCodes == nil {
		u.PurposeCodes = make(map[Purpose]*SentCode)
	}
	sent.Until = p.Now().Add(purpose.life())
	u.PurposeCodes[purpose] = &sent
}

// PurposeCode returns the newest code for an operation, or nil.
func (u *User) PurposeCode(operation, attribute string) *SentCode {
	return u.PurposeCodes[Purpose{operation, attribute}]
}

// Code is a code that a pool delivered. cognitotest.Code documents the fields.
type Code struct {
	PoolID      string
	Username    string
	Medium      string
	Destination string
	Masked      string
	Challenge   string
	Code        string
}

// A code has six digits. The code of EMAIL_OTP as the first factor has eight.
const (
	CodeDigits       = 6
	FirstEmailDigits = 8
)

// maskEmail keeps the first character of both parts: "a***@e***".
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

// The names of codes and sessions outside of a sign-in. The codes and sessions of a sign-in
// have the names of challenges.
const (
	PurposeSignUp         = "ConfirmSignUp"
	PurposeSignedUp       = "InitiateAuth after ConfirmSignUp"
	PurposeForgotPassword = "ConfirmForgotPassword"
	PurposeVerify         = "VerifyUserAttribute"
)
