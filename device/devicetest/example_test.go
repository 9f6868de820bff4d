package devicetest_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
)

// encrypted is a store that another store learns nothing from but names. The
// name is sealed in, so that nobody can give one user the record of another.
type encrypted struct {
	device.Store // for Delete
	aead         cipher.AEAD
}

func (e encrypted) Get(ctx context.Context, name string) ([]byte, error) {
	sealed, err := e.Store.Get(ctx, name)
	if err != nil {
		return nil, err // device.ErrNotFound is among these
	}
	return e.aead.Open(nil, nil, sealed, []byte(name))
}

func (e encrypted) Put(ctx context.Context, name string, data []byte) error {
	return e.Store.Put(ctx, name, e.aead.Seal(nil, nil, data, []byte(name)))
}

// A store of one's own, checked outside of a test. In a test use TestStore.
func ExampleCheck() {
	key := make([]byte, 32)
	rand.Read(key) // a real key comes from where the program keeps its secrets
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
