package cognitotest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

func TestClock(t *testing.T) {
	start := time.Date(2026, 3, 7, 22, 4, 5, 6, time.FixedZone("", 3600))
	c := NewClock(start)
	if got := c.Now(); !got.Equal(start) || got.Location() != time.UTC {
		t.Errorf("the clock begins at %v", got)
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { c.Advance(time.Minute) })
	}
	all.Wait()
	c.Advance(-time.Minute)
	if got := c.Now().Sub(start); got != 9*time.Minute {
		t.Errorf("it went on by %v", got)
	}
}

func TestConfigErrors(t *testing.T) {
	cases := map[string]struct {
		adjust func(*PoolConfig)
		want   string // the beginning of the error
	}{
		"pool ID":    {func(c *PoolConfig) { c.ID = "nounderscore" }, "pools[0].id: "},
		"MFA":        {func(c *PoolConfig) { c.MFA = "MAYBE" }, `pools[0].mfa: "MAYBE" is none of OFF, OPTIONAL, ON`},
		"MFA type":   {func(c *PoolConfig) { c.MFATypes = []string{"SMS_MFA", "FAX"} }, `pools[0].mfaTypes[1]: "FAX"`},
		"policy":     {func(c *PoolConfig) { c.PasswordPolicy = &PasswordPolicy{MinimumLength: 300} }, "pools[0].passwordPolicy.minimumLength: "},
		"history":    {func(c *PoolConfig) { c.PasswordPolicy = &PasswordPolicy{HistorySize: -1} }, "pools[0].passwordPolicy.historySize: "},
		"attribute":  {func(c *PoolConfig) { c.RequiredAttributes = []string{"email", "shoe"} }, `pools[0].requiredAttributes[1]: "shoe"`},
		"parameters": {func(c *PoolConfig) { c.Dialect.Parameters = "SOME" }, "pools[0].dialect.parameters: "},
		"session":    {func(c *PoolConfig) { c.Dialect.Session = "SOMETIMES" }, "pools[0].dialect.session: "},
		"step-up":    {func(c *PoolConfig) { c.Dialect.StepUp = "NEVER" }, "pools[0].dialect.stepUp: "},
		"verification": {func(c *PoolConfig) {
			c.WebAuthn = &WebAuthnConfig{RPID: "example.com", Origins: []string{"https://example.com"}, UserVerification: "often"}
		}, `pools[0].webauthn.userVerification: "often"`},
		"tier":                    {func(c *PoolConfig) { c.Tier = "FREE" }, `pools[0].tier: "FREE" is none of LITE`},
		"five levels":             {func(c *PoolConfig) { c.LevelNames = []string{"a", "b", "c", "d", "e"} }, "pools[0].levelNames: there are 4"},
		"levels of no tier":       {func(c *PoolConfig) { c.Tier, c.LevelNames = "LITE", []string{"low"} }, "pools[0].levelNames: level names need"},
		"one name of two levels":  {func(c *PoolConfig) { c.LevelNames = []string{level4} }, "pools[0].levelNames[3]: "},
		"a level with a space":    {func(c *PoolConfig) { c.LevelNames = []string{"", "so so"} }, `pools[0].levelNames[1]: "so so" has a space`},
		"a long level":            {func(c *PoolConfig) { c.LevelNames = []string{strings.Repeat("l", 65)} }, "pools[0].levelNames[0]: longer"},
		"refusal":                 {func(c *PoolConfig) { c.Dialect.RotationRefusal = "Reused" }, "pools[0].dialect.rotationRefusal: "},
		"message":                 {func(c *PoolConfig) { c.Dialect.Messages = map[string]string{"CodeMismatch": "no"} }, `pools[0].dialect.messages: "CodeMismatch"`},
		"message of":              {func(c *PoolConfig) { c.Dialect.Messages = map[string]string{"SignUp/CodeMismatch": "no"} }, `pools[0].dialect.messages: "SignUp/CodeMismatch"`},
		"message of no operation": {func(c *PoolConfig) { c.Dialect.Messages = map[string]string{"signup/CodeMismatchException": "no"} }, `pools[0].dialect.messages: "signup/CodeMismatchException"`},
		"validity":                {func(c *PoolConfig) { c.PasswordPolicy = &PasswordPolicy{TemporaryPasswordValidityDays: -1} }, "pools[0].passwordPolicy.temporaryPasswordValidityDays: "},
		"alias":                   {func(c *PoolConfig) { c.AliasAttributes = []string{"email", "nickname"} }, `pools[0].aliasAttributes[1]: "nickname"`},
		"name alias":              {func(c *PoolConfig) { c.UsernameAttributes = []string{"preferred_username"} }, "pools[0].usernameAttributes[0]: "},
		"both kinds of names": {func(c *PoolConfig) {
			c.UsernameAttributes, c.AliasAttributes = []string{"email"}, []string{"preferred_username"}
		}, "pools[0].usernameAttributes: "},
		"no address": {func(c *PoolConfig) { c.UsernameAttributes = []string{"email"} }, `pools[0].users[0].name: in this pool the name is the email of the user, not "alice"`},
		"no name": {func(c *PoolConfig) {
			c.UsernameAttributes = []string{"email", "phone_number"}
			c.Users[0].Name = ""
		}, `pools[0].users[0].name: in this pool the name is the email or phone_number of the user, not ""`},
		"no UUID": {func(c *PoolConfig) {
			c.UsernameAttributes = []string{"email"}
			c.Users[0].Name, c.Users[0].ID = "alice@example.com", "7"
		}, `pools[0].users[0].id: in this pool the ID is the user name and must be a UUID, not "7"`},
		"name like an alias": {func(c *PoolConfig) {
			c.AliasAttributes = []string{"email"}
			c.Users[0].Name = "alice@example.com"
		}, `pools[0].users[0].name: "alice@example.com" has the form of an alias`},
		"other address": {func(c *PoolConfig) {
			c.UsernameAttributes = []string{"email"}
			c.Users[0].Name, c.Users[0].Attributes = "alice@example.com", map[string]string{"email": "bob@example.com"}
		}, "pools[0].users[0].attributes.email: "},
		"salt":          {func(c *PoolConfig) { c.Users[0].Salt = "no number" }, "pools[0].users[0].salt: "},
		"long salt":     {func(c *PoolConfig) { c.Users[0].Salt = strings.Repeat("a", 33) }, "pools[0].users[0].salt: "},
		"short secret":  {func(c *PoolConfig) { c.Clients[0].Secret = "of23charactersxxxxxxxxx" }, "pools[0].clients[0].secret: "},
		"second secret": {func(c *PoolConfig) { c.Clients[0].SecondSecret = appSecret }, "pools[0].clients[0].secondSecret: "},
		"two short secrets": {func(c *PoolConfig) {
			c.Clients[0].Secret, c.Clients[0].SecondSecret = "short", "short"
		}, "pools[0].clients[0].secret: "},
		"short second secret": {func(c *PoolConfig) {
			c.Clients[0].Secret, c.Clients[0].SecondSecret = appSecret, "short"
		}, "pools[0].clients[0].secondSecret: "},
		"first factor":  {func(c *PoolConfig) { c.AllowedFirstFactors = []string{"PASSWORD_SRP"} }, `pools[0].allowedFirstFactors[0]: "PASSWORD_SRP"`},
		"relying party": {func(c *PoolConfig) { c.WebAuthn = &WebAuthnConfig{RPID: "example.com"} }, "pools[0].webauthn: "},
		"one trigger":   {func(c *PoolConfig) { c.Triggers.Define = decide(trigger.Decision{}, nil) }, "pools[0].triggers.create: "},
		"triggers and questions": {func(c *PoolConfig) {
			script(new([]trigger.Event))(c)
			c.CustomQuestions = []CustomQuestion{{"q", "a"}}
		}, "pools[0].customQuestions: "},
		"no answer":         {func(c *PoolConfig) { c.CustomQuestions = []CustomQuestion{{"q", "a"}, {"q", ""}} }, "pools[0].customQuestions[1]: "},
		"client ID":         {func(c *PoolConfig) { c.Clients[0].ID = "" }, "pools[0].clients[0].id: "},
		"same client":       {func(c *PoolConfig) { c.Clients = append(c.Clients, c.Clients[0]) }, "pools[0].clients[1].id: "},
		"flow":              {func(c *PoolConfig) { c.Clients[0].AuthFlows = []string{"USER_SRP_AUTH"} }, "pools[0].clients[0].authFlows[0]: "},
		"existence":         {func(c *PoolConfig) { c.Clients[0].PreventUserExistenceErrors = "NO" }, "pools[0].clients[0].preventUserExistenceErrors: "},
		"revocation":        {func(c *PoolConfig) { c.Clients[0].TokenRevocation = "NO" }, "pools[0].clients[0].tokenRevocation: "},
		"lifetime":          {func(c *PoolConfig) { c.Clients[0].IDTokenSeconds = -1 }, "pools[0].clients[0].idTokenSeconds: "},
		"user name":         {func(c *PoolConfig) { c.Users[0].Name = "" }, "pools[0].users[0].name: "},
		"user name blank":   {func(c *PoolConfig) { c.Users[0].Name = "a b" }, "pools[0].users[0].name: "},
		"TOTP secret":       {func(c *PoolConfig) { c.Users[0].TOTPSecret = "018!" }, "pools[0].users[0].totpSecret: not base32"},
		"two passwords":     {func(c *PoolConfig) { c.Users[0].TemporaryPassword = "y" }, "pools[0].users[0].temporaryPassword: "},
		"unknown attribute": {func(c *PoolConfig) { c.Users[0].Attributes = map[string]string{"sub": "x"} }, `pools[0].users[0].attributes: "sub"`},
		"verified":          {func(c *PoolConfig) { c.Users[0].Attributes = map[string]string{"email_verified": "yes"} }, "pools[0].users[0].attributes.email_verified: "},
		"MFA is off":        {func(c *PoolConfig) { c.MFA = "OFF" }, "pools[0].users[0].totpSecret: mfa of the pool is OFF: set mfa to OPTIONAL or ON"},
		"MFA is off, factors": {func(c *PoolConfig) {
			c.MFA, c.Users[0].MFA = "OFF", []string{"SOFTWARE_TOKEN_MFA"}
		}, "pools[0].users[0].mfa[0]: mfa of the pool is OFF"},
		"factor":    {func(c *PoolConfig) { c.MFATypes = []string{"SMS_MFA"} }, `pools[0].users[0].mfa[0]: "SOFTWARE_TOKEN_MFA"`},
		"no phone":  {func(c *PoolConfig) { c.Users[0].MFA = []string{"SMS_MFA"} }, "pools[0].users[0].mfa[0]: SMS_MFA needs"},
		"no e-mail": {func(c *PoolConfig) { c.Users[0].MFA = []string{"EMAIL_OTP"} }, "pools[0].users[0].mfa[0]: EMAIL_OTP needs"},
		"no authenticator": {func(c *PoolConfig) {
			c.Users[0].TOTPSecret, c.Users[0].MFA = "", []string{"SOFTWARE_TOKEN_MFA"}
		}, "pools[0].users[0].mfa[0]: SOFTWARE_TOKEN_MFA needs"},
		"preference": {func(c *PoolConfig) { c.Users[0].PreferredMFA = "SMS_MFA" }, "pools[0].users[0].preferredMfa: "},
		"preference of no factor": {func(c *PoolConfig) {
			c.Users[0].TOTPSecret, c.Users[0].PreferredMFA = "", "SMS_MFA"
		}, "pools[0].users[0].preferredMfa: the user has no second factor"},
		"grace": {func(c *PoolConfig) { c.Clients[0].RetryGraceSeconds = 61 }, "pools[0].clients[0].retryGraceSeconds: 61 is more than 60"},
		"same address": {func(c *PoolConfig) {
			c.UsernameAttributes = []string{"email"}
			c.Users[0].Name = "alice@example.com"
			c.Users = append(c.Users, UserConfig{Name: "Alice@example.com"})
		}, `pools[0].users[1].name: "Alice@example.com"`},
		"same user": {func(c *PoolConfig) { c.Users = append(c.Users, UserConfig{Name: "ALICE"}) }, `pools[0].users[1].name: "ALICE"`},
		"same ID": {func(c *PoolConfig) {
			c.Users[0].ID = "one"
			c.Users = append(c.Users, UserConfig{Name: "bob", ID: "one"})
		}, `pools[0].users[1].id: "one"`},
		"same alias": {func(c *PoolConfig) {
			c.AliasAttributes = []string{"preferred_username"}
			c.Users = append(c.Users, UserConfig{Name: "bob", Attributes: map[string]string{"preferred_username": "alice"}})
		}, `pools[0].users[1].attributes.preferred_username: "alice"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := PoolConfig{
				MFA: "OPTIONAL", Clients: []ClientConfig{{ID: "app"}},
				Users: []UserConfig{{Name: "alice", Password: "x", TOTPSecret: totpSecret}},
			}
			if _, err := NewServer(config); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			c.adjust(&config)
			_, err := NewServer(config)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %v, want %s...", err, c.want)
			}
		})
	}
}

func TestPoolsShareNothing(t *testing.T) {
	one := PoolConfig{ID: "eu-west-1_One", Clients: []ClientConfig{{ID: "app1"}}}
	_, err := NewServer(one, one)
	if err == nil || !strings.HasPrefix(err.Error(), "pools[1].id: ") {
		t.Errorf("same pool twice: %v", err)
	}
	two := one
	two.ID = "eu-west-1_Two"
	_, err = NewServer(one, two)
	if err == nil || !strings.HasPrefix(err.Error(), "pools[1].clients[0].id: ") {
		t.Errorf("same client twice: %v", err)
	}
	two.Clients = []ClientConfig{{ID: "app2"}}
	s, err := NewServer(one, two)
	if err != nil {
		t.Fatal(err)
	}
	p := s.Pool("eu-west-1_Two")
	if p == nil || p.ID() != "eu-west-1_Two" || p.Server() != s || p.Endpoint() != "" || s.Pool("eu-west-1_Three") != nil {
		t.Error("pools are mixed up")
	}
	wantPanic(t, "cognitotest: Start did not start the server, so its URL is unknown: set BaseEndpoint", func() { p.Client() })
}

func TestConfigJSON(t *testing.T) {
	text := `{"clients": [{"id": "app", "authFlows": ["ALLOW_USER_PASSWORD_AUTH"], "accessTokenSeconds": 1}],
	          "mfa": "OPTIONAL", "dialect": {"session": "ALWAYS"},
	          "users": [{"name": "zoë", "password": "p", "totpSecret": "JBSWY3DPEHPK3PXP", "preferredMfa": "SOFTWARE_TOKEN_MFA"}]}`
	var config PoolConfig
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	p := Start(t, config)
	if p.ID() != "local-1_cognitotest" || p.TOTP("zoë") == "" || p.state.Dialect.Session != "ALWAYS" {
		t.Errorf("pool %v", p)
	}
}

func TestPoolsDoNotPrint(t *testing.T) {
	p := Start(t, PoolConfig{
		Clients: []ClientConfig{{ID: "app", Secret: "hush1hush1hush1hush1hush1"}}, Users: []UserConfig{{Name: "alice", Password: "hush2"}},
	})
	for _, v := range []any{p, p.Server()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "hush") || !strings.Contains(text, p.ID()) {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
}
