package pools

import (
	"strconv"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

const maxPerPage = 60

// page returns the items of a page, and the token of the next page. The last page has an empty
// token. A token is the number of items before its page.
func page[T any](items []T, size int, token string) ([]T, string, error) {
	if size < 1 || size > maxPerPage {
		return nil, "", exception.InvalidParameter("1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must be between 1 and %d", maxPerPage)
	}
	begin := 0
	if token != "" {
		var err error
		if begin, err = strconv.Atoi(token); err != nil || begin < 1 {
			return nil, "", exception.InvalidParameter("Invalid pagination token given.")
		}
	}
	items = items[min(begin, len(items)):]
	if len(items) <= size {
		return items, "", nil
	}
	return items[:size], strconv.Itoa(begin + size), nil
}
