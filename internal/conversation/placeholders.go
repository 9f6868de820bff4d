package conversation

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maker tells who makes the value of a placeholder.
type maker int

const (
	service maker = iota
	before        // the service has made the value for an earlier response
	client
	user
)

const (
	refreshToken       = "<refresh token>"
	formerRefreshToken = "<former refresh token>"
)

// form describes one placeholder.
type form struct {
	by      maker
	fits    func(text string) bool
	example func(Values, Identity) string // nil if the service does not make the value
}

// Identity is the user and the app client of the made-up values in a reply.
type Identity struct {
	Region, ClientID string
	Username, Sub    string
	Now              time.Time
}

// Example makes a value for a placeholder of a response, and keeps the value in v. The error is
// that of another placeholder.
func (v Values) Example(placeholder string, who Identity) (string, error) {
	f := forms[placeholder]
	if f.example == nil {
		return "", fmt.Errorf("%s is no placeholder of a response", placeholder)
	}
	v.set(placeholder, f.example(v, who))
	return v[placeholder], nil
}

// Repeated returns the value of a placeholder if the response repeats it from its request. A
// response repeats a device key only.
func (v Values) Repeated(placeholder string, request map[string]any) (value string, ok bool) {
	if placeholder != "<device key>" || !slices.Contains(placeholders(request), placeholder) {
		return "", false
	}
	return v[placeholder], true
}

// forms has all placeholders. The package documentation has the same list.
var forms = map[string]form{
	"<session>":          {service, isSession, func(Values, Identity) string { return randomText(900) }},
	"<salt>":             {service, matches(`^[1-9a-f][0-9a-f]{0,31}$`), func(Values, Identity) string { return randomHex(128) }},
	"<srp b>":            {service, matches(`^[1-9a-f][0-9a-f]{600,767}$`), func(Values, Identity) string { return randomHex(3071) }},
	"<secret block>":     {service, isBase64(0), func(Values, Identity) string { return randomBase64(1280) }},
	"<access token>":     {service, isToken, accessToken},
	"<id token>":         {service, isToken, idToken},
	refreshToken:         {service, matches(`^[A-Za-z0-9_=.-]+$`), func(Values, Identity) string { return randomText(900) }},
	formerRefreshToken:   {before, matches(`^[A-Za-z0-9_=.-]+$`), nil},
	"<device key>":       {service, matches(`^[\w-]+_` + uuid + `$`), func(_ Values, who Identity) string { return who.Region + "_" + newUUID() }},
	"<device group key>": {service, matches(`^-[A-Za-z0-9]{8}$`), func(Values, Identity) string { return "-" + newUUID()[:8] }},
	"<totp secret>":      {service, matches(`^[A-Z2-7]{16,}=*$`), func(Values, Identity) string { return base32.StdEncoding.EncodeToString(randomBytes(20)) }},
	"<uuid>":             {service, matches(`^` + uuid + `$`), func(Values, Identity) string { return newUUID() }},
	"<passkey options>":  {service, isPasskeyOptions, passkeyOptions},

	"<srp a>":           {client, matches(`^[0-9a-fA-F]{600,770}$`), nil},
	"<timestamp>":       {client, isTimestamp, nil},
	"<signature>":       {client, isBase64(32), nil},
	"<device verifier>": {client, isBase64(0), nil},
	"<device salt>":     {client, isBase64(0), nil},

	"<code>":            {user, matches(`^\d{6}$`), nil},
	"<wrong code>":      {user, matches(`^\d{6}$`), nil},
	"<long code>":       {user, matches(`^\d{8}$`), nil},
	"<wrong long code>": {user, matches(`^\d{8}$`), nil},
	"<totp>":            {user, matches(`^\d{6}$`), nil},
	"<wrong totp>":      {user, matches(`^\d{6}$`), nil},
}

// WrongCode returns another code of the same length.
func WrongCode(code string) string {
	return strings.Map(func(digit rune) rune { return '0' + (digit-'0'+1)%10 }, code)
}

const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

// isSession checks the limits of the API model: 20 to 2048 characters and no white space.
func isSession(text string) bool {
	return 20 <= len(text) && len(text) <= 2048 && !strings.ContainsAny(text, " \t\r\n")
}

// isBase64 wants standard base64 of this number of bytes. For 0, isBase64 wants one byte at least.
func isBase64(length int) func(string) bool {
	return func(text string) bool {
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		return err == nil && len(raw) > 0 && (length == 0 || len(raw) == length)
	}
}

func isTimestamp(text string) bool {
	t, err := time.Parse(TimestampLayout, text)
	return err == nil && t.Format(TimestampLayout) == text
}

// isToken wants a JSON Web Signature in its compact form (RFC 7515).
func isToken(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || parts[2] == "" {
		return false
	}
	for _, part := range parts[:2] {
		var object map[string]any
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || json.Unmarshal(raw, &object) != nil {
			return false
		}
	}
	return true
}

func isPasskeyOptions(text string) bool {
	var options struct {
		Challenge, RPID, UserVerification string
		Timeout                           int
		AllowCredentials                  []struct{ ID, Type string }
	}
	return json.Unmarshal([]byte(text), &options) == nil &&
		options.Challenge != "" && options.RPID != "" && options.UserVerification != "" &&
		options.Timeout > 0 && len(options.AllowCredentials) > 0
}

func accessToken(v Values, who Identity) string {
	claims := tokenClaims(who, "access")
	claims["client_id"], claims["username"], claims["scope"] = who.ClientID, who.Username, "aws.cognito.signin.user.admin"
	if key := v["<device key>"]; key != "" {
		claims["device_key"] = key
	}
	return unsignedToken(claims)
}

func idToken(_ Values, who Identity) string {
	claims := tokenClaims(who, "id")
	claims["aud"], claims["cognito:username"] = who.ClientID, who.Username
	return unsignedToken(claims)
}

func tokenClaims(who Identity, use string) map[string]any {
	return map[string]any{
		"sub": who.Sub, "token_use": use, "jti": newUUID(), "origin_jti": newUUID(),
		"iat": who.Now.Unix(), "auth_time": who.Now.Unix(), "exp": who.Now.Add(time.Hour).Unix(),
	}
}

// unsignedToken returns a token with a made-up signature.
func unsignedToken(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err) // texts and numbers have no error
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256","kid":"made-up"}`)) + "." + encode(payload) + "." + randomText(256)
}

func passkeyOptions(Values, Identity) string {
	return fmt.Sprintf(`{"challenge":%q,"timeout":180000,"rpId":"login.example.com","allowCredentials":[{"type":"public-key","id":%q,"transports":[]}],"userVerification":"preferred"}`,
		randomText(32), randomText(32))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func randomText(n int) string   { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }
func randomBase64(n int) string { return base64.StdEncoding.EncodeToString(randomBytes(n)) }

// randomHex returns a number of exactly this number of bits.
func randomHex(bits int) string {
	n := new(big.Int).SetBytes(randomBytes(bits / 8))
	return n.SetBit(n, bits-1, 1).Text(16)
}

func newUUID() string {
	b := randomBytes(16)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
