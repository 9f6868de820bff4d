package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// maxReply bounds the length of a response. The service's longest replies are tokens with many
// groups, of about ten kilobytes.
const maxReply = 1 << 20

// maxSession bounds the session, because prompts contain it. The API model allows 2,048
// characters.
const maxSession = 16 << 10

// errReplyTooLong ends a response that no service would send.
var errReplyTooLong = fmt.Errorf("the response is longer than %d bytes", maxReply)

// errRedirected ends a request that net/http would send on to another address.
var errRedirected = errors.New("the response redirects the request, and the driver does not follow")

// guardTransport puts httpGuard around the HTTP client of an operation.
func guardTransport(o *cip.Options) {
	if o.HTTPClient != nil {
		o.HTTPClient = httpGuard{o.HTTPClient}
	}
}

// httpGuard mends three faults of the HTTP layer: see Do.
type httpGuard struct{ next cip.HTTPClient }

// Do sends a request.
//
// The SDK closes the body of a request when the response has begun. If net/http still reads
// the body at this time, net/http takes the closed body for a failed request. The connection is
// then closed before the response was read (aws-sdk-go-v2 issues 2737 and 1825). A copy of
// the body is not closed.
//
// With GetBody, net/http repeats a request on a new connection if nothing of the request was
// written to the old one. With GetBody, net/http also follows a redirect, and would send the
// body to another host. So GetBody fails as soon as there is a response.
//
// A response with an Age comes from a cache, so its Date is not the service's time.
func (g httpGuard) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		if r, err = withCopy(r); err != nil {
			return nil, err
		}
	}
	response, err := g.next.Do(r)
	if err != nil {
		return response, err
	}
	if response.Header.Get("Age") != "" {
		response.Header.Del("Date")
	}
	if response.Body != nil {
		response.Body = &boundedBody{ReadCloser: response.Body, left: maxReply}
	}
	return response, nil
}

// bodyCopy is the body of a request, for any number of connections.
type bodyCopy struct {
	bytes    []byte
	reader   bytes.Reader
	answered atomic.Bool
	trace    httptrace.ClientTrace
}

// withCopy returns r with a copy of its body.
func withCopy(r *http.Request) (*http.Request, error) {
	body := bytes.NewBuffer(make([]byte, 0, max(0, r.ContentLength)+bytes.MinRead))
	if _, err := body.ReadFrom(r.Body); err != nil {
		return nil, err
	}
	c := &bodyCopy{bytes: body.Bytes()}
	c.reader.Reset(c.bytes)
	c.trace.GotFirstResponseByte = func() { c.answered.Store(true) }
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &c.trace))
	r.Body, r.ContentLength, r.GetBody = c, int64(len(c.bytes)), c.again
	return r, nil
}

func (c *bodyCopy) Read(p []byte) (int, error) { return c.reader.Read(p) }
func (c *bodyCopy) Close() error               { return nil }

// again is GetBody.
func (c *bodyCopy) again() (io.ReadCloser, error) {
	if c.answered.Load() {
		return nil, errRedirected
	}
	return io.NopCloser(bytes.NewReader(c.bytes)), nil
}

// boundedBody fails after left more bytes.
type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errReplyTooLong
	}
	return n, err
}

// withDeadline bounds an operation whose caller has set no deadline.
func (o *Options) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has || o.RequestTimeout < 0 {
		return ctx, func() {}
	}
	limit := o.RequestTimeout
	if limit == 0 {
		limit = defaultRequestTimeout
	}
	return context.WithTimeout(ctx, limit)
}

// The SDK retries within this time. The SDK waits up to 20 seconds between two attempts.
const defaultRequestTimeout = 60 * time.Second
