package device_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/device/devicetest"
)

// newDir returns a Dir that does not exist, nor its parent.
func newDir(t *testing.T) device.Dir {
	return device.Dir(filepath.Join(t.TempDir(), "parent", "devices"))
}

func TestMemory(t *testing.T) {
	devicetest.TestStore(t, func(*testing.T) device.Store { return new(device.Memory) })
}

func TestDir(t *testing.T) {
	devicetest.TestStore(t, func(t *testing.T) device.Store { return newDir(t) })
}

// A store that has given up must not have done half of its work.
func TestEndedContext(t *testing.T) {
	for name, store := range map[string]device.Store{"Memory": new(device.Memory), "Dir": newDir(t)} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := store.Put(ctx, "user", []byte("old")); err != nil {
			t.Fatal(err)
		}
		cancel()
		_, err := store.Get(ctx, "user")
		for operation, err := range map[string]error{
			"Get": err, "Put": store.Put(ctx, "user", []byte("new")), "Delete": store.Delete(ctx, "user"),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s.%s: error %v, want context.Canceled", name, operation, err)
			}
		}
		if data, err := store.Get(t.Context(), "user"); string(data) != "old" {
			t.Errorf("%s: the record became %q, %v", name, data, err)
		}
	}
}

func TestEmptyName(t *testing.T) {
	for _, store := range []device.Store{new(device.Memory), newDir(t)} {
		_, err := store.Get(t.Context(), "")
		for _, err := range []error{err, store.Put(t.Context(), "", nil), store.Delete(t.Context(), "")} {
			if err == nil || errors.Is(err, device.ErrNotFound) {
				t.Errorf("%T with an empty name: error %v", store, err)
			}
		}
	}
}

// A store that cannot be read has to say so: ErrNotFound would enrol the
// user's device once more.
func TestDirThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []device.Dir{"", device.Dir(file), device.Dir(filepath.Join(file, "below"))} {
		_, err := dir.Get(t.Context(), "user")
		for operation, err := range map[string]error{
			"Get": err, "Put": dir.Put(t.Context(), "user", nil), "Delete": dir.Delete(t.Context(), "user"),
		} {
			if err == nil || errors.Is(err, device.ErrNotFound) {
				t.Errorf("Dir(%q).%s: error %v", string(dir), operation, err)
			}
		}
	}
}

func TestDirFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	dir := newDir(t)
	names := []string{"user", "User", "../user", "/etc/passwd", "user\x00", strings.Repeat("long", 5000)}
	for range 2 { // the second time replaces
		for _, name := range names {
			if err := dir.Put(t.Context(), name, []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	info, err := os.Stat(string(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("the directory has mode %o, want 700", got)
	}
	entries, err := os.ReadDir(string(dir))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(names) {
		t.Errorf("%d files for %d records", len(entries), len(names))
	}
	safe := regexp.MustCompile(`^[0-9a-f]{64}$`)
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !safe.MatchString(entry.Name()) || info.Mode() != 0o600 {
			t.Errorf("file %s with mode %o, want 64 hexadecimal digits and mode 600", entry.Name(), info.Mode())
		}
	}
	around, err := os.ReadDir(filepath.Dir(string(dir)))
	if err != nil || len(around) != 1 {
		t.Errorf("files beside the directory: %v, %v", around, err)
	}
}

// A link in the place of a record is replaced, and not followed to a file
// elsewhere.
func TestDirDoesNotFollowLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("on Windows a privilege is needed to make a link")
	}
	dir := newDir(t)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("not a record"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dir.Put(t.Context(), "user", []byte("record")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(string(dir))
	if err != nil || len(entries) != 1 {
		t.Fatalf("files %v, %v, want one", entries, err)
	}
	file := filepath.Join(string(dir), entries[0].Name())
	if err := errors.Join(os.Remove(file), os.Symlink(outside, file)); err != nil {
		t.Fatal(err)
	}
	if data, err := dir.Get(t.Context(), "user"); err == nil {
		t.Errorf("Get followed the link to %q", data)
	}
	if err := dir.Put(t.Context(), "user", []byte("record")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(outside); string(data) != "not a record" {
		t.Errorf("Put followed the link: %q, %v", data, err)
	}
}

// endsSoon is a context that has ended when it is looked at a second time.
type endsSoon struct {
	context.Context
	looks *int
}

func (e endsSoon) Err() error {
	if *e.looks++; *e.looks > 1 {
		return context.Canceled
	}
	return nil
}

func TestDirPutThatIsCutShort(t *testing.T) {
	dir := newDir(t)
	if err := dir.Put(t.Context(), "user", []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := dir.Put(endsSoon{t.Context(), new(int)}, "user", []byte("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if data, err := dir.Get(t.Context(), "user"); string(data) != "old" {
		t.Errorf("the record became %q, %v", data, err)
	}
	if entries, err := os.ReadDir(string(dir)); err != nil || len(entries) != 1 {
		t.Errorf("files %v, %v, want that of the record alone", entries, err)
	}
}
