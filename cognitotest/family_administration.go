package cognitotest

// administrationOperations are the operations of this family.
var administrationOperations = map[string]operation{
	"AdminGetUser": byAdmin(adminGetUser),
}
