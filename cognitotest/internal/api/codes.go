package api

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Deliver makes a code with this number of digits and sends the code, see Send.
func (c *Call) Deliver(u *directory.User, challengeName string, by directory.Delivery, digits int) (directory.Code, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return directory.Code{}, err
	}
	return c.Send(u, challengeName, by, fmt.Sprintf("%0*d", digits, number))
}

// Send sends a code or a temporary password. OnCode gets the code after the work of the
// call and before the response. An invented user gets no code.
func (c *Call) Send(u *directory.User, challengeName string, by directory.Delivery, text string) (directory.Code, error) {
	to := u.Attributes[by.Attribute]
	switch {
	case !u.Ghost:
	case directory.AddressAttribute(u.SoughtName) == by.Attribute:
		to = u.SoughtName // the service masks the name of the request
	default:
		to = by.Example
	}
	if to == "" {
		return directory.Code{}, exception.InvalidParameter("the user has no %s to send a code to", by.Attribute)
	}
	sent := directory.Code{
		PoolID: c.Pool.ID, Username: u.Name, Medium: by.Medium, Destination: to, Masked: by.Mask(to),
		Challenge: challengeName, Code: text,
	}
	if !u.Ghost {
		u.Deliver(sent)
		c.Codes = append(c.Codes, sent)
	}
	return sent, nil
}
