package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// operation returns the method of the SDK client for an operation, and the
// types of its input and output structs.
func operation(name string) (call reflect.Method, in, out reflect.Type, err error) {
	call, ok := reflect.TypeFor[*cip.Client]().MethodByName(name)
	if !ok || call.Type.NumIn() != 4 || call.Type.NumOut() != 2 {
		return call, nil, nil, fmt.Errorf("%q is no operation of the SDK", name)
	}
	return call, call.Type.In(2).Elem(), call.Type.Out(0).Elem(), nil
}

// Call sends a request with the real SDK client. The error is the client's.
func Call(ctx context.Context, client *cip.Client, name string, request map[string]any) error {
	call, in, _, err := operation(name)
	if err != nil {
		return err
	}
	input := reflect.New(in)
	if err := fit(request, input); err != nil {
		return err
	}
	results := call.Func.Call([]reflect.Value{reflect.ValueOf(client), reflect.ValueOf(ctx), input})
	err, _ = results[1].Interface().(error)
	return err
}

// newerThanSDK are members of responses that the service sends. The SDK's version in go.mod does
// not have them.
var newerThanSDK = []string{"AvailableChallenges"}

// fitsSDK returns an error that names a member that the operation does not have.
func fitsSDK(name string, request, response map[string]any) error {
	_, in, out, err := operation(name)
	if err != nil {
		return err
	}
	if err := fit(request, reflect.New(in)); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	response = maps.Clone(response)
	for _, member := range newerThanSDK {
		delete(response, member)
	}
	if err := fit(response, reflect.New(out)); err != nil {
		return fmt.Errorf("response: %w", err)
	}
	return nil
}

// fit decodes a body into the struct that v points to.
func fit(body map[string]any, v reflect.Value) error {
	text, err := json.Marshal(withoutOtherKeys(body))
	if err != nil {
		return err
	}
	return DecodeStrict(text, v.Interface())
}
