package cognitotest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"math/big"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// browser is a client that knows a device.
type browser struct{ key, group, password string }

// verifier makes DeviceSecretVerifierConfig with a salt.
func (b browser) verifier(t *testing.T, salt *big.Int) *types.DeviceSecretVerifierConfigType {
	n := newSRPClient(t).n
	inner := sha256.Sum256([]byte(b.group + b.key + ":" + b.password))
	v := new(big.Int).Exp(big.NewInt(2), digest(signedBytes(salt)+string(inner[:])), n)
	return &types.DeviceSecretVerifierConfigType{
		Salt:             aws.String(base64.StdEncoding.EncodeToString([]byte(signedBytes(salt)))),
		PasswordVerifier: aws.String(base64.StdEncoding.EncodeToString([]byte(signedBytes(v)))),
	}
}

// tracking makes the pool ask Alice for a code by e-mail, and track devices.
func tracking(devices DeviceConfiguration, dialect Dialect) func(*PoolConfig) {
	return func(c *PoolConfig) {
		withEmailMFA(dialect)(c)
		c.DeviceConfiguration = &devices
	}
}

var insteadOfMFA = DeviceConfiguration{ChallengeRequiredOnNewDevice: true}

// authStep is a response of either operation.
type authStep struct {
	name       types.ChallengeNameType
	session    string
	parameters map[string]string
	result     *types.AuthenticationResultType
}

func (r *rig) answer(s authStep, responses map[string]string) (authStep, error) {
	values := map[string]string{"USERNAME": "alice"}
	maps.Copy(values, responses)
	out, err := r.respond(string(s.name), s.session, values)
	if err != nil {
		return s, err
	}
	return authStep{out.ChallengeName, aws.ToString(out.Session), out.ChallengeParameters, out.AuthenticationResult}, nil
}

func (r *rig) mustAnswer(s authStep, responses map[string]string) authStep {
	r.t.Helper()
	next, err := r.answer(s, responses)
	if err != nil {
		r.t.Fatal(err)
	}
	return next
}

func (r *rig) wantStep(s authStep, name types.ChallengeNameType) {
	r.t.Helper()
	if s.name != name {
		r.t.Fatalf("challenge %q, want %q", s.name, name)
	}
}

// passwordStep signs in up to the answer to PASSWORD_VERIFIER. The answer names the
// device, unless the key is empty.
func (r *rig) passwordStep(deviceKey string) (authStep, error) {
	r.t.Helper()
	out, answer := r.startSRP("alice", password)
	if deviceKey != "" {
		answer["DEVICE_KEY"] = deviceKey
	}
	return r.answer(authStep{name: out.ChallengeName, session: aws.ToString(out.Session)}, answer)
}

// code answers the challenge EMAIL_OTP with the newest code.
func (r *rig) code(s authStep, more map[string]string) authStep {
	r.t.Helper()
	r.wantStep(s, "EMAIL_OTP")
	values := map[string]string{"EMAIL_OTP_CODE": r.pool.LastCode("alice").Code}
	maps.Copy(values, more)
	return r.mustAnswer(s, values)
}

// newDevice signs in and confirms the device that comes with the tokens.
func (r *rig) newDevice() (browser, *types.AuthenticationResultType) {
	r.t.Helper()
	b, result := r.unconfirmed()
	if _, err := r.confirm(result, b); err != nil {
		r.t.Fatal(err)
	}
	return b, result
}

func (r *rig) unconfirmed() (browser, *types.AuthenticationResultType) {
	r.t.Helper()
	s, err := r.passwordStep("")
	if err != nil {
		r.t.Fatal(err)
	}
	result := r.code(s, nil).result
	if result == nil || result.NewDeviceMetadata == nil {
		r.t.Fatal("no new device came with the tokens")
	}
	made := result.NewDeviceMetadata
	return browser{aws.ToString(made.DeviceKey), aws.ToString(made.DeviceGroupKey), "device password"}, result
}

// confirmWith is confirm with the numbers of the caller.
func (r *rig) confirmWith(result *types.AuthenticationResultType, b browser, numbers *types.DeviceSecretVerifierConfigType) error {
	_, err := r.sdk.ConfirmDevice(context.Background(), &cip.ConfirmDeviceInput{
		AccessToken: result.AccessToken, DeviceKey: &b.key, DeviceSecretVerifierConfig: numbers,
	})
	return err
}

// adminTokens signs in by ADMIN_USER_PASSWORD_AUTH.
func (r *rig) adminTokens() *types.AuthenticationResultType {
	r.t.Helper()
	out, err := r.pool.AdminClient().AdminInitiateAuth(r.t.Context(), &cip.AdminInitiateAuthInput{
		UserPoolId: aws.String(r.pool.ID()), ClientId: &r.app, AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
		AuthParameters: r.complete(map[string]string{"USERNAME": "alice", "PASSWORD": password}),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return wantTokens(r.t, out, nil)
}

func (r *rig) confirm(result *types.AuthenticationResultType, b browser) (*cip.ConfirmDeviceOutput, error) {
	return r.sdk.ConfirmDevice(context.Background(), &cip.ConfirmDeviceInput{
		AccessToken: result.AccessToken, DeviceKey: &b.key, DeviceName: aws.String("browser"),
		DeviceSecretVerifierConfig: b.verifier(r.t, fromHex(r.t, "ff0123456789abcdef0123456789abcd")),
	})
}

// prove answers DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER.
func (r *rig) prove(s authStep, b browser) (authStep, error) {
	r.t.Helper()
	r.wantStep(s, "DEVICE_SRP_AUTH")
	half := newSRPClient(r.t)
	s = r.mustAnswer(s, map[string]string{"DEVICE_KEY": b.key, "SRP_A": half.publicA.Text(16)})
	r.wantStep(s, "DEVICE_PASSWORD_VERIFIER")
	if s.parameters["DEVICE_KEY"] != b.key || s.parameters["USERNAME"] != "alice" {
		r.t.Errorf("parameters %v", s.parameters)
	}
	return r.answer(s, r.deviceClaim(half, s, b))
}

// deviceClaim is the answer to DEVICE_PASSWORD_VERIFIER.
func (r *rig) deviceClaim(half *srpClient, s authStep, b browser) map[string]string {
	r.t.Helper()
	timestamp := r.clock.Now().UTC().Format(clientTimestamp)
	asked := maps.Clone(s.parameters)
	asked["USER_ID_FOR_SRP"] = b.key
	return map[string]string{
		"DEVICE_KEY":                  b.key,
		"PASSWORD_CLAIM_SIGNATURE":    half.claim(r.t, b.group, b.password, timestamp, asked),
		"PASSWORD_CLAIM_SECRET_BLOCK": s.parameters["SECRET_BLOCK"],
		"TIMESTAMP":                   timestamp,
	}
}

// refreshAt refreshes with REFRESH_TOKEN_AUTH and the key of a device.
func (r *rig) refreshAt(key string, result *types.AuthenticationResultType) error {
	_, err := r.refresh(result.RefreshToken, map[string]string{"DEVICE_KEY": key})
	return err
}
