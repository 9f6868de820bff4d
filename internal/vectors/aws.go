package vectors

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"testing"
)

//go:embed testdata/aws-known-answers.json
var awsData []byte

// AWS has the figures that AWS published in the tests of AWS's clients. Each entry names the
// repository, the file and the test of its figures.
type AWS struct {
	About        string       `json:"about"`
	Claims       []Claim      `json:"claims"`
	SecretHashes []SecretHash `json:"secret_hash"`
	DeviceHashes []DeviceHash `json:"device_hash"`
}

// Claim is the proof of a user's password. Numbers are hexadecimal and may have
// leading zeros.
type Claim struct {
	Label    string `json:"label"`
	Source   string `json:"source"`
	PoolName string `json:"pool_name"` // the pool ID without its region
	UserID   string `json:"user_id"`   // USER_ID_FOR_SRP
	Password string `json:"password"`

	A    string `json:"a"` // private value of the client, of any length
	Salt string `json:"salt"`
	B    string `json:"srp_b"` // SRP_B

	// SecretBlock and Timestamp are empty if the source ends at the key.
	SecretBlock string `json:"secret_block,omitempty"`
	Timestamp   string `json:"timestamp,omitempty"`

	Published Figures `json:"published"` // by AWS
	Computed  Figures `json:"computed"`  // from the same inputs, without code of this module
}

// Figures are the results on the way to a signature, in the order of their computation. A missing
// figure is "".
type Figures struct {
	A         string `json:"A,omitempty"` // SRP_A
	U         string `json:"u,omitempty"`
	X         string `json:"x,omitempty"`
	S         string `json:"S,omitempty"`
	Key       string `json:"key,omitempty"`       // base64
	Signature string `json:"signature,omitempty"` // PASSWORD_CLAIM_SIGNATURE
}

// Figure is a result, with its name in the file.
type Figure struct {
	Name, Value string
	Published   bool // AWS published the figure
}

// Figures returns all results of the claim.
func (c Claim) Figures() []Figure {
	var all []Figure
	add := func(f Figures, published bool) {
		for _, figure := range []Figure{
			{"A", f.A, published}, {"u", f.U, published}, {"x", f.X, published},
			{"S", f.S, published}, {"key", f.Key, published}, {"signature", f.Signature, published},
		} {
			if figure.Value != "" {
				all = append(all, figure)
			}
		}
	}
	add(c.Published, true)
	add(c.Computed, false)
	return all
}

// SecretHash is a SECRET_HASH and its inputs.
type SecretHash struct {
	Label        string `json:"label"`
	Source       string `json:"source"`
	Username     string `json:"username"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Published    string `json:"published"` // base64
}

// DeviceHash is the inner hash of a device's verifier:
// H(group key || device key || ":" || password).
type DeviceHash struct {
	Label     string `json:"label"`
	Source    string `json:"source"`
	GroupKey  string `json:"group_key"`
	DeviceKey string `json:"device_key"`
	Password  string `json:"password"`
	Published string `json:"published"` // base64
}

// LoadAWS returns AWS's figures, or ends the test if ParseAWS refuses the file.
func LoadAWS(tb testing.TB) *AWS {
	tb.Helper()
	f, err := ParseAWS(awsData)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// ParseAWS decodes a file of AWS's figures, with the errors of [Parse]. Each claim must have each
// figure once, and one published figure at least. A claim without a secret block has no signature.
func ParseAWS(data []byte) (*AWS, error) {
	f := new(AWS)
	if err := decode(data, f); err != nil {
		return nil, err
	}
	lists := map[string]int{"claims": len(f.Claims), "secret_hash": len(f.SecretHashes), "device_hash": len(f.DeviceHashes)}
	if err := checkFilled(lists); err != nil {
		return nil, err
	}
	for _, c := range f.Claims {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("vectors: claim %q: %w", c.Label, err)
		}
	}
	if err := complete(data, f); err != nil {
		return nil, err
	}
	return f, nil
}

func (c Claim) check() error {
	if (c.SecretBlock == "") != (c.Timestamp == "") {
		return errors.New("secret_block and timestamp come together or not at all")
	}
	want := map[string]int{"A": 1, "u": 1, "x": 1, "S": 1, "key": 1}
	if c.SecretBlock != "" {
		want["signature"] = 1
	}
	got, published := map[string]int{}, false
	for _, f := range c.Figures() {
		got[f.Name]++
		published = published || f.Published
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("figures %v, want %v", got, want)
	}
	if !published {
		return errors.New("AWS published none of the figures")
	}
	return nil
}
