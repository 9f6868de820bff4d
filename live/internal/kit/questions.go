package kit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/srp"
)

// questions has the probes about what no recording settles.
func questions() []Probe {
	return append([]Probe{
		{
			Name: "session-under-user-auth", Title: "Session with PASSWORD_VERIFIER under USER_AUTH, and an answer without it",
			Row: "Session with PASSWORD_VERIFIER under USER_AUTH", Users: 1, ask: sessionUnderUserAuth,
		},
		{
			Name: "totp-wrong", Title: "a wrong code of an app, and the right one in the same session",
			Row: "the session after a wrong SOFTWARE_TOKEN_MFA code", Users: 1, setting: withApp, ask: totpWrong,
		},
		{
			Name: "totp-used", Title: "a code of an app that was used, and the next one in the same session",
			Row: "the session after ExpiredCode", Users: 1, setting: withApp, ask: totpUsed,
		},
		{
			Name: "alias-in-answers", Title: "an alias as USERNAME of an answer", Row: "an alias as USERNAME of an answer", Users: 1,
			setting: withAlias, ask: aliasInAnswers,
		},
		{
			Name: "choice-without-password", Title: "SELECT_CHALLENGE answered with PASSWORD, without the password",
			Row: "a choice of PASSWORD without a password", Users: 1, ask: choiceWithoutPassword,
		},
		{
			Name: "timestamp-past", Title: "how old TIMESTAMP may be", Row: "distance of TIMESTAMP from the clock", Users: mostBisected,
			ask: func(ctx context.Context, sc *Scene) (string, error) { return sc.bisect(ctx, -1) },
		},
		{
			Name: "timestamp-future", Title: "how far ahead TIMESTAMP may be", Row: "distance of TIMESTAMP from the clock", Users: mostBisected,
			ask: func(ctx context.Context, sc *Scene) (string, error) { return sc.bisect(ctx, +1) },
		},
		{
			Name: "timestamp-far", Title: "TIMESTAMP twelve hours ago", Row: "distance of TIMESTAMP from the clock", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				err := sc.proveAt(ctx, sc.api, sc.user, -12*time.Hour)
				return sc.outcome(err, &types.AuthenticationResultType{}, ""), ctx.Err()
			},
		},
		{
			Name: "device-parameters", Title: "parameters of DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER",
			Row: "parameters of the device challenges", Users: 1, setting: withDevices, ask: deviceParameters,
		},
		{
			Name: "device-numbers", Title: "ConfirmDevice with a salt and a verifier that are not in two's complement",
			Row: "numbers of ConfirmDevice not in two's complement", Users: 1, setting: withDevices, ask: deviceNumbers,
		},
		{
			Name: "refresh-rotated-out", Title: "a refresh token that was rotated out", Row: "a refresh token that was rotated out", Users: 1,
			setting: withRotation, ask: rotatedOut,
		},
		{
			Name: "grace-rotated-out", Title: "a refresh token that was rotated out, within 10 seconds of grace and after them",
			Row: "a refresh token that was rotated out", Users: 1, ask: rotatedOutLater,
			setting: func(c *cognitotest.PoolConfig) {
				withRotation(c)
				c.Clients[0].RetryGraceSeconds = 10
			},
		},
		{
			Name: "refresh-by-flow-under-rotation", Title: "REFRESH_TOKEN_AUTH under rotation", Row: "REFRESH_TOKEN_AUTH under rotation",
			Users: 1, setting: withRotation,
			ask: refreshUnderRotation,
		},
		{
			Name: "previous-password", Title: "ChangePassword with a wrong previous password", Row: "a wrong previous password", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				wrong := newPassword()
				sc.recorder.Replace(wrong, "Made-Up-Passw0rd-3")
				return sc.changePassword(ctx, t.AccessToken, wrong)
			},
		},
		{
			Name: "tokens-after-password", Title: "the access token and the refresh token after ChangePassword", Row: "tokens after ChangePassword", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				changed, err := sc.changePassword(ctx, t.AccessToken, sc.user.password)
				if err != nil || changed != "done" {
					return changed, err
				}
				_, err = sc.stage.GetUser(ctx, &cip.GetUserInput{AccessToken: t.AccessToken}) // recordings do without it
				used := sc.exceptionOr(err, "done")
				return joined("the refresh: "+sc.tokensByFlow(ctx, t.RefreshToken), "GetUser: "+used), ctx.Err()
			},
		},
		{
			Name: "deleted-user", Title: "refresh of a user who was deleted, and an answer in a session of one",
			Row: "sessions and refresh tokens of a deleted user", Users: 2, ask: deletedUser,
		},
		{
			Name: "custom-without-triggers", Title: "CUSTOM_AUTH in a pool without triggers", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				out, err := sc.start(ctx, types.AuthFlowTypeCustomAuth, nil)
				if err != nil {
					return sc.describe(err), ctx.Err()
				}
				return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
			},
		},
		{
			Name: "custom-srp-without-triggers", Title: "CUSTOM_AUTH that begins with SRP, in a pool without triggers", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				out, err := sc.start(ctx, types.AuthFlowTypeCustomAuth, map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": srp.NewEphemeral().A()})
				if err != nil {
					return sc.describe(err), ctx.Err()
				}
				return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
			},
		},
	}, slices.Concat(levelQuestions(), poolQuestions(), userQuestions(), accountQuestions(), mailQuestions(), passkeyQuestions())...)
}

