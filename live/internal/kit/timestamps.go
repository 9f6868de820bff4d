package kit

import (
	"context"
	"errors"
	"fmt"
	"time"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/srp"
)

// timestampQuestions are about the distance of TIMESTAMP from the clock.
func timestampQuestions() []Probe {
	return []Probe{
		{
			Name: "timestamp-past", Title: "the oldest accepted TIMESTAMP", Row: "distance of TIMESTAMP from the clock", Users: mostBisected,
			ask: func(ctx context.Context, sc *Scene) (string, error) { return sc.bisect(ctx, -1) },
		},
		{
			Name: "timestamp-future", Title: "the latest accepted TIMESTAMP", Row: "distance of TIMESTAMP from the clock", Users: mostBisected,
			ask: func(ctx context.Context, sc *Scene) (string, error) { return sc.bisect(ctx, +1) },
		},
		{
			Name: "timestamp-far", Title: "TIMESTAMP twelve hours ago", Row: "distance of TIMESTAMP from the clock", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				err := sc.proveAt(ctx, sc.api, sc.user, -12*time.Hour)
				return sc.outcome(err, &types.AuthenticationResultType{}, ""), ctx.Err()
			},
		},
	}
}

const (
	farthest      = 400 * 24 * time.Hour // the longest distance of the bisection
	mostBisected  = 12                   // the users of one bisection
	refusedByUser = 3                    // the refusals of one user, because the service locks a user out after five
)

// proveAt signs in by SRP with a TIMESTAMP at a distance from the clock.
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

// bisect finds the longest allowed distance of TIMESTAMP in one direction. The bisection needs many
// users, because the service locks out a user after some refusals. The kit does not record a bisection.
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
		if low < time.Hour && high > 24*time.Hour { // try short distances first
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
