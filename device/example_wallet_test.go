package device_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/srp"
)

// exampleDevice is a device with made-up keys of NewDeviceMetadata.
func exampleDevice() device.Credentials {
	credentials, err := device.New("us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "-Ex4mple1")
	if err != nil {
		log.Fatal(err)
	}
	return credentials
}

// A program without package flow enrols a device: the reply to a sign-in has
// NewDeviceMetadata.
func ExampleNew() {
	credentials, err := device.New("us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "-Ex4mple1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(credentials.Key, credentials.GroupKey, credentials.Password)

	_, err = device.New("no key", "-Ex4mple1")
	var refused *srp.ParameterError
	fmt.Println(errors.As(err, &refused) && refused.Parameter == "DeviceKey")
	// Output:
	// us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789 -Ex4mple1 [redacted]
	// true
}

// The verifier is DeviceSecretVerifierConfig of operation ConfirmDevice.
func ExampleCredentials_Verifier() {
	verifier, err := exampleDevice().Verifier()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verifier.Salt != "", verifier.PasswordVerifier != "")
	// Output: true true
}

// Credentials of another client may lack a part.
func ExampleCredentials_Validate() {
	err := device.Credentials{Key: "us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", GroupKey: "-Ex4mple1"}.Validate()
	fmt.Println(errors.Is(err, device.ErrUnusable), err)
	// Output: true device: record is unusable: the device password is missing
}

// A program that has no wallet keeps credentials as JSON. The JSON has the password.
func ExampleCredentials_MarshalJSON() {
	credentials := exampleDevice()
	data, err := json.Marshal(credentials)
	if err != nil {
		log.Fatal(err)
	}
	var read device.Credentials
	if err := json.Unmarshal(data, &read); err != nil {
		log.Fatal(err)
	}
	fmt.Println(read.Key == credentials.Key, read.Password.Reveal() == credentials.Password.Reveal())
	// Output: true true
}

// A command-line tool keeps the devices of its users in files. Give the holder to each
// call of a sign-in: flow.ThisMachine(device.Dir(path)).
func ExampleMachine() {
	path, err := os.MkdirTemp("", "devices")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)

	machine := device.Machine(device.Dir(path)) // a real path: below os.UserConfigDir
	if err := machine.Validate(); err != nil {
		log.Fatal(err)
	}
	wallet := machine.Wallet("us-east-1_Ab12Cd34E", "client")
	if err := wallet.Put(context.Background(), "anna", device.Entry{Credentials: exampleDevice()}); err != nil {
		log.Fatal(err)
	}
	_, err = wallet.Find(context.Background(), "anna")
	fmt.Println(machine.IsMachine(), err)
	// Output: true <nil>
}

// A Dir keeps one file for each holder and app client.
func ExampleDir() {
	path, err := os.MkdirTemp("", "devices")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)
	ctx, dir := context.Background(), device.Dir(path)

	if err := dir.Put(ctx, "a record", []byte("data")); err != nil {
		log.Fatal(err)
	}
	swapped, err := dir.Swap(ctx, "a record", []byte("data"), []byte("new data"))
	fmt.Println(swapped, err)
	data, err := dir.Get(ctx, "a record")
	fmt.Println(string(data), err)
	if err := dir.Delete(ctx, "a record"); err != nil {
		log.Fatal(err)
	}
	_, err = dir.Get(ctx, "a record")
	fmt.Println(errors.Is(err, device.ErrNotFound))
	// Output:
	// true <nil>
	// new data <nil>
	// true
}

// A Memory is for tests, and for programs that sign in many times in one run.
func ExampleMemory() {
	var memory device.Memory
	ctx := context.Background()
	if err := memory.Put(ctx, "a record", []byte("data")); err != nil {
		log.Fatal(err)
	}
	swapped, err := memory.Swap(ctx, "a record", []byte("other data"), []byte("new data"))
	fmt.Println(swapped, err)
	// Output: false <nil>
}

// jar is a store that one browser carries, such as cookies of a framework.
type jar struct{ device.Memory }

func (*jar) CarriedByBrowser() {}

// A backend keeps devices in the cookies of its framework. With net/http use Sealer.Device
// of package seal.
func ExampleInBrowser() {
	wallet := device.InBrowser(new(jar)).Wallet("us-east-1_Ab12Cd34E", "client")
	_, err := wallet.Find(context.Background(), "anna")
	fmt.Println(errors.Is(err, device.ErrNotFound))
	// Output: true
}

