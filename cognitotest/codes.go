package cognitotest

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// deliver makes a code and sends it: hooks get it when the call has done its
// work and before it is answered. A made-up user gets none.
func (c *call) deliver(u *directory.User, challengeName string, by directory.Delivery, digits int) (directory.Code, error) {
	to := u.Attributes[by.Attribute]
	switch {
	case !u.Ghost:
	case directory.AddressAttribute(u.SoughtName) == by.Attribute:
		to = u.SoughtName // the service masks what the client typed
	default:
		to = by.Example
	}
	if to == "" {
		return directory.Code{}, exception.InvalidParameter("the user has no %s to send a code to", by.Attribute)
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return directory.Code{}, err
	}
	sent := directory.Code{
		Username: u.Name, Medium: by.Medium, Destination: to, Masked: by.Mask(to),
		Challenge: challengeName, Code: fmt.Sprintf("%0*d", digits, number),
	}
	if !u.Ghost {
		u.LastCode = sent
		c.codes = append(c.codes, sent)
	}
	return sent, nil
}

func noTOTP() error {
	return exception.New("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the user.")
}
