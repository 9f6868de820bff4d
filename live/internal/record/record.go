// Package record records exchanges with the service as conversations, in the format of
// package conversation. A recording has no secret of the exchanges.
//
// Each member of a request or a reply has a rule by its name. A rule writes a placeholder, an
// invented value for a known value, or a word of the protocol. The value of a member without
// a rule is [Redacted]. The package does not record headers.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// Redacted replaces a value that no rule allows. [conversation.Load] refuses a file with
// Redacted, until somebody has read the file and added a rule.
const Redacted = "<redacted>"

// Recorder is an HTTP client for the SDK that records. A Recorder is safe for concurrent use.
type Recorder struct {
	below cip.HTTPClient
	now   func() time.Time

	mu        sync.Mutex
	known     map[string]string // the invented value of each real value
	codes     map[string]string // the placeholder of each entered code
	last      map[string]string // the last value of each placeholder of the service
	former    map[string]string // the value before the last one
	exchanges []conversation.Exchange
	wait      time.Duration // the pause before the next exchange
	elapsed   time.Duration // the pauses of all exchanges
	secrets   ClientSecret
	dropped   droppedReply
	problems  []string
}

// ClientSecret has the parts of a SECRET_HASH, real and invented.
type ClientSecret struct{ ClientID, Secret, MadeUpClientID, MadeUpSecret string }

// New makes a recorder that sends with below. The function now is the clock of the client.
func New(below cip.HTTPClient, now func() time.Time) *Recorder {
	return &Recorder{below: below, now: now, known: map[string]string{}, codes: map[string]string{}, last: map[string]string{}, former: map[string]string{}}
}

// Replace makes the recorder write an invented value instead of a real one: a name, a password,
// an ID. Replace ignores an empty real value.
func (r *Recorder) Replace(real, madeUp string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if real != "" {
		r.known[real] = madeUp
	}
}

// SecretOf sets the parts of a SECRET_HASH.
func (r *Recorder) SecretOf(s ClientSecret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = s
}

// Code makes the recorder write a placeholder, such as "<totp>", instead of a code that the user
// enters next.
func (r *Recorder) Code(code, placeholder string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.codes[code] = placeholder
}

// Wait adds to the recorded pause before the next exchange.
func (r *Recorder) Wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wait += d
}

// Do sends a request and records the exchange. Do does not record a reply that makes the client
// repeat its request, such as the reply of a throttled service.
func (r *Recorder) Do(request *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(sent))
	response, err := r.below.Do(request)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(received))
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record(operation, response.StatusCode, sent, received)
	return response, nil
}

// repeated are the exceptions after which the SDK repeats a request.
var repeated = []string{"TooManyRequestsException", "ThrottlingException", "LimitExceededException", "InternalErrorException"}

func (r *Recorder) record(operation string, status int, sent, received []byte) {
	var request, reply map[string]any
	if err := errors.Join(json.Unmarshal(sent, &request), json.Unmarshal(received, &reply)); err != nil {
		if status == http.StatusOK {
			r.problem("%s: a body is no JSON object", Word(operation))
		} else {
			r.dropped = droppedReply{operation, string(sent), status}
		}
		return
	}
	e := conversation.Exchange{Operation: Word(operation)}
	if r.dropped.request != string(sent) {
		r.tellDropped()
	}
	r.dropped = droppedReply{}
	if status != http.StatusOK {
		kind, _ := reply["__type"].(string)
		kind = kind[strings.LastIndex(kind, "#")+1:]
		if status != http.StatusBadRequest || slices.Contains(repeated, kind) {
			r.dropped = droppedReply{operation, string(sent), status}
			return
		}
		message, _ := reply["message"].(string)
		e.Error = &conversation.Error{Exception: Word(kind), Message: r.message(message)}
	}
	e.Wait = conversation.Duration(r.wait.Truncate(time.Second))
	r.elapsed += time.Duration(e.Wait)
	r.wait = 0
	e.Request = r.object(at{operation: operation, name: askedIn(request)}, request)
	if e.Error == nil {
		e.Response = r.object(at{operation: operation, response: true}, reply)
	}
	r.exchanges = append(r.exchanges, e)
}

// askedIn returns the user name of a request.
func askedIn(request map[string]any) string {
	for _, member := range []string{"AuthParameters", "ChallengeResponses"} {
		inner, _ := request[member].(map[string]any)
		if name, ok := inner["USERNAME"].(string); ok {
			return name
		}
	}
	name, _ := request["Username"].(string)
	return name
}

// droppedReply is a reply that makes a client repeat its request. If the client repeats the
// request, the recording does not need the reply.
type droppedReply struct {
	operation, request string
	status             int
}

func (r *Recorder) tellDropped() {
	if d := r.dropped; d.request != "" {
		r.problem("%s: a reply with HTTP status %d is not recorded, and the request was not repeated", Word(d.operation), d.status)
	}
}

func (r *Recorder) problem(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(r.problems, text) {
		r.problems = append(r.problems, text)
	}
}

var wordForm = regexp.MustCompile(`^[A-Za-z][A-Za-z_]{0,60}$`)

// Word returns a name of the protocol as it is, and [Redacted] for any other text.
func Word(text string) string {
	if !wordForm.MatchString(text) {
		return Redacted
	}
	return text
}

// messageWord is a word of a sentence, or a number with fewer digits than a code.
var messageWord = regexp.MustCompile(`^["'(\[]*([A-Za-z][A-Za-z_'/-]{0,40}|[0-9]{1,3})["')\],.:;!?]*$`)

// Message returns the text of an exception if the text consists of words, names and invented
// values.
func (r *Recorder) Message(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.message(text)
}

func (r *Recorder) message(text string) string {
	for _, real := range slices.SortedFunc(maps.Keys(r.known), func(a, b string) int { return len(b) - len(a) }) {
		text = strings.ReplaceAll(text, real, r.known[real])
	}
	numbers := 0
	for _, part := range strings.Fields(text) {
		if !messageWord.MatchString(part) && !r.isMadeUp(strings.Trim(part, `"'()[],.:;`)) {
			return conversation.NotRecorded
		}
		if strings.ContainsAny(part, "0123456789") {
			numbers++
		} else {
			numbers = 0
		}
		if numbers > 1 { // these may be the parts of a code or of an account ID
			return conversation.NotRecorded
		}
	}
	if text == "" {
		return conversation.NotRecorded
	}
	return text
}

func (r *Recorder) isMadeUp(text string) bool {
	for _, madeUp := range r.known {
		if text == madeUp {
			return true
		}
	}
	return false
}

// Recorded returns the exchanges, and the problems: the values that are not recorded, with the
// reasons. Somebody must read a recording with problems.
func (r *Recorder) Recorded() (exchanges []conversation.Exchange, problems []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tellDropped()
	return slices.Clone(r.exchanges), slices.Clone(r.problems)
}

// ProvesPassword reports whether the exchanges have an SRP exchange of the user. If so, the
// conversation needs the member password.
func ProvesPassword(exchanges []conversation.Exchange) bool {
	return slices.ContainsFunc(exchanges, func(e conversation.Exchange) bool {
		for _, member := range []string{"AuthParameters", "ChallengeResponses"} {
			inner, _ := e.Request[member].(map[string]any)
			if inner["SRP_A"] != nil && e.Request["ChallengeName"] != "DEVICE_SRP_AUTH" {
				return true
			}
		}
		return false
	})
}
