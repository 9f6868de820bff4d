package device

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Dir is a [Store] of one file per record in the directory with this path. The
// first Put creates the directory, and its parents, for the user alone (0700);
// files are 0600. The mode of a directory that exists is left as it is. Windows
// has no such modes; who may read is inherited from the parent directory.
//
// Any number of processes may use one directory. A file is written beside the
// old one, synced and then renamed, so that a reader sees the old record or the
// new one. A program that is killed in between leaves a file ending in ".tmp"
// behind, which nobody reads and which can be deleted.
//
// A file's name is the SHA-256 of the record's name in hexadecimal. No name
// leads out of the directory, none is too long or reserved, and none collides
// on a file system that ignores case; nor do the files tell who the users are.
type Dir string

// Get implements [Store].
func (d Dir) Get(ctx context.Context, name string) ([]byte, error) {
	if err := d.check(ctx, name); err != nil {
		return nil, err
	}
	var data []byte
	root, err := os.OpenRoot(string(d))
	if err == nil {
		defer root.Close()
		data, err = root.ReadFile(fileName(name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return data, d.describe("get", err)
}

// Put implements [Store].
func (d Dir) Put(ctx context.Context, name string, data []byte) error {
	if err := d.check(ctx, name); err != nil {
		return err
	}
	err := os.MkdirAll(string(d), 0o700)
	if err != nil {
		return d.describe("put", err)
	}
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return d.describe("put", err)
	}
	defer root.Close()

	file := fileName(name)
	temp := file + "." + rand.Text() + ".tmp"
	err = writeSynced(root, temp, data)
	if err == nil {
		err = ctx.Err() // the last moment to leave the old record in place
	}
	if err == nil {
		err = root.Rename(temp, file)
		syncDir(root)
	}
	if err != nil {
		root.Remove(temp)
	}
	return d.describe("put", err)
}

// Delete implements [Store].
func (d Dir) Delete(ctx context.Context, name string) error {
	if err := d.check(ctx, name); err != nil {
		return err
	}
	root, err := os.OpenRoot(string(d))
	if err == nil {
		defer root.Close()
		err = root.Remove(fileName(name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return d.describe("delete", err)
}

// check refuses the empty Dir too, which would be the working directory to
// some calls of package os and an error to others.
func (d Dir) check(ctx context.Context, name string) error {
	if d == "" {
		return errors.New("device: the path of Dir is empty")
	}
	return check(ctx, name)
}

func (d Dir) describe(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("device: %s in directory %q: %w", operation, string(d), err)
}

func fileName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
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

// syncDir makes a rename last through a loss of power where the system can do
// so. Where it cannot, the record of before may come back, whole.
func syncDir(root *os.Root) {
	if dir, err := root.Open("."); err == nil {
		dir.Sync()
		dir.Close()
	}
}
