package cognitotest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/traffic"
)

const (
	mediaType       = "application/x-amz-json-1.1"
	operationPrefix = "AWSCognitoIdentityProviderService."
	maxBody         = 1 << 20
)

// handler is a service behind HTTP.
type handler struct{ service *service }

// ServeHTTP answers API calls (POST /), CORS preflights, and requests for
// /<pool ID>/.well-known/jwks.json and .../openid-configuration.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w.Header())
	switch {
	case r.Method == http.MethodOptions:
		answerPreflight(w)
	case r.Method == http.MethodGet && r.URL.Path != "/":
		h.serveDocument(w, r)
	case r.Method == http.MethodPost && r.URL.Path == "/":
		h.serveCall(w, r)
	default:
		refuse(w, nil, "", exception.New("UnknownOperationException", "POST / takes API calls"))
	}
}

func allowOrigins(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
}

// allowedHeaders is what browser clients send: those of the SDK for
// JavaScript and of the libraries that speak the protocol themselves.
var allowedHeaders = strings.Join([]string{
	"Authorization", "Content-Type", "Cache-Control", "X-Amz-Date",
	"X-Amz-Security-Token", "X-Amz-Target", "X-Amz-User-Agent",
	"X-Amz-Content-Sha256", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request",
}, ",")

func answerPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
}

func (h *handler) serveCall(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), operationPrefix)
	op, known := operations[name]
	if !ok || !known {
		refuse(w, nil, "", exception.New("UnknownOperationException", "no operation %q", r.Header.Get("X-Amz-Target")))
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		refuse(w, nil, "", err)
		return
	}
	c := &call{base: baseURL(r), signed: op.signed}
	placed := locate(h.service, c, body)
	work := func() (any, error) {
		if op.signed {
			if err := checkSignature(r); err != nil {
				return nil, err
			}
		}
		in, err := op.decode(body)
		if err = cmp.Or(err, placed); err != nil {
			return nil, err
		}
		return c.run(op, in)
	}
	if c.pool == nil {
		_, err := work()
		refuse(w, nil, "", err)
		return
	}
	c.pool.serve(w, r, name, body, work)
}

// serve records the call and lets the faults that apply to it happen.
func (p *userPool) serve(w http.ResponseWriter, r *http.Request, name string, body members, work func() (any, error)) {
	// A client takes the service's time from here.
	w.Header().Set("Date", p.now().UTC().Format(http.TimeFormat))
	fault := meet(p, name, body)
	if fault.DelayMilliseconds > 0 {
		sleep(r.Context(), time.Duration(fault.DelayMilliseconds)*time.Millisecond)
	}
	if fault.Fails() && !fault.AfterWork {
		answerFault(w, p, name, fault)
		return
	}
	out, err := work()
	switch {
	case fault.Fails():
		answerFault(w, p, name, fault)
	case err != nil:
		refuse(w, p, name, err)
	default:
		writeJSON(w, http.StatusOK, out)
	}
}

