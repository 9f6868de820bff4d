package dynamostore_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/cognitoflow/cognitoflow/store/dynamostore"
)

// New does not use the table. Create the table before: see Schema.
func ExampleNew() {
	client := dynamodb.New(dynamodb.Options{Region: "eu-central-1"}) // a real program: dynamodb.NewFromConfig(config)

	_, err := dynamostore.New(client, "websessions")
	fmt.Println(err)
	// Output: <nil>
}

// A program for the set-up of an account gives the inputs to CreateTable and, when the
// table is active, to UpdateTimeToLive.
func ExampleSchema() {
	create, expire := dynamostore.Schema("websessions")
	fmt.Println(*create.TableName, create.BillingMode, *create.KeySchema[0].AttributeName)
	fmt.Println(*expire.TableName, *expire.TimeToLiveSpecification.AttributeName)
	// Output:
	// websessions PAY_PER_REQUEST name
	// websessions expires
}
