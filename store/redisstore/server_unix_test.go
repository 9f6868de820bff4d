//go:build unix

package redisstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cognitoflow/cognitoflow/store/redisstore"
)

// findServer returns the path of a Redis or Valkey server, or skips the test.
func findServer(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no redis-server or valkey-server here; install one to run this test (Debian: apt-get install redis-server)")
	return ""
}

// startServer starts a server of the test's own and returns the path of its socket.
func startServer(t testing.TB) string {
	t.Helper()
	// Not t.TempDir, whose path can be too long for a socket.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	if !start(t, dir, "--port", "0", "--unixsocket", socket) {
		t.Fatal("the server has not started; its log is above")
	}
	return socket
}

// serve runs a program until standard input ends, and ends it by its process ID. So the
// program does not outlive the test, even if the test is killed. File 3 is the log.
const serve = `"$@" >&3 2>&3 3>&- & server=$!; exec 3>&-; cat; kill "$server"; wait "$server"`

// start returns whether the server has logged that it is ready. The server ends with
// the test.
func start(t testing.TB, dir string, args ...string) bool {
	t.Helper()
	program := append([]string{findServer(t), "--dir", dir, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"}, args...)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{"-c", serve, "sh"}, program...)...)
	cmd.ExtraFiles = []*os.File{writer}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	ready, ended := make(chan bool, 1), make(chan string, 1)
	go func() {
		defer reader.Close()
		var text strings.Builder
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			fmt.Fprintln(&text, lines.Text())
			if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
				select {
				case ready <- true:
				default:
				}
			}
		}
		close(ready)
		ended <- text.String()
	}()
	t.Cleanup(func() {
		stdin.Close()
		text := <-ended
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("the server ended (%v)\n%s", err, text)
		}
	})
	return <-ready
}

// startCluster starts a cluster of nodes and returns their addresses.
func startCluster(t testing.TB, nodes int) []string {
	t.Helper()
	const slots, tries = 16384, 10
	var addresses, ports []string
	for try := 0; len(addresses) < nodes; try++ {
		if try == nodes*tries {
			t.Fatal("no node has started; the logs are below")
		}
		port := freePort(t)
		// Another program can have taken the port or that of the cluster bus, and then
		// the server ends.
		if start(t, t.TempDir(), "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes") {
			addresses = append(addresses, net.JoinHostPort("127.0.0.1", port))
			ports = append(ports, port)
		}
	}
	for i, address := range addresses {
		c := redis.NewClient(&redis.Options{Addr: address})
		defer c.Close()
		if err := c.ClusterAddSlotsRange(t.Context(), slots*i/nodes, slots*(i+1)/nodes-1).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.Do(t.Context(), "cluster", "meet", "127.0.0.1", ports[0]).Err(); err != nil {
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

// freePort returns a port that a node can have: the cluster bus is 10,000 ports higher.
func freePort(t testing.TB) string {
	t.Helper()
	const highest = 1<<16 - 1 - 10_000
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port <= highest {
			return strconv.Itoa(port)
		}
	}
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
	lose   chan struct{} // has an element if the next reply is to be lost
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

// loseReply has the proxy lose the next reply, and the connection with it.
func (l *line) loseReply() { l.lose <- struct{}{} }

// wantLost fails the test unless the reply was lost.
func (l *line) wantLost(t testing.TB) {
	t.Helper()
	select {
	case <-l.lose:
		t.Fatal("no reply was lost")
	default:
	}
}

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
