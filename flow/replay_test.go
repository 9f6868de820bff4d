package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// replay is the service and the user of a conversation. The service is the HTTP client of a real SDK
// client, so that the comparison covers the bytes of the requests.
type replay struct {
	*testing.T
	*conversation.Conversation
	exchanges []conversation.Exchange
	next      int // the exchange of the next request
	pool      cognitotest.PoolConfig
	sdk       *cip.Client
	values    conversation.Values
	identity  conversation.Identity
	elapsed   time.Duration
	devices   device.Memory
	signUp    *account.SignUp
}

func newReplay(t *testing.T, c *conversation.Conversation) *replay {
	t.Helper()
	r := &replay{T: t, Conversation: c, exchanges: c.Sequence(), pool: poolOf(t, c), values: conversation.Values{}}
	region, _, _ := strings.Cut(r.pool.ID, "_")
	r.identity = conversation.Identity{Region: region, ClientID: r.pool.Clients[0].ID}
	for _, u := range r.pool.Users {
		r.identity.Username, r.identity.Sub = u.Name, u.ID
		if len(r.pool.UsernameAttributes) > 0 {
			r.identity.Username = u.ID
		}
	}
	r.sdk = cip.New(cip.Options{
		Region: region, HTTPClient: r, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDMADEUP0000000000", SecretAccessKey: "made up"}, nil
		}),
	})
	r.waitForNext()
	return r
}

func (r *replay) now() time.Time { return conversation.Start.Add(r.elapsed) }

// waitForNext lets the wait of the next exchange pass.
func (r *replay) waitForNext() {
	if r.next < len(r.exchanges) {
		r.elapsed += time.Duration(r.exchanges[r.next].Wait)
	}
}

// Do implements the SDK's HTTPClient, and replies to a request of the driver.
func (r *replay) Do(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var sent map[string]any
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	status, reply := r.reply(operation, sent)
	text, err := json.Marshal(reply)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader(text)), Request: request,
	}, nil
}

// reply compares a request with the file, and returns the recorded reply.
func (r *replay) reply(operation string, sent map[string]any) (status int, body any) {
	refuse := func(format string, args ...any) (int, any) {
		r.Errorf(format, args...)
		return http.StatusBadRequest, conversation.Error{Exception: "ReplayException", Message: "the file has another request here"}
	}
	if r.next == len(r.exchanges) {
		return refuse("the driver sends %s after the end of the conversation: %v", operation, sent)
	}
	e := r.exchanges[r.next]
	if operation != e.Operation {
		return refuse("exchange %d: the driver sends %s, want %s", r.next+1, operation, e.Operation)
	}
	r.values["<timestamp>"] = r.now().Format(conversation.TimestampLayout)
	if err := r.values.CheckRequest(e.Request, sent); err != nil {
		return refuse("exchange %d, %s:\n%v", r.next+1, operation, err)
	}
	r.next++
	r.waitForNext()
	if e.Error != nil {
		return http.StatusBadRequest, e.Error
	}
	r.identity.Now = r.now()
	filled, err := conversation.Fill(e.Response, func(placeholder string) (string, error) {
		if value, ok := r.values.Repeated(placeholder, e.Request); ok {
			return value, nil
		}
		return r.values.Example(placeholder, r.identity)
	})
	if err != nil {
		return refuse("exchange %d: %v", r.next, err)
	}
	return http.StatusOK, filled
}

// entered has the code that the user enters for each placeholder.
var entered = map[string]string{
	"<code>": "135790", "<wrong code>": "246801", "<long code>": "13579024", "<wrong long code>": "24680135", "<totp>": "314159", "<wrong totp>": "271828",
}

// answer gives the answer that leads to the next request in the file. If the next request does not
// answer a challenge of this name, the user gives up.
func (r *replay) answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	if r.next == len(r.exchanges) {
		return challenge.Answer{}, challenge.ErrNoAnswer
	}
	request := r.exchanges[r.next].Request
	if c.Name == challenge.MFASetup && r.exchanges[r.next].Operation == "VerifySoftwareToken" {
		return challenge.Code(r.enter(request["UserCode"])), nil
	}
	if c.Name == challenge.MFASetup && r.exchanges[r.next].Operation == "AssociateSoftwareToken" {
		return challenge.Choose(challenge.SoftwareTokenMFA), nil
	}
	if request["ChallengeName"] != string(c.Name) {
		return challenge.Answer{}, challenge.ErrNoAnswer
	}
	responses, _ := request["ChallengeResponses"].(map[string]any)
	attributes := map[string]string{}
	for key, value := range responses {
		if name, ok := strings.CutPrefix(key, "userAttributes."); ok {
			attributes[name] = r.enter(value)
		}
	}
	switch {
	case responses["NEW_PASSWORD"] != nil:
		return challenge.NewPassword(r.enter(responses["NEW_PASSWORD"]), attributes), nil
	case c.Name == challenge.CustomChallenge:
		return challenge.Custom(r.enter(responses["ANSWER"])), nil
	case responses["EMAIL"] != nil:
		return challenge.Email(r.enter(responses["EMAIL"])), nil
	case responses["PASSWORD"] != nil:
		return challenge.CurrentPassword(challenge.Password, r.enter(responses["PASSWORD"])), nil
	case responses["SRP_A"] != nil:
		return challenge.CurrentPassword(challenge.PasswordSRP, r.Password), nil
	case responses["ANSWER"] != nil:
		return challenge.Choose(challenge.Name(r.enter(responses["ANSWER"]))), nil
	case responses[string(c.Name)+"_CODE"] != nil:
		return challenge.Code(r.enter(responses[string(c.Name)+"_CODE"])), nil
	}
	r.Fatalf("exchange %d: the test does not know what answer to %s leads to this request", r.next+1, c.Name)
	return challenge.Answer{}, nil
}

// enter returns the text that the user enters for a value of the file. The request must have the
// same text.
func (r *replay) enter(value any) string {
	text, _ := value.(string)
	if code, ok := entered[text]; ok {
		r.values[text] = code
		return code
	}
	return text
}
