package cognitotest

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// poolCode is a code that a pool delivered. Type Code of package cognitotest,
// which has the same fields, says what each means.
type poolCode struct {
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
	codeDigits       = 6
	firstEmailDigits = 8
)

// deliver makes a code and sends it: hooks get it when the call has done its
// work and before it is answered. A made-up user gets none.
func (c *call) deliver(u *user, challengeName string, by delivery, digits int) (poolCode, error) {
	to := u.attributes[by.attribute]
	switch {
	case !u.ghost:
	case addressAttribute(u.soughtName) == by.attribute:
		to = u.soughtName // the service masks what the client typed
	default:
		to = by.example
	}
	if to == "" {
		return poolCode{}, exception.InvalidParameter("the user has no %s to send a code to", by.attribute)
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return poolCode{}, err
	}
	sent := poolCode{
		Username: u.name, Medium: by.medium, Destination: to, Masked: by.mask(to),
		Challenge: challengeName, Code: fmt.Sprintf("%0*d", digits, number),
	}
	if !u.ghost {
		u.lastCode = sent
		c.codes = append(c.codes, sent)
	}
	return sent, nil
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
