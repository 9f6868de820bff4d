package flow_test

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// FuzzTokenClaims has a service grant tokens with any payload. The sign-in succeeds with these
// tokens, and JSON gives the same tokens back.
func FuzzTokenClaims(f *testing.F) {
	for _, payload := range []string{
		`{"sub":"1","username":"ada","exp":1700003600,"iat":1700000000,"auth_time":1700000000,"scope":"a b","device_key":"k"}`,
		`{"exp":1e308,"iat":-1e308,"auth_time":1e300}`, `{"exp":"soon","amr":["pwd",1]}`, `{"sub":{"a":[]}}`, `[]`, `null`, `{`, "\xff", "",
	} {
		f.Add(payload, int32(3600))
	}
	f.Add(`{"exp":9223372036854775807}`, int32(-2147483648))
	f.Fuzz(func(t *testing.T, payload string, expiresIn int32) {
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
		service := scripted{initiate: func(*cip.InitiateAuthInput) (*cip.InitiateAuthOutput, error) {
			return &cip.InitiateAuthOutput{AuthenticationResult: &types.AuthenticationResultType{
				AccessToken: aws.String(token), IdToken: aws.String(payload), ExpiresIn: expiresIn,
			}}, nil
		}}
		d, err := flow.New(service, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := d.SignIn(t.Context(), flow.UserPasswordAuth{Username: "ada", Password: secret.New("pw")}, nil)
		if err != nil || tokens.AccessToken.Reveal() != token || tokens.IDToken.Reveal() != payload {
			t.Fatalf("got %v, %v", tokens, err)
		}
		data, err := json.Marshal(tokens)
		if err != nil {
			t.Fatalf("the tokens cannot be written as JSON: %v", err)
		}
		var read flow.Tokens
		if err := json.Unmarshal(data, &read); err != nil {
			t.Fatal(err)
		}
		if !read.Expiry.Equal(tokens.Expiry) || !read.AuthTime.Equal(tokens.AuthTime) {
			t.Errorf("expiry %v, %v and time %v, %v", tokens.Expiry, read.Expiry, tokens.AuthTime, read.AuthTime)
		}
		if tokenTexts(read) != tokenTexts(*tokens) || !reflect.DeepEqual(read.Scopes, tokens.Scopes) || !reflect.DeepEqual(read.AMR, tokens.AMR) {
			t.Errorf("written %+v, read %+v", *tokens, read)
		}
	})
}

func tokenTexts(t flow.Tokens) string {
	return strings.Join([]string{t.AccessToken.Reveal(), t.RefreshToken.Reveal(), t.TokenType, t.Username, t.Subject, t.ACR, t.Device.Key}, "\x00")
}

// FuzzUnmarshalTokens reads any JSON as tokens. The error does not quote a token.
func FuzzUnmarshalTokens(f *testing.F) {
	f.Add([]byte(`{"accessToken":"hush-7Fq","expiresAt":"2026-01-01T00:00:00Z","scopes":["a"]}`))
	f.Add([]byte(`{"accessToken":"hush-7Fq","expiresAt":5}`))
	f.Add([]byte(`{"refreshToken":"hush-7Fq","deviceState":"odd"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tokens flow.Tokens
		if err := tokens.UnmarshalJSON(data); err != nil {
			if strings.Contains(err.Error(), "hush") || !tokens.AccessToken.IsZero() || !tokens.RefreshToken.IsZero() {
				t.Errorf("%v, with tokens of %q", err, tokens.Username)
			}
			return
		}
		again, err := json.Marshal(tokens)
		if err != nil {
			t.Fatalf("the tokens were read and cannot be written: %v", err)
		}
		var second flow.Tokens
		if err := json.Unmarshal(again, &second); err != nil || tokenTexts(second) != tokenTexts(tokens) || !second.Expiry.Equal(tokens.Expiry) {
			t.Errorf("written %+v, read %+v, %v", tokens, second, err)
		}
	})
}
