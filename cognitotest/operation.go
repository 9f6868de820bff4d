package cognitotest

import (
	"fmt"
	"reflect"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// call is one API call on its way through the pool.
type call struct {
	base   string            // URL at which the request arrived, without path
	pool   *directory.Pool   // the pool that the request is for
	client *directory.Client // the app client that it names, nil if it names none
	signed bool              // it is an administrator's
	codes  []directory.Code  // to be delivered when the work is done

	// metadata is the ClientMetadata that triggers get to see: that of
	// answers, not of the request that starts a sign-in.
	metadata map[string]string
}

// operation is one API operation: decode reads and checks the members, handle
// does the work with the pool's lock held.
type operation struct {
	signed bool // an administrator's
	decode func(wire.Members) (any, error)
	handle func(*call, any) (any, error)
}

// unsigned makes an operation that anybody may call. The operation itself may
// want an access token or a session.
func unsigned[In, Out any](handle func(*call, *In) (*Out, error)) operation {
	return operation{
		decode: func(body wire.Members) (any, error) {
			in := new(In)
			if err := wire.Decode(body, in); err != nil {
				return nil, err
			}
			return in, wire.Check(in)
		},
		handle: func(c *call, in any) (any, error) { return handle(c, in.(*In)) },
	}
}

// signed makes an operation that wants a signature.
func signed[In, Out any](handle func(*call, *In) (*Out, error)) operation {
	op := unsigned(handle)
	op.signed = true
	return op
}

// byUser makes an operation that a user calls with the member AccessToken.
func byUser[In, Out any](handle func(*call, *directory.User, *In) (*Out, error)) operation {
	token := textMember[In]("AccessToken")
	return unsigned(func(c *call, in *In) (*Out, error) {
		g, err := c.pool.Authorize(token(in))
		if err != nil {
			return nil, err
		}
		return handle(c, g.User, in)
	})
}

// byAdmin makes an operation that wants a signature, about the user with the
// name, alias or sub in the member Username.
func byAdmin[In, Out any](handle func(*call, *directory.User, *In) (*Out, error)) operation {
	username := textMember[In]("Username")
	return signed(func(c *call, in *In) (*Out, error) {
		name := username(in)
		if name == "" {
			return nil, exception.MissingParameter("Username")
		}
		u := c.pool.LookUp(name)
		if u == nil {
			return nil, exception.New("UserNotFoundException", "User does not exist.")
		}
		return handle(c, u, in)
	})
}

// textMember returns a function that reads a member of type string.
func textMember[In any](name string) func(*In) string {
	field, ok := reflect.TypeFor[In]().FieldByName(name)
	if !ok || field.Type.Kind() != reflect.String {
		panic(fmt.Sprintf("%v has no %s", reflect.TypeFor[In](), name))
	}
	return func(in *In) string { return reflect.ValueOf(in).Elem().FieldByIndex(field.Index).String() }
}
