// Package emulator has the client and the table that tests use with the emulator of
// DynamoDB. Package engines of the root module starts the emulator.
package emulator

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/store/dynamostore"
)

// Table is the name of the table that CreateTable creates.
const Table = "records"

// NewClient returns a client of the emulator at this URL.
func NewClient(endpoint string, optFns ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "local-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}, optFns...)
}

// CreateTable creates the table unless another process has done so, and waits until the
// table is active. The emulator does not know TTL.
func CreateTable(ctx context.Context, client *dynamodb.Client) error {
	create, _ := dynamostore.Schema(Table)
	_, err := client.CreateTable(ctx, create)
	if _, isThere := errors.AsType[*types.ResourceInUseException](err); err != nil && !isThere {
		return err
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 10 * time.Millisecond })
	return waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(Table)}, time.Minute)
}
