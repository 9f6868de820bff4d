// Package vectors gives tests the known answers for Cognito's SRP: inputs,
// every intermediate value and what goes over the wire. It is imported by
// tests only, of the client's side and of the pool's, so that both are held to
// the same numbers without sharing any code that computes them.
//
// [Load] gives the vectors that were computed for this module. [LoadAWS] gives
// the figures that AWS published in the tests of its own clients.
//
// Hexadecimal is lower case and minimal unless a field's name says otherwise;
// a field named Padded holds P of the value, its minimal big-endian two's
// complement bytes.
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

// File is the whole document.
type File struct {
	Description         string            `json:"description"`
	Group               Group             `json:"group"`
	Mistakes            map[string]string `json:"mistakes"` // name, as in Catches, to explanation
	InvalidPublicValues InvalidValues     `json:"invalid_public_values"`
	User                []User            `json:"user"`
	Device              []Device          `json:"device"`
}

// Group holds the constants all vectors share.
type Group struct {
	N             string `json:"n_hex"`
	G             int    `json:"g"`
	K             string `json:"k_hex"`
	NPaddedLength int    `json:"n_padded_length"`
	Info          string `json:"info"`       // of HKDF
	KeyLength     int    `json:"key_length"` // bytes that HKDF gives
}

// InvalidValues lists numbers that are 0 mod N, in either case and with
// redundant zeros: refused as SRP_B by a client and as SRP_A by a pool.
type InvalidValues struct {
	Note string   `json:"note"`
	Hex  []string `json:"hex"`
}

// Exchange is what a user's and a device's exchange have in common.
type Exchange struct {
	Name string `json:"name"`
	Note string `json:"note"`

	A string `json:"a_hex"` // private value of the client
	B string `json:"b_hex"` // private value of the pool

	SaltWire   string `json:"salt_wire_hex"` // SALT
	SaltPadded string `json:"salt_padded_hex"`
	K          string `json:"k_hex"`

	PublicAWire   string `json:"srp_a_wire_hex"` // minimal, so possibly of odd length
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

	PaddedLengths map[string]int `json:"padded_lengths"` // bytes, by value
	HexDigits     map[string]int `json:"hex_digits"`     // digits, by value
	Catches       []string       `json:"catches"`        // mistakes that change the signature here
}

// User is the exchange that proves a user's password.
type User struct {
	Exchange
	UserPoolID        string `json:"user_pool_id"`
	PoolName          string `json:"pool_name"`
	UsernameTyped     string `json:"username_typed"`
	ChallengeUsername string `json:"challenge_username"`
	UserIDForSRP      string `json:"user_id_for_srp"`
	Password          string `json:"password"`
	ClientID          string `json:"client_id"`

	// Empty where the app client has no secret.
	ClientSecret           string `json:"client_secret,omitempty"`
	SecretHashInitiateAuth string `json:"secret_hash_initiate_auth,omitempty"`     // over UsernameTyped
	SecretHashVerifier     string `json:"secret_hash_password_verifier,omitempty"` // over ChallengeUsername
}

// Device is the exchange that proves a remembered device's password, preceded
// by the device's enrolment.
type Device struct {
	Exchange
	GroupKey              string `json:"device_group_key"`
	Key                   string `json:"device_key"`
	Password              string `json:"device_password"`
	VerifierPadded        string `json:"verifier_padded_hex"`
	ConfirmDeviceSalt     string `json:"confirm_device_salt_base64"`
	ConfirmDeviceVerifier string `json:"confirm_device_password_verifier_base64"`
}

// Load returns the vectors and ends the test if the file is not what Parse
// takes.
func Load(tb testing.TB) *File {
	tb.Helper()
	f, err := Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// Parse decodes a vector file. A field that this package does not know, a
// field that is missing and a list that is empty are errors: a vector that is
// read only in part would pass for the wrong reason.
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

// decode reads data into file. A field that file does not have is an error.
func decode(data []byte, file any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(file); err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}

// checkFilled refuses an empty list.
func checkFilled(lists map[string]int) error {
	for name, length := range lists {
		if length == 0 {
			return fmt.Errorf("vectors: list %q is missing or empty", name)
		}
	}
	return nil
}

// complete compares data with what was decoded of it. A missing field comes
// back as an empty one when the file is encoded again, and so does a field
// spelled in another case.
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
