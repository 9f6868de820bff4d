package main

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

const (
	serviceName = "cognitoflow example" // the name in authenticator apps
	maxBody     = 64 << 10              // bytes, enough for a sealed prompt and an answer
	callTimeout = 15 * time.Second      // for one request, with all its calls to the pool
)

//go:embed openapi.json
var openAPI []byte

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: api [flags]

Serves a JSON backend that signs users in. Without flags, the program runs a user pool in its
own process.

Environment:
  COGNITO_CLIENT_SECRET  the client secret, if the app client has one
  API_SEALING_KEYS       keys of 32 bytes in base64, separated by commas. The first key seals.
                         Without the variable, the program makes a new key at each start

Flags:
`

// run runs the program until ctx ends. The exit code is 0 after an interrupt, 1 after an
// error, and 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var app flow.App
	flags := flag.NewFlagSet("api", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	listen := flags.String("listen", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&app.UserPoolID, "user-pool-id", "", "`ID` of the user pool (default: a pool in this process)")
	flags.StringVar(&app.ClientID, "client-id", "", "`ID` of the app client")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, usage)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "api: %v (see api -help)\n", err)
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "api: unexpected argument %q (see api -help)\n", flags.Arg(0))
		return 2
	case (app.UserPoolID == "") != (app.ClientID == ""):
		fmt.Fprintln(stderr, "api: give both -user-pool-id and -client-id, or none of the two (see api -help)")
		return 2
	}
	if err := serve(ctx, *listen, app, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "api: %v\n", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, listen string, app flow.App, stdout, stderr io.Writer) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	defer listener.Close()
	url := "http://" + strings.Replace(listener.Addr().String(), "127.0.0.1", "localhost", 1) // curl sends Secure cookies to localhost only
	region, _, _ := strings.Cut(app.UserPoolID, "_")
	api := cip.New(cip.Options{Region: region, Credentials: aws.AnonymousCredentials{}})
	app.ClientSecret = secret.New(os.Getenv("COGNITO_CLIENT_SECRET"))
	keys, err := sealingKeys(os.Getenv("API_SEALING_KEYS"))
	if err != nil {
		return err
	}
	if app.UserPoolID == "" {
		demo, err := startDemo(url, stdout)
		if err != nil {
			return err
		}
		defer demo.stop()
		api, app = demo.api, demo.app
	}
	b, err := newBackend(api, app, keys, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: b.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 4 * callTimeout}
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() { ended <- server.Shutdown(context.WithoutCancel(ctx)) })
	fmt.Fprintf(stdout, "Serving %s/\n", url)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended // Shutdown waits for the requests under way
}

func newBackend(api flow.API, app flow.App, keys [][]byte, log *slog.Logger) (*backend, error) {
	driver, err := flow.New(api, app, func(o *flow.Options) { o.DeviceName = "web browser" })
	if err != nil {
		return nil, err
	}
	sealer, err := seal.New(app, keys, func(o *seal.Options) { o.Now = driver.Now }) // the clock of the service decides when a prompt expires
	return &backend{driver, sealer, log}, err
}

// sealingKeys decodes API_SEALING_KEYS. If text is empty, sealingKeys makes a new key.
func sealingKeys(text string) ([][]byte, error) {
	random := make([]byte, seal.KeySize)
	rand.Read(random)
	var keys [][]byte
	for i, part := range strings.Split(cmp.Or(text, base64.StdEncoding.EncodeToString(random)), ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("API_SEALING_KEYS: key %d is not base64", i) // the text of err would show a part of the key
		}
		keys = append(keys, key)
	}
	return keys, nil
}
