// Package pages follows the pages of an operation that lists.
package pages

import "fmt"

// most bounds what a peer can make All read.
const most = 100

// TooMany is the error of a list that does not end.
type TooMany struct{}

func (TooMany) Error() string { return fmt.Sprintf("the list has more than %d pages", most) }

// All returns the items of all pages. The function next gets the token of a page, nil for
// the first one, and returns the token of the page after. If the tokens go round, the list
// is at an end. If there are more than a hundred pages, the error is [TooMany].
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
