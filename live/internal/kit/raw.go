package kit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/secrethash"
	"github.com/cognitoflow/cognitoflow/srp"
)

// withHash adds SECRET_HASH if the app client has a secret.
func (sc *Scene) withHash(name string, parameters map[string]string) map[string]string {
	if sc.clientSecret != "" {
		parameters["SECRET_HASH"] = secrethash.Compute(name, sc.clientID, sc.clientSecret)
	}
	return parameters
}

// start calls InitiateAuth for the user.
func (sc *Scene) start(ctx context.Context, by types.AuthFlowType, parameters map[string]string) (*cip.InitiateAuthOutput, error) {
	all := map[string]string{"USERNAME": sc.user.name}
	maps.Copy(all, parameters)
	return sc.api.InitiateAuth(ctx, &cip.InitiateAuthInput{
		ClientId: &sc.clientID, AuthFlow: by, AuthParameters: sc.withHash(all["USERNAME"], all),
	})
}

// respond calls RespondToAuthChallenge for the user. The session may be nil.
func (sc *Scene) respond(ctx context.Context, name types.ChallengeNameType, session *string, responses map[string]string) (*cip.RespondToAuthChallengeOutput, error) {
	all := map[string]string{"USERNAME": sc.user.name}
	maps.Copy(all, responses)
	return sc.api.RespondToAuthChallenge(ctx, &cip.RespondToAuthChallengeInput{
		ClientId: &sc.clientID, ChallengeName: name, Session: session, ChallengeResponses: sc.withHash(all["USERNAME"], all),
	})
}

// proof answers PASSWORD_VERIFIER for a user, with a TIMESTAMP.
func (sc *Scene) proof(e *srp.Ephemeral, p person, asked map[string]string, at time.Time) (map[string]string, error) {
	id, err := srp.User(sc.poolID, asked["USER_ID_FOR_SRP"], p.password)
	if err != nil {
		return nil, err
	}
	claim, err := e.Claim(id, srp.Challenge{Salt: asked["SALT"], B: asked["SRP_B"], SecretBlock: asked["SECRET_BLOCK"]}, at)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"USERNAME": p.name, "PASSWORD_CLAIM_SIGNATURE": claim.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock, "TIMESTAMP": claim.Timestamp,
	}, nil
}

// signedIn signs the user in by password, and with a code if the user has an app. The result has the
// tokens.
func (sc *Scene) signedIn(ctx context.Context, by types.AuthFlowType, parameters map[string]string) (*types.AuthenticationResultType, error) {
	out, err := sc.start(ctx, by, parameters)
	if err != nil {
		return nil, err
	}
	if out.ChallengeName == types.ChallengeNameTypeSoftwareTokenMfa {
		code, err := sc.code(ctx, false)
		if err != nil {
			return nil, err
		}
		next, err := sc.respond(ctx, out.ChallengeName, out.Session, map[string]string{"SOFTWARE_TOKEN_MFA_CODE": code})
		if err != nil {
			return nil, err
		}
		return next.AuthenticationResult, checkTokens(next.AuthenticationResult, next.ChallengeName)
	}
	return out.AuthenticationResult, checkTokens(out.AuthenticationResult, out.ChallengeName)
}

// checkTokens returns an error that names the challenge, if the service gave no tokens.
func checkTokens(result *types.AuthenticationResultType, asked types.ChallengeNameType) error {
	if result == nil {
		return finding(fmt.Sprintf("no tokens but the challenge %s", record.Word(string(asked))))
	}
	return nil
}

// byPassword signs in by USER_PASSWORD_AUTH.
func (sc *Scene) byPassword(ctx context.Context) (*types.AuthenticationResultType, error) {
	return sc.signedIn(ctx, types.AuthFlowTypeUserPasswordAuth, map[string]string{"PASSWORD": sc.user.password})
}

// outcome describes the reply to an answer.
func (sc *Scene) outcome(err error, result *types.AuthenticationResultType, asked types.ChallengeNameType) string {
	switch {
	case err != nil:
		return sc.describe(err)
	case result != nil:
		return "tokens"
	}
	return record.Word(string(asked))
}

// names returns the sorted names of parameters.
func names(parameters map[string]string) string {
	if len(parameters) == 0 {
		return "none"
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		all = append(all, record.Word(name))
	}
	return strings.Join(all, ", ")
}

func presence(text *string) string {
	if aws.ToString(text) == "" {
		return "absent"
	}
	return "present"
}
