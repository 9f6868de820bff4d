package flow_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// New refuses an SDK client of another region than the pool's. The service would answer such a
// client that the app client does not exist.
func TestRegionOfTheClient(t *testing.T) {
	for name, test := range map[string]struct {
		options cip.Options
		replica bool
		refused bool
	}{
		"the pool's":                  {cip.Options{Region: "eu-west-1"}, false, false},
		"another":                     {cip.Options{Region: "eu-west-2"}, false, true},
		"one that begins alike":       {cip.Options{Region: "eu-west-11"}, false, true},
		"none":                        {cip.Options{}, false, true},
		"another, with an endpoint":   {cip.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://localhost:9229")}, false, false},
		"another, at a replica":       {cip.Options{Region: "eu-west-2"}, true, false},
		"the pool's, and the replica": {cip.Options{Region: "eu-west-1"}, true, false},
	} {
		app := flow.App{UserPoolID: "eu-west-1_Ab12Cd34E", ClientID: "client", Replica: test.replica}
		_, err := flow.New(cip.New(test.options), app)
		_, admin := flow.NewAdmin(cip.New(test.options), app)
		for _, err := range []error{err, admin} {
			if (err != nil) != test.refused {
				t.Errorf("%s: got %v", name, err)
				continue
			}
			for _, part := range []string{`"eu-west-1"`, `config.WithRegion("eu-west-1")`, "BaseEndpoint", "App.Replica"} {
				if err != nil && !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %q does not say %s", name, err, part)
				}
			}
		}
	}
	// The region of an API other than the SDK client is not checked.
	if _, err := flow.New(&fakeAPI{}, flow.App{UserPoolID: "eu-west-1_Ab12Cd34E", ClientID: "client"}); err != nil {
		t.Error(err)
	}
}

// The API model of the service has the patterns. ClientIdType is [\w+]+ with 128 characters at
// most, and UserPoolIdType is [\w-]+_[0-9a-zA-Z]+ with 55 characters at most.
func TestAppsThatCannotBeRight(t *testing.T) {
	const pool = "eu-west-1_Ab12Cd34E"
	for name, test := range map[string]struct {
		app  flow.App
		says string // a part of the error, "" for no error
	}{
		"as it should be":                 {flow.App{UserPoolID: pool, ClientID: "4k8f1_+Z"}, ""},
		"128 characters":                  {flow.App{UserPoolID: pool, ClientID: strings.Repeat("a", 128)}, ""},
		"129 characters":                  {flow.App{UserPoolID: pool, ClientID: strings.Repeat("a", 129)}, "App.ClientID"},
		"no client ID":                    {flow.App{UserPoolID: pool}, "App.ClientID is empty"},
		"a client ID with a space before": {flow.App{UserPoolID: pool, ClientID: " client"}, "App.ClientID"},
		"a client ID with a line break":   {flow.App{UserPoolID: pool, ClientID: "client\n"}, "App.ClientID"},
		"a client ID with a hyphen":       {flow.App{UserPoolID: pool, ClientID: "cli-ent"}, "App.ClientID"},
		"a client ID with a slash":        {flow.App{UserPoolID: pool, ClientID: "cli/ent"}, "App.ClientID"},
		"a pool ID with a line break":     {flow.App{UserPoolID: pool + "\n", ClientID: "client"}, "App.UserPoolID"},
		"a pool ID without a region":      {flow.App{UserPoolID: "_Ab12Cd34E", ClientID: "client"}, "App.UserPoolID"},
		"56 characters of a pool ID":      {flow.App{UserPoolID: "eu-west-1_" + strings.Repeat("A", 46), ClientID: "client"}, "App.UserPoolID"},
		"55 characters of a pool ID":      {flow.App{UserPoolID: "eu-west-1_" + strings.Repeat("A", 45), ClientID: "client"}, ""},
		"a secret with a line break":      {flow.App{UserPoolID: pool, ClientID: "client", ClientSecret: secret.New(clientSecret + "\r\n")}, "App.ClientSecret"},
		"a secret with a space before":    {flow.App{UserPoolID: pool, ClientID: "client", ClientSecret: secret.New(" " + clientSecret)}, "App.ClientSecret"},
		"a secret of white space":         {flow.App{UserPoolID: pool, ClientID: "client", ClientSecret: secret.New("\n")}, "App.ClientSecret"},
		"a secret that was given empty":   {flow.App{UserPoolID: pool, ClientID: "client", ClientSecret: secret.New("")}, ""},
	} {
		_, err := flow.New(&fakeAPI{}, test.app)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), clientSecret) {
			t.Errorf("%s: %v contains the secret", name, err)
		}
	}
}

