package challenge

import (
	"context"
	"fmt"
	"time"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/srp"
)

// deviceProof: a remembered device proves its password.
var deviceProof = answerSpec{needs: "a remembered device: give flow.ThisMachine or flow.ThisBrowser, and sign in where the device was remembered"}

// DeviceHandlers returns the machine handlers for a remembered device in one sign-in:
// DEVICE_SRP_AUTH, and then DEVICE_PASSWORD_VERIFIER. If a challenge names another device
// than d, the handler returns an error. The parameter now is as in [PasswordHandlers].
func DeviceHandlers(d device.Credentials, now func() time.Time) Mux {
	h := &deviceHandler{proof: proof{now: now}, device: d}
	return Mux{DeviceSRPAuth: h, DevicePasswordVerifier: h}
}

type deviceHandler struct {
	proof
	device device.Credentials
}

func (h *deviceHandler) Answer(_ context.Context, c Challenge) (Answer, error) {
	if c.Name == DeviceSRPAuth {
		return h.open(), nil
	}
	return h.claim(c, h.identity)
}

func (h *deviceHandler) identity(c Challenge) (srp.Identity, error) {
	d := h.device
	if key, ok := c.Parameters["DEVICE_KEY"]; ok && key != d.Key {
		return srp.Identity{}, fmt.Errorf("challenge: %s names device %s, the stored one is %q", c.Name, quote(key), d.Key)
	}
	return srp.Device(d.GroupKey, d.Key, d.Password.Reveal())
}
