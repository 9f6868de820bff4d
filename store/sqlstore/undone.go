package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// tries is the largest number of tries of one statement.
const tries = 20

// longestPause is the longest pause between two tries. Without a pause, statements meet each
// other again: a test with serializable transactions of PostgreSQL showed it.
const longestPause = 32 * time.Millisecond

func again(ctx context.Context, statement func() error) error {
	err := statement()
	for n := 1; n < tries && undone(err) && pause(ctx, min(time.Millisecond<<n, longestPause)); n++ {
		err = statement()
	}
	return err
}

// pause waits for a random part of limit. The result is false if ctx has ended.
func pause(ctx context.Context, limit time.Duration) bool {
	select {
	case <-time.After(rand.N(limit)):
		return true
	case <-ctx.Done():
		return false
	}
}

// undone reports whether the engine has undone the statement in favour of another one. MySQL
// does so if inserts and deletes of neighbouring names wait for each other. The driver of
// MySQL has the SQLSTATE only in the text.
func undone(err error) bool {
	if state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return state.SQLState() == "40001" || state.SQLState() == "40P01"
	}
	return err != nil && strings.Contains(err.Error(), "(40001)")
}