func withAlias(c *cognitotest.PoolConfig) {
	c.AliasAttributes = []string{"email"}
	c.Users[0].Attributes = map[string]string{"email": madeUpEmail, "email_verified": "true"}
}

func withDevices(c *cognitotest.PoolConfig) {
	c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: true}
}

// unrecordable says why the conversation cannot be replayed.
func (sc *Scene) unrecordable(why string) { sc.notReplayed = why }

func sessionUnderUserAuth(ctx context.Context, sc *Scene) (string, error) {
	var told []string
	for _, with := range []bool{true, false} {
		e := srp.NewEphemeral()
		out, err := sc.start(ctx, types.AuthFlowTypeUserAuth, map[string]string{"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": e.A()})
		if err != nil {
			return "the start: " + sc.describe(err), ctx.Err()
		}
		proof, err := sc.proof(e, sc.user, out.ChallengeParameters, sc.ServiceNow())
		if err != nil {
			return "", err
		}
		session, how := out.Session, "with it"
		if !with {
			session, how = nil, "without it"
		}
		next, err := sc.respond(ctx, types.ChallengeNameTypePasswordVerifier, session, proof)
		if next == nil {
			next = &cip.RespondToAuthChallengeOutput{}
		}
		told = append(told, presence(out.Session), how+" "+sc.outcome(err, next.AuthenticationResult, next.ChallengeName))
	}
	return strings.Join(told, "; "), ctx.Err()
}

// askedForApp signs in until the code of the app is asked for.
func (sc *Scene) askedForApp(ctx context.Context) (*string, error) {
	out, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password})
	if err != nil {
		return nil, err
	}
	if out.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
		return nil, finding("the service asks " + record.Word(string(out.ChallengeName)) + " and not for the code of the app")
	}
	return out.Session, nil
}

// answerApp answers with a code of the app and says what followed.
func (sc *Scene) answerApp(ctx context.Context, session *string, code string) string {
	out, err := sc.respond(ctx, types.ChallengeNameTypeSoftwareTokenMfa, session, map[string]string{"SOFTWARE_TOKEN_MFA_CODE": code})
	if err != nil {
		return sc.describe(err)
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName)
}

func totpWrong(ctx context.Context, sc *Scene) (string, error) {
	session, err := sc.askedForApp(ctx)
	if err != nil {
		return "", err
	}
	var told []string
	for _, wrong := range []bool{true, false} {
		code, err := sc.code(ctx, wrong)
		if err != nil {
			return "", err
		}
		told = append(told, sc.answerApp(ctx, session, code))
	}
	return fmt.Sprintf("%s; then the right code: %s", told[0], told[1]), ctx.Err()
}

