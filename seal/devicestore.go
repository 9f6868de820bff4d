package seal

import (
	"context"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/store"
)

// DeviceStore returns a store of device records over a store that all instances of a
// backend share, such as the store of package websession. Give each browser an ID:
//
//	browser := flow.ThisBrowser(device.Browser(sealer.DeviceStore(shared), id))
//
// The records are sealed, bound to their names, and expire Options.DeviceLifetime after
// their last change. The shared store sees hashes of the names. If a record does not open,
// errors.Is finds device.ErrUnusable, and the next Put replaces the record.
func (s *Sealer) DeviceStore(shared store.Store) device.Swapper { return storedDevices{s, shared} }

type storedDevices struct {
	sealer *Sealer
	shared store.Store
}

const purposeStoredDevice = "stored device"

func (d storedDevices) Get(ctx context.Context, name string) ([]byte, error) {
	data, _, err := d.read(ctx, name)
	if err == nil && data == nil {
		return nil, device.ErrNotFound
	}
	return data, err
}

func (d storedDevices) Put(ctx context.Context, name string, data []byte) error {
	for range changes {
		_, version, err := d.read(ctx, name)
		if err != nil && !errors.Is(err, device.ErrUnusable) {
			return err
		}
		if err := d.write(ctx, name, data, version); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("seal: the record was changed by others %d times in a row", changes)
}

// changes is how often a change is tried in case of conflicts.
const changes = 100

func (d storedDevices) Delete(ctx context.Context, name string) error {
	if err := checkName(ctx, name); err != nil {
		return err
	}
	return d.shared.Delete(ctx, recordName(name), "")
}

func (d storedDevices) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	present, version, err := d.read(ctx, name)
	if err != nil || (present == nil) != (old == nil) || string(present) != string(old) {
		return false, err
	}
	switch {
	case new != nil:
		err = d.write(ctx, name, new, version)
	case version != "":
		err = d.shared.Delete(ctx, recordName(name), version)
	}
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// read returns a record and its version, and nil and "" if there is none. A record that does
// not open has a version too.
func (d storedDevices) read(ctx context.Context, name string) ([]byte, string, error) {
	if err := checkName(ctx, name); err != nil {
		return nil, "", err
	}
	got, err := d.shared.Get(ctx, recordName(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	data, err := d.sealer.open(purposeStoredDevice, string(got.Data), []byte(name))
	if err != nil {
		return nil, got.Version, fmt.Errorf("%w: %w", device.ErrUnusable, err)
	}
	return data, got.Version, nil
}

func (d storedDevices) write(ctx context.Context, name string, data []byte, version string) error {
	expires := d.sealer.options.Now().Add(d.sealer.options.DeviceLifetime)
	sealed := d.sealer.seal(purposeStoredDevice, data, []byte(name), expires)
	_, err := store.Write(ctx, d.shared, recordName(name), []byte(sealed), version, expires)
	return err
}

// recordName hides the name, because names of callers of the store may identify a user.
func recordName(name string) string { return store.Name("device", name) }
