package packed_test

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/packed"
)

func TestPack(t *testing.T) {
	want := map[string]string{"session": strings.Repeat("kept", 500)}
	data, err := packed.Pack(7, want)
	if err != nil || data[0] != 7 || len(data) > 1000 {
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

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// random returns a random text of these letters.
func random(r *rand.Rand, letters string, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}

// A cookie must have room for the result. A session takes as much room as with a search for
// repetitions, and a list of some passkeys takes little more.
func TestSize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	session := random(r, base64Letters, 1000)
	credential := func() string {
		return `{"type":"public-key","transports":["internal","hybrid"],"id":"` + random(r, base64Letters, 43) + `"}`
	}
	for name, c := range map[string]struct {
		value map[string]any
		more  int // per cent
	}{
		"a code":      {map[string]any{"n": "EMAIL_OTP", "p": map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}, "up": "eu-central-1_Ab12Cd34E", "s": session}, 3},
		"one passkey": {map[string]any{"n": "WEB_AUTHN", "p": `{"allowCredentials":[` + credential() + `]}`, "s": session}, 5},
		"3 passkeys":  {map[string]any{"n": "WEB_AUTHN", "p": `{"allowCredentials":[` + strings.Join([]string{credential(), credential(), credential()}, ",") + `]}`, "s": session}, 15},
	} {
		data, err := packed.Pack(1, c.value)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		best := len(deflated(t, string(text)))
		t.Logf("%s: %d bytes, at best %d", name, len(data), best)
		if len(data) > best+best*c.more/100 {
			t.Errorf("%s: %d bytes, at best %d", name, len(data), best)
		}
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
