package kit

import (
	"context"
	"fmt"
	"strings"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/srp"
)

// sessionQuestions are about sessions of a sign-in, and the answers in a session.
func sessionQuestions() []Probe {
	return []Probe{
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
			Row: "the session after ExpiredCodeException", Users: 1, setting: withApp, ask: totpUsed,
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
			Name: "custom-without-triggers", Title: "CUSTOM_AUTH in a pool without triggers", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) { return sc.startCustom(ctx, nil) },
		},
		{
			Name: "custom-srp-without-triggers", Title: "CUSTOM_AUTH that begins with SRP, in a pool without triggers", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.startCustom(ctx, map[string]string{"CHALLENGE_NAME": "SRP_A", "SRP_A": srp.NewEphemeral().A()})
			},
		},
	}
}

// startCustom begins a sign-in by CUSTOM_AUTH and describes the reply.
func (sc *Scene) startCustom(ctx context.Context, parameters map[string]string) (string, error) {
	out, err := sc.start(ctx, types.AuthFlowTypeCustomAuth, parameters)
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return sc.outcome(nil, out.AuthenticationResult, out.ChallengeName), nil
}

func withAlias(c *cognitotest.PoolConfig) {
	c.AliasAttributes = []string{"email"}
	c.Users[0].Attributes = map[string]string{"email": madeUpEmail, "email_verified": "true"}
}

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

// askedForApp signs in up to the challenge for the code of the app.
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

// answerApp answers with a code of the app and describes the reply.
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
