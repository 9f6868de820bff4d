package devicetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/storecheck"
)

// wantSwap swaps, and compares the result and the record afterwards. A nil record means
// that there is no record.
func (s session) wantSwap(ctx context.Context, old, new []byte, want bool, after []byte) error {
	swapped, err := s.swap(ctx, "user", old, new)
	if err != nil {
		return err
	}
	if swapped != want {
		return fmt.Errorf("Swap(%s, %s) returned %v, want %v", quoteRecord(old), quoteRecord(new), swapped, want)
	}
	if after == nil {
		err = s.wantNotFound(ctx, "user")
	} else {
		err = s.want(ctx, "user", after)
	}
	if err != nil {
		return fmt.Errorf("after Swap(%s, %s): %w", quoteRecord(old), quoteRecord(new), err)
	}
	return nil
}

func quoteRecord(data []byte) string {
	if data == nil {
		return "nil"
	}
	return storecheck.Quote(data)
}

func swapInOrder(ctx context.Context, s session) error {
	first, second := []byte("first"), []byte("second")
	steps := []struct {
		old, new []byte
		want     bool
		after    []byte
	}{
		{first, second, false, nil},
		{nil, first, true, first},
		{nil, second, false, first},
		{nil, first, false, first},
		{nil, nil, false, first},
		{second, []byte("third"), false, first},
		{second, nil, false, first},
		// Records that a comparison of text takes for the present one.
		{[]byte("First"), second, false, first},
		{[]byte("first "), second, false, first},
		{[]byte("firs"), second, false, first},
		{[]byte("firs_"), second, false, first},
		{[]byte("FIRST"), nil, false, first},
		{[]byte("first "), nil, false, first},
		{first, first, true, first},
		{first, second, true, second},
		{first, second, false, second},
		{second, nil, true, nil},
		{second, nil, false, nil},
		{nil, first, true, first},
	}
	if err := s.put(ctx, "user 2", []byte("stays")); err != nil {
		return err
	}
	for _, step := range steps {
		if err := s.wantSwap(ctx, step.old, step.new, step.want, step.after); err != nil {
			return err
		}
	}
	return s.want(ctx, "user 2", []byte("stays"))
}

// swapEnded demands no error, as endedContext. But since the old record is right, a Swap
// that did not write must not return false without an error.
func swapEnded(ctx context.Context, s session) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	record, current := []byte("record"), []byte(nil)
	for _, new := range [][]byte{record, []byte("new"), nil} {
		old := current
		swapped, err := s.swap(ended, "user", old, new)
		if err == nil {
			if !swapped {
				return fmt.Errorf("Swap(%s, %s) with an ended context returned false and no error", quoteRecord(old), quoteRecord(new))
			}
			current = new
		}
		if err := s.wantSwap(ctx, current, record, true, record); err != nil {
			return fmt.Errorf("after a Swap with an ended context: %w", err)
		}
		current = record
	}
	return nil
}

// oneSwapOfMany fails for a store that compares first and writes later, or that
// reports the success of another Swap.
func oneSwapOfMany(ctx context.Context, s session) error {
	first, last := []byte("first"), []byte("last")
	for _, round := range []struct {
		old []byte
		new func(i int) []byte
	}{
		{nil, storecheck.Repeated},
		{first, storecheck.Repeated},
		{last, func(int) []byte { return nil }},
	} {
		if round.old != nil {
			if err := s.put(ctx, "user", round.old); err != nil {
				return err
			}
		}
		done := make([]bool, users)
		err := storecheck.AtOnce(users, func(i int) (err error) {
			done[i], err = s.swap(ctx, "user", round.old, round.new(i))
			return err
		})
		if err != nil {
			return err
		}
		var winners []int
		for i, done := range done {
			if done {
				winners = append(winners, i)
			}
		}
		if len(winners) != 1 {
			return fmt.Errorf("%d of %d concurrent Swaps from %s returned true, want 1", len(winners), users, quoteRecord(round.old))
		}
		if record := round.new(winners[0]); record == nil {
			err = s.wantNotFound(ctx, "user")
		} else {
			err = s.want(ctx, "user", record)
		}
		if err != nil {
			return fmt.Errorf("after concurrent Swaps: %w", err)
		}
	}
	return nil
}

// count fails for a store that loses a change.
func count(ctx context.Context, s session) error {
	const all = users * attempts
	err := storecheck.AtOnce(users, func(int) error {
		for range attempts {
			if err := s.increment(ctx, all); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.want(ctx, "count", []byte(strconv.Itoa(all)))
}

// increment tries at most tries times. Each failure is the success of another increment, so
// the number of increments is enough.
func (s session) increment(ctx context.Context, tries int) error {
	for range tries {
		old, err := s.get(ctx, "count")
		if err != nil && !errors.Is(err, device.ErrNotFound) {
			return fmt.Errorf("reading while others write: %w", err)
		}
		n := 0
		if err == nil {
			if n, err = strconv.Atoi(string(old)); err != nil {
				return fmt.Errorf("reading while others write returned %s, which nobody wrote", storecheck.Quote(old))
			}
		} else {
			old = nil
		}
		swapped, err := s.swap(ctx, "count", old, []byte(strconv.Itoa(n+1)))
		if err != nil || swapped {
			return err
		}
	}
	return fmt.Errorf("Swap returned false %d times, more often than others have written", tries)
}
