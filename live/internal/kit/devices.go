package kit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/srp"
)

// deviceQuestions are about remembered devices.
func deviceQuestions() []Probe {
	return []Probe{
		{
			Name: "device-parameters", Title: "parameters of DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER",
			Row: "parameters of the device challenges", Users: 1, setting: withDevices, ask: deviceParameters,
		},
		{
			Name: "device-numbers", Title: "ConfirmDevice with a salt and a verifier that are not in two's complement",
			Row: "numbers of ConfirmDevice not in two's complement", Users: 1, setting: withDevices, ask: deviceNumbers,
		},
	}
}

func withDevices(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
}

type deviceRecord struct {
	key, group, password string
	id                   srp.Identity
}

// enrol signs in and confirms the new device with a salt and a verifier.
func (sc *Scene) enrol(ctx context.Context, change func(*types.DeviceSecretVerifierConfigType)) (deviceRecord, error) {
	t, err := sc.byPassword(ctx)
	if err != nil {
		return deviceRecord{}, err
	}
	if t.NewDeviceMetadata == nil {
		return deviceRecord{}, finding("the tokens come without NewDeviceMetadata")
	}
	d := deviceRecord{
		key: aws.ToString(t.NewDeviceMetadata.DeviceKey), group: aws.ToString(t.NewDeviceMetadata.DeviceGroupKey), password: newPassword(),
	}
	if d.id, err = srp.Device(d.group, d.key, d.password); err != nil {
		return d, err
	}
	v := srp.NewVerifier(d.id)
	for !signBit(v.Salt) || !signBit(v.PasswordVerifier) { // so that both have a sign byte to leave out
		v = srp.NewVerifier(d.id)
	}
	config := &types.DeviceSecretVerifierConfigType{Salt: &v.Salt, PasswordVerifier: &v.PasswordVerifier}
	change(config)
	_, err = sc.api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{AccessToken: t.AccessToken, DeviceKey: &d.key, DeviceSecretVerifierConfig: config})
	return d, err
}

func deviceParameters(ctx context.Context, sc *Scene) (string, error) {
	d, err := sc.enrol(ctx, func(*types.DeviceSecretVerifierConfigType) {})
	if err != nil {
		return "ConfirmDevice: " + sc.describe(err), ctx.Err()
	}
	var told []string
	last, err := sc.byDevice(ctx, d, func(name types.ChallengeNameType, parameters map[string]string, session *string) {
		told = append(told, fmt.Sprintf("%s: %s, Session %s", sc.outcome(nil, nil, name), names(parameters), presence(session)))
	})
	return joined(append(told, last)...), err
}

// byDevice signs in by password and with a device, and calls see with each challenge. The text is
// the outcome of the sign-in.
func (sc *Scene) byDevice(
	ctx context.Context, d deviceRecord, see func(name types.ChallengeNameType, parameters map[string]string, session *string),
) (string, error) {
	first, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password, "DEVICE_KEY": d.key})
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	if first.AuthenticationResult != nil {
		return "tokens without a challenge", nil
	}
	see(first.ChallengeName, first.ChallengeParameters, first.Session)
	if first.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
		return "another challenge than DEVICE_SRP_AUTH", nil
	}
	e := srp.NewEphemeral()
	second, err := sc.respond(ctx, first.ChallengeName, first.Session, map[string]string{"DEVICE_KEY": d.key, "SRP_A": e.A()})
	if err != nil {
		return "its answer: " + sc.describe(err), ctx.Err()
	}
	see(second.ChallengeName, second.ChallengeParameters, second.Session)
	asked := second.ChallengeParameters
	claim, err := e.Claim(d.id, srp.Challenge{Salt: asked["SALT"], B: asked["SRP_B"], SecretBlock: asked["SECRET_BLOCK"]}, sc.ServiceNow())
	if err != nil {
		return "parameters that the client cannot read", nil
	}
	third, err := sc.respond(ctx, second.ChallengeName, second.Session, map[string]string{
		"DEVICE_KEY": d.key, "PASSWORD_CLAIM_SIGNATURE": claim.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock, "TIMESTAMP": claim.Timestamp,
	})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return sc.outcome(nil, third.AuthenticationResult, third.ChallengeName), nil
}

// deviceNumbers sends a salt with its first bit set, without a sign byte, and then such a verifier. If
// the service accepts the number, a sign-in with the device shows how the service reads the number.
func deviceNumbers(ctx context.Context, sc *Scene) (string, error) {
	sc.unrecordable("the client of a replay sends numbers in two's complement")
	var told []string
	for _, number := range []struct {
		name string
		of   func(*types.DeviceSecretVerifierConfigType) **string
	}{
		{"the salt", func(c *types.DeviceSecretVerifierConfigType) **string { return &c.Salt }},
		{"the verifier", func(c *types.DeviceSecretVerifierConfigType) **string { return &c.PasswordVerifier }},
	} {
		sent := ""
		d, err := sc.enrol(ctx, func(c *types.DeviceSecretVerifierConfigType) {
			*number.of(c) = aws.String(withoutSign(aws.ToString(*number.of(c))))
			sent = hex.EncodeToString(unbase64(aws.ToString(c.Salt)))
		})
		if err != nil {
			told = append(told, number.name+": "+sc.describe(err))
			continue
		}
		salt := "no SALT"
		last, err := sc.byDevice(ctx, d, func(_ types.ChallengeNameType, parameters map[string]string, _ *string) {
			if got, ok := parameters["SALT"]; ok {
				same := strings.TrimLeft(strings.ToLower(got), "0") == strings.TrimLeft(sent, "0")
				salt = "SALT is the number sent: " + yes(same)
			}
		})
		if err != nil {
			return "", err
		}
		told = append(told, fmt.Sprintf("%s: accepted, %s, then %s", number.name, salt, last))
	}
	return joined(told...), ctx.Err()
}

// withoutSign removes the zero byte that makes a number positive in two's complement.
func withoutSign(number string) string {
	return base64.StdEncoding.EncodeToString(bytes.TrimLeft(unbase64(number), "\x00"))
}

// signBit reports whether a number needs a zero byte to be positive.
func signBit(number string) bool { return unbase64(number)[0] == 0 }

func unbase64(text string) []byte {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err) // package srp made the number
	}
	return raw
}