// A new browser gets an ID in a cookie.
func ExampleNewID() {
	id := device.NewID()
	fmt.Println(id, len(id.Reveal())) // an ID prints redacted
	// Output: [redacted] 32
}

// The cookie of a request can have any text.
func ExampleParseID() {
	id, err := device.ParseID("the name of a user")
	if err != nil {
		id = device.NewID() // and set the cookie
	}
	fmt.Println(id.IsZero(), err != nil)
	// Output: false true
}

// A wallet has a device for each user of a machine or a browser. Package flow does all
// of this by itself.
func ExampleHolder_Wallet() {
	ctx := context.Background()
	wallet := device.Machine(new(device.Memory)).Wallet("us-east-1_Ab12Cd34E", "client")

	// Before ConfirmDevice.
	entry := device.Entry{Credentials: exampleDevice(), State: device.Unconfirmed}
	if err := wallet.Put(ctx, "anna", entry, "anna@example.com"); err != nil {
		log.Fatal(err)
	}
	// After ConfirmDevice.
	found, err := wallet.FindKey(ctx, entry.Key)
	if err != nil {
		log.Fatal(err)
	}
	if err := wallet.Change(ctx, found, func(e *device.Entry) { e.State = device.Confirmed }); err != nil {
		log.Fatal(err)
	}
	// At the next sign-in.
	found, err = wallet.Find(ctx, "anna@example.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.State == device.Confirmed, wallet.IsOf(found, "anna"))
	// After the user has forgotten the device.
	if err := wallet.Remove(ctx, "anna", found.Key); err != nil {
		log.Fatal(err)
	}
	_, err = wallet.Find(ctx, "anna@example.com")
	fmt.Println(errors.Is(err, device.ErrNotFound))
	// Output:
	// true true
	// true
}

// A sign-in does without a device if there is none, or if the record cannot be read.
func ExampleWallet_Find() {
	wallet := device.Machine(new(device.Memory)).Wallet("us-east-1_Ab12Cd34E", "client")
	_, err := wallet.Find(context.Background(), "anna", "anna@example.com")
	switch {
	case errors.Is(err, device.ErrNotFound):
		fmt.Println("sign in without a device")
	case errors.Is(err, device.ErrUnusable):
		log.Print(err) // sign in without a device: the next Put replaces the record
	case err != nil:
		log.Fatal(err) // the store
	}
	// Output: sign in without a device
}

// A program keeps a device of another client, with its credentials.
func ExampleWallet_Put() {
	ctx := context.Background()
	wallet := device.Machine(new(device.Memory)).Wallet("us-east-1_Ab12Cd34E", "client")
	if err := wallet.Put(ctx, "anna", device.Entry{Credentials: exampleDevice()}, "anna@example.com"); err != nil {
		log.Fatal(err)
	}
	_, err := wallet.Find(ctx, "anna@example.com")
	fmt.Println(err)
	// Output: <nil>
}

// A sign-in notes the use of the device and an alias that the user has typed.
func ExampleWallet_Change() {
	ctx := context.Background()
	wallet := device.Machine(new(device.Memory)).Wallet("us-east-1_Ab12Cd34E", "client")
	if err := wallet.Put(ctx, "anna", device.Entry{Credentials: exampleDevice()}); err != nil {
		log.Fatal(err)
	}
	found, err := wallet.Find(ctx, "anna")
	if err != nil {
		log.Fatal(err)
	}

	if err := wallet.Change(ctx, found, func(e *device.Entry) { e.Used = time.Now() }, "anna@example.com"); err != nil {
		log.Fatal(err)
	}
	found, err = wallet.Find(ctx, "anna@example.com")
	fmt.Println(found.Used.IsZero(), err)
	// Output: false <nil>
}

// The user has removed the device from the list of devices.
func ExampleWallet_Remove() {
	ctx := context.Background()
	wallet := device.Machine(new(device.Memory)).Wallet("us-east-1_Ab12Cd34E", "client")
	credentials := exampleDevice()
	if err := wallet.Put(ctx, "anna", device.Entry{Credentials: credentials}); err != nil {
		log.Fatal(err)
	}

	if err := wallet.Remove(ctx, "anna", credentials.Key); err != nil {
		log.Fatal(err)
	}
	_, err := wallet.Find(ctx, "anna")
	fmt.Println(errors.Is(err, device.ErrNotFound))
	// Output: true
}
