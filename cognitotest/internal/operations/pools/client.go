package pools

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

const (
	clientIDLength = 26
	secretLength   = 52
)

type clientRequest struct {
	UserPoolId string `model:"required,UserPoolId"`
	ClientId   string `model:"required,ClientId"`
}

type clientOutput struct{ UserPoolClient shown }

func createUserPoolClient(c *api.Call, in *createClientInput) (*clientOutput, error) {
	settings, err := in.settings()
	if err != nil {
		return nil, err
	}
	if in.GenerateSecret && in.ClientSecret != "" {
		return nil, exception.InvalidParameter("ClientSecret and GenerateSecret cannot be given together")
	}
	made, err := directory.NewClient(c.Pool, random.Text(clientIDLength, digits+small), settings)
	if err != nil {
		return nil, newRefusal(err)
	}
	made.Members = kept(in.All, "UserPoolId", "GenerateSecret", "ClientSecret")
	switch {
	case in.ClientSecret != "":
		made.AddSecret(in.ClientSecret)
	case in.GenerateSecret:
		made.AddSecret(random.Text(secretLength, digits+small))
	}
	c.Service.AddClient(made)
	return &clientOutput{showClient(made)}, nil
}

func describeUserPoolClient(c *api.Call, _ *clientRequest) (*clientOutput, error) {
	return &clientOutput{showClient(c.Client)}, nil
}

type listClientsInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	MaxResults *int
	NextToken  string
}

type listClientsOutput struct {
	UserPoolClients []shown
	NextToken       string `json:",omitempty"`
}

func listUserPoolClients(c *api.Call, in *listClientsInput) (*listClientsOutput, error) {
	size := maxPerPage
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	found, next, err := page(c.Service.ClientsOf(c.Pool), size, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listClientsOutput{UserPoolClients: []shown{}, NextToken: next}
	for _, cl := range found {
		whole := showClient(cl)
		out.UserPoolClients = append(out.UserPoolClients, shown{
			"ClientId": cl.ID, "UserPoolId": c.Pool.ID, "ClientName": whole["ClientName"],
		})
	}
	return out, nil
}

// updateUserPoolClient sets a missing member to its default.
func updateUserPoolClient(c *api.Call, in *updateClientInput) (*clientOutput, error) {
	settings, err := in.settings()
	if err != nil {
		return nil, err
	}
	if err := c.Client.Configure(settings); err != nil {
		return nil, newRefusal(err)
	}
	members := kept(in.All, "UserPoolId", "ClientId")
	if in.ClientName == "" {
		members["ClientName"] = quoted(showClient(c.Client)["ClientName"])
	}
	c.Client.Members = members
	return &clientOutput{showClient(c.Client)}, nil
}

func deleteUserPoolClient(c *api.Call, _ *clientRequest) (*api.Nothing, error) {
	c.Service.RemoveClient(c.Client)
	return &api.Nothing{}, nil
}

// showClient returns UserPoolClientType.
func showClient(cl *directory.Client) shown {
	members := cl.Members
	if members == nil {
		members = configured(cl)
	}
	out := shown{
		"AllowedOAuthFlowsUserPoolClient": false, "EnablePropagateAdditionalUserContextData": false,
		"EnableTokenRevocation": true, "AuthSessionValidity": 3, "RefreshTokenValidity": 30, "TokenValidityUnits": shown{},
	}.with(members)
	out["ClientId"], out["UserPoolId"] = cl.ID, cl.Pool.ID
	out["CreationDate"], out["LastModifiedDate"] = api.EpochSeconds(cl.Created), api.EpochSeconds(cl.Modified)
	if len(cl.Secrets) > 0 {
		out["ClientSecret"] = cl.Secrets[0].Value
	}
	return out
}
