package secret_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/secret"
)

// A struct with a secret can be logged.
func ExampleNew() {
	type login struct {
		name     string
		password secret.String
	}
	l := login{"ada", secret.New("Correct-Horse-7!")}
	fmt.Println(l.password)
	fmt.Println(l.name, l.password.Reveal() == "Correct-Horse-7!")
	// Output:
	// [redacted]
	// ada true
}

// A field of a form that the user left empty differs from a field that is not set.
func ExampleString_IsGiven() {
	var notSet secret.String
	empty := secret.New("")
	fmt.Println(notSet.IsGiven(), notSet.IsZero())
	fmt.Println(empty.IsGiven(), empty.IsZero())
	// Output:
	// false true
	// true true
}

// Reveal returns the text for the request that needs it.
func ExampleString_Reveal() {
	password := secret.New("Correct-Horse-7!")
	fmt.Println(len(password.Reveal()))
	// Output: 16
}

// A configuration file has a secret. The program reads the secret, and does not write it.
func ExampleString_UnmarshalText() {
	var config struct {
		ClientSecret secret.String
	}
	if err := json.Unmarshal([]byte(`{"ClientSecret":"not a real secret"}`), &config); err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.ClientSecret.Reveal())
	data, err := json.Marshal(config)
	fmt.Println(string(data), err)
	// Output:
	// not a real secret
	// {"ClientSecret":"[redacted]"} <nil>
}

// A Box holds several secrets that belong together.
func ExampleNewBox() {
	type keys struct{ signing, sealing string }
	box := secret.NewBox(keys{"first", "second"})
	fmt.Println(box.Open().signing)
	fmt.Println(secret.Box[keys]{}.Open() == nil)
	// Output:
	// first
	// true
}