// serveDocument answers requests for the documents under the issuer's URL.
func (h *handler) serveDocument(w http.ResponseWriter, r *http.Request) {
	poolID, document, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	p := h.service.pool(poolID)
	if p == nil {
		refuse(w, nil, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such user pool", Status: http.StatusNotFound})
		return
	}
	base := baseURL(r)
	switch document {
	case ".well-known/jwks.json":
		k, err := signingKeys()
		if err != nil {
			refuse(w, p, "", err)
			return
		}
		writeDocument(w, k.public)
	case ".well-known/openid-configuration":
		writeDocument(w, map[string]any{
			"issuer":                                p.issuerAt(base),
			"jwks_uri":                              base + "/" + p.id + "/.well-known/jwks.json",
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported":              []string{"code", "token"},
			"subject_types_supported":               []string{"public"},
		})
	default:
		refuse(w, p, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such document", Status: http.StatusNotFound})
	}
}

// meet keeps the call and returns the fault that hits it.
func meet(p *userPool, operation string, body members) traffic.Fault {
	decoded, size := make(map[string]any, len(body)), 0
	for name, raw := range body {
		size += len(name) + len(raw)
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			panic(err) // raw came out of a body that parsed
		}
		decoded[name] = v
	}
	return p.traffic.Meet(traffic.Request{Operation: operation, Body: decoded}, size)
}

func answerFault(w http.ResponseWriter, p *userPool, operation string, f traffic.Fault) {
	if f.Drop {
		panic(http.ErrAbortHandler) // net/http's way to cut a connection
	}
	refuse(w, p, operation, &exception.Error{Name: f.Error, Message: "fault injected by the test", Status: f.Status})
}

// run does the work of an operation under the pool's lock, and then delivers
// the codes that it made.
func (c *call) run(op operation, in any) (any, error) {
	out, err := c.handle(op, in)
	if deliver := c.pool.onCode; deliver != nil {
		for _, code := range c.codes {
			deliver(code)
		}
	}
	return out, err
}

func (c *call) handle(op operation, in any) (any, error) {
	c.pool.Lock()
	defer c.pool.Unlock()
	return op.handle(c, in)
}

// members is a request body: member name to JSON text, nulls left out.
type members map[string]json.RawMessage

func (m members) text(name string) string {
	var text string
	if json.Unmarshal(m[name], &text) != nil {
		return ""
	}
	return text
}

func readBody(w http.ResponseWriter, r *http.Request) (members, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != mediaType {
		return nil, exception.New("UnknownOperationException", "Content-Type %q, want %s", r.Header.Get("Content-Type"), mediaType)
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, exception.New("SerializationException", "body cannot be read")
	}
	var body members
	if json.Unmarshal(text, &body) != nil || body == nil {
		return nil, exception.New("SerializationException", "body is not a JSON object")
	}
	for name, raw := range body {
		if string(raw) == "null" {
			delete(body, name)
		}
	}
	return body, nil
}

func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/[^/]+/cognito-idp/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$`)

var accessKeyID = regexp.MustCompile(`^[A-Z0-9]{16,128}$`)

// checkSignature wants a Signature Version 4 header. The signature itself is not
// verified: the pool has no AWS account.
func checkSignature(r *http.Request) error {
	header := r.Header.Get("Authorization")
	if header == "" {
		return exception.New("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	match := authorization.FindStringSubmatch(header)
	if match == nil || r.Header.Get("X-Amz-Date") == "" {
		return exception.New("IncompleteSignatureException", "Authorization is not a Signature Version 4 for cognito-idp, or X-Amz-Date is missing")
	}
	if !accessKeyID.MatchString(match[1]) {
		return exception.New("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	return nil
}

// refuse answers with an error. The pool, nil when the request named none,
// supplies the dialect.
func refuse(w http.ResponseWriter, p *userPool, operation string, err error) {
	var e *exception.Error
	if !errors.As(err, &e) {
		e = &exception.Error{Name: "InternalErrorException", Message: err.Error()}
	}
	if p != nil {
		if text, ok := p.dialect.message(operation, e.Name); ok {
			e = &exception.Error{Name: e.Name, Message: text, Status: e.Status}
		}
	}
	writeException(w, e)
}

// writeException answers in the service's error shape.
func writeException(w http.ResponseWriter, e *exception.Error) {
	w.Header().Set("X-Amzn-Errortype", e.Name+":")
	w.Header().Set("X-Amzn-Errormessage", asciiHeader(e.Message))
	writeJSON(w, e.HTTPStatus(), map[string]string{"__type": e.Name, "message": e.Message})
}

// asciiHeader keeps what a header value may hold: messages quote peers.
func asciiHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("X-Amzn-Requestid", random.UUID())
	write(w, status, mediaType, v)
}

func writeDocument(w http.ResponseWriter, v any) {
	write(w, http.StatusOK, "application/json", v)
}

func write(w http.ResponseWriter, status int, contentType string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // responses are made of strings, numbers, and maps of them
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text)
}

// sleep waits for d or the end of the request.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
