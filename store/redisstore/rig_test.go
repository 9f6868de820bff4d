package redisstore_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store/redisstore"
)

// startCluster starts a cluster of nodes and returns their addresses.
func startCluster(t testing.TB, nodes int) []string {
	t.Helper()
	const slots = 16384
	addresses := engines.RedisNodes(t, nodes)
	_, port, err := net.SplitHostPort(addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, address := range addresses {
		c := redis.NewClient(&redis.Options{Addr: address})
		defer c.Close()
		if err := c.ClusterAddSlotsRange(t.Context(), slots*i/nodes, slots*(i+1)/nodes-1).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.Do(t.Context(), "cluster", "meet", "127.0.0.1", port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, address := range addresses {
		untilClusterIsUp(t, address, nodes)
	}
	return addresses
}

func untilClusterIsUp(t testing.TB, address string, nodes int) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: address})
	defer c.Close()
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		info, err := c.ClusterInfo(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_ok:16384") && strings.Contains(info, fmt.Sprintf("cluster_size:%d", nodes)) {
			return
		}
	}
}

// startServer starts a server for one test and returns the path of its socket.
func startServer(t testing.TB) string {
	t.Helper()
	return engines.Redis(t).DataSource
}

// newClient returns a client with the settings that the documentation recommends.
func newClient(t testing.TB, socket string, optFns ...func(*redis.Options)) *redis.Client {
	t.Helper()
	options := &redis.Options{Network: "unix", Addr: socket, ContextTimeoutEnabled: true}
	for _, fn := range optFns {
		fn(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

func newStore(t testing.TB, client redis.UniversalClient, optFns ...func(*redisstore.Options)) *redisstore.Store {
	t.Helper()
	s, err := redisstore.New(client, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line is a proxy between clients and a server that loses replies.
type line struct {
	socket string
	lose   chan struct{} // has an element if the proxy must lose the next reply
}

// newLine returns a proxy in front of the server at socket.
func newLine(t testing.TB, socket string) *line {
	t.Helper()
	dir, err := os.MkdirTemp("", "line")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := &line{socket: filepath.Join(dir, "socket"), lose: make(chan struct{}, 1)}
	listener, err := net.Listen("unix", l.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(ctx, client, socket)
		}
	}()
	return l
}

// loseReply makes the proxy lose the next reply, and close the connection.
func (l *line) loseReply() { l.lose <- struct{}{} }

// wasLost reports whether the proxy has lost the reply.
func (l *line) wasLost() bool { return len(l.lose) == 0 }

func (l *line) carry(ctx context.Context, client net.Conn, socket string) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()
	go func() {
		defer server.Close()
		io.Copy(server, client)
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-l.lose:
			return
		default:
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
