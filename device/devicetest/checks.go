package devicetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/storecheck"
)

const (
	maxName  = 1024 // of device.Store
	users    = 8
	attempts = 4
)

func notFound(ctx context.Context, s session) error {
	return s.wantNotFound(ctx, "nobody")
}

func anyBytes(ctx context.Context, s session) error {
	for name, data := range storecheck.AnyBytes(maxRecord) {
		if err := s.put(ctx, name, data); err != nil {
			return err
		}
		if err := s.want(ctx, name, data); err != nil {
			return err
		}
	}
	return nil
}

func replace(ctx context.Context, s session) error {
	for _, text := range []string{"first", "a longer second", "third"} {
		if err := s.put(ctx, "user", []byte(text)); err != nil {
			return err
		}
		if err := s.want(ctx, "user", []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func deleteOne(ctx context.Context, s session) error {
	return storecheck.InOrder(
		func() error { return s.put(ctx, "user", []byte("gone")) },
		func() error { return s.put(ctx, "user 2", []byte("stays")) },
		func() error { return s.delete(ctx, "user") },
		func() error { return s.wantNotFound(ctx, "user") },
		func() error { return s.want(ctx, "user 2", []byte("stays")) },
		func() error { return s.put(ctx, "user", []byte("back")) },
		func() error { return s.want(ctx, "user", []byte("back")) },
	)
}

func deleteNothing(ctx context.Context, s session) error {
	return storecheck.InOrder(
		func() error { return s.delete(ctx, "nobody") },
		func() error { return s.put(ctx, "user", []byte("x")) },
		func() error { return s.delete(ctx, "user") },
		func() error { return s.delete(ctx, "user") },
	)
}

// alike lists names that file systems, collations and patterns confuse.
var alike = []string{
	"", "user", "User", "USER", "user ", "user.", "user\t", "user\n", "user\r\n", "user\x01",
	"user/", "user/a", "user_a", "user-a", "usera", "user//a", "user/./a", "user/b/../a", "/user", "./user", "../user", "..", ".",
	"user\\a", "user:a", "user%2Fa", "user%2fa", "user.tmp", "user.json", "CON", "NUL",
	"%", "u%", "u_er", "u*", "u?er", "user'", "user\"", "user;--", "$user",
	"jos\u00e9", "jose\u0301", "jose", "Jos\u00c9", "stra\u00dfe", "strasse", "\u0131d", "\u0130d", "id", "ID",
	"\u03c3", "\u03c2", "\uff55ser", "\u200buser", "\U0001f511", "\U0001f510",
}

func names(ctx context.Context, s session) error {
	// The longest names differ in the last byte, after all of the prefix.
	long := strings.Repeat("n", maxName-len(s.name(""))-1)
	all := append(slices.Clone(alike), long, long+"1", long+"2", long[:len(long)-1]+"/")
	for i, name := range all {
		if err := s.put(ctx, name, storecheck.Repeated(i)); err != nil {
			return err
		}
	}
	var errs []error
	for i, name := range all {
		errs = append(errs, s.want(ctx, name, storecheck.Repeated(i)))
	}
	for i, name := range all {
		errs = append(errs, s.delete(ctx, name), s.wantNotFound(ctx, name))
		if next := i + 1; next < len(all) {
			errs = append(errs, s.want(ctx, all[next], storecheck.Repeated(next)))
		}
	}
	return errors.Join(errs...)
}

func putCopies(ctx context.Context, s session) error {
	data := []byte("record")
	if err := s.put(ctx, "user", data); err != nil {
		return err
	}
	data[0] = 'X'
	return s.want(ctx, "user", []byte("record"))
}

func getCopies(ctx context.Context, s session) error {
	if err := s.put(ctx, "user", []byte("record")); err != nil {
		return err
	}
	got, err := s.get(ctx, "user")
	if err != nil {
		return err
	}
	clear(got)
	return s.want(ctx, "user", []byte("record"))
}

// endedContext does not demand an error, because a store that does not wait can finish its
// work. endedContext fails if a store reports an unfinished operation as finished.
func endedContext(ctx context.Context, s session) error {
	if err := s.put(ctx, "user", []byte("old")); err != nil {
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.want(ended, "user", []byte("old")); errors.Is(err, device.ErrNotFound) {
		return fmt.Errorf("with an ended context: %w", err)
	}
	current := []byte("old")
	if err := s.put(ended, "user", []byte("new")); err == nil {
		current = []byte("new")
	}
	if err := s.want(ctx, "user", current); err != nil {
		return fmt.Errorf("after a Put with an ended context: %w", err)
	}
	if err := s.delete(ended, "user"); err == nil {
		return s.wantNotFound(ctx, "user")
	}
	return s.want(ctx, "user", current)
}

// manyUsers fails for a store that keeps all records in one place and writes back former
// records of other users.
func manyUsers(ctx context.Context, s session) error {
	return storecheck.InOrder(
		func() error {
			return storecheck.AtOnce(users, func(i int) error {
				name := fmt.Sprint("user ", i)
				for range attempts {
					if err := s.put(ctx, name, storecheck.Repeated(i)); err != nil {
						return err
					}
					if err := s.want(ctx, name, storecheck.Repeated(i)); err != nil {
						return err
					}
				}
				return nil
			})
		},
		func() error {
			for i := range users {
				if err := s.want(ctx, fmt.Sprint("user ", i), storecheck.Repeated(i)); err != nil {
					return err
				}
			}
			return nil
		},
	)
}

// oneUser fails for a store in which a reader sees a record that is being
// written. Every other goroutine only reads.
func oneUser(ctx context.Context, s session) error {
	if err := s.put(ctx, "user", storecheck.Repeated(0)); err != nil {
		return err
	}
	return storecheck.AtOnce(users, func(i int) error {
		for range attempts {
			if i%2 == 0 {
				if err := s.put(ctx, "user", storecheck.Repeated(i)); err != nil {
					return err
				}
			}
			for range attempts {
				if err := s.wantWhole(ctx, "user"); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s session) wantWhole(ctx context.Context, name string) error {
	got, err := s.get(ctx, name)
	if err != nil {
		return fmt.Errorf("reading while others write: %w", err)
	}
	for i := range users {
		if string(got) == string(storecheck.Repeated(i)) {
			return nil
		}
	}
	return fmt.Errorf("reading while others write returned %s, which nobody wrote", storecheck.Quote(got))
}
