package cognitotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
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

// send sends a request and returns what came back.
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

// keep takes from a response what later requests need.
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

// fill makes a request out of that of the file.
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

// signature proves the password, the user's or the device's. The time is the
// clock's, or the text that the file has in its place.
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

// deliveredCode is the code that the user received, or another one.
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

// totp is the code of the user's authenticator app: of the one that is being
// set up, else of the one in the configuration.
func (p *peer) totp(request map[string]any) string {
	if key := p.values["<totp secret>"]; key != "" {
		return (&totp.App{Secret: key}).Shown(p.clock.Now())
	}
	return p.pool.TOTP(p.userOf(request))
}

// userOf reads from a request who the user is.
func (p *peer) userOf(request map[string]any) string {
	responses, _ := request["ChallengeResponses"].(map[string]any)
	for _, name := range []any{responses["USERNAME"], request["Username"]} {
		if text, ok := name.(string); ok {
			return text
		}
	}
	return ""
}
