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
	}
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
