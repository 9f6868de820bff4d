package dynamostore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/dynamostore"
	"github.com/cognitoflow/cognitoflow/store/dynamostore/internal/emulator"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

func TestMain(m *testing.M) {
	storerig.Main(m, func(e engines.Engine) (store.Store, error) {
		return dynamostore.New(emulator.NewClient(e.DataSource), emulator.Table)
	})
}

var (
	never   time.Time
	errLost = syscall.ECONNRESET
)

func TestStore(t *testing.T) {
	_, client := startEmulator(t)
	s := newStore(t, client)
	storetest.TestStore(t, func(*testing.T) store.Store { return s })
}

func TestNew(t *testing.T) {
	if _, err := dynamostore.New(nil, "t"); err == nil {
		t.Error("New took a client that is nil")
	}
	if _, err := dynamostore.New(emulator.NewClient(""), ""); err == nil {
		t.Error("New took a table without a name")
	}
}

// The emulator keeps expired items, as DynamoDB does for days.
func TestExpiredItemsAreAbsent(t *testing.T) {
	_, client := startEmulator(t)
	now := time.Unix(2_000_000_000, 0)
	s := newStore(t, client, func(o *dynamostore.Options) { o.Now = func() time.Time { return now } })
	name := store.Name("a")
	version := storerig.MustPut(t, s, name, "x", "", now.Add(time.Hour+time.Millisecond))
	item, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(emulator.Table), Key: map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: name}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, expire := dynamostore.Schema(emulator.Table); *expire.TimeToLiveSpecification.AttributeName != "expires" {
		t.Errorf("DynamoDB would delete by the attribute %s", *expire.TimeToLiveSpecification.AttributeName)
	}
	if n, ok := item.Item["expires"].(*types.AttributeValueMemberN); !ok || n.Value != "2000003601" {
		t.Errorf("the attribute expires is %v, want the seconds since 1970, rounded up", item.Item["expires"])
	}

	now = now.Add(time.Hour)
	storerig.WantRecord(t, s, name, "x", version) // up to the full second
	if _, err := s.Put(t.Context(), name, []byte("y"), "", never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("over a record that has not expired Put returned %v, want store.ErrConflict", err)
	}
	now = now.Add(time.Second)
	if _, err := s.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of an expired record Get returned %v, want store.ErrNotFound", err)
	}
	if _, err := s.Put(t.Context(), name, []byte("y"), version, never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("with the version of an expired record Put returned %v, want store.ErrConflict", err)
	}
	if err := s.Delete(t.Context(), name, version); !errors.Is(err, store.ErrConflict) {
		t.Errorf("with the version of an expired record Delete returned %v, want store.ErrConflict", err)
	}
	version = storerig.MustPut(t, s, name, "z", "", never)
	now = now.Add(1000 * time.Hour)
	storerig.WantRecord(t, s, name, "z", version) // nothing is left of the former expiry
}

func TestLostResponses(t *testing.T) {
	e, direct := startEmulator(t)
	for name, repeats := range map[string]bool{"the client repeats": true, "the client does not repeat": false} {
		t.Run(name, func(t *testing.T) {
			var l line
			s := newStore(t, emulator.NewClient(e.DataSource, func(o *dynamodb.Options) {
				o.HTTPClient = &l
				if !repeats {
					o.Retryer = aws.NopRetryer{}
				}
			}))
			storerig.TestLostReplies(t, s, newStore(t, direct), repeats, l.loseReply, l.wasLost)
		})
	}
}

func TestErrors(t *testing.T) {
	_, client := startEmulator(t)
	s, err := dynamostore.New(client, "no-such-table")
	if err != nil {
		t.Fatal(err)
	}
	name := store.Name("a")
	_, getErr := s.Get(t.Context(), name)
	_, putErr := s.Put(t.Context(), name, []byte("hush-7Fq"), "", never)
	for operation, err := range map[string]error{"get": getErr, "put": putErr, "delete": s.Delete(t.Context(), name, "v")} {
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || !strings.HasPrefix(err.Error(), "dynamostore: "+operation+" in table no-such-table: ") {
			t.Errorf("%s returned %v", operation, err)
		}
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || strings.Contains(fmt.Sprint(err), "hush-7Fq") {
			t.Errorf("%s returned %v", operation, err)
		}
	}
	foreign := store.Name("foreign")
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(emulator.Table), Item: map[string]types.AttributeValue{
		"name": &types.AttributeValueMemberS{Value: foreign}, "colour": &types.AttributeValueMemberS{Value: "red"},
	}}); err != nil {
		t.Fatal(err)
	}
	s = newStore(t, client)
	if _, err := s.Get(t.Context(), foreign); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("of an item that is no record Get returned %v", err)
	}
	if _, err := s.Put(t.Context(), foreign, []byte("y"), "", never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("over an item that is no record Put returned %v, want store.ErrConflict", err)
	}
}

// gets records the inputs of GetItem.
type gets struct {
	dynamostore.API
	inputs []*dynamodb.GetItemInput
}

func (g *gets) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	g.inputs = append(g.inputs, in)
	return new(dynamodb.GetItemOutput), nil
}

// The input demands a consistent read, because an emulator has no old reads.
func TestReadsAreConsistent(t *testing.T) {
	var g gets
	if _, err := newStore(t, &g).Get(t.Context(), store.Name("a")); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if len(g.inputs) != 1 || !aws.ToBool(g.inputs[0].ConsistentRead) {
		t.Errorf("Get did not ask for a consistent read: %+v", g.inputs)
	}
}

func TestProcesses(t *testing.T) {
	e, client := startEmulator(t)
	storerig.TestProcesses(t, newStore(t, client), e)
}
