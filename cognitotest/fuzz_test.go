package cognitotest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// FuzzRequest sends any operation with any body to a pool. The pool answers each request with
// JSON: an output, or an error with a type.
func FuzzRequest(f *testing.F) {
	const credential = "AWS4-HMAC-SHA256 Credential=AKID/20261127/local-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00"
	for operation, body := range map[string]string{
		"InitiateAuth":                 `{"ClientId":"app","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"ada","PASSWORD":"Correct-Horse-7!"}}`,
		"RespondToAuthChallenge":       `{"ClientId":"app","ChallengeName":"PASSWORD_VERIFIER","Session":"x","ChallengeResponses":{"USERNAME":"ada"}}`,
		"SignUp":                       `{"ClientId":"app","Username":"bea","Password":"Correct-Horse-7!","UserAttributes":[{"Name":"email","Value":"b@example.com"}]}`,
		"GetUser":                      `{"AccessToken":"e30.e30."}`,
		"ConfirmDevice":                `{"AccessToken":"x","DeviceKey":"k","DeviceSecretVerifierConfig":{"Salt":"AA==","PasswordVerifier":"AA=="}}`,
		"AdminInitiateAuth":            `{"UserPoolId":"local-1_cognitotest","ClientId":"app","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","AuthParameters":{}}`,
		"ListUsers":                    `{"UserPoolId":"local-1_cognitotest","Filter":"email ^= \"a\"","Limit":1}`,
		"CreateUserPool":               `{"PoolName":"p","Schema":[{"Name":"a","AttributeDataType":"String"}]}`,
		"VerifySoftwareToken":          `{"Session":"` + strings.Repeat("s", 30) + `","UserCode":"123456"}`,
		"CompleteWebAuthnRegistration": `{"AccessToken":"x","Credential":{"response":{"attestationObject":"AA"}}}`,
	} {
		f.Add(operation, []byte(body))
	}
	f.Add("InitiateAuth", []byte(`{"ClientId":{}}`))
	f.Add("InitiateAuth", []byte(`[`))
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		Clients: []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}}},
		Users:   []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(string(body)))
		r.Header["X-Amz-Target"] = []string{"AWSCognitoIdentityProviderService." + operation}
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("Authorization", credential)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		var reply map[string]any
		isJSON := json.Unmarshal(w.Body.Bytes(), &reply) == nil
		switch {
		case w.Code == 200 && (isJSON || w.Body.Len() == 0):
		case w.Code == 400 && isJSON && reply["__type"] != "":
		default:
			t.Errorf("%s answers with %d: %.300s", operation, w.Code, w.Body)
		}
	})
}
