package pools

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

const maxSecrets = 2

// secretDescriptor is ClientSecretDescriptorType.
type secretDescriptor struct {
	ClientSecretId         string
	ClientSecretValue      string `json:",omitempty"`
	ClientSecretCreateDate float64
}

func describeSecret(s directory.ClientSecret) secretDescriptor {
	return secretDescriptor{ClientSecretId: s.ID, ClientSecretCreateDate: api.EpochSeconds(s.Created)}
}

type addSecretInput struct {
	UserPoolId   string `model:"required,UserPoolId"`
	ClientId     string `model:"required,ClientId"`
	ClientSecret string `model:"ClientSecret"`
}

type addSecretOutput struct{ ClientSecretDescriptor secretDescriptor }

// addUserPoolClientSecret returns the secret only if the pool has made the secret.
func addUserPoolClientSecret(c *api.Call, in *addSecretInput) (*addSecretOutput, error) {
	cl := c.Client
	switch {
	case len(cl.Secrets) == 0:
		return nil, exception.InvalidParameter("App client %s has no secret: it is a public client.", cl.ID)
	case len(cl.Secrets) == maxSecrets:
		return nil, exception.New("LimitExceededException", "App client %s has %d secrets already. Delete one.", cl.ID, maxSecrets)
	case in.ClientSecret != "":
		return &addSecretOutput{describeSecret(cl.AddSecret(in.ClientSecret))}, nil
	}
	made := cl.AddSecret(random.Text(secretLength, digits+small))
	out := describeSecret(made)
	out.ClientSecretValue = made.Value
	return &addSecretOutput{out}, nil
}

type listSecretsInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	ClientId   string `model:"required,ClientId"`
	NextToken  string
}

type listSecretsOutput struct{ ClientSecrets []secretDescriptor }

func listUserPoolClientSecrets(c *api.Call, _ *listSecretsInput) (*listSecretsOutput, error) {
	out := &listSecretsOutput{ClientSecrets: []secretDescriptor{}}
	for _, s := range c.Client.Secrets {
		out.ClientSecrets = append(out.ClientSecrets, describeSecret(s))
	}
	return out, nil
}

type deleteSecretInput struct {
	UserPoolId     string `model:"required,UserPoolId"`
	ClientId       string `model:"required,ClientId"`
	ClientSecretId string `model:"required"`
}

func deleteUserPoolClientSecret(c *api.Call, in *deleteSecretInput) (*api.Nothing, error) {
	cl := c.Client
	i := slices.IndexFunc(cl.Secrets, func(s directory.ClientSecret) bool { return s.ID == in.ClientSecretId })
	switch {
	case i < 0:
		return nil, exception.New("ResourceNotFoundException", "Client secret %s does not exist.", in.ClientSecretId)
	case len(cl.Secrets) == 1:
		return nil, exception.InvalidParameter("The last secret of app client %s cannot be deleted.", cl.ID)
	}
	cl.Secrets = slices.Delete(slices.Clone(cl.Secrets), i, i+1)
	return &api.Nothing{}, nil
}
