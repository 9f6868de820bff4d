// Instance is one process of a backend. The tests of package websession start it over
// a database, several at once, and kill it: go test ./websession -run TestFleet -v
//
// The first line of standard input is the configuration, a [Config] as JSON. The
// process prints its address and ends when standard input does.
package main

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
	"github.com/cognitoflow/cognitoflow/internal/enginetest"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/sqlstore"
	"github.com/cognitoflow/cognitoflow/websession"
)

// Config is what the test tells the process.
type Config struct {
	Endpoint                       string // of the pool, and of the test's log of writes
	Region                         string
	PoolID, ClientID, ClientSecret string
	Key                            []byte
	Lease                          time.Duration
	Passed                         time.Duration // the clock is ahead by that
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	stdin := bufio.NewReader(os.Stdin)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		return err
	}
	var config Config
	if err := json.Unmarshal(line, &config); err != nil {
		return err
	}
	i, err := newInstance(config)
	if err != nil {
		return err
	}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64 // all connections go to the test
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

// instance serves the test's requests: POST /create with tokens, POST /tokens with an
// identifier, POST /wait.
type instance struct {
	*http.ServeMux
	sessions *websession.Manager
	passed   atomic.Int64
}

func (i *instance) now() time.Time { return time.Now().Add(time.Duration(i.passed.Load())) }

func newInstance(config Config) (*instance, error) {
	i := &instance{ServeMux: http.NewServeMux()}
	i.passed.Store(int64(config.Passed))
	db, err := enginetest.Open()
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	shared, err := sqlstore.New(db, enginetest.Dialect(), func(o *sqlstore.Options) { o.Now = i.now })
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(shared.Schema()); err != nil {
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
	i.sessions, err = websession.New(driver, reporting{shared, config.Endpoint + "/written"}, sealer, func(o *websession.Options) {
		o.Now = i.now
		o.Lease = config.Lease
		o.OnError = func(err error) { fmt.Fprintln(os.Stderr, err) }
	})
	i.handle("/create", i.create)
	i.handle("/tokens", i.tokens)
	i.handle("/wait", func(ctx context.Context, _ []byte) (any, error) { return nil, i.sessions.Wait(ctx) })
	return i, err
}

// handle answers with JSON, or with the text of an error.
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

// tokens answers with whose tokens there are, and until when.
func (i *instance) tokens(ctx context.Context, body []byte) (any, error) {
	id, err := websession.ParseID(string(body))
	if err != nil {
		return nil, err
	}
	tokens, err := i.sessions.Tokens(ctx, id)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Username": tokens.Username, "Expiry": tokens.Expiry}, nil
}

// reporting tells the test of each write before anybody else learns of it.
type reporting struct {
	store.Store
	url string
}

func (r reporting) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
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
