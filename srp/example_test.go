package srp_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cognitoflow/cognitoflow/srp"
)

// A user proves a password. The parameters of the challenge are those of
// PASSWORD_VERIFIER.
func Example() {
	ephemeral := srp.NewEphemeral()
	// InitiateAuth takes it as SRP_A.
	fmt.Println("even number of digits:", len(ephemeral.A())%2 == 0)

	parameters := map[string]string{
		"USER_ID_FOR_SRP": "3f8a1c52-7d64-4b1e-9a0c-5e2d7f6b8c91",
		"SALT":            "3cc63a94eeab6a95efe42a73d0ac9f12",
		"SRP_B":           "2f7c5e41", // 3072 bits in practice
		"SECRET_BLOCK":    "8Io3MVpQer91c3blx1GQGQ==",
	}
	identity, err := srp.User("eu-west-1_aB3dE5fG7", parameters["USER_ID_FOR_SRP"], "Correct-Horse-7!")
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, time.February, 1, 3, 4, 5, 0, time.UTC) // time.Now()
	claim, err := ephemeral.Claim(identity, srp.Challenge{
		Salt:        parameters["SALT"],
		B:           parameters["SRP_B"],
		SecretBlock: parameters["SECRET_BLOCK"],
	}, now)
	if err != nil {
		log.Fatal(err)
	}
	// RespondToAuthChallenge takes these.
	fmt.Println("PASSWORD_CLAIM_SIGNATURE:", len(claim.Signature), "characters")
	fmt.Println("PASSWORD_CLAIM_SECRET_BLOCK:", claim.SecretBlock)
	fmt.Println("TIMESTAMP:", claim.Timestamp)
	// Output:
	// even number of digits: true
	// PASSWORD_CLAIM_SIGNATURE: 44 characters
	// PASSWORD_CLAIM_SECRET_BLOCK: 8Io3MVpQer91c3blx1GQGQ==
	// TIMESTAMP: Sun Feb 1 03:04:05 UTC 2026
}

// A device is enrolled with ConfirmDevice.
func ExampleNewVerifier() {
	identity, err := srp.Device("-aB3dE5fG", "eu-west-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "made of random bytes")
	if err != nil {
		log.Fatal(err)
	}
	verifier := srp.NewVerifier(identity)
	_, err = base64.StdEncoding.DecodeString(verifier.Salt)
	fmt.Println("Salt is base64:", err == nil)
	_, err = base64.StdEncoding.DecodeString(verifier.PasswordVerifier)
	fmt.Println("PasswordVerifier is base64:", err == nil)
	// Output:
	// Salt is base64: true
	// PasswordVerifier is base64: true
}

// If B were 0, the server would know the key without the password.
func ExampleParameterError() {
	identity, err := srp.User("eu-west-1_aB3dE5fG7", "sample.user", "Correct-Horse-7!")
	if err != nil {
		log.Fatal(err)
	}
	challenge := srp.Challenge{Salt: "3cc63a94", B: "00", SecretBlock: "8Io3MVpQ"}
	_, err = srp.NewEphemeral().Claim(identity, challenge, time.Now())
	if p, ok := errors.AsType[*srp.ParameterError](err); ok {
		fmt.Println(p.Parameter)
	}
	fmt.Println(err)
	// Output:
	// SRP_B
	// srp: SRP_B "00" is 0 or not below N
}

// The name in a user's identity is USER_ID_FOR_SRP, and not the alias that the user typed.
func ExampleUser() {
	_, err := srp.User("eu-west-1_aB3dE5fG7", "3f8a1c52-7d64-4b1e-9a0c-5e2d7f6b8c91", "Correct-Horse-7!")
	fmt.Println(err)
	_, err = srp.User("aB3dE5fG7", "3f8a1c52-7d64-4b1e-9a0c-5e2d7f6b8c91", "Correct-Horse-7!")
	fmt.Println(err)
	// Output:
	// <nil>
	// srp: UserPoolId "aB3dE5fG7" is not of the form <region>_<name>
}

// A device proves its password like a user, under DEVICE_PASSWORD_VERIFIER.
func ExampleDevice() {
	identity, err := srp.Device("-aB3dE5fG", "eu-west-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "made of random bytes")
	if err != nil {
		log.Fatal(err)
	}
	claim, err := srp.NewEphemeral().Claim(identity, srp.Challenge{
		Salt: "3cc63a94eeab6a95efe42a73d0ac9f12", B: "2f7c5e41", SecretBlock: "8Io3MVpQer91c3blx1GQGQ==",
	}, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(claim.Signature))
	// Output: 44
}

// A second exchange of the same sign-in needs another Ephemeral.
func ExampleNewEphemeral() {
	first, second := srp.NewEphemeral(), srp.NewEphemeral()
	fmt.Println(first.A() == second.A())
	// Output: false
}

// Claim refuses a challenge that lacks a parameter.
func ExampleEphemeral_Claim() {
	identity, err := srp.User("eu-west-1_aB3dE5fG7", "3f8a1c52-7d64-4b1e-9a0c-5e2d7f6b8c91", "Correct-Horse-7!")
	if err != nil {
		log.Fatal(err)
	}
	_, err = srp.NewEphemeral().Claim(identity, srp.Challenge{B: "2f7c5e41", SecretBlock: "8Io3MVpQer91c3blx1GQGQ=="}, time.Now())
	fmt.Println(err)
	// Output: srp: SALT is missing or empty
}
