// Package api has the parts that all operations share: the call, the kinds of operations, and
// the shapes of several operations.
package api

import (
	"fmt"
	"reflect"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// Call is one API call. An operation handles a call with the lock of the pool held.
type Call struct {
	Service *directory.Service
	Region  string // of the signature of a signed request

	Base   string            // the URL of the request, without path
	Pool   *directory.Pool   // the pool of the request, nil for an operation without a pool
	Client *directory.Client // the app client of the request or of its access token, or nil
	Signed bool              // the request is signed
	Codes  []directory.Code  // codes to deliver after the work

	// Metadata is the ClientMetadata for triggers. The ClientMetadata of the request that
	// starts a sign-in is ValidationData, which few triggers get.
	Metadata, ValidationData map[string]string
}

// Operation is one API operation. Decode reads and checks the members of a request. Handle
// gets the result of Decode, runs with the lock of the pool held, and returns the response
// for JSON. For an error that is no exception the client gets InternalErrorException.
type Operation struct {
	Signed bool // the request needs a signature
	NoPool bool // the request names no pool
	Decode func(wire.Members) (any, error)
	Handle func(*Call, any) (any, error)
}

// ByAnyone makes an operation without a check of the caller. In has the members of a request
// as fields, see wire.Decoder. The handler may check a session, a client secret or an access
// token.
func ByAnyone[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	decode := wire.Decoder[In]()
	return Operation{
		Decode: func(body wire.Members) (any, error) { return decode(body) },
		Handle: func(c *Call, in any) (any, error) { return handle(c, in.(*In)) },
	}
}

// Signed makes an operation that needs a signature.
func Signed[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	op := ByAnyone(handle)
	op.Signed = true
	return op
}

// OfService makes an operation that needs a signature and names no pool.
func OfService[In, Out any](handle func(*Call, *In) (*Out, error)) Operation {
	op := Signed(handle)
	op.NoPool = true
	return op
}

// ByUser makes an operation with the member AccessToken, about the user of the token.
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

// ByAdmin makes an operation that needs a signature, about the user in the member Username: a
// name, an alias or a sub.
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
