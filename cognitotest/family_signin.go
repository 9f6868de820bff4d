package cognitotest

// signinOperations are the operations of this family.
var signinOperations = map[string]operation{
	"InitiateAuth":                unsigned(initiateAuth),
	"RespondToAuthChallenge":      unsigned(respondToAuthChallenge),
	"AdminInitiateAuth":           signed(adminInitiateAuth),
	"AdminRespondToAuthChallenge": signed(adminRespondToAuthChallenge),
}
