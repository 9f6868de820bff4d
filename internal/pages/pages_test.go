package pages_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/pages"
)

// counted returns a function that lists pages up to the last one. Each page has its number. For 0,
// there is no last page.
func counted(last int) func(*string) ([]int, *string, error) {
	page := 0
	return func(*string) ([]int, *string, error) {
		page++
		token := strconv.Itoa(page)
		if page == last {
			return []int{page}, nil, nil
		}
		return []int{page}, &token, nil
	}
}

func TestAll(t *testing.T) {
	if all, err := pages.All(counted(3)); err != nil || !slices.Equal(all, []int{1, 2, 3}) {
		t.Errorf("got %v, %v", all, err)
	}
	if all, err := pages.All(counted(0)); !errors.As(err, new(pages.TooMany)) || all != nil {
		t.Errorf("without a last page: %v, %v", all, err)
	}
	if all, err := pages.All(counted(100)); err != nil || len(all) != 100 {
		t.Errorf("of a hundred pages: %d items, %v", len(all), err)
	}
	round := []string{"a", "b", "a", ""}
	all, err := pages.All(func(token *string) ([]int, *string, error) {
		next := round[0]
		round = round[1:]
		return []int{len(round)}, &next, nil
	})
	if err != nil || !slices.Equal(all, []int{3, 2, 1}) {
		t.Errorf("of pages that repeat: %v, %v", all, err)
	}
	broken := errors.New("broken")
	if all, err := pages.All(func(*string) ([]int, *string, error) { return []int{1}, nil, broken }); err != broken || all != nil {
		t.Errorf("got %v, %v", all, err)
	}
}
