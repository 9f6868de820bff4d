package tokens

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/issue"
)

type getTokensInput struct {
	RefreshToken   string `model:"required"`
	ClientId       string `model:"required,ClientId"`
	ClientSecret   string
	DeviceKey      string `model:"DeviceKey"`
	ClientMetadata map[string]string
}

// getTokensOutput has no ChallengeParameters, unlike the outputs of sign-ins.
type getTokensOutput struct{ AuthenticationResult *issue.Result }

func getTokensFromRefreshToken(c *api.Call, in *getTokensInput) (*getTokensOutput, error) {
	if !c.Client.HasSecret(in.ClientSecret) {
		return nil, exception.NotAuthorized("Unable to verify client secret for client %s", c.Client.ID)
	}
	c.Metadata = in.ClientMetadata
	g, err := c.Pool.Redeem(c.Client, in.RefreshToken, in.DeviceKey)
	if err != nil {
		return nil, err
	}
	result, err := issue.Tokens(c, g, c.Pool.Rotate(c.Client, in.RefreshToken), "RefreshTokens")
	if err != nil {
		return nil, err
	}
	return &getTokensOutput{result}, nil
}