func totpUsed(ctx context.Context, sc *Scene) (string, error) {
	session, err := sc.askedForApp(ctx)
	if err != nil {
		return "", err
	}
	code, err := sc.code(ctx, false)
	if err != nil {
		return "", err
	}
	if first := sc.answerApp(ctx, session, code); first != "tokens" {
		return "the first time: " + first, ctx.Err()
	}
	if session, err = sc.askedForApp(ctx); err != nil {
		return "", err
	}
	again := sc.answerApp(ctx, session, code)
	if code, err = sc.code(ctx, false); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; then the next code: %s", again, sc.answerApp(ctx, session, code)), ctx.Err()
}

func aliasInAnswers(ctx context.Context, sc *Scene) (string, error) {
	e := srp.NewEphemeral()
	out, err := sc.start(ctx, types.AuthFlowTypeUserSrpAuth, map[string]string{"USERNAME": sc.user.email, "SRP_A": e.A()})
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	proof, err := sc.proof(e, sc.user, out.ChallengeParameters, sc.ServiceNow())
	if err != nil {
		return "", err
	}
	proof["USERNAME"] = sc.user.email
	next, err := sc.respond(ctx, types.ChallengeNameTypePasswordVerifier, out.Session, proof)
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return sc.outcome(nil, next.AuthenticationResult, next.ChallengeName), nil
}

func choiceWithoutPassword(ctx context.Context, sc *Scene) (string, error) {
	out, err := sc.start(ctx, types.AuthFlowTypeUserAuth, nil)
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"ANSWER": "PASSWORD"})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return fmt.Sprintf("%s with the parameters %s", next.ChallengeName, names(next.ChallengeParameters)), nil
}

const (
	farthest      = 400 * 24 * time.Hour // that the bisection looks
	mostBisected  = 12                   // users of one bisection
	refusedByUser = 3                    // refusals of one user, who is locked out after five
)

// proveAt signs in by SRP with a TIMESTAMP that is off.
func (sc *Scene) proveAt(ctx context.Context, api *cip.Client, p person, off time.Duration) error {
	e := srp.NewEphemeral()
	out, err := api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		ClientId: &sc.clientID, AuthFlow: types.AuthFlowTypeUserSrpAuth, AuthParameters: map[string]string{"USERNAME": p.name, "SRP_A": e.A()},
	})
	if err != nil {
		return err
	}
	proof, err := sc.proof(e, p, out.ChallengeParameters, sc.ServiceNow().Add(off))
	if err != nil {
		return err
	}
	_, err = api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ClientId: &sc.clientID, ChallengeName: out.ChallengeName, Session: out.Session, ChallengeResponses: proof,
	})
	return err
}

