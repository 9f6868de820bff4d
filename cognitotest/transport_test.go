package cognitotest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// raw calls an operation and returns all members of the response, also members that the
// SDK does not know.
func (r *rig) raw(operation string, in map[string]any, headers ...string) map[string]json.RawMessage {
	r.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		r.t.Fatal(err)
	}
	req := r.request(targetPrefix+operation, contentType, string(body))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *rig) request(target, contentType, body string) *http.Request {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.pool.Endpoint(), strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Amz-Target", target)
	return req
}

// post sends a raw call and returns status, error name and message.
func (r *rig) post(target, contentType, body string, headers ...string) (*http.Response, map[string]string) {
	r.t.Helper()
	req := r.request(target, contentType, body)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	var answer map[string]string
	if err := json.Unmarshal(text, &answer); err != nil {
		r.t.Fatalf("%s answered %q", target, text)
	}
	return res, answer
}

func TestTransportErrors(t *testing.T) {
	const initiate, json11 = "AWSCognitoIdentityProviderService.InitiateAuth", "application/x-amz-json-1.1"
	cases := map[string]struct{ target, contentType, body, name, message string }{
		"no target":           {"", json11, `{}`, "UnknownOperationException", ""},
		"other service":       {"DynamoDB_20120810.GetItem", json11, `{}`, "UnknownOperationException", "DynamoDB"},
		"unknown operation":   {"AWSCognitoIdentityProviderService.SignUpTwice", json11, `{}`, "UnknownOperationException", "SignUpTwice"},
		"JSON of another age": {initiate, "application/json", `{}`, "UnknownOperationException", "Content-Type"},
		"no JSON":             {initiate, json11, `USERNAME=alice`, "SerializationException", "JSON object"},
		"a list":              {initiate, json11, `[]`, "SerializationException", "JSON object"},
		"null":                {initiate, json11, `null`, "SerializationException", "JSON object"},
		"nothing":             {initiate, json11, ``, "SerializationException", "JSON object"},
		"empty":               {initiate, json11, `{}`, "InvalidParameterException", "2 validation errors detected: Value at 'authFlow'"},
		"number for a flow":   {initiate, json11, `{"AuthFlow":1,"ClientId":"publicapp"}`, "SerializationException", "AuthFlow"},
		"number in a map": {initiate, json11, `{"AuthFlow":"USER_SRP_AUTH","ClientId":"publicapp","AuthParameters":{"SRP_A":17}}`,
			"SerializationException", "AuthParameters"},
		"other case": {initiate, json11, `{"authflow":"USER_SRP_AUTH","ClientId":"publicapp"}`, "InvalidParameterException", "'authFlow'"},
		"null member": {initiate, json11, `{"AuthFlow":null,"ClientId":"publicapp"}`,
			"InvalidParameterException", "1 validation error detected: Value at 'authFlow' failed to satisfy constraint: Member must not be null"},
		"bad client ID":  {initiate, json11, `{"AuthFlow":"USER_SRP_AUTH","ClientId":"a b"}`, "InvalidParameterException", "'clientId'"},
		"too long":       {initiate, json11, `{"ClientId":"` + strings.Repeat("x", 129) + `"}`, "InvalidParameterException", "less than or equal to 128"},
		"no such client": {initiate, json11, `{"AuthFlow":"USER_SRP_AUTH","ClientId":"other"}`, "ResourceNotFoundException", "other"},
		"no such pool": {"AWSCognitoIdentityProviderService.GetUser", json11, `{"AccessToken":"x","UserPoolId":"eu-west-1_None"}`,
			"ResourceNotFoundException", "eu-west-1_None"},
	}
	r := newRig(t, nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			res, answer := r.post(c.target, c.contentType, c.body)
			if res.StatusCode != http.StatusBadRequest || answer["__type"] != c.name || !strings.Contains(answer["message"], c.message) {
				t.Errorf("%s %v, want %s: ...%s...", res.Status, answer, c.name, c.message)
			}
			if got := res.Header.Get("X-Amzn-Errortype"); !strings.HasPrefix(got, c.name) {
				t.Errorf("x-amzn-errortype %q", got)
			}
			if res.Header.Get("Content-Type") != contentType || res.Header.Get("X-Amzn-Requestid") == "" {
				t.Errorf("headers %v", res.Header)
			}
		})
	}
}

// An error names a member of the wrong type, and does not show its value.
func TestRefusalsDoNotQuoteSecrets(t *testing.T) {
	r := newRig(t, nil)
	_, answer := r.post("AWSCognitoIdentityProviderService.InitiateAuth", contentType,
		`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":"hunter2","Session":"hunter2"}`)
	if strings.Contains(answer["message"], "hunter2") {
		t.Errorf("message %q", answer["message"])
	}
	_, answer = r.post("AWSCognitoIdentityProviderService.InitiateAuth", contentType,
		`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","Session":"hunter2"}`)
	if answer["__type"] != "InvalidParameterException" || strings.Contains(answer["message"], "hunter2") {
		t.Errorf("%v", answer)
	}
}

