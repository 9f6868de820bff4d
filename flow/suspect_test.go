package flow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// refusedDevice returns a desk whose device was refused after the person's answer. The device
// is suspect, and the next sign-in decides whether it is forgotten.
func refusedDevice(t *testing.T, signIn func(*desk) error) *desk {
	t.Helper()
	d := newDesk(t, afterCode)
	d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	err := signIn(d)
	if !errors.Is(err, flow.DeviceRefused) || !strings.Contains(err.Error(), "the next sign-in leaves the device out") {
		t.Fatalf("got %v", err)
	}
	if kept := d.kept("ada"); kept.State != device.Suspect {
		t.Fatalf("the device is %q", kept.State)
	}
	return d
}

func byHandler(d *desk) error {
	_, err := d.driver().SignIn(d.t.Context(), srpAuth("ada"), d, d.here)
	return err
}

func byStoredPrompt(d *desk) error {
	step, err := d.driver().Start(d.t.Context(), srpAuth("ada"), d.here)
	if err != nil {
		return err
	}
	a, err := d.Answer(d.t.Context(), step.Prompt.Challenge())
	if err != nil {
		return err
	}
	_, err = d.driver().Respond(d.t.Context(), reread(d.t, step.Prompt), a, d.here)
	return err
}

// The device that replaces a suspect device is used in the next sign-in.
func TestSuspectDeviceIsReplaced(t *testing.T) {
	for name, signIn := range map[string]func(*desk) error{"handler": byHandler, "stored prompt": byStoredPrompt} {
		t.Run(name, func(t *testing.T) {
			d := refusedDevice(t, signIn)
			old := d.kept("ada").Key
			mark := d.mark()
			second := d.signIn(srpAuth("ada"), 1)
			d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
			if kept := d.kept("ada"); kept.Key != second.Device.Key || kept.Key == old || kept.State != device.Confirmed {
				t.Errorf("the wallet has the %q device %v", kept.State, kept.Key)
			}
			mark = d.mark()
			if third := d.signIn(srpAuth("ada"), 1); third.Device.Key != second.Device.Key || third.Device.Err != nil {
				t.Errorf("device %q after %q, %v", third.Device.Key, second.Device.Key, third.Device.Err)
			}
			d.wantSent(mark, 5, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
		})
	}
}

// If a sign-in without the device fails, the device stays suspect.
func TestSuspectDeviceStaysUntilASignInSucceeds(t *testing.T) {
	d := refusedDevice(t, byHandler)
	before := d.kept("ada")
	mark := d.mark()
	_, err := d.driver().SignIn(t.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New("wrong-Password-1!")}, d, d.here)
	if !errors.Is(err, flow.WrongCredentials) {
		t.Fatal(err)
	}
	d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER")
	if after := d.kept("ada"); after.Key != before.Key || after.State != device.Suspect {
		t.Errorf("the wallet has the %q device %v", after.State, after.Key)
	}
	d.pool.Fail(noConfirm) // so that no new record replaces the old one
	d.signIn(srpAuth("ada"), 1)
	d.wantNone(before.Key)
}

// If the store cannot mark the device, the next sign-in tries the device again. The error says
// so.
func TestSuspectDeviceThatCannotBeMarked(t *testing.T) {
	d := newDesk(t, afterCode)
	d.signIn(srpAuth("ada"), 1)
	d.rewrite(otherPassword)
	d.store = &brokenStore{Store: d.store, put: true}
	err := byHandler(d)
	if !errors.Is(err, flow.DeviceRefused) || !errors.Is(err, errDisk) {
		t.Errorf("got %v, want both errors", err)
	}
	if text := err.Error(); !strings.Contains(text, errDisk.Error()) || strings.Contains(text, "leaves the device out") {
		t.Errorf("%q does not say what the next sign-in does", text)
	}
}
