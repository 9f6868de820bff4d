//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package device

import (
	"errors"
	"os"
)

func tryLock(*os.File) error {
	return errors.New("device.Dir cannot lock files on this system: use another store")
}
