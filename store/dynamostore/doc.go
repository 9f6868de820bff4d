// Package dynamostore keeps the records of package store in a table of DynamoDB. It is a
// module of its own, so that only programs that use it get the client.
//
//	shared, err := dynamostore.New(dynamodb.NewFromConfig(config), "websessions")
//	...
//	sessions, err := websession.New(driver, shared, sealer)
//
// # The table
//
// The program does not create the table. [Schema] returns what creates it. One string is
// the partition key, and there is no sort key. An item is a record:
//
//	name     S  the partition key: the name of the record
//	data     B  the data, at most 16 KiB
//	version  S  the version
//	expires  N  seconds since 1970; absent if the record does not expire
//
// Turn on TTL for the attribute expires. DynamoDB deletes expired items late, by days at
// times. So a Store compares expires with its own clock, and expired items are absent for
// each operation. Without TTL the Store works, but the table grows.
//
// The policy of the program needs the actions dynamodb:GetItem, dynamodb:PutItem and
// dynamodb:DeleteItem on the table. Reads are strongly consistent. A read costs one read
// unit for each 4 KB of the record, and a write costs one write unit for each KB.
//
// Do not make the table global with asynchronous replication and write to two Regions.
// A condition then holds in one Region alone.
//
// # Settings of the client
//
// The default retryer can stay. The client then sends a request again whose response was
// lost, and a Put recognizes its own write and succeeds. A Delete by version cannot do
// so: it returns ErrConflict, although it has removed the record. With aws.NopRetryer,
// Put and Delete return the error of the connection. store.Write then finds out whether a
// Put has happened.
package dynamostore
