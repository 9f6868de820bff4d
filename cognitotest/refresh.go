package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type getTokensInput struct {
	RefreshToken   string `model:"required"`
	ClientId       string `model:"required,ClientId"`
	ClientSecret   string
	DeviceKey      string `model:"DeviceKey"`
	ClientMetadata map[string]string
}

// getTokensOutput has no ChallengeParameters, unlike the outputs of sign-ins.
type getTokensOutput struct{ AuthenticationResult *authResult }

func getTokensFromRefreshToken(c *call, in *getTokensInput) (*getTokensOutput, error) {
	if !c.client.HasSecret(in.ClientSecret) {
		return nil, exception.NotAuthorized("Unable to verify client secret for client %s", c.client.ID)
	}
	g, err := c.pool.Redeem(c.client, in.RefreshToken, in.DeviceKey)
	if err != nil {
		return nil, err
	}
	result, err := issueTokens(c, g, c.pool.Rotate(c.client, in.RefreshToken))
	if err != nil {
		return nil, err
	}
	return &getTokensOutput{result}, nil
}
