// Package packed writes small values that are kept between two requests: a version byte,
// and the deflated JSON of the value.
//
// Cookies are small and the service's session can be 2048 characters of base64, so a
// quarter saved decides whether a sealed value fits.
package packed

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Most bounds the JSON, and with it what a few bytes of input can inflate to.
const Most = 1 << 16

// The errors of Unpack do not quote the data.
var (
	ErrEmpty   = errors.New("no data")
	ErrVersion = errors.New("another version")
	ErrDamaged = errors.New("damaged")
)

// TooLarge is the error of Pack for a value of so many bytes of JSON.
type TooLarge int

func (e TooLarge) Error() string { return fmt.Sprintf("%d bytes; %d can be kept", int(e), Most) }

// Pack writes value as JSON.
func Pack(version byte, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if len(text) > Most {
		return nil, TooLarge(len(text))
	}
	out := bytes.NewBuffer([]byte{version})
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unpack reads what Pack wrote with the same version. The error is [ErrVersion] for a
// higher version.
func Unpack(version byte, data []byte, value any) error {
	switch {
	case len(data) == 0:
		return ErrEmpty
	case data[0] > version:
		return fmt.Errorf("%w (%d)", ErrVersion, data[0])
	case data[0] != version:
		return ErrDamaged
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data[1:])), Most+1))
	if err != nil || len(text) > Most || json.Unmarshal(text, value) != nil { // the error would quote the value
		return ErrDamaged
	}
	return nil
}
