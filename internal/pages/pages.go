// Package pages reads all pages of a list.
package pages

import "fmt"

// most is the largest number of pages that All reads, because a peer may send pages without end.
const most = 100

// TooMany is the error of a list with more than a hundred pages.
type TooMany struct{}

func (TooMany) Error() string { return fmt.Sprintf("the list has more than %d pages", most) }

// All returns the items of all pages. The function next gets the token of a page, nil for the first
// page, and returns the items and the token of the next page. If a token comes again, the list is
// at its end. If there are more than a hundred pages, the error is [TooMany]. All returns an error
// of next unchanged.
func All[T any](next func(token *string) ([]T, *string, error)) ([]T, error) {
	var all []T
	var token *string
	seen := map[string]bool{"": true}
	for range most {
		items, following, err := next(token)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if following == nil || seen[*following] {
			return all, nil
		}
		seen[*following], token = true, following
	}
	return nil, TooMany{}
}
