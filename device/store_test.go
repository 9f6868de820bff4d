package device_test

import (
	"bytes"
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

// An operation whose context has ended must not have done half of its work.
func TestEndedContext(t *testing.T) {
	for name, store := range map[string]device.Swapper{"Memory": new(device.Memory), "Dir": newDir(t)} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := store.Put(ctx, "user", []byte("old")); err != nil {
			t.Fatal(err)
		}
		cancel()
		_, getErr := store.Get(ctx, "user")
		_, swapErr := store.Swap(ctx, "user", []byte("old"), []byte("new"))
		for operation, err := range map[string]error{
			"Get": getErr, "Put": store.Put(ctx, "user", []byte("new")), "Delete": store.Delete(ctx, "user"), "Swap": swapErr,
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
	for _, store := range []device.Swapper{new(device.Memory), newDir(t)} {
		_, getErr := store.Get(t.Context(), "")
		_, swapErr := store.Swap(t.Context(), "", nil, []byte("x"))
		for _, err := range []error{getErr, swapErr, store.Put(t.Context(), "", []byte("x")), store.Delete(t.Context(), "")} {
			if err == nil || errors.Is(err, device.ErrNotFound) {
				t.Errorf("%T with an empty name: error %v", store, err)
			}
		}
	}
}

// A store that cannot be read must not return ErrNotFound: the user's device would be
// enrolled once more.
func TestDirThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []device.Dir{"", device.Dir(file), device.Dir(filepath.Join(file, "below"))} {
		_, getErr := dir.Get(t.Context(), "user")
		_, swapErr := dir.Swap(t.Context(), "user", []byte("x"), nil)
		for operation, err := range map[string]error{
			"Get": getErr, "Put": dir.Put(t.Context(), "user", []byte("x")), "Delete": dir.Delete(t.Context(), "user"), "Swap": swapErr,
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
	names := []string{"user", "User", "../user", "/etc/passwd", "user\x00", strings.Repeat("long", 1000)}
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
	if len(entries) != len(names)+1 {
		t.Errorf("%d files for %d records and the lock", len(entries), len(names))
	}
	safe := regexp.MustCompile(`^([0-9a-f]{64}|\.lock)$`)
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !safe.MatchString(entry.Name()) || info.Mode() != 0o600 {
			t.Errorf("file %s with mode %o, want 64 hexadecimal digits or .lock, and mode 600", entry.Name(), info.Mode())
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
	file := recordFile(dir, "user")
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

// endsWhenWritten is a context that has ended once there is a temporary file.
type endsWhenWritten struct {
	context.Context
	t   *testing.T
	dir device.Dir
}

func (e endsWhenWritten) Err() error {
	if len(temps(e.t, e.dir)) > 0 {
		return context.Canceled
	}
	return nil
}

func TestDirWriteThatIsCutShort(t *testing.T) {
	dir := newDir(t)
	if err := dir.Put(t.Context(), "user", []byte("old")); err != nil {
		t.Fatal(err)
	}
	ctx := endsWhenWritten{t.Context(), t, dir}
	if err := dir.Put(ctx, "user", []byte("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: error %v, want context.Canceled", err)
	}
	if swapped, err := dir.Swap(ctx, "user", []byte("old"), []byte("new")); swapped || !errors.Is(err, context.Canceled) {
		t.Errorf("Swap: %v, error %v, want false and context.Canceled", swapped, err)
	}
	if data, err := dir.Get(t.Context(), "user"); string(data) != "old" {
		t.Errorf("the record became %q, %v", data, err)
	}
	if files := temps(t, dir); len(files) != 0 {
		t.Errorf("temporary files %v are left", files)
	}
}

// recordFile is where the documentation of Dir says that a record is.
func recordFile(dir device.Dir, name string) string {
	return filepath.Join(string(dir), digest([]byte(name)))
}

func temps(t *testing.T, dir device.Dir) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(string(dir), "*.tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A temporary file has secrets, so it must not outlast the next write.
func TestDirRemovesLeftovers(t *testing.T) {
	for operation, write := range map[string]func(device.Dir) error{
		"Put":    func(dir device.Dir) error { return dir.Put(t.Context(), "other user", []byte("record")) },
		"Delete": func(dir device.Dir) error { return dir.Delete(t.Context(), "nobody") },
		"Swap": func(dir device.Dir) error {
			_, err := dir.Swap(t.Context(), "nobody", []byte("old"), []byte("new")) // swaps nothing
			return err
		},
	} {
		dir := newDir(t)
		if err := dir.Put(t.Context(), "user", []byte("record")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(string(dir), "record.tmp"), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := write(dir); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		if files := temps(t, dir); len(files) > 0 {
			t.Errorf("%s left %v", operation, files)
		}
		if data, err := dir.Get(t.Context(), "user"); string(data) != "record" {
			t.Errorf("%s: the record became %q, %v", operation, data, err)
		}
	}
}

// A full disk can leave an empty file. The empty file is a record, and a wallet replaces it.
func TestDirSwapOfAnEmptyFile(t *testing.T) {
	dir := newDir(t)
	if err := dir.Put(t.Context(), "user", []byte("record")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(recordFile(dir, "user"), 0); err != nil {
		t.Fatal(err)
	}
	if swapped, err := dir.Swap(t.Context(), "user", nil, []byte("new")); swapped || err != nil {
		t.Errorf("Swap from no record: %v, %v, want false", swapped, err)
	}
	if swapped, err := dir.Swap(t.Context(), "user", []byte{}, []byte("new")); !swapped || err != nil {
		t.Errorf("Swap from the empty record: %v, %v, want true", swapped, err)
	}
}

func TestDirRefusesLargeRecords(t *testing.T) {
	const most = 16 << 10
	dir := newDir(t)
	largest := bytes.Repeat([]byte("x"), most)
	if err := dir.Put(t.Context(), "user", largest); err != nil {
		t.Fatal(err)
	}
	if data, err := dir.Get(t.Context(), "user"); !bytes.Equal(data, largest) {
		t.Errorf("Get of %d bytes: %d bytes, %v", most, len(data), err)
	}
	_, swapErr := dir.Swap(t.Context(), "user", largest, append(largest, 'x'))
	for operation, err := range map[string]error{"Put": dir.Put(t.Context(), "user", append(largest, 'x')), "Swap": swapErr} {
		if err == nil {
			t.Errorf("%s of %d bytes succeeded", operation, most+1)
		}
	}
	if data, err := dir.Get(t.Context(), "user"); !bytes.Equal(data, largest) {
		t.Errorf("the record became one of %d bytes, %v", len(data), err)
	}

	// No machine has the memory to read the second file.
	for _, size := range []int64{most + 1, 1 << 40} {
		if err := os.Truncate(recordFile(dir, "user"), size); err != nil {
			t.Fatal(err)
		}
		data, getErr := dir.Get(t.Context(), "user")
		_, swapErr := dir.Swap(t.Context(), "user", data, []byte("new"))
		for operation, err := range map[string]error{"Get": getErr, "Swap": swapErr} {
			if err == nil || errors.Is(err, device.ErrNotFound) || !strings.Contains(err.Error(), string(dir)) {
				t.Errorf("%s of a file of %d bytes: error %v, want one that names the directory", operation, size, err)
			}
		}
	}
}
