package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type adminInitiateAuthInput struct {
	UserPoolId        string `model:"required,UserPoolId"`
	ClientId          string `model:"required,ClientId"`
	AuthFlow          string `model:"required,AuthFlow"`
	AuthParameters    map[string]string
	Session           string `model:"Session"`
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	ContextData       *contextData
}

// contextData is what a backend tells about the request that it serves.
type contextData struct {
	IpAddress, ServerName, ServerPath, EncodedData string
	HttpHeaders                                    []struct{ HeaderName, HeaderValue string }
}

func adminInitiateAuth(c *api.Call, in *adminInitiateAuthInput) (*authOutput, error) {
	flow, ok := authFlows[in.AuthFlow]
	if !ok || !flow.admin {
		return nil, exception.InvalidParameter("AdminInitiateAuth does not take %s", in.AuthFlow)
	}
	return start(c, in.AuthFlow, flow, in.AuthParameters, in.Session)
}

type adminRespondInput struct {
	UserPoolId         string `model:"required,UserPoolId"`
	ClientId           string `model:"required,ClientId"`
	ChallengeName      string `model:"required,ChallengeName"`
	ChallengeResponses map[string]string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *api.AnalyticsMetadata
	ContextData        *contextData
}

func adminRespondToAuthChallenge(c *api.Call, in *adminRespondInput) (*authOutput, error) {
	c.Metadata = in.ClientMetadata
	return respond(c, answer{in.ChallengeName, in.ChallengeResponses, in.Session})
}
