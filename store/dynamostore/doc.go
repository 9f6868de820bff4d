// Package dynamostore keeps the records of package store in a table of DynamoDB. The package
// is a separate module, so that other programs do not get the client of DynamoDB.
//
//	shared, err := dynamostore.New(dynamodb.NewFromConfig(config), "websessions")
//	...
//	sessions, err := websession.New(driver, shared, sealer)
//
// # The table
//
// Create the table before the program starts. [Schema] returns the inputs for it. One string
// is the partition key, and there is no sort key. An item is a record:
//
//	name     S  the partition key: the name of the record
//	data     B  the data, at most 16 KiB
//	version  S  the version
//	expires  N  seconds since 1970, absent if the record does not expire
//
// Turn on TTL for the attribute expires. DynamoDB may delete expired items some days late.
// So a Store compares expires with its own clock, and an expired item counts as absent.
// Without TTL the Store works, but the table grows.
//
// The policy of the program needs the actions dynamodb:GetItem, dynamodb:PutItem and
// dynamodb:DeleteItem on the table. Reads are strongly consistent. A read costs one read
// unit for each 4 KB of the record, and a write costs one write unit for each KB.
//
// If the table is global with asynchronous replication, write to one Region only: a
// condition holds only within one Region.
//
// # Settings of the client
//
// The default retryer can stay. If a response is lost, the client repeats the request, and
// a Put recognizes its own write and succeeds. A Delete by version cannot do so: it returns
// ErrConflict, although it has removed the record. With aws.NopRetryer, Put and Delete
// return the error of the connection, and store.Write finds out whether a Put has happened.
package dynamostore