// bisect finds how far TIMESTAMP may be off in one direction. Many users take part,
// because the service locks out who is refused too often. Nothing of it is recorded.
func (sc *Scene) bisect(ctx context.Context, direction time.Duration) (string, error) {
	p, refusals, users, refusal := sc.user, 0, 1, ""
	accepted := func(off time.Duration) (bool, error) {
		if refusals == refusedByUser {
			if users == mostBisected {
				return false, errors.New("the bisection took too many users")
			}
			var err error
			if p, err = sc.newPerson(ctx, sc.setting.Users[0]); err != nil {
				return false, err
			}
			refusals, users = 0, users+1
		}
		err := sc.proveAt(ctx, sc.stage, p, direction*off)
		var refused *types.NotAuthorizedException
		var invalid *types.InvalidParameterException
		switch {
		case err == nil:
			refusals = 0
			return true, nil
		case errors.As(err, &refused), errors.As(err, &invalid):
			refusals++
			refusal = sc.describe(err)
			return false, nil
		}
		return false, err
	}
	for _, off := range []time.Duration{0, farthest} {
		ok, err := accepted(off)
		switch {
		case err != nil:
			return "", err
		case off == 0 && !ok:
			return "the exact time: " + refusal, nil
		case off == farthest && ok:
			return "any, up to 400 days", nil
		}
	}
	low, high := time.Duration(0), farthest
	for high-low > max(time.Second, low/200) {
		middle := (low + (high-low)/2).Truncate(time.Second)
		if low < time.Hour && high > 24*time.Hour { // the limit is rather short than long
			middle = max(2*low, time.Minute)
		}
		ok, err := accepted(middle)
		if err != nil {
			return "", err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	return fmt.Sprintf("accepted at %v, refused at %v: %s", low, high, refusal), nil
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
	for !signBit(v.Salt) || !signBit(v.PasswordVerifier) { // so that either can be sent without its sign
		v = srp.NewVerifier(d.id)
	}
	config := &types.DeviceSecretVerifierConfigType{Salt: &v.Salt, PasswordVerifier: &v.PasswordVerifier}
	change(config)
	_, err = sc.api.ConfirmDevice(ctx, &cip.ConfirmDeviceInput{AccessToken: t.AccessToken, DeviceKey: &d.key, DeviceSecretVerifierConfig: config})
	return d, err
}

type deviceRecord struct {
	key, group, password string
	id                   srp.Identity
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

// byDevice signs in by password and with a device. It calls see with each challenge, and says what
// the sign-in led to.
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

// deviceNumbers sends a salt whose first bit is set, as bytes without a sign, and then such a
// verifier. Where the service takes one, a sign-in with the device shows how it reads the number.
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

// withoutSign leaves out the zero byte that makes a number positive in two's complement.
func withoutSign(number string) string {
	return base64.StdEncoding.EncodeToString(bytes.TrimLeft(unbase64(number), "\x00"))
}

// signBit says whether a number needs a zero byte to be positive.
func signBit(number string) bool { return unbase64(number)[0] == 0 }

func unbase64(text string) []byte {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err) // it is of package srp
	}
	return raw
}

// deletedUser deletes a user with a refresh token, and one who was asked for a new password.
func deletedUser(ctx context.Context, sc *Scene) (string, error) {
	sc.unrecordable("the pool of a replay deletes no user")
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	other, err := sc.newPerson(ctx, cognitotest.UserConfig{TemporaryPassword: madeUpPassword})
	if err != nil {
		return "", err
	}
	asked, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": other.name, "PASSWORD": other.password})
	if err != nil {
		return "the sign-in of the other user: " + sc.describe(err), ctx.Err()
	}
	for _, name := range []string{sc.user.name, other.name} {
		if _, err := sc.stage.AdminDeleteUser(ctx, &cip.AdminDeleteUserInput{UserPoolId: &sc.poolID, Username: &name}); err != nil {
			return "", err
		}
	}
	refreshed := sc.tokensByFlow(ctx, t.RefreshToken)
	out, err := sc.respond(ctx, asked.ChallengeName, asked.Session, map[string]string{"USERNAME": other.name, "NEW_PASSWORD": sc.next})
	if out == nil {
		out = &cip.RespondToAuthChallengeOutput{}
	}
	return joined(refreshed, fmt.Sprintf("%s: %s", sc.outcome(nil, asked.AuthenticationResult, asked.ChallengeName),
		sc.outcome(err, out.AuthenticationResult, out.ChallengeName))), ctx.Err()
}

// tokensByFlow says what a refresh by REFRESH_TOKEN_AUTH led to.
func (sc *Scene) tokensByFlow(ctx context.Context, token *string) string {
	out, err := sc.refreshByFlow(ctx, token)
	if err != nil {
		return sc.describe(err)
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName)
}

func (sc *Scene) refreshByFlow(ctx context.Context, token *string) (*cip.InitiateAuthOutput, error) {
	return sc.api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		ClientId: &sc.clientID, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": aws.ToString(token)},
	})
}

