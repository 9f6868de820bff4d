package pools

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// named are the triggers that the members of LambdaConfig name. A function in Go stands
// for each Lambda function, whatever its ARN.
func named(config map[string]json.RawMessage, given trigger.Functions) (made trigger.Functions, err error) {
	for _, member := range slices.Sorted(maps.Keys(config)) {
		there := false
		switch member {
		case "PreSignUp":
			made.PreSignUp, there = given.PreSignUp, given.PreSignUp != nil
		case "PostConfirmation":
			made.PostConfirmation, there = given.PostConfirmation, given.PostConfirmation != nil
		case "PreAuthentication":
			made.PreAuthentication, there = given.PreAuthentication, given.PreAuthentication != nil
		case "PostAuthentication":
			made.PostAuthentication, there = given.PostAuthentication, given.PostAuthentication != nil
		case "PreTokenGeneration", "PreTokenGenerationConfig":
			made.PreTokenGeneration, there = given.PreTokenGeneration, given.PreTokenGeneration != nil
		case "UserMigration":
			made.UserMigration, there = given.UserMigration, given.UserMigration != nil
		case "DefineAuthChallenge":
			made.Define, there = given.Define, given.Define != nil
		case "CreateAuthChallenge":
			made.Create, there = given.Create, given.Create != nil
		case "VerifyAuthChallengeResponse":
			made.Verify, there = given.Verify, given.Verify != nil
		}
		if !there {
			return made, exception.InvalidParameter("LambdaConfig: %s: the server runs no Lambda functions; set the trigger in PoolConfig.Triggers of its first pool", member)
		}
	}
	if (made.Define == nil) != (made.Create == nil) || (made.Create == nil) != (made.Verify == nil) {
		return made, exception.InvalidParameter("LambdaConfig: DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallengeResponse work together; name all three")
	}
	return made, nil
}
