package device

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is a [Swapper] with one file for each record, in the directory with this path.
//
// The first Put creates the directory and its parents, for the user alone (mode 0700).
// The mode of a directory that exists does not change. Files have mode 0600. On Windows
// there are no such modes, and a file inherits the rights of the parent directory.
//
// # Secrets in the files
//
// A file has device keys and device passwords in clear. With a file, a password of a user
// is enough to sign in: the second factor is not asked. A file has digests and no user
// names. A reader of the file can only check a guess of a user name.
//
// A file's name is the SHA-256 of the record's name in hexadecimal. A record's name
// consists of the user pool, the app client and the holder. So a name cannot lead out of
// the directory, and cannot be too long.
//
// # Writers
//
// Any number of processes may use one directory. A writer locks the file ".lock"
// in the directory, and waits for the lock until ctx ends. The operating system
// unlocks the file if the writer is killed. The file system must support locks, as local
// file systems do. Readers do not lock.
//
// A writer writes "record.tmp", syncs the file and renames the file. So a reader
// sees the old record or the new one. A writer that is killed can leave "record.tmp",
// which has secrets. The next Put, Delete or Swap in the directory removes the file.
//
// # Limits
//
// A record has at most 16 KiB. Get and Swap refuse a larger file, and a file that is not
// regular, such as a link. All writers wait for one lock, so Dir is for one machine and
// not for a backend with many holders.
type Dir string

const (
	lockFile = ".lock"
	tempFile = "record.tmp"
	maxFile  = 16 << 10 // more than any record of this package
)

// Get implements [Store].
func (d Dir) Get(ctx context.Context, name string) ([]byte, error) {
	if err := d.check(ctx, name); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, d.describe("get", err)
	}
	defer root.Close()
	data, err := readRecord(root, fileName(name))
	return data, d.describe("get", err)
}

// Put implements [Store].
func (d Dir) Put(ctx context.Context, name string, data []byte) error {
	if err := d.check(ctx, name); err != nil {
		return err
	}
	err := os.MkdirAll(string(d), 0o700)
	if err == nil {
		err = d.locked(ctx, func(root *os.Root) error { return writeRecord(ctx, root, fileName(name), data) })
	}
	return d.describe("put", err)
}

// Delete implements [Store].
func (d Dir) Delete(ctx context.Context, name string) error {
	if err := d.check(ctx, name); err != nil {
		return err
	}
	err := d.locked(ctx, func(root *os.Root) error { return removeFile(root, fileName(name)) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil // there is no directory
	}
	return d.describe("delete", err)
}

// Swap implements [Swapper].
func (d Dir) Swap(ctx context.Context, name string, old, new []byte) (swapped bool, err error) {
	if err := d.check(ctx, name); err != nil {
		return false, err
	}
	// The lock is a file in the directory, so even a comparison needs the directory.
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return false, d.describe("swap", err)
	}
	err = d.locked(ctx, func(root *os.Root) error {
		present, err := readRecord(root, fileName(name))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if (present == nil) != (old == nil) || !bytes.Equal(present, old) {
			return nil
		}
		if new == nil {
			err = removeFile(root, fileName(name))
		} else {
			err = writeRecord(ctx, root, fileName(name), new)
		}
		swapped = err == nil
		return err
	})
	return swapped, d.describe("swap", err)
}

var errNoPath = errors.New("device: the path of Dir is empty: give a directory, such as one below os.UserConfigDir")

// check refuses the empty Dir too. Some functions of package os would use the working
// directory, and others would fail.
func (d Dir) check(ctx context.Context, name string) error {
	if d == "" {
		return errNoPath
	}
	return check(ctx, name)
}

// locked calls f while no other process writes. Before that, locked removes the temporary
// file of a writer that was killed.
func (d Dir) locked(ctx context.Context, f func(*os.Root) error) error {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	defer root.Close()
	if err := checkRegular(root.Lstat(lockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	held, err := lock(ctx, filepath.Join(string(d), lockFile))
	if err != nil {
		return err
	}
	defer held.Close()
	if err := removeFile(root, tempFile); err != nil {
		return err
	}
	return f(root)
}

func (d Dir) describe(operation string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("device: %s in directory %q: %w", operation, string(d), err)
}

func fileName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// readRecord returns ErrNotFound if there is no file.
func readRecord(root *os.Root, file string) ([]byte, error) {
	f, err := openRegular(root, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil {
		err = checkSize(data)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// openRegular checks the file before it opens the file, because to open a FIFO waits for a
// writer. openRegular checks again afterwards, because another process may have replaced
// the file.
func openRegular(root *os.Root, file string) (*os.File, error) {
	if err := checkRegular(root.Lstat(file)); err != nil {
		return nil, err
	}
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	if err := checkRegular(f.Stat()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func checkRegular(info fs.FileInfo, err error) error {
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", info.Name())
	}
	return err
}

func checkSize(data []byte) error {
	if len(data) > maxFile {
		return fmt.Errorf("the record has more than %d bytes", maxFile)
	}
	return nil
}

// writeRecord replaces a file in one step. The caller holds the lock, since all writers
// share one temporary file.
func writeRecord(ctx context.Context, root *os.Root, file string, data []byte) error {
	if err := checkSize(data); err != nil {
		return err
	}
	err := writeSynced(root, tempFile, data)
	if err == nil {
		err = ctx.Err() // the last moment to leave the old record in place
	}
	if err == nil {
		err = root.Rename(tempFile, file)
		syncDir(root)
	}
	if err != nil {
		root.Remove(tempFile)
	}
	return err
}

// removeFile removes a file that may be gone already.
func removeFile(root *os.Root, file string) error {
	err := root.Remove(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	syncDir(root)
	return err
}

// writeSynced creates a file. Without the sync a power failure could leave the
// new name on a file whose content never reached the disk.
func writeSynced(root *os.Root, file string, data []byte) error {
	f, err := root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes a change of names last through a loss of power. On a system that cannot do
// so, the former record may come back.
func syncDir(root *os.Root) {
	if dir, err := root.Open("."); err == nil {
		dir.Sync()
		dir.Close()
	}
}
