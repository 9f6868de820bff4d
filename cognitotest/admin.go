package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type adminInitiateAuthInput struct {
	UserPoolId        string `model:"required,UserPoolId"`
	ClientId          string `model:"required,ClientId"`
	AuthFlow          string `model:"required,AuthFlow"`
	AuthParameters    map[string]string
	Session           string `model:"Session"`
	ClientMetadata    map[string]string
	AnalyticsMetadata *analyticsMetadata
	ContextData       *contextData
}

// contextData is what a backend tells about the request that it serves.
type contextData struct {
	IpAddress, ServerName, ServerPath, EncodedData string
	HttpHeaders                                    []struct{ HeaderName, HeaderValue string }
}

func adminInitiateAuth(c *call, in *adminInitiateAuthInput) (*authOutput, error) {
	flow, ok := authFlows[in.AuthFlow]
	if !ok || !flow.admin {
		return nil, exception.InvalidParameter("AdminInitiateAuth does not take %s", in.AuthFlow)
	}
	return c.start(in.AuthFlow, flow, in.AuthParameters, in.Session)
}

type adminRespondInput struct {
	UserPoolId         string `model:"required,UserPoolId"`
	ClientId           string `model:"required,ClientId"`
	ChallengeName      string `model:"required,ChallengeName"`
	ChallengeResponses map[string]string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *analyticsMetadata
	ContextData        *contextData
}

func adminRespondToAuthChallenge(c *call, in *adminRespondInput) (*authOutput, error) {
	c.metadata = in.ClientMetadata
	return c.respond(answer{in.ChallengeName, in.ChallengeResponses, in.Session})
}
