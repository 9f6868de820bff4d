package pools

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// triggerFields has the members of LambdaConfig that a pool can have, with the field of
// trigger.Functions for each.
var triggerFields = map[string]string{
	"PreSignUp":                   "PreSignUp",
	"PostConfirmation":            "PostConfirmation",
	"PreAuthentication":           "PreAuthentication",
	"PostAuthentication":          "PostAuthentication",
	"PreTokenGeneration":          "PreTokenGeneration",
	"PreTokenGenerationConfig":    "PreTokenGeneration",
	"UserMigration":               "UserMigration",
	"DefineAuthChallenge":         "Define",
	"CreateAuthChallenge":         "Create",
	"VerifyAuthChallengeResponse": "Verify",
}

// selectTriggers returns the functions that the members of LambdaConfig name. The ARN of a
// member has no effect.
func selectTriggers(config map[string]json.RawMessage, functions trigger.Functions) (selected trigger.Functions, err error) {
	from, to := reflect.ValueOf(functions), reflect.ValueOf(&selected).Elem()
	for _, member := range slices.Sorted(maps.Keys(config)) {
		field, known := triggerFields[member]
		if !known || from.FieldByName(field).IsNil() {
			return selected, exception.InvalidParameter("LambdaConfig: %s: the server runs no Lambda functions. Set the trigger in PoolConfig.Triggers of the first pool.", member)
		}
		to.FieldByName(field).Set(from.FieldByName(field))
	}
	if (selected.Define == nil) != (selected.Create == nil) || (selected.Create == nil) != (selected.Verify == nil) {
		return selected, exception.InvalidParameter("LambdaConfig: DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallengeResponse work together. Name all three.")
	}
	return selected, nil
}
