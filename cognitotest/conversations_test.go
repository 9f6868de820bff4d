package cognitotest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// peer is the client and the user of one conversation. The peer sends with the
// real SDK client. The peer reads replies below the SDK, which drops members.
type peer struct {
	*testing.T
	*conversation.Conversation
	pool     *Pool
	clock    *Clock
	sdk      *cip.Client
	admin    *cip.Client
	received recorder
	values   conversation.Values

	srp     *srpClient        // of the last SRP_A
	asked   map[string]string // the parameters of the last SRP challenge
	browser browser           // the device of this client
}

func newPeer(t *testing.T, c *conversation.Conversation) *peer {
	t.Helper()
	clk := NewClock(conversation.Start)
	p := &peer{T: t, Conversation: c, clock: clk, values: conversation.Values{}, pool: Start(t, poolOf(t, c, clk.Now))}
	p.browser.password = "made-up device password"
	record := func(o *cip.Options) {
		p.received.below = o.HTTPClient
		o.HTTPClient = &p.received
	}
	p.sdk, p.admin = p.pool.Client(record), p.pool.AdminClient(record)
	return p
}

// recorder keeps the last reply as it was on the wire.
type recorder struct {
	below  cip.HTTPClient
	status int
	body   []byte
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := r.below.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	r.status = response.StatusCode
	r.body, err = io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, err
}

// send sends a request and returns the status and the body of the reply.
func (p *peer) send(operation string, request map[string]any) (status int, body map[string]any) {
	p.Helper()
	client := p.sdk
	if strings.HasPrefix(operation, "Admin") {
		client = p.admin
	}
	p.received.status, p.received.body = 0, nil
	err := conversation.Call(p.Context(), client, operation, request)
	if p.received.status == 0 {
		p.Fatalf("%s was not sent: %v", operation, err)
	}
	if (err == nil) != (p.received.status == http.StatusOK) {
		p.Errorf("%s: the SDK's client makes of status %d the error %v", operation, p.received.status, err)
	}
	if err := json.Unmarshal(p.received.body, &body); err != nil {
		p.Fatalf("%s: %v", operation, err)
	}
	return p.received.status, body
}

// keep stores the values of a response that later requests need.
func (p *peer) keep(body map[string]any) {
	parameters, _ := body["ChallengeParameters"].(map[string]any)
	if parameters["SRP_B"] != nil {
		p.asked = map[string]string{}
		for name, value := range parameters {
			p.asked[name], _ = value.(string)
		}
	}
	if key := p.values["<device key>"]; key != "" {
		p.browser.key, p.browser.group = key, p.values["<device group key>"]
	}
}

// fill replaces the placeholders in a request of the file.
func (p *peer) fill(request map[string]any) map[string]any {
	p.Helper()
	filled, err := conversation.Fill(request, func(placeholder string) (string, error) {
		if value, ok, err := p.make(placeholder, request); ok || err != nil {
			return value, err
		}
		if value, ok := p.values[placeholder]; ok {
			return value, nil
		}
		return "", fmt.Errorf("nobody has made %s", placeholder)
	})
	if err != nil {
		p.Fatal(err)
	}
	return filled
}