func TestSignature(t *testing.T) {
	const target, body = "AWSCognitoIdentityProviderService.AdminGetUser", `{"UserPoolId":"eu-west-1_TestPool1","Username":"alice"}`
	header := func(key string) string {
		return "AWS4-HMAC-SHA256 Credential=" + key + "/20260307/eu-west-1/cognito-idp/aws4_request, " +
			"SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0f", 32)
	}
	good := header("AKIAIOSFODNN7EXAMPLE")
	cases := map[string]struct{ authorization, date, want string }{
		"none":        {"", "20260307T210405Z", "MissingAuthenticationTokenException"},
		"bearer":      {"Bearer abc", "20260307T210405Z", "IncompleteSignatureException"},
		"no date":     {good, "", "IncompleteSignatureException"},
		"other scope": {strings.Replace(good, "cognito-idp", "s3", 1), "20260307T210405Z", "IncompleteSignatureException"},
		"no key ID":   {header(""), "20260307T210405Z", "IncompleteSignatureException"},
	}
	r := newRig(t, nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, answer := r.post(target, contentType, body, "Authorization", c.authorization, "X-Amz-Date", c.date)
			if answer["__type"] != c.want {
				t.Errorf("%v, want %s", answer, c.want)
			}
		})
	}
}

func TestStatusCodes(t *testing.T) {
	wrongPassword := `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"alice","PASSWORD":"x"}}`
	r := newRig(t, nil)
	res, _ := r.post("AWSCognitoIdentityProviderService.InitiateAuth", contentType, wrongPassword)
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("wrong password: %s", res.Status)
	}
	for name, want := range map[string]int{
		"InternalErrorException": 500, "InternalServerException": 500, "ServiceUnavailableException": 503, "CodeMismatchException": 400,
		"TooManyRequestsException": 400, "UserNotFoundException": 400,
	} {
		if got := (&exception.Error{Name: name}).HTTPStatus(); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// Messages replaces a text for one operation, or for all.
func TestMessages(t *testing.T) {
	wrongPassword := `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"alice","PASSWORD":"x"}}`
	for want, messages := range map[string]map[string]string{
		"nope":                            {"NotAuthorizedException": "nope", "GetUser/NotAuthorizedException": "other"},
		"not now":                         {"NotAuthorizedException": "nope", "InitiateAuth/NotAuthorizedException": "not now"},
		"Incorrect username or password.": {"UserNotFoundException": "nope"},
	} {
		r := newRig(t, func(c *PoolConfig) { c.Dialect.Messages = messages })
		_, answer := r.post("AWSCognitoIdentityProviderService.InitiateAuth", contentType, wrongPassword)
		if answer["message"] != want {
			t.Errorf("%v, want %q", answer, want)
		}
	}
}

func TestCORS(t *testing.T) {
	r := newRig(t, nil)
	req, err := http.NewRequest(http.MethodOptions, r.pool.Endpoint(), nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := "amz-sdk-invocation-id,amz-sdk-request,authorization,cache-control,content-type,x-amz-date,x-amz-target,x-amz-user-agent"
	req.Header.Set("Origin", "http://localhost:3000")
	req.Header.Set("Access-Control-Request-Method", "POST")
	req.Header.Set("Access-Control-Request-Headers", asked)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	h := res.Header
	if res.StatusCode != http.StatusOK || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Methods") != "POST" {
		t.Errorf("preflight: %s %v", res.Status, h)
	}
	allowed := "," + strings.ToLower(h.Get("Access-Control-Allow-Headers")) + ","
	for name := range strings.SplitSeq(asked, ",") {
		if !strings.Contains(allowed, ","+name+",") {
			t.Errorf("%s is not allowed", name)
		}
	}
	answered, _ := r.post("", contentType, `{}`)
	if answered.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(strings.ToLower(answered.Header.Get("Access-Control-Expose-Headers")), "x-amzn-errortype") {
		t.Errorf("answer: %v", answered.Header)
	}
}

var evidenceOfTransport = map[string]func(*testing.T){
	"HTTP status of client errors": func(t *testing.T) {
		r := newRig(t, nil)
		for want, body := range map[string]string{
			"NotAuthorizedException":    `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"alice","PASSWORD":"x"}}`,
			"UserNotFoundException":     `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"publicapp","AuthParameters":{"USERNAME":"bob","PASSWORD":"x"}}`,
			"ResourceNotFoundException": `{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"nobodys","AuthParameters":{"USERNAME":"bob","PASSWORD":"x"}}`,
		} {
			res, answer := r.post(targetPrefix+"InitiateAuth", contentType, body)
			if res.StatusCode != http.StatusBadRequest || answer["__type"] != want {
				t.Errorf("%s: %v, want %s", res.Status, answer, want)
			}
		}
	},
}
