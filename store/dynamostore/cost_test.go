package dynamostore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/store/dynamostore/internal/emulator"
)

// The emulator is slower than a database, so the ratio looks better than with the service.
func TestCostOfTokens(t *testing.T) {
	_, client := startEmulator(t)
	storerig.TestCostOfTokens(t, "the emulator of DynamoDB", newStore(t, client), readByHand(client))
}

// readByHand is a GetItem, as of a program that keeps its sessions in DynamoDB.
func readByHand(client *dynamodb.Client) func(ctx context.Context, name string) error {
	return func(ctx context.Context, name string) error {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(emulator.Table), ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: name}},
		})
		if err == nil && len(out.Item) == 0 {
			err = errors.New("there is no item")
		}
		return err
	}
}
