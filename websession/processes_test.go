package websession_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/internal/fleetprocess"
	"github.com/cognitoflow/cognitoflow/websession"
)

// onProcesses is the engine of a fleet of processes. start starts the engine, and the
// program in the directory runs over it. The full size takes minutes.
func onProcesses(name string, start func(testing.TB) engines.Engine, directory string, sessions int) engine {
	size := scale{
		sessions: sessions, instances: 4, lifetimes: 20, lease: 5 * time.Second,
		requests: 2, atOnce: 12, pace: 5 * time.Millisecond, refreshes: 16, silent: true,
	}
	// Each instance has a quarter of the refreshes, and five steps for each. So nearly
	// half of the fuses burn down.
	size.fuse = 3 * size.sessions
	if byname.RaceDetector {
		size.lifetimes, size.sessions, size.fuse = 6, 100, 100 // nearly all burn down
	}
	return engine{
		name: "processes on " + name,
		run:  func(t *testing.T, f func(t *testing.T)) { f(t) },
		open: func(f *fleet) func(m *member) node {
			environ := start(f.t).Environ() // skips the test before anything is built
			return openProcesses(f, engines.Program(f.t, directory), environ)
		},
		size: size, troubles: []string{"killed"}, waits: true,
	}
}

// openProcesses serves the pool to processes that share an engine, which they find in
// their environment. Each process has a separate path, so that the log tells which process
// has sent a request.
func openProcesses(f *fleet, program string, environ []string) func(m *member) node {
	mux := http.NewServeMux()
	pool := httptest.NewServer(mux)
	f.t.Cleanup(pool.Close)
	var mu sync.Mutex
	count := 0
	return func(m *member) node {
		mu.Lock()
		count++
		path := fmt.Sprint("/", count)
		mu.Unlock()
		mux.HandleFunc(path, m.serve)
		mux.HandleFunc(path+"/written", func(_ http.ResponseWriter, r *http.Request) {
			m.write(r.URL.Query().Get("name"))
			m.step()
		})
		p, err := startProcess(f, program, environ, pool.URL+path)
		if err != nil {
			f.t.Error(err) // requests to it fail, too
			return &process{err: err}
		}
		return p
	}
}

// serve passes a request of a process to the pool. The process may be killed before
// that, before the reply leaves, and right after that.
func (m *member) serve(w http.ResponseWriter, r *http.Request) {
	m.f.begin()
	defer m.f.end()
	m.step()
	r.URL.Path = "/"
	response, user, err := m.f.service.serve(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if user != "" {
		_ = m.grant(user)
	}
	m.step()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.Header()["Date"] = nil // the clock of the fleet is another one
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
	_ = http.NewResponseController(w).Flush()
	m.step()
}

// process is an instance that is a process. The process ends when its standard input ends,
// which is at the end of the test.
type process struct {
	f      *fleet
	cmd    *exec.Cmd
	url    string
	client *http.Client
	exited chan struct{}
	err    error // it did not start
}

func startProcess(f *fleet, program string, environ []string, pool string) (*process, error) {
	p := &process{f: f, cmd: exec.Command(program), exited: make(chan struct{})}
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: f.size.atOnce}}
	p.cmd.Env = environ
	p.cmd.Stderr = f.t.Output()
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	f.t.Cleanup(func() {
		stdin.Close()
		<-p.exited
		p.client.CloseIdleConnections()
	})
	address, err := p.handshake(stdin, stdout, pool)
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the error says that it was killed
	}()
	p.url = "http://" + strings.TrimSpace(address)
	return p, err
}

// handshake tells the process what to do, and returns its address.
func (p *process) handshake(stdin io.Writer, stdout io.Reader, pool string) (string, error) {
	config, err := json.Marshal(fleetprocess.Config{
		Endpoint: pool, Region: "local-1", PoolID: app.UserPoolID, ClientID: app.ClientID, ClientSecret: clientSecret,
		Key: key, Lease: p.f.size.lease, Passed: time.Duration(p.f.passed.Load()),
	})
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(stdin, "%s\n", config); err != nil {
		return "", err
	}
	return bufio.NewReader(stdout).ReadString('\n')
}

func (p *process) Create(ctx context.Context, tokens *flow.Tokens) (id websession.ID, err error) {
	body, err := json.Marshal(tokens)
	if err != nil {
		return id, err
	}
	var text string
	if err := p.post(ctx, "/create", body, &text); err != nil {
		return id, err
	}
	return websession.ParseID(text)
}

func (p *process) Tokens(ctx context.Context, id websession.ID) (*flow.Tokens, error) {
	var answer fleetprocess.Tokens
	err := p.post(ctx, "/tokens", []byte(id.Reveal()), &answer)
	return &flow.Tokens{Username: answer.Username, Expiry: answer.Expiry}, err
}

func (p *process) Wait(ctx context.Context) error { return p.post(ctx, "/wait", nil, new(any)) }

// post sends a request, with the time of the fleet's clock.
func (p *process) post(ctx context.Context, path string, body []byte, answer any) error {
	if p.err != nil {
		return p.err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Passed", strconv.FormatInt(p.f.passed.Load(), 10))
	response, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode == http.StatusNotFound:
		return websession.ErrNoSession
	case response.StatusCode != http.StatusOK:
		return errors.New(strings.TrimSpace(string(text)))
	}
	return json.Unmarshal(text, answer)
}

// kill is kill -9. The process is gone when kill returns.
func (p *process) kill() {
	if p.err == nil {
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}