func rotatedOut(ctx context.Context, sc *Scene) (string, error) {
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	renewed, told := sc.rotate(ctx, t.RefreshToken)
	if renewed == nil {
		return "the first refresh: " + told, ctx.Err()
	}
	_, old := sc.rotate(ctx, t.RefreshToken)
	_, next := sc.rotate(ctx, renewed)
	return joined("the old token: "+old, "the new token afterwards: "+next), ctx.Err()
}

// rotatedOutLater uses the old token within the grace period, and after it.
func rotatedOutLater(ctx context.Context, sc *Scene) (string, error) {
	sc.unrecordable("a replay knows the last two refresh tokens")
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	renewed, told := sc.rotate(ctx, t.RefreshToken)
	if renewed == nil {
		return "the first refresh: " + told, ctx.Err()
	}
	_, within := sc.rotate(ctx, t.RefreshToken)
	// The service may count whole seconds.
	if err := sc.pause(ctx, time.Duration(sc.setting.Clients[0].RetryGraceSeconds+5)*time.Second); err != nil {
		return "", err
	}
	_, after := sc.rotate(ctx, t.RefreshToken)
	_, next := sc.rotate(ctx, renewed)
	return joined("the old token within the grace: "+within, "after it: "+after, "the new token afterwards: "+next), ctx.Err()
}

// rotate calls GetTokensFromRefreshToken. It returns the new refresh token, if there is one, and
// says what came.
func (sc *Scene) rotate(ctx context.Context, token *string) (*string, string) {
	out, err := sc.api.GetTokensFromRefreshToken(ctx, &cip.GetTokensFromRefreshTokenInput{ClientId: &sc.clientID, RefreshToken: token})
	switch {
	case err != nil:
		return nil, sc.describe(err)
	case out.AuthenticationResult == nil:
		return nil, "no tokens"
	case out.AuthenticationResult.RefreshToken == nil:
		return nil, "tokens without a refresh token"
	}
	return out.AuthenticationResult.RefreshToken, "tokens"
}

// refreshUnderRotation refreshes by REFRESH_TOKEN_AUTH with an app client that has rotation alone.
// Then it allows the flow beside rotation, if the service lets it, and refreshes again.
func refreshUnderRotation(ctx context.Context, sc *Scene) (string, error) {
	// A replay has the app client as it is at the end.
	alone, err := sc.aside().refreshNew(ctx)
	if err != nil {
		return "", err
	}
	told := "with rotation alone: " + alone
	flows := append(slices.Clone(sc.setting.Clients[0].AuthFlows), "ALLOW_REFRESH_TOKEN_AUTH")
	in := &cip.UpdateUserPoolClientInput{
		UserPoolId: &sc.poolID, ClientId: &sc.clientID,
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled},
	}
	for _, f := range flows {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsType(f))
	}
	if _, err := sc.stage.UpdateUserPoolClient(ctx, in); err != nil {
		return joined(told, "UpdateUserPoolClient allows no other way: "+sc.describe(err)), ctx.Err()
	}
	sc.setting.Clients[0].AuthFlows = flows
	both, err := sc.refreshNew(ctx)
	return joined(told, "with ALLOW_REFRESH_TOKEN_AUTH beside it: "+both), err
}

// refreshNew signs in by password and refreshes by REFRESH_TOKEN_AUTH. It says what came.
func (sc *Scene) refreshNew(ctx context.Context) (string, error) {
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	return sc.tokensByFlow(ctx, t.RefreshToken), ctx.Err()
}

// aside is the scene without its recorder, for requests that no replay can follow. Both have one
// judgement.
func (sc *Scene) aside() *Scene {
	unrecorded := *sc
	unrecorded.api = sc.stage
	return &unrecorded
}

func (sc *Scene) changePassword(ctx context.Context, token *string, previous string) (string, error) {
	_, err := sc.api.ChangePassword(ctx, &cip.ChangePasswordInput{AccessToken: token, PreviousPassword: &previous, ProposedPassword: &sc.next})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return "done", nil
}
