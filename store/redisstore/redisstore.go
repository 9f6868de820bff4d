package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/store"
)

// Store is a [store.Store] over Redis or Valkey. A Store is safe for concurrent use, also by
// several processes.
//
// An error names the operation and wraps the error of the client. Errors have no data of
// records.
type Store struct {
	client  redis.UniversalClient
	options Options
}

var _ store.Store = (*Store)(nil)

// Options are the settings of [New].
type Options struct {
	// Prefix is the beginning of each key, before the record's name. Programs with
	// different prefixes can share a server. "": "cognitoflow:".
	//
	// In a cluster, do not use braces: a text in braces puts all records into one slot.
	Prefix string
}

// New returns a Store over a client: a *redis.Client, *redis.ClusterClient or
// *redis.Ring. The caller closes the client. New fails if client is nil. New does not use
// the server.
func New(client redis.UniversalClient, optFns ...func(*Options)) (*Store, error) {
	if client == nil {
		return nil, errors.New("redisstore: the client is nil: give the client of redis.NewClient")
	}
	s := &Store{client: client}
	for _, fn := range optFns {
		fn(&s.options)
	}
	if s.options.Prefix == "" {
		s.options.Prefix = "cognitoflow:"
	}
	return s, nil
}

// versionSize is the length of a text of rand.Text, in bytes.
const versionSize = 26

// The key of both scripts is the record's key. GETRANGE returns "" if there is no record, and
// "" is also the version that means no record.
var (
	// The arguments of put are the present version, the new value, and the expiry in
	// milliseconds or "". If the client sends put twice, the second script finds its own
	// version.
	put = redis.NewScript(`
local present = redis.call('GETRANGE', KEYS[1], 0, 25)
if present == string.sub(ARGV[2], 1, 26) then
	return 1
end
if present ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
	redis.call('PEXPIREAT', KEYS[1], ARGV[3])
end
return 1`)

	// The argument of remove is the present version.
	remove = redis.NewScript(`
if redis.call('GETRANGE', KEYS[1], 0, 25) ~= ARGV[1] then
	return 0
end
return redis.call('DEL', KEYS[1])`)
)

// Get implements [store.Store]. Get fails if the value is not a record.
func (s *Store) Get(ctx context.Context, name string) (store.Record, error) {
	if err := store.CheckName(name); err != nil {
		return store.Record{}, err
	}
	value, err := s.client.Get(ctx, s.key(name)).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return store.Record{}, store.ErrNotFound
	case err != nil:
		return store.Record{}, describe("get", err)
	case len(value) <= versionSize:
		return store.Record{}, describe("get", fmt.Errorf("the value has %d bytes, too few for a record: check whether another program uses the prefix %q", len(value), s.options.Prefix))
	}
	return store.Record{Data: value[versionSize:], Version: string(value[:versionSize])}, nil
}

// Put implements [store.Store]. Put rounds expires up to a full millisecond.
func (s *Store) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	if err := store.CheckName(name); err != nil {
		return "", err
	}
	if err := store.CheckData(data); err != nil {
		return "", err
	}
	next := rand.Text()
	value := append(append(make([]byte, 0, len(next)+len(data)), next...), data...)
	if err := s.run(ctx, "put", put, name, version, value, milliseconds(expires)); err != nil {
		return "", err
	}
	return next, nil
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, name, version string) error {
	if err := store.CheckName(name); err != nil {
		return err
	}
	if version == "" {
		return describe("delete", s.client.Del(ctx, s.key(name)).Err())
	}
	return s.run(ctx, "delete", remove, name, version)
}

// run runs a script that returns 0 for a conflict.
func (s *Store) run(ctx context.Context, operation string, script *redis.Script, name string, args ...any) error {
	done, err := script.Run(ctx, s.client, []string{s.key(name)}, args...).Bool()
	if err != nil {
		return describe(operation, err)
	}
	if !done {
		return store.ErrConflict
	}
	return nil
}

func (s *Store) key(name string) string { return s.options.Prefix + name }

// farthest is the latest expiry. PEXPIREAT refuses a time that overflows, and by then SET
// has written the record without an expiry.
var farthest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// milliseconds returns the argument of PEXPIREAT, and "" for no expiry.
func milliseconds(expires time.Time) any {
	epoch := time.UnixMilli(0)
	switch {
	case expires.IsZero():
		return ""
	case expires.Before(epoch):
		expires = epoch
	case expires.After(farthest):
		expires = farthest
	}
	return expires.Add(time.Millisecond - 1).UnixMilli()
}

func describe(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redisstore: %s: %w", operation, err)
}
