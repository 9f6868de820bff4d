package devicetest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/storecheck"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	maxDevices = 8    // of device.Wallet
	maxRecord  = 2048 // of device.Store
)

// holders is the session's part of the store for wallets.
type holders struct{ session }

func (h holders) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := h.get(ctx, name)
	if len(data) > maxRecord {
		return nil, fmt.Errorf("the record of a wallet has %d bytes, more than %d", len(data), maxRecord)
	}
	return data, err
}

func (h holders) Put(ctx context.Context, name string, data []byte) error {
	return h.put(ctx, name, data)
}

func (h holders) Delete(ctx context.Context, name string) error { return h.delete(ctx, name) }

// swappers is holders for a store that is a Swapper.
type swappers struct{ holders }

func (s swappers) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	return s.swap(ctx, name, old, new)
}

// wallet returns the wallet of a new browser.
func (s session) wallet() device.Wallet {
	var store device.Store = holders{s}
	if _, ok := s.Store.(device.Swapper); ok {
		store = swappers{holders{s}}
	}
	id, err := device.ParseID(device.NewID().Reveal()) // as the browser brings it back
	if err != nil {
		panic(err)
	}
	return device.Browser(store, id).Wallet("eu-west-1_Ab12Cd34E", "client")
}

// newDevice returns a device with the lengths of a real one.
func newDevice() device.Entry {
	id := make([]byte, 16)
	rand.Read(id)
	password := make([]byte, 40)
	rand.Read(password)
	return device.Entry{Credentials: device.Credentials{
		Key:      fmt.Sprintf("eu-west-1_%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		GroupKey: "-Ex4mple1",
		Password: secret.New(base64.StdEncoding.EncodeToString(password)),
	}}
}

func userName(i int) string { return fmt.Sprintf("user-%d@example.com", i) }

func alias(i int) string { return fmt.Sprintf("+4930%07d", i) }

// wantDevice finds the device by the user's name and by the alias.
func wantDevice(ctx context.Context, w device.Wallet, i int, want device.Entry) error {
	for _, name := range []string{userName(i), alias(i)} {
		got, err := w.Find(ctx, name)
		if err != nil {
			return fmt.Errorf("the device of %s: %w", userName(i), err)
		}
		if got.Key != want.Key || got.Password.Reveal() != want.Password.Reveal() {
			return fmt.Errorf("the device of %s is %s, want %s", userName(i), got.Key, want.Key)
		}
	}
	return nil
}

func wantNoDevice(ctx context.Context, w device.Wallet, i int) error {
	got, err := w.Find(ctx, userName(i))
	if err == nil {
		return fmt.Errorf("the device of %s is %s, want none", userName(i), got.Key)
	}
	if !errors.Is(err, device.ErrNotFound) {
		return fmt.Errorf("the device of %s: %w", userName(i), err)
	}
	return nil
}

func putDevice(ctx context.Context, w device.Wallet, i int, e device.Entry) error {
	if err := w.Put(ctx, userName(i), e, alias(i)); err != nil {
		return fmt.Errorf("Wallet.Put of the device of %s: %w", userName(i), err)
	}
	return nil
}

// twoHolders fails for a store that confuses names that differ only in one part.
func twoHolders(ctx context.Context, s session) error {
	mine, other := s.wallet(), s.wallet()
	first, second := newDevice(), newDevice()
	return storecheck.InOrder(
		func() error { return putDevice(ctx, mine, 0, first) },
		func() error { return wantNoDevice(ctx, other, 0) },
		func() error { return putDevice(ctx, other, 0, second) },
		func() error { return wantDevice(ctx, mine, 0, first) },
		func() error { return wantDevice(ctx, other, 0, second) },
		func() error { return mine.Remove(ctx, userName(0), first.Key) },
		func() error { return wantNoDevice(ctx, mine, 0) },
		func() error { return wantDevice(ctx, other, 0, second) },
	)
}

// ninthUser fails for a store that has no room for a full wallet.
func ninthUser(ctx context.Context, s session) error {
	w := s.wallet()
	devices := make([]device.Entry, maxDevices+1)
	for i := range devices {
		devices[i] = newDevice()
	}
	for i, e := range devices[:maxDevices] {
		if err := putDevice(ctx, w, i, e); err != nil {
			return err
		}
	}
	// A use of the oldest device makes the second one the least recently used.
	const dropped = 1
	oldest, err := w.Find(ctx, userName(0))
	if err != nil {
		return err
	}
	if err := w.Change(ctx, oldest, func(*device.Entry) {}); err != nil {
		return err
	}
	if err := putDevice(ctx, w, maxDevices, devices[maxDevices]); err != nil {
		return err
	}
	for i, e := range devices {
		if i == dropped {
			continue
		}
		if err := wantDevice(ctx, w, i, e); err != nil {
			return err
		}
	}
	return wantNoDevice(ctx, w, dropped)
}

// oneHolder fails for a store that loses a change of a wallet.
func oneHolder(ctx context.Context, s session) error {
	w := s.wallet()
	devices := make([]device.Entry, maxDevices)
	err := storecheck.AtOnce(maxDevices, func(i int) error {
		for range attempts {
			devices[i] = newDevice()
			if err := putDevice(ctx, w, i, devices[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, e := range devices {
		if err := wantDevice(ctx, w, i, e); err != nil {
			return err
		}
	}
	return nil
}
