//go:build unix

package engines

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/cognitoflow/cognitoflow/store/sqlstore"
)

// Postgres starts a server, or skips the test if PostgreSQL is missing. The server listens on a
// socket in the file system, and ends with the test.
func Postgres(t testing.TB) Engine {
	t.Helper()
	initdb := findProgram(t, "initdb", "postgresql", "/usr/lib/postgresql/*/bin/initdb")
	s := newServer(t, "postgres")
	s.run(initdb, "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	s.mustStart("INT", "ready to accept connections",
		filepath.Join(filepath.Dir(initdb), "postgres"), "-D", s.data, "-k", s.dir, "-h", "", "-p", "5432", "-F")
	return Engine{string(sqlstore.PostgreSQL), "user=postgres dbname=postgres port=5432 host=" + s.dir}
}

// MySQL starts a server of MariaDB, or skips the test if MariaDB is missing. The server listens
// on a socket in the file system, and ends with the test.
func MySQL(t testing.TB) Engine {
	t.Helper()
	install := findProgram(t, "mariadb-install-db", "mariadb-server")
	mariadbd := findProgram(t, "mariadbd", "mariadb-server", "/usr/sbin/mariadbd")
	s := newServer(t, "mysql")
	s.run(install, "--no-defaults", "--datadir="+s.data, "--auth-root-authentication-method=normal")
	socket := filepath.Join(s.dir, "socket")
	s.mustStart("TERM", "ready for connections",
		mariadbd, "--no-defaults", "--datadir="+s.data, "--socket="+socket, "--skip-networking",
		"--pid-file="+filepath.Join(s.dir, "pid"), "--innodb-flush-log-at-trx-commit=0")
	return Engine{string(sqlstore.MySQL), "root@unix(" + socket + ")/test"}
}

// Redis starts a server of Redis or Valkey, or skips the test if both are missing. The data
// source is a socket in the file system. The server ends with the test.
func Redis(t testing.TB) Engine {
	t.Helper()
	s := newServer(t, "redis")
	socket := filepath.Join(s.dir, "socket")
	s.mustStart("TERM", redisReady, s.redis("--port", "0", "--unixsocket", socket)...)
	return Engine{"Redis", socket}
}

// RedisNodes starts servers for a cluster, and returns their addresses on loopback. The servers
// do not know each other yet. If Redis and Valkey are missing, RedisNodes skips the test.
func RedisNodes(t testing.TB, count int) []string {
	t.Helper()
	const tries = 10
	var addresses []string
	for try := 0; len(addresses) < count; try++ {
		if try == count*tries {
			t.Fatal("too few nodes have started. The logs are below")
		}
		port := freePort(t)
		s := newServer(t, "redis")
		// If another program has taken the port or that of the cluster bus, the server ends.
		if s.start("TERM", redisReady, s.redis("--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes")...) {
			addresses = append(addresses, net.JoinHostPort("127.0.0.1", port))
		}
	}
	return addresses
}

const redisReady = "ready to accept connections"

func (s *server) redis(args ...string) []string {
	s.t.Helper()
	return append([]string{
		findRedis(s.t), "--dir", s.dir, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
	}, args...)
}

// findRedis returns the path of a server, or skips the test.
func findRedis(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("redis-server and valkey-server are missing. Install one to run this test (Debian: apt-get install redis-server)")
	return ""
}

// freePort returns a free port for a node. The port of the cluster bus is higher by 10,000.
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

// findProgram returns the path of a program, or skips the test. The patterns are places that are
// not on the PATH. The last match of a pattern is the newest version.
func findProgram(t testing.TB, name, debian string, patterns ...string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return path
		}
	}
	for _, pattern := range patterns {
		if paths, err := filepath.Glob(pattern); err == nil && len(paths) > 0 {
			return slices.Max(paths)
		}
	}
	t.Skipf("%s is missing. Install it to run this test (Debian: apt-get install %s)", name, debian)
	return ""
}

// server is a database server of one test, in a separate directory.
type server struct {
	t         testing.TB
	dir, data string
	owner     *syscall.Credential // nil for the user who runs the test
}

// newServer returns a server that has not started. If root runs the test, the server gets another
// user, because database servers refuse to run as root.
func newServer(t testing.TB, userName string) *server {
	t.Helper()
	// Not t.TempDir, whose path can be too long for a socket.
	dir, err := os.MkdirTemp("", "server")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &server{t: t, dir: dir}
	s.data = filepath.Join(s.dir, "data")
	if os.Getuid() != 0 {
		return s
	}
	u, err := user.Lookup(userName)
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		t.Fatalf("user %s has the IDs %s and %s", u.Username, u.Uid, u.Gid)
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(s.dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+s.dir, "TMPDIR="+s.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return cmd
}

func (s *server) run(program string, args ...string) {
	s.t.Helper()
	if output, err := s.command(program, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", program, err, output)
	}
}

// serve runs a program until standard input ends. So the program ends if the test is killed. File
// 3 is the log, which ends with the program.
const serve = `signal=$1; shift; "$@" >&3 2>&3 3>&- & server=$!; exec 3>&-; cat; kill -s "$signal" "$server"; wait "$server"`

// mustStart calls start, and ends the test if the server is not ready.
func (s *server) mustStart(signal, ready string, program ...string) {
	s.t.Helper()
	if !s.start(signal, ready, program...) {
		s.t.Fatalf("%s has ended. Its log follows", program[0])
	}
}

// start starts the server. start returns true after the log has the text of ready in any case of
// letters, or false if the server has ended. At the end of the test, the signal ends the server.
func (s *server) start(signal, ready string, program ...string) bool {
	s.t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := s.command("sh", append([]string{"-c", serve, "sh", signal}, program...)...)
	cmd.ExtraFiles = []*os.File{writer}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	writer.Close()
	log := newLog(reader, ready)
	isReady := <-log.ready
	s.t.Cleanup(func() {
		stdin.Close()
		text := <-log.text
		switch err := cmd.Wait(); {
		case !isReady:
			s.t.Logf("the server has not started: %v\n%s", err, text)
		case err != nil:
			s.t.Errorf("the server ended with %v\n%s", err, text)
		}
	})
	return isReady
}

type log struct {
	ready chan bool   // gets true at the line, or false at the end of the server
	text  chan string // gets the whole output at the end of the server
}

func newLog(reader *os.File, ready string) log {
	l := log{make(chan bool, 1), make(chan string, 1)}
	go func() {
		defer reader.Close()
		var text strings.Builder
		isReady := false
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			fmt.Fprintln(&text, lines.Text())
			if !isReady && strings.Contains(strings.ToLower(lines.Text()), ready) {
				isReady = true
				l.ready <- true
			}
		}
		if !isReady {
			l.ready <- false
		}
		l.text <- text.String()
	}()
	return l
}
