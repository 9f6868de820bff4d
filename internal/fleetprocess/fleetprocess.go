// Package fleetprocess is a process of a backend. The tests of package websession start several
// processes over one engine, and kill them: go test ./websession -run TestFleet -v
//
// Each module that requires the client of an engine has a program that calls [Main].
//
// The first line of standard input is the configuration, a [Config] as JSON. The process prints
// its address, and ends when standard input ends.
package fleetprocess

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// Config is the configuration that the test gives the process.
type Config struct {
	Endpoint                       string // the URL of the pool and of the test's log of writes
	Region                         string
	PoolID, ClientID, ClientSecret string
	Key                            []byte
	Lease                          time.Duration
	Passed                         time.Duration // from the machine's time to that of the process
}

// Tokens is the answer to a request for tokens. The answer has the user and the expiry.
type Tokens struct {
	Username string
	Expiry   time.Time
}

// Open opens the store that the instances share. The function now is the clock of the fleet, and
// a test sets the clock forward.
type Open func(ctx context.Context, now func() time.Time) (store.Store, error)

// Main is the main function of a program. Main ends the process and does not return. If the
// process cannot start, Main prints the error to standard error.
func Main(open Open) {
	if err := run(open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(open Open) error {
	stdin := bufio.NewReader(os.Stdin)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		return err
	}
	var config Config
	if err := json.Unmarshal(line, &config); err != nil {
		return err
	}
	i, err := newInstance(config, open)
	if err != nil {
		return err
	}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64 // all connections lead to the test
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, i)
}

// instance serves the requests of the test: POST /create with tokens, POST /tokens with an ID,
// and POST /wait.
type instance struct {
	*http.ServeMux
	sessions *websession.Manager
	passed   atomic.Int64
}

func (i *instance) now() time.Time { return time.Now().Add(time.Duration(i.passed.Load())) }

func newInstance(config Config, open Open) (*instance, error) {
	i := &instance{ServeMux: http.NewServeMux()}
	i.passed.Store(int64(config.Passed))
	shared, err := open(context.Background(), i.now)
	if err != nil {
		return nil, err
	}
	app := flow.App{UserPoolID: config.PoolID, ClientID: config.ClientID, ClientSecret: secret.New(config.ClientSecret)}
	driver, err := flow.New(cip.New(cip.Options{
		Region: config.Region, BaseEndpoint: aws.String(config.Endpoint), Credentials: aws.AnonymousCredentials{},
	}), app, func(o *flow.Options) { o.Now = i.now })
	if err != nil {
		return nil, err
	}
	sealer, err := seal.New(app, [][]byte{config.Key})
	if err != nil {
		return nil, err
	}
	i.sessions, err = websession.New(driver, reportingStore{shared, config.Endpoint + "/written"}, sealer, func(o *websession.Options) {
		o.Now = i.now
		o.Lease = config.Lease
		o.OnError = func(err error) { fmt.Fprintln(os.Stderr, err) }
	})
	i.handle("/create", i.create)
	i.handle("/tokens", i.tokens)
	i.handle("/wait", func(ctx context.Context, _ []byte) (any, error) { return nil, i.sessions.Wait(ctx) })
	return i, err
}

// handle replies with JSON, or with the text of an error. If there is no web session, the status
// is 404.
func (i *instance) handle(path string, f func(context.Context, []byte) (any, error)) {
	i.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if passed, err := strconv.ParseInt(r.Header.Get("Passed"), 10, 64); err == nil {
			for before := i.passed.Load(); before < passed && !i.passed.CompareAndSwap(before, passed); before = i.passed.Load() {
			}
		}
		answer, err := f(r.Context(), body)
		if errors.Is(err, websession.ErrNoSession) {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func (i *instance) create(ctx context.Context, body []byte) (any, error) {
	var tokens flow.Tokens
	if err := json.Unmarshal(body, &tokens); err != nil {
		return nil, errors.New("not tokens")
	}
	id, err := i.sessions.Create(ctx, &tokens)
	return id.Reveal(), err
}

func (i *instance) tokens(ctx context.Context, body []byte) (any, error) {
	id, err := websession.ParseID(string(body))
	if err != nil {
		return nil, err
	}
	tokens, err := i.sessions.Tokens(ctx, id)
	if err != nil {
		return nil, err
	}
	return Tokens{tokens.Username, tokens.Expiry}, nil
}

// reportingStore reports each write to the test before the write returns.
type reportingStore struct {
	store.Store
	url string
}

func (r reportingStore) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	written, err := r.Store.Put(ctx, name, data, version, expires)
	if err != nil {
		return "", err
	}
	response, err := http.Post(r.url+"?name="+name, "text/plain", http.NoBody)
	if err != nil {
		return "", err
	}
	return written, response.Body.Close()
}
