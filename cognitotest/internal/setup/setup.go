// Package setup makes the users, groups and app clients of a configuration. Errors
// name the wrong field, as the errors of package invalid do. Package cognitotest has types with
// the same fields, and documents the fields.
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
