package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/internal/storerig"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/redisstore"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

func TestMain(m *testing.M) {
	redis.SetLogger(silent{}) // go-redis logs each connection that the tests cut
	storerig.Main(m, func(e engines.Engine) (store.Store, error) {
		return redisstore.New(redis.NewClient(&redis.Options{Network: "unix", Addr: e.DataSource}))
	})
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

var never time.Time

func TestStore(t *testing.T) {
	t.Parallel() // it waits for records to expire
	s := newStore(t, newClient(t, startServer(t)))
	storetest.TestStore(t, func(*testing.T) store.Store { return s })
}

func TestCluster(t *testing.T) {
	t.Parallel()    // it waits for records to expire
	const nodes = 3 // the client knows one of them at first
	addresses := startCluster(t, nodes)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses[:1], ContextTimeoutEnabled: true})
	t.Cleanup(func() { client.Close() })
	s := newStore(t, client)
	storetest.TestStore(t, func(*testing.T) store.Store { return s })

	for i := range 64 {
		storerig.MustPut(t, s, store.Name("a", fmt.Sprint(i)), "x", "", never)
	}
	for _, address := range addresses {
		c := redis.NewClient(&redis.Options{Addr: address})
		defer c.Close()
		if n, err := c.DBSize(t.Context()).Result(); err != nil || n == 0 {
			t.Errorf("the node at %s has %d of 64 records (%v), want a share", address, n, err)
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := redisstore.New(nil); err == nil {
		t.Error("New took a client that is nil")
	}
}

func TestPrefix(t *testing.T) {
	client := newClient(t, startServer(t))
	name := store.Name("a")
	for prefix, key := range map[string]string{"": "cognitoflow:" + name, "other/": "other/" + name} {
		s := newStore(t, client, func(o *redisstore.Options) { o.Prefix = prefix })
		version := storerig.MustPut(t, s, name, "of "+prefix, "", never)
		if value, err := client.Get(t.Context(), key).Result(); err != nil || value != version+"of "+prefix {
			t.Errorf("the key %s has %q, %v", key, value, err)
		}
		storerig.WantRecord(t, s, name, "of "+prefix, version)
	}
}

// The server removes expired records, and no others.
func TestExpiryIsTheServers(t *testing.T) {
	client := newClient(t, startServer(t))
	s, name := newStore(t, client), store.Name("a")
	version := ""
	for i, expires := range []time.Time{
		time.Now().Add(time.Hour), never, time.Now().Add(50 * time.Hour), time.Now().Add(time.Minute),
		time.Date(292000000, 1, 1, 0, 0, 0, 0, time.UTC), never,
	} {
		before := version
		version = storerig.MustPut(t, s, name, "x", version, expires)
		wantExpiry(t, client, "cognitoflow:"+name, expires)
		if _, err := s.Put(t.Context(), name, []byte("y"), before, time.Now().Add(time.Second)); !errors.Is(err, store.ErrConflict) {
			t.Fatalf("write %d: a Put with the version before returned %v, want store.ErrConflict", i, err)
		}
		wantExpiry(t, client, "cognitoflow:"+name, expires) // a conflict leaves it
	}
	storerig.MustPut(t, s, name, "x", version, time.Unix(-1, 0))
	if n, err := client.Exists(t.Context(), "cognitoflow:"+name).Result(); err != nil || n != 0 {
		t.Errorf("%d records that have expired are there (%v)", n, err)
	}
}

// wantExpiry allows the minute that a busy machine may take between two statements.
func wantExpiry(t *testing.T, client *redis.Client, key string, expires time.Time) {
	t.Helper()
	milliseconds, err := client.Do(t.Context(), "pttl", key).Int64() // more than time.Duration has room for
	if err != nil {
		t.Fatal(err)
	}
	want, slack := time.Until(expires).Milliseconds(), time.Minute.Milliseconds()
	switch {
	case expires.IsZero():
		want, slack = -1, 0
	case expires.Year() > 9999: // bounded, and far away
		want, slack = 7000*365*24*time.Hour.Milliseconds(), 1000*365*24*time.Hour.Milliseconds()
	}
	if milliseconds < want || milliseconds > want+slack {
		t.Errorf("the record expires in %d ms, want %d", milliseconds, want)
	}
}

// A script is sent again to a server that has lost it.
func TestScriptsAreSentAgain(t *testing.T) {
	client := newClient(t, startServer(t))
	s, name := newStore(t, client), store.Name("a")
	flush := func() {
		if err := client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	version := storerig.MustPut(t, s, name, "x", "", never)
	flush()
	version = storerig.MustPut(t, s, name, "y", version, never)
	storerig.WantRecord(t, s, name, "y", version)
	flush()
	if err := s.Delete(t.Context(), name, version); err != nil {
		t.Error(err)
	}
}

func TestLostReplies(t *testing.T) {
	socket := startServer(t)
	for name, retries := range map[string]int{"the client repeats": 0, "the client does not repeat": -1} {
		t.Run(name, func(t *testing.T) {
			line := newLine(t, socket)
			s := newStore(t, newClient(t, line.socket, func(o *redis.Options) { o.MaxRetries = retries }))
			// lose loses the reply of a statement: the server knows the scripts then, and
			// the client has a connection.
			lose := func() {
				warm := store.Name("warm", name)
				if err := s.Delete(t.Context(), warm, storerig.MustPut(t, s, warm, "x", "", never)); err != nil {
					t.Fatal(err)
				}
				line.loseReply()
			}
			storerig.TestLostReplies(t, s, newStore(t, newClient(t, socket)), retries == 0, lose, line.wasLost)
		})
	}
}

func TestErrors(t *testing.T) {
	client := newClient(t, startServer(t))
	s := newStore(t, client)
	list, short := store.Name("list"), store.Name("short")
	if err := errors.Join(
		client.LPush(t.Context(), "cognitoflow:"+list, "x").Err(),
		client.Set(t.Context(), "cognitoflow:"+short, "x", 0).Err(),
	); err != nil {
		t.Fatal(err)
	}
	down := newStore(t, newClient(t, filepath.Join(t.TempDir(), "nobody"), func(o *redis.Options) { o.MaxRetries, o.DialerRetries = -1, 1 }))
	isReply := func(err error) bool { _, ok := errors.AsType[redis.Error](err); return ok }
	isNetwork := func(err error) bool { _, ok := errors.AsType[*net.OpError](err); return ok }
	for name, test := range map[string]struct {
		store  *redisstore.Store
		record string
		is     func(error) bool
	}{
		"the key has a list":   {s, list, isReply},
		"the server is absent": {down, list, isNetwork},
	} {
		_, getErr := test.store.Get(t.Context(), test.record)
		_, putErr := test.store.Put(t.Context(), test.record, []byte("hush-7Fq"), "", never)
		deleteErr := test.store.Delete(t.Context(), test.record, "v")
		for operation, err := range map[string]error{"get": getErr, "put": putErr, "delete": deleteErr} {
			if err == nil || !strings.HasPrefix(err.Error(), "redisstore: "+operation+": ") || !test.is(err) {
				t.Errorf("%s: %s returned %v", name, operation, err)
				continue
			}
			if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || strings.Contains(err.Error(), "hush-7Fq") {
				t.Errorf("%s: %s returned %v", name, operation, err)
			}
		}
	}
	if _, err := s.Get(t.Context(), short); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a value that is no record Get returned %v", err)
	}
	if _, err := s.Put(t.Context(), short, []byte("y"), "", never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("over a value that is no record Put returned %v, want store.ErrConflict", err)
	}
}

// With noeviction a full server refuses writes and keeps the records.
func TestFullServer(t *testing.T) {
	client := newClient(t, startServer(t))
	s, name := newStore(t, client), store.Name("a")
	version := storerig.MustPut(t, s, name, "x", "", never)
	if err := client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	// Redis 6 has the code within the text.
	if _, err := s.Put(t.Context(), name, []byte("y"), version, time.Now().Add(time.Hour)); err == nil || !strings.Contains(err.Error(), "OOM ") {
		t.Errorf("Put returned %v, want the server's OOM", err)
	}
	storerig.WantRecord(t, s, name, "x", version)
}

// The documentation names the commands that a user with an ACL needs.
func TestACL(t *testing.T) {
	t.Parallel() // it waits for records to expire
	socket := startServer(t)
	admin := newClient(t, socket)
	if err := admin.Do(t.Context(), "acl", "setuser", "app", "on", ">secret", "~cognitoflow:*", "-@all",
		"+eval", "+evalsha", "+get", "+getrange", "+set", "+pexpireat", "+del", "+@connection").Err(); err != nil {
		t.Fatal(err)
	}
	s := newStore(t, newClient(t, socket, func(o *redis.Options) { o.Username, o.Password = "app", "secret" }))
	storetest.TestStore(t, func(*testing.T) store.Store { return s })
}

// With a silent server an operation ends with its context.
func TestSilentServer(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	// No timeout of the client ends the operation.
	s := newStore(t, newClient(t, socket, func(o *redis.Options) { o.ReadTimeout, o.WriteTimeout, o.DialTimeout = -1, -1, time.Hour }))
	for operation, f := range operations(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := f(ctx); !isTimeout(err) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s returned %v, want a timeout", operation, err)
		}
		cancel()
	}
}

func operations(s *redisstore.Store) map[string]func(context.Context) error {
	name := store.Name("a")
	return map[string]func(context.Context) error{
		"Get":    func(ctx context.Context) error { _, err := s.Get(ctx, name); return err },
		"Put":    func(ctx context.Context) error { _, err := s.Put(ctx, name, []byte("x"), "", never); return err },
		"Delete": func(ctx context.Context) error { return s.Delete(ctx, name, "v") },
	}
}

// isTimeout also finds the deadline that go-redis sets to the connection.
func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func TestProcesses(t *testing.T) {
	e := engines.Redis(t)
	storerig.TestProcesses(t, newStore(t, newClient(t, e.DataSource)), e)
}
