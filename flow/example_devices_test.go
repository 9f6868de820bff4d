package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The user of a command-line tool is asked for a code once. At the next sign-in the remembered
// device of the machine replaces the code.
func ExampleThisMachine() {
	client, _, pool, stop := exampleClients(withApp, withDevices)
	defer stop()

	var store device.Memory // a real tool: device.Dir with a folder of the user
	driver, err := flow.New(client, exampleApp, flow.ThisMachine(&store))
	if err != nil {
		log.Fatal(err)
	}
	ask := challenge.HandlerFunc(func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		if c.Name != challenge.SoftwareTokenMFA {
			return challenge.Answer{}, challenge.ErrNoAnswer
		}
		fmt.Println("asked for a code")
		return challenge.Code(pool.TOTP("ada")), nil
	})
	for range 2 {
		tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, ask)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("signed in on a device that is", tokens.Device.State)
	}
	// Output:
	// asked for a code
	// signed in on a device that is confirmed
	// signed in on a device that is known
}

// In a web backend each browser has its own devices. The browser keeps an ID in a cookie, and
// the holder goes into each call of a sign-in.
func ExampleThisBrowser() {
	driver, pool, stop := exampleDriver(withApp, withDevices)
	defer stop()
	ctx := context.Background()
	var store device.Memory // a real backend: Sealer.DeviceStore of package seal
	auth := flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}

	id := device.NewID()
	browser := flow.ThisBrowser(device.Browser(&store, id))
	step, err := driver.Start(ctx, auth, browser)
	if err != nil {
		log.Fatal(err)
	}
	step, err = driver.Respond(ctx, step.Prompt, challenge.Code(pool.TOTP("ada")), browser)
	if err != nil {
		log.Fatal(err)
	}
	if step.Tokens.Device.Err != nil { // the user is signed in all the same
		log.Print(step.Tokens.Device.Err)
	}
	cookie := id.Reveal()

	// The next visit of the browser:
	id, err = device.ParseID(cookie)
	if err != nil {
		log.Fatal(err)
	}
	step, err = driver.Start(ctx, auth, flow.ThisBrowser(device.Browser(&store, id)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in without a code:", step.Tokens != nil)
	// Output: signed in without a code: true
}

// The pool lets the user decide whether the device is remembered. The program asks at the end of
// the sign-in.
func ExampleOptions_rememberDevice() {
	client, _, _, stop := exampleClients(withChoice)
	defer stop()

	var store device.Memory
	driver, err := flow.New(client, exampleApp, flow.ThisMachine(&store), func(o *flow.Options) {
		o.DeviceName = "Ada's laptop"
		o.RememberDevice = func(ctx context.Context, t *flow.Tokens) (flow.Decision, error) {
			fmt.Println("Remember this machine?")
			return flow.Remember, nil
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(context.Background(), flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("not decided yet:", tokens.Device.Undecided)
	// Output:
	// Remember this machine?
	// not decided yet: false
}

// The service has throttled ConfirmDevice. The tokens can be refreshed after the confirmation.
func ExampleDriver_ConfirmDevice() {
	driver, pool, stop := exampleDriver(withDevices)
	defer stop()
	pool.Fail(cognitotest.Fault{Operation: "ConfirmDevice", Error: "TooManyRequestsException"})
	ctx := context.Background()
	var store device.Memory
	here := flow.ThisMachine(&store)

	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil, here)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tokens.Device.State, errors.Is(tokens.Device.Err, flow.Throttled))

	outcome, err := driver.ConfirmDevice(ctx, tokens, here)
	if err != nil {
		log.Fatal(err) // a program tries again later
	}
	tokens.Device = outcome
	fmt.Println(tokens.Device.State)
	// Output:
	// unconfirmed true
	// confirmed
}

// A page shows the devices of the user.
func ExampleDriver_DeviceList() {
	driver, tokens, _, stop := exampleSignIn(withDevices)
	defer stop()

	devices, err := driver.DeviceList(tokens).All(context.Background())
	switch {
	case errors.Is(err, flow.TokenRefused):
		fmt.Println("sign in again")
	case err != nil:
		log.Fatal(err)
	}
	for _, d := range devices {
		fmt.Println("this device:", aws.ToString(d.DeviceKey) == tokens.Device.Key)
	}
	// Output: this device: true
}

// The same for a server with AWS credentials, and any user.
func ExampleDriver_AdminDeviceList() {
	client, admin, _, stop := exampleClients(withDevices)
	defer stop()
	ctx := context.Background()
	user, err := flow.New(client, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := user.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil); err != nil {
		log.Fatal(err)
	}

	driver, err := flow.NewAdmin(admin, exampleApp)
	if err != nil {
		log.Fatal(err)
	}
	devices, err := driver.AdminDeviceList("ada").All(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(devices), "device")
	// Output: 1 device
}

func ExampleDeviceList_All() {
	driver, tokens, _, stop := exampleSignIn(withDevices)
	defer stop()

	devices, err := driver.DeviceList(tokens).All(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(devices), "device")
	// Output: 1 device
}

// The service does not know the device of a user who has removed it elsewhere.
func ExampleDeviceList_Get() {
	driver, tokens, pool, stop := exampleSignIn(withDevices)
	defer stop()
	list := driver.DeviceList(tokens)

	found, err := list.Get(context.Background(), tokens.Device.Key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("found:", aws.ToString(found.DeviceKey) == tokens.Device.Key)

	pool.ForgetDevice("ada", tokens.Device.Key)
	_, err = list.Get(context.Background(), tokens.Device.Key)
	var e *flow.Error
	if errors.As(err, &e) {
		fmt.Println(e.ServiceCode())
	}
	// Output:
	// found: true
	// ResourceNotFoundException
}

// The user has ticked a box: from now on the device replaces a code.
func ExampleDeviceList_Remember() {
	driver, tokens, _, stop := exampleSignIn(withChoice)
	defer stop()

	if tokens.Device.Key != "" {
		if err := driver.DeviceList(tokens).Remember(context.Background(), tokens.Device.Key, true); err != nil {
			log.Fatal(err)
		}
		fmt.Println("remembered")
	}
	// Output: remembered
}

// The user has lost a phone. Tokens of a forgotten device cannot be refreshed.
func ExampleDeviceList_Forget() {
	driver, tokens, _, stop := exampleSignIn(withDevices)
	defer stop()
	ctx := context.Background()

	if err := driver.DeviceList(tokens).Forget(ctx, tokens.Device.Key); err != nil {
		log.Fatal(err)
	}
	_, err := driver.Refresh(ctx, tokens)
	fmt.Println("sign in again:", errors.Is(err, flow.TokenRefused))
	// Output: sign in again: true
}
