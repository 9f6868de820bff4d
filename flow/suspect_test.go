package flow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// refusedDevice is a desk whose device was refused after the person's answer.
// Nothing is judged by then: the next sign-in does that.
func refusedDevice(t *testing.T, signIn func(*desk) error) *desk {
	t.Helper()
	d := newDesk(t, afterCode)
	d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	err := signIn(d)
	if !errors.Is(err, flow.DeviceRefused) || !strings.Contains(err.Error(), "the next sign-in leaves the device out") {
		t.Fatalf("got %v", err)
	}
	if d.readRecord("ada")["suspect"] != true {
		t.Fatal("the record is not suspect")
	}
	return d
}

func byCallbacks(d *desk) error {
	_, err := d.driver().SignIn(d.t.Context(), srpAuth("ada"), d)
	return err
}

func byStoredPrompt(d *desk) error {
	step, err := d.driver().Start(d.t.Context(), srpAuth("ada"))
	if err != nil {
		return err
	}
	a, err := d.Answer(d.t.Context(), step.Prompt.Challenge())
	if err != nil {
		return err
	}
	_, err = d.driver().Respond(d.t.Context(), reread(d.t, step.Prompt), a)
	return err
}

// A device that takes the place of a suspect one is a device like any other.
func TestSuspectDeviceIsReplaced(t *testing.T) {
	for name, signIn := range map[string]func(*desk) error{"callbacks": byCallbacks, "stored prompt": byStoredPrompt} {
		t.Run(name, func(t *testing.T) {
			d := refusedDevice(t, signIn)
			old := d.readRecord("ada")["device_key"]
			mark := d.mark()
			second := d.signIn(srpAuth("ada"), 1)
			d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
			if record := d.readRecord("ada"); record["device_key"] != second.DeviceKey || second.DeviceKey == old || record["suspect"] != nil {
				t.Errorf("the record is that of %v, suspect %v", record["device_key"], record["suspect"])
			}
			mark = d.mark()
			if third := d.signIn(srpAuth("ada"), 1); third.DeviceKey != second.DeviceKey || third.DeviceError != nil {
				t.Errorf("device %q after %q, %v", third.DeviceKey, second.DeviceKey, third.DeviceError)
			}
			d.wantSent(mark, 5, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
		})
	}
}

// A sign-in that fails without the device clears nobody and condemns nobody.
func TestSuspectDeviceStaysUntilASignInSucceeds(t *testing.T) {
	d := refusedDevice(t, byCallbacks)
	before := d.readRecord("ada")
	mark := d.mark()
	_, err := d.driver().SignIn(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong-Password-1!")}, d)
	if !errors.Is(err, flow.WrongCredentials) {
		t.Fatal(err)
	}
	d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER")
	if after := d.readRecord("ada"); after["device_key"] != before["device_key"] || after["suspect"] != true {
		t.Errorf("the record is %v of device %v", after["suspect"], after["device_key"])
	}
	d.pool.Fail(noConfirm) // so that no new record hides what becomes of the old
	d.signIn(srpAuth("ada"), 1)
	d.wantNoRecord()
}

// A store that cannot keep the suspicion lets the next sign-in fail likewise.
// The user should know before.
func TestSuspectDeviceThatCannotBeMarked(t *testing.T) {
	d := newDesk(t, afterCode)
	d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	d.store = &brokenStore{Store: d.store, put: true}
	err := byCallbacks(d)
	if !errors.Is(err, flow.DeviceRefused) || !errors.Is(err, errDisk) {
		t.Errorf("got %v, want both errors", err)
	}
	if text := err.Error(); !strings.Contains(text, errDisk.Error()) || strings.Contains(text, "leaves the device out") {
		t.Errorf("%q does not say what the next sign-in does", text)
	}
}
