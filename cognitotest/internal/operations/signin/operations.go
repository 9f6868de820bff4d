// Package signin has the operations that sign a user in: the flows that a sign-in
// begins with, the challenges that it goes through, and its sessions.
package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"InitiateAuth":                api.ByAnyone(initiateAuth),
	"RespondToAuthChallenge":      api.ByAnyone(respondToAuthChallenge),
	"AdminInitiateAuth":           api.Signed(adminInitiateAuth),
	"AdminRespondToAuthChallenge": api.Signed(adminRespondToAuthChallenge),
}

type initiateAuthInput struct {
	AuthFlow          string `model:"required,AuthFlow"`
	ClientId          string `model:"required,ClientId"`
	AuthParameters    map[string]string
	Session           string `model:"Session"`
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	UserContextData   *api.UserContextData
}

func initiateAuth(c *api.Call, in *initiateAuthInput) (*authOutput, error) {
	flow, ok := authFlows[in.AuthFlow]
	if !ok || !flow.public {
		return nil, exception.InvalidParameter("InitiateAuth does not take %s", in.AuthFlow)
	}
	c.ValidationData = in.ClientMetadata
	return start(c, in.AuthFlow, flow, in.AuthParameters, in.Session)
}

// respondInput has the members of RespondToAuthChallenge.
type respondInput struct {
	ClientId           string `model:"required,ClientId"`
	ChallengeName      string `model:"required,ChallengeName"`
	ChallengeResponses map[string]string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *api.AnalyticsMetadata
	UserContextData    *api.UserContextData
}

func respondToAuthChallenge(c *api.Call, in *respondInput) (*authOutput, error) {
	c.Metadata = in.ClientMetadata
	return respond(c, answer{in.ChallengeName, in.ChallengeResponses, in.Session})
}

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
	c.ValidationData = in.ClientMetadata
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
