package packed_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/packed"
)

// remains returns all numbers that can be reached from v, as bytes. The numbers are those of texts,
// of tables, and of buffers up to their capacity.
func remains(v reflect.Value) (all []byte) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			all = remains(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			all = append(all, remains(v.Field(i))...)
		}
	case reflect.Slice:
		v = v.Slice(0, v.Cap())
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			all = append(all, remains(v.Index(i))...)
		}
	case reflect.String:
		all = []byte(v.String())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		all = []byte{byte(v.Uint())}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		all = []byte{byte(v.Int())}
	}
	return all
}

// The pools keep nothing of a value. A dump of the memory must not have the sessions of earlier
// sign-ins.
func TestNothingIsLeft(t *testing.T) {
	const enough = 8 // so many equal bytes in a row are no accident
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{20, 2000, 20_000, packed.Most - 10, packed.Most + 1} {
		made := packed.Watch()
		session := random(r, base64Letters, n)
		data, err := packed.Pack(1, session)
		if n > packed.Most {
			data = append([]byte{1}, deflated(t, session)...)
		} else if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, data := range [][]byte{data, data[:len(data)*3/4]} {
			packed.Unpack(1, data, &got)
		}
		if n <= packed.Most && got != session {
			t.Fatal("another text came back")
		}
		if len(made()) < 2 {
			t.Fatalf("%d packers and unpackers were made, want 2 at least", len(made()))
		}
		for _, room := range made() {
			name, left := fmt.Sprintf("%d bytes, %T", n, room), remains(reflect.ValueOf(room))
			for _, text := range [][]byte{[]byte(session), data} {
				for part := range slices.Chunk(text, enough) {
					if len(part) == enough && !bytes.ContainsRune(part, 0) && bytes.Contains(left, part) {
						t.Fatalf("%s: part of the text is left", name)
					}
				}
			}
		}
	}
}
