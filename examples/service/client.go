package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"golang.org/x/oauth2"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// client calls the server with the access token of a user.
type client struct {
	tokens *flow.TokenSource
	http   *http.Client
	out    *log.Logger // has lines of client and of tokens
}

// newClient returns a client with the tokens that an earlier run kept. Without such tokens,
// p signs in.
func newClient(ctx context.Context, s settings, p *person, stdout io.Writer) (*client, error) {
	out := log.New(stdout, "", 0)
	// The program calls only operations without a signature, and needs no AWS credentials.
	api := cip.New(cip.Options{Region: s.region(), Credentials: aws.AnonymousCredentials{}}, func(o *cip.Options) {
		if s.endpoint != "" {
			o.BaseEndpoint = aws.String(s.endpoint)
		}
	})
	driver, err := flow.New(api, s.app(), flow.ThisMachine(device.Dir(s.dir)), func(o *flow.Options) { o.Now = s.now })
	if err != nil {
		return nil, err
	}
	store := newTokenStore(s)
	tokens, err := store.load(ctx)
	if errors.Is(err, errDamaged) {
		// A file that stays would stop each later start.
		if err := store.clear(ctx); err != nil {
			return nil, err
		}
		out.Printf("Deleted %v. A new sign-in is necessary.", err)
		err = device.ErrNotFound
	}
	switch {
	case err == nil:
		out.Printf("Found tokens of %q, which are valid until %s.", tokens.Username, show(tokens.Expiry))
	case errors.Is(err, device.ErrNotFound) && s.signOut:
		return nil, fmt.Errorf("%q is not signed in", s.username)
	case errors.Is(err, device.ErrNotFound):
		if tokens, err = p.signIn(ctx, driver, s.username); err != nil {
			return nil, err
		}
		if err := store.save(ctx, tokens); err != nil {
			return nil, err
		}
		out.Printf("Signed in as %q and kept the tokens, which are valid until %s.", tokens.Username, show(tokens.Expiry))
	default:
		return nil, err
	}
	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Clear = store.clear
		o.Save = func(ctx context.Context, t *flow.Tokens) error {
			if err := store.save(ctx, t); err != nil {
				return err
			}
			out.Printf("Refreshed and kept the tokens, which are valid until %s.", show(t.Expiry))
			return nil
		}
		o.OnError = func(err error) { out.Printf("Not refreshed: %v", err) }
	})
	return &client{
		tokens: source, out: out,
		// Each request asks the source for a valid token.
		http: &http.Client{Transport: &oauth2.Transport{Source: source}, Timeout: time.Minute},
	}, nil
}

func show(t time.Time) string { return t.Local().Format(time.DateTime) }

const longestBody = 1 << 16

// get sends a request and prints the answer of the server.
func (c *client) get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if errors.Is(err, flow.TokenRefused) {
		// A wrong setting, such as the client secret, has the same error. The tokens stay.
		return fmt.Errorf("%w (if the settings are right, run with -sign-out and sign in again)", err)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	if err != nil {
		return err
	}
	c.out.Printf("GET %s: %s: %q", request.URL.Path, response.Status, body)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", response.Status)
	}
	return nil
}

// signOut revokes the tokens at the service and deletes them on this machine. If the
// revocation fails, signOut deletes the tokens and returns the error.
func (c *client) signOut(ctx context.Context) error {
	if err := c.tokens.SignOut(ctx); err != nil {
		return err
	}
	c.out.Print("Signed out and deleted the tokens.")
	return nil
}
