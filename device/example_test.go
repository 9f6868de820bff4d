package device_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/device"
)

// A backend keeps the devices of two browsers. Package flow does so by itself.
func Example() {
	var store device.Memory // a real backend: Sealer.DeviceStore of package seal
	ctx := context.Background()

	// The ID goes into a cookie of the browser.
	id := device.NewID()
	cookie := id.Reveal()
	wallet := device.Browser(&store, id).Wallet("us-east-1_Ab12Cd34E", "client")

	// The keys are of NewDeviceMetadata. The verifier is for ConfirmDevice.
	credentials, err := device.New("us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "-Ex4mple1")
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := credentials.Verifier()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("verifier:", verifier.Salt != "" && verifier.PasswordVerifier != "")
	fmt.Printf("%+v\n", credentials)
	if err := wallet.Put(ctx, "anna", device.Entry{Credentials: credentials}); err != nil {
		log.Fatal(err)
	}

	// The next request of the same browser.
	id, err = device.ParseID(cookie)
	if err != nil {
		log.Fatal(err)
	}
	wallet = device.Browser(&store, id).Wallet("us-east-1_Ab12Cd34E", "client")
	kept, err := wallet.Find(ctx, "anna")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("same password:", kept.Password.Reveal() == credentials.Password.Reveal())

	// The same user at another browser is asked for a code.
	wallet = device.Browser(&store, device.NewID()).Wallet("us-east-1_Ab12Cd34E", "client")
	_, err = wallet.Find(ctx, "anna")
	fmt.Println("another browser has no device:", errors.Is(err, device.ErrNotFound))
	// Output:
	// verifier: true
	// {Key:us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789 GroupKey:-Ex4mple1 Password:[redacted]}
	// same password: true
	// another browser has no device: true
}

// A program treats an unusable record as absent, and the user signs in from a new device.
func ExampleCredentials_UnmarshalJSON() {
	var c device.Credentials
	err := c.UnmarshalJSON([]byte(`{"version":1,"device_key":"us-east-1_0a1b2c3d","device_password":"secret"}`))
	fmt.Println(errors.Is(err, device.ErrUnusable))
	fmt.Println(err)
	// Output:
	// true
	// device: record is unusable: srp: DeviceGroupKey is empty: take it from the same NewDeviceMetadata as DeviceKey
}
