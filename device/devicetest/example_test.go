package devicetest_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
)

// encrypted is a store that encrypts the records of another store. A record is bound to its
// name, so that a writer of the other store cannot give one user the record of another.
type encrypted struct {
	device.Swapper // for Delete
	aead           cipher.AEAD
}

func (e encrypted) Get(ctx context.Context, name string) ([]byte, error) {
	sealed, err := e.Swapper.Get(ctx, name)
	if err != nil {
		return nil, err // device.ErrNotFound too
	}
	return e.aead.Open(nil, nil, sealed, []byte(name))
}

func (e encrypted) Put(ctx context.Context, name string, data []byte) error {
	return e.Swapper.Put(ctx, name, e.aead.Seal(nil, nil, data, []byte(name)))
}

// Swap compares in clear, because two encryptions of one record differ.
func (e encrypted) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	var sealedOld, sealedNew []byte
	if old != nil {
		sealed, err := e.Swapper.Get(ctx, name)
		if errors.Is(err, device.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		present, err := e.aead.Open(nil, nil, sealed, []byte(name))
		if err != nil || !bytes.Equal(present, old) {
			return false, err
		}
		sealedOld = sealed
	}
	if new != nil {
		sealedNew = e.aead.Seal(nil, nil, new, []byte(name))
	}
	return e.Swapper.Swap(ctx, name, sealedOld, sealedNew)
}

// Check tests your store outside of a test. In a test use TestStore.
func ExampleCheck() {
	key := make([]byte, 32)
	rand.Read(key) // a real program reads its key from its store of secrets
	block, err := aes.NewCipher(key)
	if err != nil {
		log.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(devicetest.Check(context.Background(), encrypted{new(device.Memory), aead}))
	// Output: <nil>
}
