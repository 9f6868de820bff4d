// Package server serves pools over HTTP. The server finds the pool and the operation of a
// request, makes faults happen, and sends the response.
package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/traffic"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// New makes a handler for the pools of a service.
func New(s *directory.Service) http.Handler { return &handler{s} }

type handler struct{ service *directory.Service }

// ServeHTTP answers API calls (POST /), CORS preflights, and requests for
// /<pool ID>/.well-known/jwks.json and /<pool ID>/.well-known/openid-configuration.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.AllowOrigins(w.Header())
	switch {
	case r.Method == http.MethodOptions:
		wire.AnswerPreflight(w)
	case r.Method == http.MethodGet && r.URL.Path != "/":
		h.serveDocument(w, r)
	case r.Method == http.MethodPost && r.URL.Path == "/":
		h.serveCall(w, r)
	default:
		refuse(w, nil, "", exception.New("UnknownOperationException", "POST / takes API calls"))
	}
}

func (h *handler) serveCall(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), wire.TargetPrefix)
	op, known := operations.Find(name)
	if !ok || !known {
		refuse(w, nil, "", exception.New("UnknownOperationException", "no operation %q", r.Header.Get("X-Amz-Target")))
		return
	}
	body, err := wire.ReadBody(w, r)
	if err != nil {
		refuse(w, nil, "", err)
		return
	}
	c := &api.Call{Service: h.service, Base: wire.BaseURL(r), Signed: op.Signed}
	var placed error
	if !op.NoPool {
		placed = locate(h.service, c, body)
	}
	work := func() (any, error) {
		if op.Signed {
			var err error
			if c.Region, err = wire.CheckSignature(r); err != nil {
				return nil, err
			}
		}
		in, err := op.Decode(body)
		if err = cmp.Or(err, placed); err != nil {
			return nil, err
		}
		return run(c, op, in)
	}
	if c.Pool == nil {
		out, err := work()
		answer(w, nil, "", out, err)
		return
	}
	serve(c.Pool, w, r, name, body, work)
}

// serve records the call, and makes the fault for the call happen.
func serve(p *directory.Pool, w http.ResponseWriter, r *http.Request, name string, body wire.Members, work func() (any, error)) {
	// Clients read the time of the service from this header.
	w.Header().Set("Date", p.Now().UTC().Format(http.TimeFormat))
	fault := meet(p, name, body)
	if fault.DelayMilliseconds > 0 {
		sleep(r.Context(), time.Duration(fault.DelayMilliseconds)*time.Millisecond)
	}
	if fault.Fails() && !fault.AfterWork {
		answerFault(w, p, name, fault)
		return
	}
	out, err := work()
	if fault.Fails() {
		answerFault(w, p, name, fault)
		return
	}
	answer(w, p, name, out, err)
}

func answer(w http.ResponseWriter, p *directory.Pool, operation string, out any, err error) {
	if err != nil {
		refuse(w, p, operation, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, out)
}

// meet keeps the call and returns the fault that hits it.
func meet(p *directory.Pool, operation string, body wire.Members) traffic.Fault {
	decoded, size := make(map[string]any, len(body)), 0
	for name, raw := range body {
		size += len(name) + len(raw)
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			panic(err) // raw is a part of a valid JSON body
		}
		decoded[name] = v
	}
	return p.Traffic.Meet(traffic.Request{Operation: operation, Body: decoded}, size)
}

func answerFault(w http.ResponseWriter, p *directory.Pool, operation string, f traffic.Fault) {
	if f.Drop {
		panic(http.ErrAbortHandler) // net/http then cuts the connection
	}
	refuse(w, p, operation, &exception.Error{Name: f.Error, Message: "fault injected by the test", Status: f.Status})
}

// run does the work of an operation with the lock of the pool held. After that, run delivers
// the codes without the lock.
func run(c *api.Call, op api.Operation, in any) (any, error) {
	if c.Pool == nil {
		return op.Handle(c, in)
	}
	out, err := handle(c, op, in)
	if deliver := c.Pool.OnCode; deliver != nil {
		for _, code := range c.Codes {
			deliver(code)
		}
	}
	return out, err
}

func handle(c *api.Call, op api.Operation, in any) (any, error) {
	c.Pool.Lock()
	defer c.Pool.Unlock()
	return op.Handle(c, in)
}

// refuse sends an error. The dialect of the pool may replace the text. The pool is nil if the
// request named none.
func refuse(w http.ResponseWriter, p *directory.Pool, operation string, err error) {
	var e *exception.Error
	if !errors.As(err, &e) {
		e = &exception.Error{Name: "InternalErrorException", Message: err.Error()}
	}
	if p != nil {
		if text, ok := p.Dialect.Message(operation, e.Name); ok {
			e = &exception.Error{Name: e.Name, Message: text, Status: e.Status}
		}
	}
	wire.WriteException(w, e)
}

// sleep waits for d, or until the request ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
