//go:build unix

package device_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cognitoflow/cognitoflow/device"
)

// notRegular makes files that are not regular, such as a link and a FIFO.
var notRegular = map[string]func(t *testing.T, path string) error{
	"FIFO":      func(_ *testing.T, path string) error { return unix.Mkfifo(path, 0o600) },
	"directory": func(_ *testing.T, path string) error { return os.Mkdir(path, 0o700) },
	"link": func(t *testing.T, path string) error {
		inside := path + "-target"
		return errors.Join(os.WriteFile(inside, []byte("record"), 0o600), os.Symlink(filepath.Base(inside), path))
	},
	"socket": func(t *testing.T, path string) error {
		// Linux takes 107 bytes as the path of a socket, other systems fewer.
		t.Chdir(filepath.Dir(path))
		l, err := net.Listen("unix", filepath.Base(path))
		if err == nil {
			t.Cleanup(func() { l.Close() })
		}
		return err
	},
}

func TestDirRefusesWhatIsNoFile(t *testing.T) {
	for kind, create := range notRegular {
		t.Run(kind, func(t *testing.T) {
			dir := newDir(t)
			if err := dir.Put(t.Context(), "user", []byte("record")); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Remove(recordFile(dir, "user")), create(t, recordFile(dir, "user"))); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, dir, "Get", func(ctx context.Context) error {
				_, err := dir.Get(ctx, "user")
				return err
			})
			wantRefused(t, dir, "Swap", func(ctx context.Context) error {
				_, err := dir.Swap(ctx, "user", []byte("record"), []byte("new"))
				return err
			})
		})
	}
}

func TestDirRefusesALockThatIsNoFile(t *testing.T) {
	for kind, create := range notRegular {
		t.Run(kind, func(t *testing.T) {
			dir := newDir(t)
			if err := errors.Join(os.MkdirAll(string(dir), 0o700), create(t, filepath.Join(string(dir), ".lock"))); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, dir, "Put", func(ctx context.Context) error { return dir.Put(ctx, "user", []byte("record")) })
		})
	}
}

// wantRefused fails the test when a call waits, for example for the other end of a
// FIFO.
func wantRefused(t *testing.T, dir device.Dir, operation string, call func(context.Context) error) {
	t.Helper()
	refused := make(chan error, 1)
	go func() { refused <- call(t.Context()) }()
	select {
	case err := <-refused:
		if err == nil || errors.Is(err, device.ErrNotFound) ||
			!strings.Contains(err.Error(), string(dir)) || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: error %v, want one that names the directory and says that there is no regular file", operation, err)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s waits", operation)
	}
}
