package packed_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/packed"
)

// FuzzUnpack reads any bytes, also with the buffers of an earlier value.
func FuzzUnpack(f *testing.F) {
	data, err := packed.Pack(1, map[string]any{"n": "EMAIL_OTP", "s": "golden-session-0123456789"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte{2})
	f.Add([]byte("\x01hello"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var value json.RawMessage
		switch err := packed.Unpack(1, data, &value); {
		case err == nil:
			if !json.Valid(value) || len(value) > packed.Most {
				t.Fatalf("%d bytes that are not JSON, or too many", len(value))
			}
		case value != nil:
			t.Fatalf("%v, and a value of %d bytes", err, len(value))
		case !errors.Is(err, packed.ErrEmpty) && !errors.Is(err, packed.ErrVersion) && !errors.Is(err, packed.ErrDamaged):
			t.Fatalf("the error is %v", err)
		}
	})
}
