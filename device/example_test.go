package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/cognitoflow/cognitoflow/device"
)

func Example() {
	dir, err := os.MkdirTemp("", "devices")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var store device.Store = device.Dir(filepath.Join(dir, "my-app"))
	ctx := context.Background()

	// The keys come in NewDeviceMetadata, the verifier goes to ConfirmDevice.
	credentials, verifier, err := device.New("us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "-Ex4mple1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("verifier:", verifier.Salt != "" && verifier.PasswordVerifier != "")
	fmt.Printf("%+v\n", credentials)

	// Keep the credentials of this user of this app client.
	record, err := json.Marshal(credentials)
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Put(ctx, "app client/user", record); err != nil {
		log.Fatal(err)
	}

	// Another run of the program.
	record, err = store.Get(ctx, "app client/user")
	if err != nil {
		log.Fatal(err)
	}
	var kept device.Credentials
	if err := json.Unmarshal(record, &kept); err != nil {
		log.Fatal(err)
	}
	fmt.Println("same password:", kept.Password.Reveal() == credentials.Password.Reveal())

	_, err = store.Get(ctx, "app client/another user")
	fmt.Println("another user has none:", errors.Is(err, device.ErrNotFound))
	// Output:
	// verifier: true
	// {Key:us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789 GroupKey:-Ex4mple1 Password:[redacted]}
	// same password: true
	// another user has none: true
}

// A record that cannot be used counts as none: the user signs in as from a new
// device.
func ExampleCredentials_UnmarshalJSON() {
	var c device.Credentials
	err := c.UnmarshalJSON([]byte(`{"version":1,"device_key":"us-east-1_0a1b2c3d","device_password":"secret"}`))
	fmt.Println(errors.Is(err, device.ErrUnusable))
	fmt.Println(err)
	// Output:
	// true
	// device: record is unusable: srp: DeviceGroupKey is empty: take it from the same NewDeviceMetadata as DeviceKey
}
