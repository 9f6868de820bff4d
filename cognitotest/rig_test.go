package cognitotest

import (
	"cmp"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

// begun checks that the response asks the challenge, and returns the response.
func begun(t *testing.T, out *cip.InitiateAuthOutput, err error, challenge string) *cip.InitiateAuthOutput {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if string(out.ChallengeName) != challenge {
		t.Fatalf("challenge %q, want %s", out.ChallengeName, challenge)
	}
	return out
}

// wantKeys compares the keys of parameters.
func wantKeys(t *testing.T, parameters map[string]string, want string) {
	t.Helper()
	if got := listKeys(parameters); got != want {
		t.Errorf("parameters %q, want %q", got, want)
	}
}

// wantSession checks whether the response has a session.
func wantSession(t *testing.T, session *string, present bool) {
	t.Helper()
	if (aws.ToString(session) != "") != present {
		t.Errorf("a session is present: %v", !present)
	}
}

const (
	publicApp   = "publicapp"
	secretApp   = "secretapp"
	appSecret   = "0123456789abcdef0123456789abcdef"
	nextSecret  = "fedcba9876543210fedcba9876543210"
	password    = "Correct-Horse-7!"
	totpSecret  = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	aliceEmail  = "alice@example.com"
	newPassword = "Battery-Staple-8?"
)

// Texts of the protocol.
const (
	contentType  = "application/x-amz-json-1.1"
	targetPrefix = "AWSCognitoIdentityProviderService."
)

// rig is a pool with an SDK client that calls as one app client.
type rig struct {
	t      *testing.T
	pool   *Pool
	clock  *Clock
	sdk    *cip.Client
	app    string
	secret string
}

// newRig starts a pool with Alice, who has a password and a verified e-mail address. The
// function adjust changes the configuration, if it is not nil.
func newRig(t *testing.T, adjust func(*PoolConfig)) *rig {
	t.Helper()
	clk := NewClock(time.Date(2026, 3, 7, 21, 4, 5, 0, time.UTC))
	flows := []string{
		"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
		"ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
	}
	config := PoolConfig{
		ID: "eu-west-1_TestPool1",
		Clients: []ClientConfig{
			{ID: publicApp, AuthFlows: flows},
			{ID: secretApp, Secret: appSecret, SecondSecret: nextSecret, AuthFlows: flows},
		},
		AliasAttributes: []string{"email", "phone_number", "preferred_username"},
		Users: []UserConfig{{
			Name: "alice", Password: password,
			Attributes: map[string]string{"email": aliceEmail, "email_verified": "true", "phone_number": "+3312345678"},
		}},
		Now: clk.Now,
	}
	if adjust != nil {
		adjust(&config)
	}
	pool := Start(t, config)
	return &rig{t: t, pool: pool, clock: clk, sdk: pool.Client(), app: publicApp}
}

// hideUsers makes the pool hide whether a user exists.
func hideUsers(c *PoolConfig) {
	for i := range c.Clients {
		c.Clients[i].PreventUserExistenceErrors = "ENABLED"
	}
}

// withSecret returns the rig with the app client that has secrets.
func (r *rig) withSecret() *rig {
	other := *r
	other.app, other.secret = secretApp, appSecret
	return &other
}

// withSecondSecret is withSecret with the second secret.
func (r *rig) withSecondSecret() *rig {
	other := *r
	other.app, other.secret = secretApp, nextSecret
	return &other
}

func secretHash(secret, username, clientID string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(username + clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// complete adds SECRET_HASH over the USERNAME of the map, unless the map has a SECRET_HASH.
func (r *rig) complete(values map[string]string) map[string]string {
	values = maps.Clone(values)
	if _, ok := values["SECRET_HASH"]; !ok && r.secret != "" {
		values["SECRET_HASH"] = secretHash(r.secret, values["USERNAME"], r.app)
	}
	return values
}

func (r *rig) initiate(flow string, parameters map[string]string) (*cip.InitiateAuthOutput, error) {
	return r.sdk.InitiateAuth(context.Background(), &cip.InitiateAuthInput{
		AuthFlow: types.AuthFlowType(flow), ClientId: aws.String(r.app), AuthParameters: r.complete(parameters),
	})
}

func (r *rig) respond(challenge, session string, responses map[string]string) (*cip.RespondToAuthChallengeOutput, error) {
	in := &cip.RespondToAuthChallengeInput{
		ChallengeName: types.ChallengeNameType(challenge), ClientId: aws.String(r.app), ChallengeResponses: r.complete(responses),
	}
	if session != "" {
		in.Session = aws.String(session)
	}
	return r.sdk.RespondToAuthChallenge(context.Background(), in)
}

func (r *rig) login(username string) (*cip.InitiateAuthOutput, error) {
	return r.initiate("USER_PASSWORD_AUTH", map[string]string{"USERNAME": username, "PASSWORD": password})
}

// srpClient is the half of SRP that a client computes, written for these tests.
type srpClient struct{ n, a, publicA *big.Int }

func newSRPClient(t testing.TB) *srpClient {
	b := make([]byte, 32)
	rand.Read(b)
	return srpClientWith(t, new(big.Int).SetBytes(b))
}

func srpClientWith(t testing.TB, a *big.Int) *srpClient {
	n, ok := new(big.Int).SetString(vectors.Load(t).Group.N, 16)
	if !ok {
		t.Fatal("the vectors' N is no number")
	}
	return &srpClient{n, a, new(big.Int).Exp(big.NewInt(2), a, n)}
}

// signedBytes returns the two's complement of a number, as BigInteger.toByteArray of Java does.
func signedBytes(n *big.Int) string {
	text := string(n.Bytes())
	if text == "" || text[0] > 0x7f {
		return "\x00" + text
	}
	return text
}

func digest(text string) *big.Int {
	sum := sha256.Sum256([]byte(text))
	return new(big.Int).SetBytes(sum[:])
}

func fromHex(t testing.TB, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 16)
	if !ok {
		t.Fatalf("%q is not hexadecimal", text)
	}
	return n
}

// claim makes PASSWORD_CLAIM_SIGNATURE.
func (s *srpClient) claim(t testing.TB, group, password, timestamp string, challenge map[string]string) string {
	t.Helper()
	uid := challenge["USER_ID_FOR_SRP"]
	b, salt := fromHex(t, challenge["SRP_B"]), fromHex(t, challenge["SALT"])
	inner := sha256.Sum256([]byte(group + uid + ":" + password))
	x := digest(signedBytes(salt) + string(inner[:]))
	u := digest(signedBytes(s.publicA) + signedBytes(b))
	k := digest(signedBytes(s.n) + "\x02")
	base := new(big.Int).Sub(b, new(big.Int).Mul(k, new(big.Int).Exp(big.NewInt(2), x, s.n)))
	secret := new(big.Int).Exp(base.Mod(base, s.n), new(big.Int).Add(s.a, new(big.Int).Mul(u, x)), s.n)
	key, err := hkdf.Key(sha256.New, []byte(signedBytes(secret)), []byte(signedBytes(u)), "Caldera Derived Key", 16)
	if err != nil {
		t.Fatal(err)
	}
	block, err := base64.StdEncoding.DecodeString(challenge["SECRET_BLOCK"])
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(group + uid + string(block) + timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

const clientTimestamp = "Mon Jan 2 15:04:05 UTC 2006"

// startSRP sends A. The results are the challenge, and an answer that is right if the
// password is right.
func (r *rig) startSRP(username, password string) (*cip.InitiateAuthOutput, map[string]string) {
	r.t.Helper()
	s := newSRPClient(r.t)
	out, err := r.initiate("USER_SRP_AUTH", map[string]string{"USERNAME": username, "SRP_A": s.publicA.Text(16)})
	if err != nil {
		r.t.Fatal(err)
	}
	if out.ChallengeName != "PASSWORD_VERIFIER" {
		r.t.Fatalf("USER_SRP_AUTH: challenge %q", out.ChallengeName)
	}
	return out, r.proofOf(s, password, out.ChallengeParameters)
}

// proofOf is the answer to PASSWORD_VERIFIER.
func (r *rig) proofOf(s *srpClient, password string, asked map[string]string) map[string]string {
	r.t.Helper()
	_, group, _ := strings.Cut(r.pool.ID(), "_")
	timestamp := r.clock.Now().UTC().Format(clientTimestamp)
	return map[string]string{
		"USERNAME":                    cmp.Or(asked["USERNAME"], asked["USER_ID_FOR_SRP"]),
		"PASSWORD_CLAIM_SIGNATURE":    s.claim(r.t, group, password, timestamp, asked),
		"PASSWORD_CLAIM_SECRET_BLOCK": asked["SECRET_BLOCK"],
		"TIMESTAMP":                   timestamp,
	}
}

// srp signs in up to the answer to PASSWORD_VERIFIER.
func (r *rig) srp(username, password string) (*cip.RespondToAuthChallengeOutput, error) {
	r.t.Helper()
	out, answer := r.startSRP(username, password)
	return r.respond("PASSWORD_VERIFIER", aws.ToString(out.Session), answer)
}

func wantError(t *testing.T, err error, name, message string) {
	t.Helper()
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		t.Fatalf("got error %v, want %s", err, name)
	}
	if apiErr.ErrorCode() != name || !strings.Contains(apiErr.ErrorMessage(), message) {
		t.Fatalf("got %s: %s, want %s: ...%s...", apiErr.ErrorCode(), apiErr.ErrorMessage(), name, message)
	}
}

// wantTokens checks that an output or a result has tokens. With an error, wantTokens does not
// read the output, because the SDK returns nil.
func wantTokens(t *testing.T, out any, err error) *types.AuthenticationResultType {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var result *types.AuthenticationResultType
	switch out := out.(type) {
	case *types.AuthenticationResultType:
		result = out
	case *cip.InitiateAuthOutput:
		result = out.AuthenticationResult
	case *cip.AdminInitiateAuthOutput:
		result = out.AuthenticationResult
	case *cip.RespondToAuthChallengeOutput:
		result = out.AuthenticationResult
	case *cip.AdminRespondToAuthChallengeOutput:
		result = out.AuthenticationResult
	}
	if result == nil || aws.ToString(result.AccessToken) == "" || aws.ToString(result.IdToken) == "" {
		t.Fatal("no tokens")
	}
	return result
}

func wantPanic(t *testing.T, want string, call func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
			t.Errorf("panic %q, want %q...", got, want)
		}
	}()
	call()
}
