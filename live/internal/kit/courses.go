package kit

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/secret"
)

// courses returns the probes of the driver about the time after a sign-in.
func courses() []Probe {
	return []Probe{
		{
			Name: "course-client-secret", Title: "sign in by SRP and refresh, with a client secret", Users: 1, Driver: true,
			setting: withSecret,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.course(ctx, sc.bySRP(), func(d *flow.Driver, t *flow.Tokens) string {
					again, err := d.Refresh(ctx, t)
					return sc.refreshed(t, again, err)
				})
			},
		},
		{
			Name: "course-refresh", Title: "refresh with GetTokensFromRefreshToken, twice", Users: 1, Driver: true,
			ask: refreshTwice,
		},
		{
			Name: "course-rotation", Title: "refresh with rotation, twice", Users: 1, Driver: true, setting: withRotation,
			ask: refreshTwice,
		},
		{
			Name: "course-revoke", Title: "sign out with RevokeToken, then refresh", Users: 1, Driver: true,
			Row: "a refresh token that was revoked",
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.course(ctx, sc.bySRP(), func(d *flow.Driver, t *flow.Tokens) string {
					if err := d.SignOut(ctx, t); err != nil {
						return "RevokeToken: " + sc.describe(err)
					}
					again, err := d.Refresh(ctx, t)
					return sc.refreshed(t, again, err)
				})
			},
		},
		{
			Name: "course-global-sign-out", Title: "GlobalSignOut, then refresh", Users: 1, Driver: true,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				return sc.course(ctx, sc.bySRP(), func(d *flow.Driver, t *flow.Tokens) string {
					if err := d.GlobalSignOut(ctx, t); err != nil {
						return "GlobalSignOut: " + sc.describe(err)
					}
					again, err := d.Refresh(ctx, t)
					return sc.refreshed(t, again, err)
				})
			},
		},
		{
			Name: "course-wrong-password", Title: "a wrong password, by SRP", Users: 1, Driver: true, Row: "a wrong password",
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				// The invented password of the replay is wrong for the pool too.
				wrong := newPassword()
				sc.recorder.Replace(wrong, madeUpNewPassword)
				d, err := sc.driver(false)
				if err != nil {
					return "", err
				}
				_, err = d.SignIn(ctx, flow.UserPasswordAuth{Username: sc.user.name, Password: secret.New(wrong)}, nobody)
				return sc.describe(err), ctx.Err()
			},
		},
		{
			Name: "course-step-up", Title: "sign in by password, then step up with the app", Row: "auth_time after a step-up",
			Users: 1, setting: withApps, ask: stepUpCourse,
		},
	}
}

var nobody = challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
	return challenge.Answer{}, challenge.ErrNoAnswer
})

func withSecret(c *cognitotest.PoolConfig) { c.Clients[0].Secret = madeUpSecret }

func withRotation(c *cognitotest.PoolConfig) {
	client := &c.Clients[0]
	client.RefreshTokenRotation = "ENABLED"
	client.AuthFlows = client.AuthFlows[:len(client.AuthFlows)-1] // without ALLOW_REFRESH_TOKEN_AUTH
}

// refreshTwice returns the outcome of the second refresh, or of the first one after an error.
func refreshTwice(ctx context.Context, sc *Scene) (string, error) {
	return sc.course(ctx, sc.bySRP(), func(d *flow.Driver, t *flow.Tokens) string {
		again, err := d.Refresh(ctx, t)
		if err != nil {
			return sc.refreshed(t, again, err)
		}
		third, err := d.Refresh(ctx, again)
		return sc.refreshed(again, third, err)
	})
}

// course signs in and goes on with the tokens.
func (sc *Scene) course(ctx context.Context, f flow.AuthFlow, goOn func(*flow.Driver, *flow.Tokens) string) (string, error) {
	d, err := sc.driver(false)
	if err != nil {
		return "", err
	}
	tokens, err := d.SignIn(ctx, f, challenge.HandlerFunc(sc.answerer(nil)))
	if err != nil {
		return "the sign-in: " + sc.describe(err), ctx.Err()
	}
	answer := goOn(d, tokens)
	return answer, ctx.Err()
}

// refreshed returns the outcome of a refresh of tokens.
func (sc *Scene) refreshed(before, after *flow.Tokens, err error) string {
	switch {
	case err != nil:
		return "refused: " + sc.describe(err)
	case after.RefreshToken.Reveal() == before.RefreshToken.Reveal():
		return "new tokens, and the refresh token stays"
	}
	return "new tokens, and another refresh token"
}

// withApps allows authenticator apps.
func withApps(c *cognitotest.PoolConfig) {
	c.MFA, c.MFATypes = "OPTIONAL", []string{"SOFTWARE_TOKEN_MFA"}
}

// stepUpCourse reaches level 1, sets up an authenticator app, and goes on to level 4.
func stepUpCourse(ctx context.Context, sc *Scene) (string, error) {
	d, err := sc.driver(false)
	if err != nil {
		return "", err
	}
	sign := func(level string, from *flow.Tokens) (*flow.Tokens, error) {
		return d.SignIn(ctx, flow.UserAuth{
			Username: sc.user.name, Preferred: challenge.Password, Password: secret.New(sc.user.password),
			StepUp: &flow.StepUp{Levels: []string{level}, From: from},
		}, challenge.HandlerFunc(sc.answerer(nil)))
	}
	first, err := sign(flow.Level1, nil)
	if err != nil {
		return "level 1: " + sc.describe(err), ctx.Err()
	}
	told := []string{"level 1: " + claims(first)}
	sc.unrecordable("the app of the user is set up on the way")
	if err := errors.Join(sc.setUpApp(ctx, &sc.user), sc.prefer(ctx, sc.user, []string{"SOFTWARE_TOKEN_MFA"})); err != nil {
		return "", err
	}
	if err := sc.pause(ctx, 2*time.Second); err != nil {
		return "", err
	}
	second, err := sign(flow.Level4, first)
	var e *flow.Error
	switch {
	case errors.As(err, &e):
		told = append(told, "level 4: "+sc.describe(err))
	case err != nil:
		return "", err
	default:
		told = append(told, "level 4: "+claims(second))
		if second.AuthTime.After(first.AuthTime) {
			told = append(told, "auth_time is that of the step-up")
		} else {
			told = append(told, "auth_time is that of the first sign-in")
		}
	}
	return strings.Join(told, "; "), ctx.Err()
}

// claims returns the claims about the level.
func claims(t *flow.Tokens) string {
	if t.ACR == "" && len(t.AMR) == 0 {
		return "neither acr nor amr"
	}
	told := "acr " + record.Word(t.ACR)
	if strings.HasPrefix(t.ACR, "urn:cognito:loa:") && len(t.ACR) == len(flow.Level1) {
		told = "acr " + t.ACR
	}
	var methods []string
	for _, method := range t.AMR {
		methods = append(methods, record.Word(method))
	}
	return told + ", amr " + strings.Join(methods, " ")
}
