// Package setup makes the users, groups and app clients of a configuration. Errors
// name the field that is wrong, as package invalid does. The types have the fields of
// the types of package cognitotest, which documents them.
package setup

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// Fits returns an error for a value that does not have the form of a shape of the API model.
func Fits(path, value, shapeName string) error {
	if problem := wire.Violation(shapeName, value); problem != "" {
		return invalid.Field(path, "%s", problem)
	}
	return nil
}
