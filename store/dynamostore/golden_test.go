package dynamostore_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/dynamostore"
)

// table is a table of one item, which a test sees as it is.
type table struct {
	dynamostore.API
	item map[string]types.AttributeValue
	put  *dynamodb.PutItemInput
}

func (t *table) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: t.item}, nil
}

func (t *table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	t.put = in
	return new(dynamodb.PutItemOutput), nil
}

// item is the JSON form of an item that DynamoDB's own tools write.
type item struct {
	Name    struct{ S string } `json:"name"`
	Data    struct{ B []byte } `json:"data"`
	Version struct{ S string } `json:"version"`
	Expires struct{ N string } `json:"expires"`
}

// An item of the first release is read and replaced.
func TestGoldenItem(t *testing.T) {
	const format, file = "item-v1", "item.json"
	expires := time.Unix(1_700_003_600, 0)
	name := store.Name("golden", "one")
	data := golden.Data(t, format, file, func(t *testing.T) []byte {
		var api table
		if _, err := newStore(t, &api).Put(t.Context(), name, []byte("golden data"), "", expires); err != nil {
			t.Fatal(err)
		}
		var i item
		i.Name.S = api.put.Item["name"].(*types.AttributeValueMemberS).Value
		i.Data.B = api.put.Item["data"].(*types.AttributeValueMemberB).Value
		i.Version.S = api.put.Item["version"].(*types.AttributeValueMemberS).Value
		i.Expires.N = api.put.Item["expires"].(*types.AttributeValueMemberN).Value
		data, err := json.MarshalIndent(i, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		return append(data, '\n')
	})
	golden.Covered(t, format, file)
	var i item
	if err := json.Unmarshal(data, &i); err != nil {
		t.Fatal(err)
	}
	if i.Name.S != name {
		golden.Broke(t, format, file, "the record is named %s, and was named %s", name, i.Name.S)
	}
	api := &table{item: map[string]types.AttributeValue{
		"name": &types.AttributeValueMemberS{Value: i.Name.S}, "data": &types.AttributeValueMemberB{Value: i.Data.B},
		"version": &types.AttributeValueMemberS{Value: i.Version.S}, "expires": &types.AttributeValueMemberN{Value: i.Expires.N},
	}}
	now := expires.Add(-time.Second)
	s := newStore(t, api, func(o *dynamostore.Options) { o.Now = func() time.Time { return now } })
	r, err := s.Get(t.Context(), name)
	if err != nil || string(r.Data) != "golden data" || r.Version != i.Version.S {
		golden.Broke(t, format, file, "it is read as %q, %q, %v", r.Data, r.Version, err)
	}
	if _, err := s.Put(t.Context(), name, []byte("more"), r.Version, expires); err != nil {
		golden.Broke(t, format, file, "it is not replaced: %v", err)
	} else if v, ok := api.put.ExpressionAttributeValues[":version"].(*types.AttributeValueMemberS); !ok || v.Value != i.Version.S || api.put.ExpressionAttributeNames["#version"] != "version" {
		golden.Broke(t, format, file, "the condition of a Put is on %v", api.put.ExpressionAttributeValues)
	}
	now = expires
	if _, err := s.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
		golden.Broke(t, format, file, "after its expiry Get returns %v", err)
	}
}

// FuzzItem has a table return any item.
func FuzzItem(f *testing.F) {
	f.Add(uint8(0), []byte("data"), "version", "1700003600")
	f.Add(uint8(1), []byte{}, "", "x")
	f.Add(uint8(7), []byte{0}, "v", "99999999999999999999")
	f.Fuzz(func(t *testing.T, lacks uint8, data []byte, version, expires string) {
		api := &table{item: map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: "n"}}}
		attributes := []struct {
			name         string
			right, wrong types.AttributeValue
		}{
			{"data", &types.AttributeValueMemberB{Value: data}, &types.AttributeValueMemberS{Value: string(data)}},
			{"version", &types.AttributeValueMemberS{Value: version}, &types.AttributeValueMemberNULL{Value: true}},
			{"expires", &types.AttributeValueMemberN{Value: expires}, &types.AttributeValueMemberS{Value: expires}},
		}
		for i, a := range attributes {
			switch lacks >> (2 * i) & 3 {
			case 0:
				api.item[a.name] = a.right
			case 1:
				api.item[a.name] = a.wrong
			}
		}
		r, err := newStore(t, api).Get(t.Context(), store.Name("a"))
		if err == nil && (string(r.Data) != string(data) || r.Version != version) || err != nil && r.Data != nil {
			t.Fatalf("got %q, %q, %v", r.Data, r.Version, err)
		}
	})
}
