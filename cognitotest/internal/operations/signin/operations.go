// Package signin has the operations of a sign-in, with the auth flows, the challenges and the
// sessions.
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

// initiateMembers are the members that InitiateAuth and AdminInitiateAuth share.
type initiateMembers struct {
	AuthFlow          string `model:"required,AuthFlow"`
	ClientId          string `model:"required,ClientId"`
	AuthParameters    map[string]string
	Session           string `model:"Session"`
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
}

type initiateAuthInput struct {
	initiateMembers
	UserContextData *api.UserContextData
}

type adminInitiateAuthInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	initiateMembers
	ContextData *contextData
}

// contextData is ContextData: a backend describes the request of the user.
type contextData struct {
	IpAddress, ServerName, ServerPath, EncodedData string
	HttpHeaders                                    []struct{ HeaderName, HeaderValue string }
}

func initiateAuth(c *api.Call, in *initiateAuthInput) (*authOutput, error) {
	return in.initiate(c, "InitiateAuth", authFlows[in.AuthFlow].public)
}

func adminInitiateAuth(c *api.Call, in *adminInitiateAuthInput) (*authOutput, error) {
	return in.initiate(c, "AdminInitiateAuth", authFlows[in.AuthFlow].admin)
}

// initiate begins a sign-in, if the operation allows the auth flow.
func (in *initiateMembers) initiate(c *api.Call, operation string, taken bool) (*authOutput, error) {
	if !taken {
		return nil, exception.InvalidParameter("%s does not take %s", operation, in.AuthFlow)
	}
	c.ValidationData = in.ClientMetadata
	return start(c, in.AuthFlow, authFlows[in.AuthFlow], in.AuthParameters, in.Session)
}

// respondMembers are the members that RespondToAuthChallenge and AdminRespondToAuthChallenge
// share.
type respondMembers struct {
	ClientId           string `model:"required,ClientId"`
	ChallengeName      string `model:"required,ChallengeName"`
	ChallengeResponses map[string]string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *api.AnalyticsMetadata
}

type respondInput struct {
	respondMembers
	UserContextData *api.UserContextData
}

type adminRespondInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	respondMembers
	ContextData *contextData
}

func respondToAuthChallenge(c *api.Call, in *respondInput) (*authOutput, error) {
	return in.respond(c)
}

func adminRespondToAuthChallenge(c *api.Call, in *adminRespondInput) (*authOutput, error) {
	return in.respond(c)
}

func (in *respondMembers) respond(c *api.Call) (*authOutput, error) {
	c.Metadata = in.ClientMetadata
	return respond(c, answer{in.ChallengeName, in.ChallengeResponses, in.Session})
}
