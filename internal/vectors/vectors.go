// Package vectors has known answers for Cognito's SRP: the inputs, every intermediate value, and
// the values of the requests and replies. Only tests import the package. The tests of the client
// and of the pool use the same numbers, and share no code that computes the numbers.
//
// [Load] returns the vectors that were computed for this module. [LoadAWS] returns the figures that
// AWS published in the tests of AWS's clients.
//
// Hexadecimal numbers have lower case and no leading zeros, unless the name of a field says
// otherwise. A field named Padded has P of the value. P is the shortest two's complement in
// big-endian bytes.
package vectors

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

//go:embed testdata/srp-vectors.json
var data []byte

// File is the whole file.
type File struct {
	Description         string            `json:"description"`
	Group               Group             `json:"group"`
	Mistakes            map[string]string `json:"mistakes"` // explanations by the names in Catches
	InvalidPublicValues InvalidValues     `json:"invalid_public_values"`
	User                []User            `json:"user"`
	Device              []Device          `json:"device"`
}

// Group has the constants of all vectors.
type Group struct {
	N             string `json:"n_hex"`
	G             int    `json:"g"`
	K             string `json:"k_hex"`
	NPaddedLength int    `json:"n_padded_length"`
	Info          string `json:"info"`       // info of HKDF
	KeyLength     int    `json:"key_length"` // of HKDF, in bytes
}

// InvalidValues lists numbers that are 0 mod N, in lower and upper case and with leading zeros. A
// client refuses these numbers as SRP_B, and a pool refuses them as SRP_A.
type InvalidValues struct {
	Note string   `json:"note"`
	Hex  []string `json:"hex"`
}

// Exchange has the values that exchanges of users and devices share.
type Exchange struct {
	Name string `json:"name"`
	Note string `json:"note"`

	A string `json:"a_hex"` // the private value of the client
	B string `json:"b_hex"` // the private value of the pool

	SaltWire   string `json:"salt_wire_hex"` // SALT
	SaltPadded string `json:"salt_padded_hex"`
	K          string `json:"k_hex"`

	PublicAWire   string `json:"srp_a_wire_hex"` // SRP_A, which may have an odd number of digits
	PublicAPadded string `json:"a_public_padded_hex"`
	InnerHash     string `json:"inner_hash_hex"`
	X             string `json:"x_hex"`
	Verifier      string `json:"verifier_hex"`
	PublicBWire   string `json:"srp_b_wire_hex"` // SRP_B
	PublicBPadded string `json:"b_public_padded_hex"`
	U             string `json:"u_hex"`
	UPadded       string `json:"u_padded_hex"`
	S             string `json:"s_hex"`
	SPadded       string `json:"s_padded_hex"`
	HKDFKey       string `json:"hkdf_key_hex"`

	SecretBlock      string `json:"secret_block_base64"`
	Time             string `json:"time_utc"` // RFC 3339
	Timestamp        string `json:"timestamp"`
	SignatureMessage string `json:"signature_message_hex"`
	Signature        string `json:"password_claim_signature_base64"`

	PaddedLengths map[string]int `json:"padded_lengths"` // in bytes, by the name of the value
	HexDigits     map[string]int `json:"hex_digits"`     // digits, by the name of the value
	Catches       []string       `json:"catches"`        // the mistakes that change this signature
}

// User is an exchange that proves a user's password.
type User struct {
	Exchange
	UserPoolID        string `json:"user_pool_id"`
	PoolName          string `json:"pool_name"`
	UsernameTyped     string `json:"username_typed"`
	ChallengeUsername string `json:"challenge_username"`
	UserIDForSRP      string `json:"user_id_for_srp"`
	Password          string `json:"password"`
	ClientID          string `json:"client_id"`

	// These fields are empty if the app client has no secret.
	ClientSecret           string `json:"client_secret,omitempty"`
	SecretHashInitiateAuth string `json:"secret_hash_initiate_auth,omitempty"`     // of UsernameTyped
	SecretHashVerifier     string `json:"secret_hash_password_verifier,omitempty"` // of ChallengeUsername
}

// Device is an exchange that proves a remembered device's password. The values of the device's
// enrolment are there too.
type Device struct {
	Exchange
	GroupKey              string `json:"device_group_key"`
	Key                   string `json:"device_key"`
	Password              string `json:"device_password"`
	VerifierPadded        string `json:"verifier_padded_hex"`
	ConfirmDeviceSalt     string `json:"confirm_device_salt_base64"`
	ConfirmDeviceVerifier string `json:"confirm_device_password_verifier_base64"`
}

// Load returns the vectors, or ends the test if Parse refuses the file.
func Load(tb testing.TB) *File {
	tb.Helper()
	f, err := Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// Parse decodes a file of vectors. An unknown field, a missing field and an empty list are errors.
// Otherwise a test could pass because a part of a vector was not read.
func Parse(data []byte) (*File, error) {
	f := new(File)
	if err := decode(data, f); err != nil {
		return nil, err
	}
	lists := map[string]int{
		"mistakes": len(f.Mistakes), "invalid_public_values": len(f.InvalidPublicValues.Hex),
		"user": len(f.User), "device": len(f.Device),
	}
	if err := checkFilled(lists); err != nil {
		return nil, err
	}
	if err := complete(data, f); err != nil {
		return nil, err
	}
	return f, nil
}

// decode reads data into file. An unknown field is an error.
func decode(data []byte, file any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(file); err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}

// checkFilled returns an error if a list is empty. lists has the length of each list by name.
func checkFilled(lists map[string]int) error {
	for name, length := range lists {
		if length == 0 {
			return fmt.Errorf("vectors: list %q is missing or empty", name)
		}
	}
	return nil
}

// complete returns an error if the data lack a field. complete encodes the file again and compares.
// A missing field then comes back as an empty one, and so does a field in another case.
func complete(data []byte, file any) error {
	encoded, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	var want, got any
	if err := errors.Join(json.Unmarshal(data, &want), json.Unmarshal(encoded, &got)); err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	if !reflect.DeepEqual(got, want) {
		return errors.New("vectors: a field is missing")
	}
	return nil
}
