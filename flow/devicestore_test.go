package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
)

func TestUnusableRecords(t *testing.T) {
	for name, data := range map[string]string{
		"corrupt":            `{"version":2,"devices":[{"k":"local-1_0a1b","p":"s3cret-of-the-device`,
		"empty":              ``,
		"without password":   `{"version":2,"devices":[{"k":"local-1_0a1b","g":"-g","u":"x"}]}`,
		"without group key":  `{"version":2,"devices":[{"k":"local-1_0a1b","p":"s3cret-of-the-device","u":"x"}]}`,
		"without key":        `{"version":2,"devices":[{"g":"-g","p":"s3cret-of-the-device","u":"x"}]}`,
		"of a later version": `{"version":9,"devices":[{"k":"local-1_0a1b","g":"-g","p":"s3cret-of-the-device","u":"x"}]}`,
		"with strange keys":  `{"version":2,"devices":[{"k":"not a key","g":"-g","p":"s3cret-of-the-device","u":"x"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			store := &puts{Store: d.store}
			d.store = store
			d.signIn(srpAuth("ada"), 1)
			if err := store.Put(t.Context(), store.names[0], []byte(data)); err != nil {
				t.Fatal(err)
			}
			mark := d.mark()
			tokens := d.signIn(srpAuth("ada"), 1)
			d.wantSent(mark, 0, "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
			text := ""
			if tokens.Device.Err != nil {
				text = tokens.Device.Err.Error()
			}
			if !errors.Is(tokens.Device.Err, device.ErrUnusable) {
				t.Errorf("Device.Err is %v", tokens.Device.Err)
			}
			if strings.Contains(text, "s3cret") || strings.Count(text, "are not used") != 1 {
				t.Errorf("Device.Err quotes the record, or says more than once that it is not used: %v", text)
			}
			tokens = d.signIn(srpAuth("ada"), 0) // with the device that has replaced the record
			d.remembered("ada", tokens)
		})
	}
}

// brokenStore is a store of which some operations fail.
type brokenStore struct {
	device.Store
	get, put, delete bool
}

var errDisk = errors.New("the disk is gone")

func (b *brokenStore) Get(ctx context.Context, name string) ([]byte, error) {
	if b.get {
		return nil, errDisk
	}
	return b.Store.Get(ctx, name)
}

func (b *brokenStore) Put(ctx context.Context, name string, data []byte) error {
	if b.put {
		return errDisk
	}
	return b.Store.Put(ctx, name, data)
}

func (b *brokenStore) Delete(ctx context.Context, name string) error {
	if b.delete {
		return errDisk
	}
	return b.Store.Delete(ctx, name)
}

// If the store fails, the person may be asked for a code. The sign-in succeeds, and
// Device.Err has the error.
func TestBrokenStore(t *testing.T) {
	for name, test := range map[string]struct {
		store  brokenStore
		forget bool
		asked  int
	}{
		"get":    {brokenStore{get: true}, false, 1},
		"put":    {brokenStore{put: true}, true, 1},
		"delete": {brokenStore{delete: true}, true, 1},
		"all":    {brokenStore{get: true, put: true, delete: true}, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			first := d.signIn(srpAuth("ada"), 1)
			if test.forget {
				d.pool.ForgetDevice("ada", first.Device.Key)
			}
			whole := d.store
			test.store.Store = whole
			d.store = &test.store
			tokens := d.signIn(srpAuth("ada"), test.asked)
			if !errors.Is(tokens.Device.Err, errDisk) {
				t.Errorf("Device.Err is %v", tokens.Device.Err)
			}
			d.store = whole
			if !test.store.put {
				d.signIn(srpAuth("ada"), 0)
			}
		})
	}
}

// If the store cannot delete a record, the sign-in does not use the record under another name
// of the user.
func TestForgottenDeviceThatStays(t *testing.T) {
	d := newDesk(t, nil)
	first := d.signIn(srpAuth("ada@example.com"), 1)
	d.pool.ForgetDevice("ada", first.Device.Key)
	d.store = &brokenStore{Store: d.store, delete: true}
	mark := d.mark()
	d.signIn(srpAuth("ada@example.com"), 1)
	d.wantSent(mark, 1, "USER_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA")
}

// If the store cannot delete a record, the sign-in does not find the record again when the
// pool tells the user's name.
func TestForgottenDeviceIsNotFoundLate(t *testing.T) {
	d := newDesk(t, func(c *cognitotest.PoolConfig) {
		c.MFA = "OFF"
		c.Users[0].MFA, c.Users[0].TOTPSecret = nil, ""
	})
	first := d.signIn(srpAuth("ada"), 0)
	d.pool.ForgetDevice("ada", first.Device.Key)
	d.store = &brokenStore{Store: d.store, delete: true}
	mark := d.mark()
	d.signIn(srpAuth("ada"), 0)
	d.wantSent(mark, 1, "USER_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER")
}
