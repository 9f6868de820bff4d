// Package golden reads and writes golden files: values that a release has stored. The tests of
// later releases read the files.
//
// A stored format has a directory for each of its versions, such as testdata/prompt-v1. A test of
// the package that owns the format reads each file of the directory, and goes on with the value.
//
// A file does not change, because programs have stored such bytes. The flag -update writes files
// that are missing, and refuses to write over a file:
//
//	go test ./flow -run TestGoldenPrompts/sms-mfa -update
//
// A form that the present reader of a version would misread takes the next version
// number. The next version gets a directory too.
package golden

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/packed"
)

var update = flag.Bool("update", false, "write golden files that are missing; a file that is there stays")

// Data returns the file of this name in the directory testdata/FORMAT. A format ends with its
// version, as in "prompt-v1". With -update, Data first writes the file with the result of made,
// and fails the test if there is such a file already.
func Data(t *testing.T, format, name string, made func(t *testing.T) []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", format, name)
	if *update {
		create(t, path, made(t))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: a golden file is missing. Restore the file if a release had it, or write a new file with -update", err)
	}
	return data
}

func create(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		t.Fatalf("%s exists, and -update does not change it, because stored values do not change. Give a new form the next version and a new directory", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Covered fails the test if the directory of a format has other files than these. A file that no
// test reads proves nothing.
func Covered(t *testing.T, format string, names ...string) {
	t.Helper()
	for _, name := range Names(t, format) {
		if !slices.Contains(names, name) {
			t.Errorf("no test reads testdata/%s/%s", format, name)
		}
	}
}

// Names returns the names of the files of a format.
func Names(t testing.TB, format string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("testdata", format))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Broke fails the test with the name of the file, and says what does not work any more.
func Broke(t *testing.T, format, name, layout string, args ...any) {
	t.Helper()
	t.Errorf("testdata/%s/%s: a stored value does not work any more: "+layout, append([]any{format, name}, args...)...)
}

// Members fails the test if the present code writes a member that no file of the format has.
// Such a member is new and needs a file, or was renamed and loses the stored values. The type
// is that of the JSON. decode returns the values in a file, as package json decodes them into
// an any: see [JSON] and [Packed].
func Members(t *testing.T, format string, written reflect.Type, decode func(data []byte) ([]any, error)) {
	t.Helper()
	var values []any
	for _, name := range Names(t, format) {
		data, err := os.ReadFile(filepath.Join("testdata", format, name))
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := decode(data)
		if err != nil {
			t.Fatalf("testdata/%s/%s: %v", format, name, err)
		}
		values = append(values, decoded...)
	}
	for _, path := range absent(written, values) {
		t.Errorf("no file of testdata/%s has the member %s. Write a file for a new member, and do not rename a member", format, path)
	}
}

// JSON decodes a file of JSON for [Members].
func JSON(data []byte) ([]any, error) {
	var value any
	err := json.Unmarshal(data, &value)
	return []any{value}, err
}

// Packed decodes a file of package packed for [Members], in any version.
func Packed(data []byte) ([]any, error) {
	var value any
	err := packed.Unpack(data[0], data, &value)
	return []any{value}, err
}

// absent returns the paths of the members of a type that no value has. A type with a method
// MarshalJSON counts as one value.
func absent(written reflect.Type, values []any) (paths []string) {
	if written.Implements(reflect.TypeFor[json.Marshaler]()) {
		return nil
	}
	switch written.Kind() {
	case reflect.Pointer:
		return absent(written.Elem(), values)
	case reflect.Slice:
		var elements []any
		for _, v := range values {
			list, _ := v.([]any)
			elements = append(elements, list...)
		}
		return absent(written.Elem(), elements)
	case reflect.Struct:
		for field := range written.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || name == "-" {
				continue
			}
			var members []any
			for _, v := range values {
				object, _ := v.(map[string]any)
				if member, has := object[name]; has {
					members = append(members, member)
				}
			}
			if len(members) == 0 {
				paths = append(paths, name)
				continue
			}
			for _, path := range absent(field.Type, members) {
				paths = append(paths, name+"."+path)
			}
		}
	}
	return paths
}
