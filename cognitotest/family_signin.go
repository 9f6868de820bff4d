package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
)

// signinOperations are the operations of this family.
var signinOperations = map[string]api.Operation{
	"InitiateAuth":                api.ByAnyone(initiateAuth),
	"RespondToAuthChallenge":      api.ByAnyone(respondToAuthChallenge),
	"AdminInitiateAuth":           api.Signed(adminInitiateAuth),
	"AdminRespondToAuthChallenge": api.Signed(adminRespondToAuthChallenge),
}
