package kit

import (
	"bytes"
	"io"
	"net/http"
)

// inProcess is a transport that calls a handler without a network.
type inProcess struct{ handler http.Handler }

func (p inProcess) Do(request *http.Request) (*http.Response, error) {
	w := &memoryResponse{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(w, request)
	return &http.Response{
		StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: request,
		ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// memoryResponse is a response in memory.
type memoryResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *memoryResponse) Header() http.Header            { return w.header }
func (w *memoryResponse) WriteHeader(status int)         { w.status = status }
func (w *memoryResponse) Write(text []byte) (int, error) { return w.body.Write(text) }
