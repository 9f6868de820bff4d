package packed_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/packed"
)

func TestPack(t *testing.T) {
	want := map[string]string{"session": strings.Repeat("kept", 500)}
	data, err := packed.Pack(7, want)
	if err != nil || data[0] != 7 || len(data) > 100 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	var got map[string]string
	if err := packed.Unpack(7, data, &got); err != nil || got["session"] != want["session"] {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := packed.Pack(7, strings.Repeat("x", packed.Most)); !errors.As(err, new(packed.TooLarge)) {
		t.Errorf("too large: %v", err)
	}
	if _, err := packed.Pack(7, func() {}); err == nil {
		t.Error("a function was packed")
	}
}

func TestUnpackRefuses(t *testing.T) {
	data, err := packed.Pack(7, "keep-me")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"nothing": {nil, packed.ErrEmpty}, "a newer version": {append([]byte{8}, data[1:]...), packed.ErrVersion},
		"an older version": {append([]byte{6}, data[1:]...), packed.ErrDamaged}, "half": {data[:len(data)/2], packed.ErrDamaged},
		"a bomb":  {append([]byte{7}, deflated(t, strings.Repeat(" ", packed.Most)+`"x"`)...), packed.ErrDamaged},
		"no JSON": {append([]byte{7}, deflated(t, `{"keep-me"`)...), packed.ErrDamaged},
		"another": {append([]byte{7}, deflated(t, `{"a":"keep-me"}`)...), packed.ErrDamaged},
	} {
		var got string
		err := packed.Unpack(7, test.data, &got)
		if !errors.Is(err, test.want) || got != "" || strings.Contains(fmt.Sprint(err), "keep-me") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func deflated(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
