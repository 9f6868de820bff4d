// Package redisstore keeps the records of package store in Redis (6 or later) or
// Valkey. The package is a separate module, so that other programs do not get go-redis.
//
//	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
//	shared, err := redisstore.New(client)
//	...
//	sessions, err := websession.New(driver, shared, sealer)
//
// # Records
//
// A record is one string. The key is [Options.Prefix] and the record's name. The first 26
// bytes of the string are the version, and the data follow. Redis removes the string when
// the record expires, by the clock of the server.
//
// Each conditional write is one Lua script with one key, so it works in a cluster. The
// client sends the digest of the script. If the server lacks the script, for example after
// a restart, the client sends the text.
//
// # Settings of the client
//
// Set ContextTimeoutEnabled. Otherwise go-redis does not end an operation at the deadline
// of its context, and only the timeouts of the client count.
//
// While the server is down, go-redis dials several times in an operation, for a second or
// two. Users with tokens in memory wait as long in each request. To shorten the wait, set
// DialTimeout, MaxRetries, and StoreTimeout of package websession.
//
// MaxRetries can stay at its default. If a reply is lost, the client repeats the statement,
// and a Put recognizes its own write and succeeds. A Delete by version cannot do so: it
// returns ErrConflict, although it has removed the record. With MaxRetries -1, Put and
// Delete return the error of the connection, and store.Write finds out whether a Put has
// happened.
//
// Do not set ReplicaOnly, ReadOnly, RouteByLatency and RouteRandomly. A replica may be
// behind, and a Put refuses an old version.
//
// A user with an ACL needs the commands eval, evalsha, get, getrange, set, pexpireat and
// del, and the commands of the category @connection.
//
// # Settings of the server
//
// Set maxmemory-policy to noeviction, because each other policy can remove the records of
// users who are signed in. Set appendonly to yes, because without persistence a restart
// of the server signs out all users.
//
// Replication is asynchronous, so a failover can lose the last writes. Then package
// websession sends the former refresh token again. The service accepts the former token
// without rotation, or in the grace period of the app client.
package redisstore
