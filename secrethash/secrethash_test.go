package secrethash_test

import (
	"fmt"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

func TestVectors(t *testing.T) {
	checked := 0
	for _, v := range vectors.Load(t).User {
		if v.ClientSecret == "" {
			continue
		}
		checked++
		// A user who typed an alias has two hashes in one sign-in.
		for username, want := range map[string]string{
			v.UsernameTyped: v.SecretHashInitiateAuth, v.ChallengeUsername: v.SecretHashVerifier,
		} {
			if got := secrethash.Compute(username, v.ClientID, v.ClientSecret); got != want {
				t.Errorf("%s: hash over %q = %s, want %s", v.Name, username, got, want)
			}
		}
	}
	if checked == 0 {
		t.Error("no vector has a client secret")
	}
}

// TestAWSKnownAnswers compares with the hash in the tests of AWS's .NET client.
func TestAWSKnownAnswers(t *testing.T) {
	for _, h := range vectors.LoadAWS(t).SecretHashes {
		t.Run(h.Label+"/SECRET_HASH", func(t *testing.T) {
			if got := secrethash.Compute(h.Username, h.ClientID, h.ClientSecret); got != h.Published {
				t.Errorf("got %s, AWS published %s", got, h.Published)
			}
		})
	}
}

// A user signs in by e-mail address. The pool answers with the user name that
// the address belongs to. The rest of the sign-in uses that user name.
func ExampleCompute() {
	const clientID, clientSecret = "1example23456789clientid00", "s3cr3texamples3cr3texamples3cr3texample00"
	fmt.Println("InitiateAuth:          ", secrethash.Compute("José@example.com", clientID, clientSecret))
	fmt.Println("RespondToAuthChallenge:", secrethash.Compute("3f8a1c52-7d64-4b1e-9a0c-5e2d7f6b8c91", clientID, clientSecret))
	// Output:
	// InitiateAuth:           L9lL3TryOxBseTsa6jmjMR0lY8GDmJljlNkXlgvCwGw=
	// RespondToAuthChallenge: y2n1fmR4j4bymHvSOOx8spWS5eEVE4mJ1oNcSmrHUss=
}
