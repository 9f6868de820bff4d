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

// client calls the server as a user who is signed in.
type client struct {
	tokens *flow.TokenSource
	http   *http.Client
	out    *log.Logger // in which the source, too, says what it does
}

// newClient goes on with the tokens that an earlier run kept. If there are
// none, the person signs in.
func newClient(ctx context.Context, s settings, p *person, stdout io.Writer) (*client, error) {
	out := log.New(stdout, "", 0)
	// Nothing that this program calls is signed, so it needs no AWS account.
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
		// Left in place, the file would stop every start.
		if err := store.clear(ctx); err != nil {
			return nil, err
		}
		out.Printf("Deleted %v; this takes a new sign-in.", err)
		err = device.ErrNotFound
	}
	switch {
	case err == nil:
		out.Printf("Tokens of %q found, good until %s.", tokens.Username, show(tokens.Expiry))
	case errors.Is(err, device.ErrNotFound) && s.signOut:
		return nil, fmt.Errorf("%q is not signed in", s.username)
	case errors.Is(err, device.ErrNotFound):
		if tokens, err = p.signIn(ctx, driver, s.username); err != nil {
			return nil, err
		}
		if err := store.save(ctx, tokens); err != nil {
			return nil, err
		}
		out.Printf("Signed in as %q; tokens kept, good until %s.", tokens.Username, show(tokens.Expiry))
	default:
		return nil, err
	}
	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Clear = store.clear
		o.Save = func(ctx context.Context, t *flow.Tokens) error {
			if err := store.save(ctx, t); err != nil {
				return err
			}
			out.Printf("Refreshed; tokens kept, good until %s.", show(t.Expiry))
			return nil
		}
		o.OnError = func(err error) { out.Printf("Not refreshed: %v", err) }
	})
	return &client{
		tokens: source, out: out,
		// Each request asks the source for a token that is good.
		http: &http.Client{Transport: &oauth2.Transport{Source: source}, Timeout: time.Minute},
	}, nil
}

func show(t time.Time) string { return t.Local().Format(time.DateTime) }

const longestBody = 1 << 16

// get prints what the server answers.
func (c *client) get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if errors.Is(err, flow.TokenRefused) {
		// Or a setting is wrong, such as the client secret. So the tokens stay.
		return fmt.Errorf("%w; if the settings are right, run with -sign-out, and sign in again", err)
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

// signOut ends the session here and at the pool. What fails is told; the
// tokens are gone from this machine unless deleting them is what failed.
func (c *client) signOut(ctx context.Context) error {
	if err := c.tokens.SignOut(ctx); err != nil {
		return err
	}
	c.out.Print("Signed out; the tokens are deleted.")
	return nil
}