// make makes the value of a placeholder of the client or the user. The result
// ok is false for a placeholder of the service.
func (p *peer) make(placeholder string, request map[string]any) (value string, ok bool, err error) {
	responses, _ := request["ChallengeResponses"].(map[string]any)
	switch placeholder {
	case "<srp a>":
		p.srp = newSRPClient(p.T)
		return p.srp.publicA.Text(16), true, nil
	case "<timestamp>":
		return p.clock.Now().Format(conversation.TimestampLayout), true, nil
	case "<signature>":
		return p.signature(request["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER", responses["TIMESTAMP"]), true, nil
	case "<device verifier>":
		return aws.ToString(p.browser.verifier(p.T, fromHex(p.T, deviceSalt)).PasswordVerifier), true, nil
	case "<device salt>":
		return aws.ToString(p.browser.verifier(p.T, fromHex(p.T, deviceSalt)).Salt), true, nil
	case "<code>", "<long code>", "<wrong code>", "<wrong long code>":
		value, err = p.deliveredCode(placeholder, request)
		return value, true, err
	case "<totp>":
		return p.totp(request), true, nil
	case "<wrong totp>":
		return conversation.WrongCode(p.totp(request)), true, nil
	}
	return "", false, nil
}

const deviceSalt = "ff0123456789abcdef0123456789abcd"

// signature proves the password of the user or of the device. The time is that of the
// clock, or the text of the file.
func (p *peer) signature(device bool, timestamp any) string {
	p.Helper()
	if p.srp == nil || p.asked == nil {
		p.Fatal("<signature>: there is no SRP exchange to prove a password in")
	}
	text, _ := timestamp.(string)
	if text == "<timestamp>" {
		text = p.clock.Now().Format(conversation.TimestampLayout)
	}
	if device {
		asked := maps.Clone(p.asked)
		asked["USER_ID_FOR_SRP"] = p.browser.key
		return p.srp.claim(p.T, p.browser.group, p.browser.password, text, asked)
	}
	_, group, _ := strings.Cut(p.pool.ID(), "_")
	return p.srp.claim(p.T, group, p.Password, text, p.asked)
}

// deliveredCode is the code that the user received, or a wrong code.
func (p *peer) deliveredCode(placeholder string, request map[string]any) (string, error) {
	code := p.pool.LastCode(p.userOf(request)).Code
	length := 6
	if strings.Contains(placeholder, "long") {
		length = 8
	}
	switch {
	case len(code) != length:
		return "", fmt.Errorf("%s: the user received the code %q", placeholder, code)
	case strings.Contains(placeholder, "wrong"):
		return conversation.WrongCode(code), nil
	}
	return code, nil
}

// totp is a code of the authenticator app of the user. An app that the user sets up comes
// before the app of the configuration.
func (p *peer) totp(request map[string]any) string {
	if key := p.values["<totp secret>"]; key != "" {
		return (&totp.App{Secret: key}).Shown(p.clock.Now())
	}
	return p.pool.TOTP(p.userOf(request))
}

// userOf returns the user of a request.
func (p *peer) userOf(request map[string]any) string {
	responses, _ := request["ChallengeResponses"].(map[string]any)
	for _, name := range []any{responses["USERNAME"], request["Username"]} {
		if text, ok := name.(string); ok {
			return text
		}
	}
	return ""
}

var conversations = flag.String("conversations", "../testdata/conversations", "directory of the conversations to replay")

// The pool answers the requests of each recorded conversation as the service
// did. The pool has the zero Dialect: the defaults are the recorded behaviour.
func TestConversations(t *testing.T) {
	all, err := conversation.Load(*conversations)
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, c := range all {
		if c.DriverOnly != "" {
			continue
		}
		held++
		t.Run(c.Name, func(t *testing.T) { newPeer(t, c).run() })
	}
	if held == 0 {
		t.Error("no conversation is for the pool")
	}
	t.Logf("%d of %d conversations are the pool's, the others are driver only", held, len(all))
}

// run sends the requests of the file and compares the replies.
func (p *peer) run() {
	for i, e := range p.Sequence() {
		p.clock.Advance(time.Duration(e.Wait))
		status, body := p.send(e.Operation, p.fill(e.Request))
		var err error
		wantStatus := 200
		if e.Error != nil {
			wantStatus = 400
			err = conversation.CheckError(e.Error, body)
		} else {
			err = p.values.CheckResponse(e.Response, body)
		}
		if status != wantStatus {
			p.Fatalf("exchange %d, %s: status %d, want %d: %v", i+1, e.Operation, status, wantStatus, body)
		}
		if err != nil {
			p.Fatalf("exchange %d, %s:\n%v", i+1, e.Operation, err)
		}
		p.keep(body)
	}
}

// poolOf makes the configuration of a conversation.
func poolOf(t *testing.T, c *conversation.Conversation, now func() time.Time) PoolConfig {
	t.Helper()
	var config PoolConfig
	if err := conversation.DecodeStrict(c.Pool, &config); err != nil {
		t.Fatalf("pool: %v", err)
	}
	if len(config.Clients) != 1 || len(config.Users) > 1 {
		t.Fatal("pool: a conversation has one app client and at most one user")
	}
	config.Now = now
	if c.Triggers != nil {
		config.Triggers = triggersFrom(*c.Triggers)
	}
	return config
}

// triggersFrom makes the triggers of the file.
func triggersFrom(t conversation.Triggers) trigger.Functions {
	return trigger.Functions{
		Define: func(e trigger.Event) (trigger.Decision, error) {
			answered := 0
			for _, round := range e.Rounds {
				if !round.Passed {
					return trigger.Decision{FailAuthentication: true}, nil
				}
				if round.ChallengeName != "SRP_A" { // the start of the sign-in, not an answer
					answered++
				}
			}
			if answered == len(t.Ask) {
				return trigger.Decision{IssueTokens: true}, nil
			}
			return trigger.Decision{ChallengeName: t.Ask[answered]}, nil
		},
		Create: func(trigger.Event) (trigger.Challenge, error) {
			return trigger.Challenge{Public: maps.Clone(t.Public), Private: map[string]string{"answer": t.Answer}}, nil
		},
		Verify: func(e trigger.Event) (bool, error) { return e.Answer == e.Challenge.Private["answer"], nil },
	}
}
