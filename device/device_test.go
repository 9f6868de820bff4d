package device_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/srp"
)

const (
	key      = "us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789"
	groupKey = "-Ex_mple1"
	password = "0penSesame+/of=="
)

// passwordVerifier is PasswordVerifier computed from its definition, for a
// Salt as it goes to ConfirmDevice.
func passwordVerifier(n *big.Int, groupKey, key, password string, salt []byte) string {
	inner := sha256.Sum256([]byte(groupKey + key + ":" + password))
	return verifierOfHash(n, inner[:], salt)
}

// verifierOfHash is PasswordVerifier for a hash of the keys and the password.
func verifierOfHash(n *big.Int, hash, salt []byte) string {
	x := sha256.Sum256(append(bytes.Clone(salt), hash...))
	v := new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(x[:]), n)
	return base64.StdEncoding.EncodeToString(javaBytes(v))
}

// javaBytes is BigInteger.toByteArray: a zero byte in front keeps the sign bit clear.
func javaBytes(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

func TestVerifierBelongsToPassword(t *testing.T) {
	file := vectors.Load(t)
	n, ok := new(big.Int).SetString(file.Group.N, 16)
	if !ok {
		t.Fatal("the vectors have no group")
	}
	for _, v := range file.Device { // holds this test to the vectors
		if got := passwordVerifier(n, v.GroupKey, v.Key, v.Password, decode(t, v.ConfirmDeviceSalt)); got != v.ConfirmDeviceVerifier {
			t.Fatalf("%s: the test's own arithmetic is wrong", v.Name)
		}
	}
	seen := make(map[string]bool)
	for range 20 {
		c, err := device.New(key, groupKey)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := c.Verifier()
		if err != nil {
			t.Fatal(err)
		}
		if c.Key != key || c.GroupKey != groupKey {
			t.Fatalf("New changed the keys: %v", c)
		}
		if random := decode(t, c.Password.Reveal()); len(random) != 40 {
			t.Errorf("the password holds %d bytes, want 40", len(random))
		}
		salt := decode(t, verifier.Salt)
		if !bytes.Equal(salt, javaBytes(new(big.Int).SetBytes(salt))) {
			t.Errorf("Salt %x is not the minimal form of its number", salt)
		}
		if want := passwordVerifier(n, groupKey, key, c.Password.Reveal(), salt); verifier.PasswordVerifier != want {
			t.Errorf("PasswordVerifier is not that of the password, with salt %x", salt)
		}
		for _, fresh := range []string{c.Password.Reveal(), verifier.Salt} {
			if seen[fresh] {
				t.Error("a password or a salt came twice")
			}
			seen[fresh] = true
		}
	}
}

// TestAWSKnownAnswers enrols the device in the tests of AWS's .NET client. AWS
// published the hash of the keys and the password, and the verifier follows
// from this hash and the salt.
func TestAWSKnownAnswers(t *testing.T) {
	n, ok := new(big.Int).SetString(vectors.Load(t).Group.N, 16)
	if !ok {
		t.Fatal("the vectors have no group")
	}
	for _, h := range vectors.LoadAWS(t).DeviceHashes {
		t.Run(h.Label+"/hash", func(t *testing.T) {
			c := device.Credentials{Key: h.DeviceKey, GroupKey: h.GroupKey, Password: secret.New(h.Password)}
			verifier, err := c.Verifier()
			if err != nil {
				t.Fatal(err)
			}
			want := verifierOfHash(n, decode(t, h.Published), decode(t, verifier.Salt))
			if verifier.PasswordVerifier != want {
				t.Errorf("PasswordVerifier under salt %s is not of AWS's hash %s", verifier.Salt, h.Published)
			}
		})
	}
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// malformed lists keys that no device can have, with the parameter to blame.
var malformed = []struct{ name, key, groupKey, parameter string }{
	{"no key", "", groupKey, "DeviceKey"},
	{"no underscore", "us-east-1", groupKey, "DeviceKey"},
	{"nothing after the underscore", "us-east-1_", groupKey, "DeviceKey"},
	{"upper-case UUID", strings.ToUpper(key), groupKey, "DeviceKey"},
	{"space", key + " ", groupKey, "DeviceKey"},
	{"line end", key + "\n", groupKey, "DeviceKey"},
	{"56 characters", "us_" + strings.Repeat("a", 53), groupKey, "DeviceKey"},
	{"keys swapped", groupKey, key, "DeviceKey"},
	{"no group key", key, "", "DeviceGroupKey"},
	{"group key of 56 characters", key, strings.Repeat("g", 56), "DeviceGroupKey"},
}

func TestNewRefusesMalformedKeys(t *testing.T) {
	for _, tt := range malformed {
		c, err := device.New(tt.key, tt.groupKey)
		var parameter *srp.ParameterError
		if !errors.As(err, &parameter) || parameter.Parameter != tt.parameter {
			t.Errorf("%s: error %v, want one for %s", tt.name, err, tt.parameter)
		}
		if !c.Password.IsZero() {
			t.Errorf("%s: credentials beside the error", tt.name)
		}
	}
	if _, err := device.New("us_"+strings.Repeat("a", 52), "g"); err != nil {
		t.Errorf("a key of 55 characters: %v", err)
	}
}

const recordJSON = `{"version":1,"device_key":"` + key + `","device_group_key":"` + groupKey + `","device_password":"` + password + `"}`

func credentials() device.Credentials {
	return device.Credentials{Key: key, GroupKey: groupKey, Password: secret.New(password)}
}

func TestJSONIsComplete(t *testing.T) {
	data, err := json.Marshal(map[string]any{"nested": credentials()})
	if want := `{"nested":` + recordJSON + `}`; err != nil || string(data) != want {
		t.Errorf("json.Marshal = %s, %v, want %s", data, err, want)
	}
	var c device.Credentials
	if err := json.Unmarshal([]byte(recordJSON), &c); err != nil {
		t.Fatal(err)
	}
	if c.Key != key || c.GroupKey != groupKey || c.Password.Reveal() != password {
		t.Errorf("json.Unmarshal lost a part: %v", c)
	}
}

func TestUnusable(t *testing.T) {
	replace := func(old, new string) string { return strings.Replace(recordJSON, old, new, 1) }
	records := map[string]string{
		"nothing":             ``,
		"torn":                recordJSON[:len(recordJSON)-9],
		"two records":         recordJSON + recordJSON,
		"not an object":       `"` + password + `"`,
		"null":                `null`,
		"empty object":        `{}`,
		"no version":          replace(`"version":1,`, ``),
		"next version":        replace(`"version":1`, `"version":2`),
		"password missing":    replace(`,"device_password":"`+password+`"`, ``),
		"password empty":      replace(password, ``),
		"password of numbers": replace(`"`+password+`"`, `[4815162342]`),
	}
	for _, tt := range malformed {
		records[tt.name] = replace(key, quoted(tt.key))
		if tt.parameter == "DeviceGroupKey" {
			records[tt.name] = replace(groupKey, tt.groupKey)
		}
	}
	for name, data := range records {
		c := credentials()
		err := c.UnmarshalJSON([]byte(data))
		if !errors.Is(err, device.ErrUnusable) {
			t.Errorf("%s: error %v, want ErrUnusable", name, err)
			continue
		}
		if strings.Contains(err.Error(), password[:4]) || strings.Contains(err.Error(), "4815162342") {
			t.Errorf("%s: the error prints the password: %v", name, err)
		}
		if c.Validate() != nil || c.Password.Reveal() != password {
			t.Errorf("%s: the credentials changed", name)
		}
	}
}

// quoted is text as it stands between the quotes of a JSON string.
func quoted(text string) string {
	data, _ := json.Marshal(text) // of a string it cannot fail
	return strings.Trim(string(data), `"`)
}

func TestIncompleteIsNotEncoded(t *testing.T) {
	for _, c := range []device.Credentials{
		{},
		{GroupKey: groupKey, Password: secret.New(password)},
		{Key: key, Password: secret.New(password)},
		{Key: key, GroupKey: groupKey},
	} {
		if data, err := json.Marshal(c); !errors.Is(err, device.ErrUnusable) {
			t.Errorf("json.Marshal(%v) = %s, %v, want ErrUnusable", c, data, err)
		}
	}
}

func TestNothingPrintsThePassword(t *testing.T) {
	type config struct {
		Exported device.Credentials
		hidden   device.Credentials
		list     []device.Credentials
		byName   map[string]*device.Credentials
		store    *device.Memory
		any      any
	}
	c := credentials()
	var memory device.Memory
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := memory.Put(t.Context(), "user", data); err != nil {
		t.Fatal(err)
	}
	nested := config{c, c, []device.Credentials{c}, map[string]*device.Credentials{"k": &c}, &memory, c}

	for _, v := range []any{c, &c, &memory, nested, &nested} {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d") {
			if out := fmt.Sprintf(verb, v); leaks(out) {
				t.Errorf("%T with %s: %s", v, verb, out)
			}
		}
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		if leaks(out.String()) {
			t.Errorf("%T in a text log: %s", v, out.String())
		}
	}
	for _, v := range []any{c, &c, slog.GroupValue(slog.Any("c", c)), &memory} {
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		if leaks(out.String()) {
			t.Errorf("%T in a JSON log: %s", v, out.String())
		}
	}
}

func TestLogNamesTheDevice(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "device", credentials())
	if !strings.Contains(out.String(), key) {
		t.Errorf("the log does not name the device: %s", out.String())
	}
}

// leaks looks for the password as text, in hexadecimal and as decimal bytes.
func leaks(out string) bool {
	for _, format := range []string{"%s", "%x", "%X", "%d"} {
		if form := fmt.Sprintf(format, []byte(password)); strings.Contains(out, strings.Trim(form, "[]")) {
			return true
		}
	}
	return false
}

// The pattern of DeviceKeyType, as the service's model has it, over every short
// text.
func TestKeysOfTheService(t *testing.T) {
	pattern := regexp.MustCompile(`^[\w-]+_[0-9a-f-]+$`)
	var each func(text string, runes []string, length int)
	each = func(text string, runes []string, length int) {
		if _, err := device.New(text, groupKey); (err == nil) != pattern.MatchString(text) {
			t.Errorf("device key %q: error %v", text, err)
		}
		for _, r := range runes[:len(runes)*min(length, 1)] {
			each(text+r, runes, length-1)
		}
	}
	each("", strings.Split("a_-g", ""), 5)
	each("", append(strings.Split("afgzAFZ09_-+.,/:@[`{ \né", ""), "\xff"), 3)
}
