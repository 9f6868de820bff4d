package api

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Deliver makes a code and sends it: OnCode gets the code when the call has done
// its work, before the call is answered. A made-up user gets none.
func (c *Call) Deliver(u *directory.User, challengeName string, by directory.Delivery, digits int) (directory.Code, error) {
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
		PoolID: c.Pool.ID, Username: u.Name, Medium: by.Medium, Destination: to, Masked: by.Mask(to),
		Challenge: challengeName, Code: fmt.Sprintf("%0*d", digits, number),
	}
	if !u.Ghost {
		u.Deliver(sent)
		c.Codes = append(c.Codes, sent)
	}
	return sent, nil
}
