package kit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// mailQuestions are about sign-ins with codes by e-mail as a factor.
func mailQuestions() []Probe {
	return []Probe{
		{
			Name: "select-mfa-type", Title: "parameters of SELECT_MFA_TYPE", Row: "parameters of SELECT_MFA_TYPE",
			Needs: []string{OTP}, Users: 1, setting: withMailAndApp,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				out, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password})
				if err != nil {
					return sc.describe(err), ctx.Err()
				}
				return factorsIn(out.ChallengeName, out.ChallengeParameters), nil
			},
		},
		{
			Name: "email-set-up", Title: "EMAIL as an answer to MFA_SETUP", Row: "EMAIL as an answer to MFA_SETUP", Needs: []string{OTP}, Users: 1,
			setting: func(c *cognitotest.PoolConfig) { c.MFA, c.MFATypes = "ON", []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"} },
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				out, err := sc.start(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password})
				if err != nil {
					return "the start: " + sc.describe(err), ctx.Err()
				}
				next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"EMAIL": sc.user.email})
				if err != nil {
					return joined(record.Word(string(out.ChallengeName)), sc.describe(err)), ctx.Err()
				}
				return joined(record.Word(string(out.ChallengeName)), sc.outcome(nil, next.AuthenticationResult, next.ChallengeName)), nil
			},
		},
		{
			Name: "device-passwordless", Title: "a device after EMAIL_OTP", Row: "devices after a passwordless first factor",
			Needs: []string{OTP}, Users: 1, ask: devicePasswordless,
			setting: func(c *cognitotest.PoolConfig) {
				withDevices(c)
				withMailFirst(c)
			},
		},
		{
			Name: "level-factors", Title: "the factors that are offered on the way to levels 3 and 4", Row: "the factors on the way to a level",
			Needs: []string{OTP}, Users: 1, setting: withMailAndApp, ask: levelFactors,
		},
		{
			Name: "level-wrong-factor", Title: "EMAIL_OTP, which does not lead to level 4", Row: "a factor that does not lead to the level",
			Needs: []string{OTP}, Users: 1, ask: levelWrongFactor,
			setting: func(c *cognitotest.PoolConfig) {
				withApp(c)
				withMailFirst(c)
			},
		},
	}
}

// withMailAndApp gives the user two second factors, and prefers none.
func withMailAndApp(c *cognitotest.PoolConfig) {
	withApp(c)
	withMailbox(c)
	c.MFATypes = []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
	c.Users[0].MFA = c.MFATypes
}

// withMailFirst allows codes by e-mail instead of the password.
func withMailFirst(c *cognitotest.PoolConfig) {
	withMailbox(c)
	c.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
}

// factorsIn returns a challenge, the names of its parameters, and the offered factors.
func factorsIn(name types.ChallengeNameType, parameters map[string]string) string {
	told := fmt.Sprintf("%s with the parameters %s", record.Word(string(name)), names(parameters))
	var choices []string
	if json.Unmarshal([]byte(parameters["MFAS_CAN_CHOOSE"]), &choices) == nil {
		for i, choice := range choices {
			choices[i] = record.Word(choice)
		}
		told += ": " + strings.Join(choices, ", ")
	}
	return told
}

func devicePasswordless(ctx context.Context, sc *Scene) (string, error) {
	d, err := sc.enrol(ctx, func(*types.DeviceSecretVerifierConfigType) {})
	if err != nil {
		return "ConfirmDevice: " + sc.describe(err), ctx.Err()
	}
	out, err := sc.start(ctx, types.AuthFlowTypeUserAuth, map[string]string{"PREFERRED_CHALLENGE": "EMAIL_OTP", "DEVICE_KEY": d.key})
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	code, err := sc.delivered(ctx, sc.user.email, false, false)
	if err != nil {
		return "", err
	}
	next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"EMAIL_OTP_CODE": code, "DEVICE_KEY": d.key})
	if err != nil {
		return joined(record.Word(string(out.ChallengeName)), sc.describe(err)), ctx.Err()
	}
	return joined(record.Word(string(out.ChallengeName)), sc.outcome(nil, next.AuthenticationResult, next.ChallengeName)), nil
}

// levelFactors signs in by password for a level, and returns the next challenge.
func levelFactors(ctx context.Context, sc *Scene) (string, error) {
	var told []string
	for _, level := range []string{flow.Level3, flow.Level4} {
		out, err := sc.start(ctx, types.AuthFlowTypeUserAuth, map[string]string{"TARGET_ACR_VALUES": level})
		if err != nil {
			told = append(told, sc.describe(err))
			continue
		}
		first := factorsIn(out.ChallengeName, out.ChallengeParameters)
		if out.ChallengeName == types.ChallengeNameTypeSelectChallenge {
			var offered []string
			for _, c := range out.AvailableChallenges {
				offered = append(offered, record.Word(string(c)))
			}
			first = fmt.Sprintf("%s (%s)", out.ChallengeName, strings.Join(offered, ", "))
		}
		next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"ANSWER": "PASSWORD", "PASSWORD": sc.user.password})
		if err != nil {
			told = append(told, first+", then "+sc.describe(err))
			continue
		}
		told = append(told, first+", then "+factorsIn(next.ChallengeName, next.ChallengeParameters))
	}
	return joined("level 3: "+told[0], "level 4: "+told[1]), ctx.Err()
}

func levelWrongFactor(ctx context.Context, sc *Scene) (string, error) {
	out, err := sc.start(ctx, types.AuthFlowTypeUserAuth, map[string]string{"TARGET_ACR_VALUES": flow.Level4, "PREFERRED_CHALLENGE": "EMAIL_OTP"})
	if err != nil {
		return "the start: " + sc.describe(err), ctx.Err()
	}
	next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"ANSWER": "EMAIL_OTP"})
	if next == nil {
		next = &cip.RespondToAuthChallengeOutput{}
	}
	return fmt.Sprintf("%s, Session %s; the choice of EMAIL_OTP: %s",
		record.Word(string(out.ChallengeName)), presence(out.Session), sc.outcome(err, next.AuthenticationResult, next.ChallengeName)), ctx.Err()
}
