package kit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
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
			Name: "tokens-after-password", Title: "refresh after ChangePassword", Row: "tokens after ChangePassword", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				changed, err := sc.changePassword(ctx, t.AccessToken, sc.user.password)
				if err != nil || changed != "done" {
					return changed, err
				}
				out, err := sc.refreshByFlow(ctx, t.RefreshToken)
				if err != nil {
					return "the refresh: " + sc.describe(err), ctx.Err()
				}
				return "the refresh: " + sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
			},
		},
		{
			Name: "deleted-user", Title: "refresh of a user who was deleted", Row: "sessions and refresh tokens of a deleted user", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				t, err := sc.byPassword(ctx)
				if err != nil {
					return "", err
				}
				if _, err := sc.stage.AdminDeleteUser(ctx, &cip.AdminDeleteUserInput{UserPoolId: &sc.poolID, Username: &sc.user.name}); err != nil {
					return "", err
				}
				sc.unrecordable("the pool of a replay deletes no user")
				_, err = sc.refreshByFlow(ctx, t.RefreshToken)
				if err == nil {
					return "tokens", nil
				}
				return sc.describe(err), ctx.Err()
			},
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
		return nil, fmt.Errorf("the service asks %q and not for the code of the app", out.ChallengeName)
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
	first, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password, "DEVICE_KEY": d.key})
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	told := []string{fmt.Sprintf("%s: %s, Session %s", first.ChallengeName, names(first.ChallengeParameters), presence(first.Session))}
	if first.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
		return told[0], nil
	}
	e := srp.NewEphemeral()
	second, err := sc.respond(ctx, first.ChallengeName, first.Session, map[string]string{"DEVICE_KEY": d.key, "SRP_A": e.A()})
	if err != nil {
		return told[0] + "; its answer: " + sc.describe(err), ctx.Err()
	}
	told = append(told, fmt.Sprintf("%s: %s, Session %s", second.ChallengeName, names(second.ChallengeParameters), presence(second.Session)))
	asked := second.ChallengeParameters
	claim, err := e.Claim(d.id, srp.Challenge{Salt: asked["SALT"], B: asked["SRP_B"], SecretBlock: asked["SECRET_BLOCK"]}, sc.ServiceNow())
	if err != nil {
		return "", err
	}
	third, err := sc.respond(ctx, second.ChallengeName, second.Session, map[string]string{
		"DEVICE_KEY": d.key, "PASSWORD_CLAIM_SIGNATURE": claim.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock, "TIMESTAMP": claim.Timestamp,
	})
	if err != nil {
		told = append(told, sc.describe(err))
	} else {
		told = append(told, sc.outcome(nil, third.AuthenticationResult, third.ChallengeName))
	}
	return strings.Join(told, "; "), ctx.Err()
}

// deviceNumbers sends numbers whose first bit is set, as bytes without a sign.
func deviceNumbers(ctx context.Context, sc *Scene) (string, error) {
	sc.unrecordable("the client of a replay sends numbers in two's complement")
	_, err := sc.enrol(ctx, func(c *types.DeviceSecretVerifierConfigType) {
		for _, text := range []**string{&c.Salt, &c.PasswordVerifier} {
			raw, err := base64.StdEncoding.DecodeString(aws.ToString(*text))
			if err != nil {
				panic(err) // it is of package srp
			}
			for len(raw) > 1 && raw[0] == 0 {
				raw = raw[1:]
			}
			raw[0] |= 0x80
			*text = aws.String(base64.StdEncoding.EncodeToString(raw))
		}
	})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return "accepted", nil
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
	refresh := func(token *string) (*cip.GetTokensFromRefreshTokenOutput, error) {
		return sc.api.GetTokensFromRefreshToken(ctx, &cip.GetTokensFromRefreshTokenInput{ClientId: &sc.clientID, RefreshToken: token})
	}
	out, err := refresh(t.RefreshToken)
	if err != nil {
		return "the first refresh: " + sc.describe(err), ctx.Err()
	}
	told := "the old token: tokens"
	if _, err := refresh(t.RefreshToken); err != nil {
		told = "the old token: " + sc.describe(err)
	}
	if _, err = refresh(out.AuthenticationResult.RefreshToken); err != nil {
		return told + "; the new token afterwards: " + sc.describe(err), ctx.Err()
	}
	return told + "; the new token afterwards: tokens", ctx.Err()
}

// refreshUnderRotation allows the app client REFRESH_TOKEN_AUTH beside rotation, if the service lets
// it, and refreshes.
func refreshUnderRotation(ctx context.Context, sc *Scene) (string, error) {
	sc.setting.Clients[0].AuthFlows = append(sc.setting.Clients[0].AuthFlows, "ALLOW_REFRESH_TOKEN_AUTH")
	in := &cip.UpdateUserPoolClientInput{
		UserPoolId: &sc.poolID, ClientId: &sc.clientID,
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled},
	}
	for _, f := range sc.setting.Clients[0].AuthFlows {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsType(f))
	}
	if _, err := sc.stage.UpdateUserPoolClient(ctx, in); err != nil {
		return "not allowed by UpdateUserPoolClient: " + sc.describe(err), ctx.Err()
	}
	t, err := sc.byPassword(ctx)
	if err != nil {
		return "", err
	}
	out, err := sc.refreshByFlow(ctx, t.RefreshToken)
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
}

func (sc *Scene) changePassword(ctx context.Context, token *string, previous string) (string, error) {
	_, err := sc.api.ChangePassword(ctx, &cip.ChangePasswordInput{AccessToken: token, PreviousPassword: &previous, ProposedPassword: &sc.next})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return "done", nil
}
