package setup

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Client is cognitotest.ClientConfig.
type Client struct {
	ID                         string
	Secret                     string
	SecondSecret               string
	AuthFlows                  []string
	AccessTokenSeconds         int
	IDTokenSeconds             int
	RefreshTokenSeconds        int
	AuthSessionSeconds         int
	PreventUserExistenceErrors string
	TokenRevocation            string
	RefreshTokenRotation       string
	RetryGraceSeconds          int
}

// NewClients makes the app clients of a pool.
func NewClients(p *directory.Pool, configs []Client) (clients []*directory.Client, err error) {
	for i, config := range configs {
		path := fmt.Sprintf("clients[%d]", i)
		made, err := newClient(p, config)
		if err = cmp.Or(config.checkForms(), err); err != nil {
			return nil, invalid.Within(path, err)
		}
		if slices.ContainsFunc(clients, func(other *directory.Client) bool { return other.ID == made.ID }) {
			return nil, invalid.Field(path+".id", "%q is the ID of another app client", made.ID)
		}
		clients = append(clients, made)
	}
	return clients, nil
}

func newClient(p *directory.Pool, config Client) (*directory.Client, error) {
	made, err := directory.NewClient(p, config.ID, directory.ClientSettings{
		AuthFlows: config.AuthFlows, AccessTokenSeconds: config.AccessTokenSeconds, IDTokenSeconds: config.IDTokenSeconds,
		RefreshTokenSeconds: config.RefreshTokenSeconds, AuthSessionSeconds: config.AuthSessionSeconds,
		PreventUserExistenceErrors: config.PreventUserExistenceErrors, TokenRevocation: config.TokenRevocation,
		RefreshTokenRotation: config.RefreshTokenRotation, RetryGraceSeconds: config.RetryGraceSeconds,
	})
	if err == nil && config.SecondSecret != "" && config.Secret == "" {
		err = invalid.Field("secondSecret", "secret is empty: set secret first")
	}
	for _, secret := range []string{config.Secret, config.SecondSecret} {
		if secret != "" {
			made.AddSecret(secret)
		}
	}
	return made, err
}

// checkForms refuses an ID and secrets that the service would not make.
func (config Client) checkForms() error {
	if err := Fits("id", config.ID, "ClientId"); err != nil {
		return err
	}
	for _, given := range []struct{ path, secret string }{{"secret", config.Secret}, {"secondSecret", config.SecondSecret}} {
		if given.secret != "" {
			if err := Fits(given.path, given.secret, "ClientSecret"); err != nil {
				return err
			}
		}
	}
	return nil
}