// If a user name breaks the pattern of InitiateAuth, the driver sends nothing. The error counts
// as a mistake of the user.
func TestUserNamesThatCannotBe(t *testing.T) {
	for name, says := range map[string]string{
		" ada": "white space at its beginning", "ada ": "or end", "ada\n": "or end", "\tada": "beginning", " ": "white space",
		"ada lovelace": "white space or a control character in it", "ada\x00": "control character", "a\u200bda": "control character",
		"ad\xffa": "is not UTF-8", strings.Repeat("é", 129): "longer than 128 characters",
	} {
		api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
		_, err := api.driver(t).Start(t.Context(), srpAuth(name))
		if !errors.Is(err, flow.WrongCredentials) || !strings.Contains(err.Error(), "UserSRPAuth.Username ") || !strings.Contains(err.Error(), says) || len(api.sent) != 0 {
			t.Errorf("%q: %d requests, %v", name, len(api.sent), err)
		}
	}
	for _, name := range []string{"ada", "ada@example.com", "+3312345678", "Ω-ädä_1", strings.Repeat("é", 128), "日本"} {
		api := &fakeAPI{replies: []fakeReply{{tokens: true}}}
		if _, err := api.driver(t).Start(t.Context(), srpAuth(name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// If a program ignores the error of making a client, the API is a nil pointer in an interface. New
// finds that.
func TestNoClient(t *testing.T) {
	var client *cip.Client
	_, none := flow.New(nil, anApp)
	_, noneAdmin := flow.NewAdmin(nil, anApp)
	_, pointer := flow.New(client, anApp)
	_, pointerAdmin := flow.NewAdmin(client, anApp)
	for name, err := range map[string]error{"New": none, "NewAdmin": noneAdmin, "New of a pointer": pointer, "NewAdmin of a pointer": pointerAdmin} {
		if err == nil || !strings.Contains(err.Error(), "api is nil") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The documentation of the service has the first issuer, and the second one for China. The third
// issuer is that of updated pools (aws-jwt-verify 239).
func TestIssuerURL(t *testing.T) {
	const newer = "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E"
	for _, test := range []struct{ id, issuer, want string }{
		{"eu-central-1_Ab12Cd34E", "", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E"},
		{"cn-north-1_Ab12Cd34E", "", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab12Cd34E"},
		{"eu-central-1_Ab12Cd34E", newer, newer},
		{"local-1_pool", "http://localhost:9229/local-1_pool/", "http://localhost:9229/local-1_pool"},
	} {
		if got, err := (flow.App{UserPoolID: test.id, Issuer: test.issuer}).IssuerURL(); err != nil || got != test.want {
			t.Errorf("got %q, %v, want %q", got, err, test.want)
		}
	}
	for want, app := range map[string]flow.App{
		"App.Issuer":     {UserPoolID: "eu-central-1_Ab12Cd34E", Issuer: "cognito-idp.eu-central-1.amazonaws.com"},
		"App.UserPoolID": {UserPoolID: "eu-central-1"},
	} {
		if _, err := app.IssuerURL(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// The checks agree with the patterns of UserPoolIdType and ClientIdType for every short text.
func TestPatternsOfTheService(t *testing.T) {
	userPoolID, clientID := regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`), regexp.MustCompile(`^[\w+]+$`)
	judge := func(text string) {
		app := flow.App{UserPoolID: text, ClientID: "client", Issuer: "https://issuer.example"}
		if _, err := app.IssuerURL(); (err == nil) != userPoolID.MatchString(text) {
			t.Errorf("user pool ID %q: error %v", text, err)
		}
		app = flow.App{UserPoolID: "eu-west-1_Ab12Cd34E", ClientID: text}
		if _, err := flow.New(&fakeAPI{}, app); (err == nil) != clientID.MatchString(text) {
			t.Errorf("client ID %q: error %v", text, err)
		}
	}
	var each func(text string, runes []string, length int)
	each = func(text string, runes []string, length int) {
		judge(text)
		for _, r := range runes[:len(runes)*min(length, 1)] {
			each(text+r, runes, length-1)
		}
	}
	each("", strings.Split("a_-G", ""), 5)
	each("", append(strings.Split("azAZ09_-+.,/:@[`{ \né", ""), "\xff"), 3)
}
