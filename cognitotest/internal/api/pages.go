package api

import (
	"slices"
	"strconv"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// maxPerPage is the size of a page without a limit, and the highest limit.
const maxPerPage = 60

// Page returns the part of a list after the token, and the token of the next part. The last
// part has an empty token. The list is in the order of the numbers of its entries. The number
// of an entry is constant, so a deleted entry does not shift the next page.
func Page[T any](all []T, number func(T) int, limit *int, token string) (page []T, next string, err error) {
	size := maxPerPage
	if limit != nil && *limit != 0 {
		size = *limit
	}
	after := 0
	if token != "" {
		if after, err = strconv.Atoi(token); err != nil || after <= 0 {
			return nil, "", exception.InvalidParameter("Invalid pagination token given.")
		}
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(entry T) bool { return number(entry) <= after })
	if size < len(rest) {
		rest = rest[:size]
		next = strconv.Itoa(number(rest[size-1]))
	}
	return rest, next, nil
}
