// Package api is what all operations have in common: the call, the ways to make an
// operation, and the shapes that several operations read or answer.
package api

import (
	"fmt"
	"reflect"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// Call is one API call on its way through the pool. An operation handles a call
// with the pool's lock held.
type Call struct {
	Service *directory.Service
	Region  string // of an administrator's request

	Base   string            // URL at which the request arrived, without path
	Pool   *directory.Pool   // the pool that the request is for, nil if it is for none
	Client *directory.Client // the app client that it or its access token names, nil if there is none
	Signed bool              // it is an administrator's
	Codes  []directory.Code  // to be delivered when the work is done

	// Metadata is the ClientMetadata that triggers get to see. That of the
	// request that starts a sign-in is validation data, which few triggers see.
	Metadata, ValidationData map[string]string
}

// Operation is one API operation. Decode reads and checks the members of a
// request. Handle does the work with what Decode returned, with the pool's lock
// held, and returns what is answered as JSON. The client gets an error that is no
// exception as InternalErrorException.
type Operation struct {
	Signed bool // an administrator's: the request needs a signature
	NoPool bool // the request names no pool
	Decode func(wire.Members) (any, error)
	Handle func(*Call, any) (any, error)
}

// ByAnyone makes an operation that anybody may call. In has the members of a
// request as fields, see wire.Decoder. The handler itself may want a session, a
// client secret or an access token.
func ByAnyone[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	decode := wire.Decoder[In]()
	return Operation{
		Decode: func(body wire.Members) (any, error) { return decode(body) },
		Handle: func(c *Call, in any) (any, error) { return handle(c, in.(*In)) },
	}
}

// Signed makes an operation that wants a signature.
func Signed[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	op := ByAnyone(handle)
	op.Signed = true
	return op
}

// OfService makes an operation that wants a signature and is for no pool.
func OfService[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	op := Signed(handle)
	op.NoPool = true
	return op
}

// ByUser makes an operation that a user calls with the member AccessToken.
func ByUser[In, Out any](handle func(*Call, *directory.User, *In) (*Out, error)) Operation {
	token := textMember[In]("AccessToken")
	return ByAnyone(func(c *Call, in *In) (*Out, error) {
		g, err := c.Pool.Authorize(token(in))
		if err != nil {
			return nil, err
		}
		c.Client = g.Client
		return handle(c, g.User, in)
	})
}

// ByAdmin makes an operation that wants a signature, about the user with the
// name, alias or sub in the member Username.
func ByAdmin[In, Out any](handle func(*Call, *directory.User, *In) (*Out, error)) Operation {
	username := textMember[In]("Username")
	return Signed(func(c *Call, in *In) (*Out, error) {
		name := username(in)
		if name == "" {
			return nil, exception.MissingParameter("Username")
		}
		u := c.Pool.LookUp(name)
		if u == nil {
			return nil, directory.NoSuchUser()
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
