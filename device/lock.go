package device

import (
	"context"
	"errors"
	"os"
	"time"
)

// lockPause is the time between two tries to lock: no system waits for a lock and
// for a context at once.
const lockPause = time.Millisecond

// errLocked is the error of tryLock while another process, or another goroutine, has
// the lock.
var errLocked = errors.New("another process has the lock")

// lock locks a file and returns it. To close the file, or to be killed, unlocks it.
func lock(ctx context.Context, path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = tryLock(f); !errors.Is(err, errLocked) {
			break
		}
		select {
		case <-time.After(lockPause):
			continue
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		break
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
