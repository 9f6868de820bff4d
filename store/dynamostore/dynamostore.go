package dynamostore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/store"
)

// API is the part of *dynamodb.Client that a [Store] uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Store is a [store.Store] over a table of DynamoDB. A Store is safe for concurrent use,
// also by several processes.
//
// An error names the operation and the table, and wraps the error of the client. Errors
// have no data of records.
type Store struct {
	api     API
	table   string
	options Options
}

var _ store.Store = (*Store)(nil)

// Options are the settings of [New].
type Options struct {
	// Now is the clock for expiry. Nil: time.Now.
	Now func() time.Time
}

// New returns a Store over a table. table is a name or an ARN. Create the table before the
// first operation, with [Schema]. New fails if api is nil or table is empty. New does not
// use the table.
func New(api API, table string, optFns ...func(*Options)) (*Store, error) {
	if api == nil {
		return nil, errors.New("dynamostore: the client is nil: give the client of dynamodb.NewFromConfig")
	}
	if table == "" {
		return nil, errors.New("dynamostore: the name of the table is empty")
	}
	s := &Store{api: api, table: table}
	for _, fn := range optFns {
		fn(&s.options)
	}
	if s.options.Now == nil {
		s.options.Now = time.Now
	}
	return s, nil
}

// The attributes of an item.
const (
	attrName    = "name"
	attrData    = "data"
	attrVersion = "version"
	attrExpires = "expires"
)

// Schema returns two inputs for a table of this name. The first one is for CreateTable: the
// table is billed by request. When the table is active, turn on TTL: the second one is for
// UpdateTimeToLive.
func Schema(table string) (*dynamodb.CreateTableInput, *dynamodb.UpdateTimeToLiveInput) {
	create := &dynamodb.CreateTableInput{
		TableName:            &table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(attrName), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(attrName), KeyType: types.KeyTypeHash}},
	}
	expire := &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attrExpires), Enabled: aws.Bool(true)},
	}
	return create, expire
}

// Conditions of writes. If the client sends a Put twice, the second one finds its own
// version, :next. A comparison with an absent attribute is false.
const (
	isNew     = "attribute_not_exists(#name) OR #expires <= :now OR #version = :next"
	isVersion = "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)"
	isPresent = "(" + isVersion + ") OR #version = :next"
)

// Get implements [store.Store]. Get fails if the item is not a record.
func (s *Store) Get(ctx context.Context, name string) (store.Record, error) {
	if err := store.CheckName(name); err != nil {
		return store.Record{}, err
	}
	out, err := s.api.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: key(name), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return store.Record{}, s.describe("get", err)
	}
	if len(out.Item) == 0 {
		return store.Record{}, store.ErrNotFound
	}
	data, hasData := out.Item[attrData].(*types.AttributeValueMemberB)
	version, hasVersion := out.Item[attrVersion].(*types.AttributeValueMemberS)
	if !hasData || !hasVersion {
		return store.Record{}, s.describe("get", errors.New("the item is not a record: check whether another program uses the table"))
	}
	switch isOver, err := s.isOver(out.Item[attrExpires]); {
	case err != nil:
		return store.Record{}, s.describe("get", err)
	case isOver:
		return store.Record{}, store.ErrNotFound
	}
	return store.Record{Data: data.Value, Version: version.Value}, nil
}

func (s *Store) isOver(expires types.AttributeValue) (bool, error) {
	if expires == nil {
		return false, nil
	}
	number, ok := expires.(*types.AttributeValueMemberN)
	if !ok {
		return false, fmt.Errorf("the attribute %s is not a number", attrExpires)
	}
	seconds, err := strconv.ParseInt(number.Value, 10, 64)
	return seconds <= s.options.Now().Unix(), err
}

// Put implements [store.Store]. Put rounds expires up to a full second.
func (s *Store) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if err := store.CheckName(name); err != nil {
		return "", err
	}
	if err := store.CheckData(data); err != nil {
		return "", err
	}
	next := rand.Text()
	item := key(name)
	item[attrData] = &types.AttributeValueMemberB{Value: data}
	item[attrVersion] = text(next)
	if !expires.IsZero() {
		item[attrExpires] = number(expires.Add(time.Second - 1))
	}
	in := &dynamodb.PutItemInput{
		TableName: &s.table, Item: item,
		ConditionExpression:       aws.String(isNew),
		ExpressionAttributeNames:  map[string]string{"#name": attrName, "#expires": attrExpires, "#version": attrVersion},
		ExpressionAttributeValues: map[string]types.AttributeValue{":now": number(s.options.Now()), ":next": text(next)},
	}
	if version != "" {
		in.ConditionExpression = aws.String(isPresent)
		delete(in.ExpressionAttributeNames, "#name") // DynamoDB refuses names that are not used
		in.ExpressionAttributeValues[":version"] = text(version)
	}
	if _, err := s.api.PutItem(ctx, in); err != nil {
		return "", s.describe("put", err)
	}
	return next, nil
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, name, version string) error {
	if err := store.CheckName(name); err != nil {
		return err
	}
	in := &dynamodb.DeleteItemInput{TableName: &s.table, Key: key(name)}
	if version != "" {
		in.ConditionExpression = aws.String(isVersion)
		in.ExpressionAttributeNames = map[string]string{"#expires": attrExpires, "#version": attrVersion}
		in.ExpressionAttributeValues = map[string]types.AttributeValue{":now": number(s.options.Now()), ":version": text(version)}
	}
	_, err := s.api.DeleteItem(ctx, in)
	return s.describe("delete", err)
}

func key(name string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrName: text(name)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}
}

// describe makes store.ErrConflict of a failed condition.
func (s *Store) describe(operation string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return store.ErrConflict
	}
	return fmt.Errorf("dynamostore: %s in table %s: %w", operation, s.table, err)
}
