// Package redisstore keeps the records of package store in Redis (6 or later) or
// Valkey. It is a module of its own, so that only programs that use it get go-redis.
//
//	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
//	shared, err := redisstore.New(client)
//	...
//	sessions, err := websession.New(driver, shared, sealer)
//
// # Records
//
// A record is one string, under [Options.Prefix] and the record's name. The first 26
// bytes of the string are the version. The data follow. Redis removes the string when
// the record expires, and compares the expiry with the clock of the server.
//
// Each conditional write is one Lua script with one key, so it works in a cluster. The
// client sends the digest of the script. It sends the text if the server lacks the
// script, for instance after a restart.
//
// # Settings of the client
//
// Set ContextTimeoutEnabled. Without it go-redis does not end an operation at the
// deadline of its context, and the client's own timeouts alone count.
//
// While the server is down, go-redis dials several times in an operation, which takes a
// second or two. Users whose tokens are in memory wait as long in each request. DialTimeout,
// MaxRetries, and StoreTimeout of package websession make that shorter.
//
// MaxRetries can stay at its default. The client then sends a statement again whose
// reply was lost, and a Put recognizes its own write and succeeds. A Delete by version
// cannot do so: it returns ErrConflict, although it has removed the record. With
// MaxRetries -1, Put and Delete return the error of the connection. store.Write then
// finds out whether a Put has happened.
//
// Leave ReplicaOnly, ReadOnly, RouteByLatency and RouteRandomly unset. A replica is
// behind, so a Get from a replica returns versions that a Put refuses.
//
// A user with an ACL needs the commands eval, evalsha, get, getrange, set, pexpireat and
// del, and those of the category @connection.
//
// # Settings of the server
//
// Set maxmemory-policy to noeviction, because each other policy can remove the records of
// users that are signed in. Set appendonly to yes, because without persistence a restart
// of the server signs out all users.
//
// Replication is asynchronous: a failover can lose the last writes. Package websession
// then sends the former refresh token again, which succeeds without rotation, or in the
// grace period of the app client.
package redisstore
