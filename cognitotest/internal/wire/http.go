// Package wire has the protocol of the service: JSON over HTTP, and the form of a signature.
// The package checks the members of a request against the API model.
package wire

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// TargetPrefix comes before the name of an operation in X-Amz-Target.
const TargetPrefix = "AWSCognitoIdentityProviderService."

const (
	mediaType = "application/x-amz-json-1.1"
	maxBody   = 1 << 20
)

// Members is the body of a request: the JSON text of each member, without nulls.
type Members map[string]json.RawMessage

// Text returns a member of type string, or an empty string.
func (m Members) Text(name string) string {
	var text string
	if json.Unmarshal(m[name], &text) != nil {
		return ""
	}
	return text
}

// ReadBody reads the members of a request. The error is an exception.
func ReadBody(w http.ResponseWriter, r *http.Request) (Members, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != mediaType {
		return nil, exception.New("UnknownOperationException", "Content-Type %q, want %s", r.Header.Get("Content-Type"), mediaType)
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, exception.New("SerializationException", "body cannot be read")
	}
	var body Members
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

// BaseURL returns the URL of a request, without path.
func BaseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// WriteException sends an error in the shape of the service.
func WriteException(w http.ResponseWriter, e *exception.Error) {
	w.Header().Set("X-Amzn-Errortype", e.Name+":")
	w.Header().Set("X-Amzn-Errormessage", asciiHeader(e.Message))
	WriteJSON(w, e.HTTPStatus(), map[string]string{"__type": e.Name, "message": e.Message})
}

// asciiHeader replaces characters that a header value must not have: a message may quote a
// client.
func asciiHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// WriteJSON sends the response to an API call.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("X-Amzn-Requestid", random.UUID())
	write(w, status, mediaType, v)
}

// WriteDocument sends a document under the URL of an issuer.
func WriteDocument(w http.ResponseWriter, v any) {
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
