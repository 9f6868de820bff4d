package cognitotest

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

func fits(path, value, shapeName string) error {
	if problem := wire.Violation(shapeName, value); problem != "" {
		return invalid.Field(path, "%s", problem)
	}
	return nil
}

const defaultPoolID = "local-1_cognitotest"

// newPool makes a pool with its app clients and users.
func newPool(config PoolConfig) (*directory.Pool, []*directory.Client, error) {
	made := directory.Settings{
		MFA: config.MFA, MFATypes: config.MFATypes, Policy: directory.ServicePolicy,
		RequiredAttributes: config.RequiredAttributes, AllowedFirstFactors: config.AllowedFirstFactors,
		AliasAttributes: config.AliasAttributes, UsernameAttributes: config.UsernameAttributes, CaseSensitive: config.CaseSensitive,
		Devices: (*directory.DeviceSettings)(config.DeviceConfiguration), Issuer: strings.TrimSuffix(config.Issuer, "/"),
		Tier: config.Tier, LevelNames: config.LevelNames, AdminCreatesUsers: config.AdminCreatesUsers,
	}
	if config.PasswordPolicy != nil {
		made.Policy = directory.PasswordPolicy(*config.PasswordPolicy)
	}
	id := cmp.Or(config.ID, defaultPoolID)
	if err := cmp.Or(fits("id", id, "UserPoolId"), invalid.Within("dialect", config.Dialect.validate())); err != nil {
		return nil, nil, err
	}
	var err error
	if w := config.WebAuthn; w != nil {
		if err := invalid.OneOf("webauthn.userVerification", w.UserVerification, "", "preferred", "required"); err != nil {
			return nil, nil, err
		}
		if made.WebAuthn, err = directory.NewWebAuthn(w.RPID, w.Origins, w.UserVerification); err != nil {
			return nil, nil, invalid.Field("webauthn", "%v", err)
		}
	}
	h := directory.Hooks{Now: config.Now, SRPFilter: srpFilterOf(config)}
	if config.OnCode != nil {
		h.OnCode = func(c directory.Code) { config.OnCode(Code(c)) }
	}
	if h.Triggers, err = triggersOf(config); err != nil {
		return nil, nil, err
	}
	p, err := directory.New(id, made, h, directory.Dialect(config.Dialect))
	if err != nil {
		return nil, nil, err
	}
	clients, err := newClients(p, config.Clients)
	if err != nil {
		return nil, nil, err
	}
	for i, gc := range config.Groups {
		if err := addGroup(p, gc); err != nil {
			return nil, nil, invalid.Within(fmt.Sprintf("groups[%d]", i), err)
		}
	}
	for i, uc := range config.Users {
		if err := addUser(p, uc); err != nil {
			return nil, nil, invalid.Within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	return p, clients, nil
}

func newClients(p *directory.Pool, configs []ClientConfig) (clients []*directory.Client, err error) {
	for i, config := range configs {
		path := fmt.Sprintf("clients[%d]", i)
		made, err := newClient(p, config)
		if err = cmp.Or(config.checkForms(), err); err != nil {
			return nil, invalid.Within(path, err)
		}
		if slices.ContainsFunc(clients, func(other *directory.Client) bool { return other.ID == made.ID }) {
			return nil, invalid.Field(path+".id", "%q is another client's", made.ID)
		}
		clients = append(clients, made)
	}
	return clients, nil
}

func newClient(p *directory.Pool, config ClientConfig) (*directory.Client, error) {
	made, err := directory.NewClient(p, config.ID, directory.ClientSettings{
		AuthFlows: config.AuthFlows, AccessTokenSeconds: config.AccessTokenSeconds, IDTokenSeconds: config.IDTokenSeconds,
		RefreshTokenSeconds: config.RefreshTokenSeconds, AuthSessionSeconds: config.AuthSessionSeconds,
		PreventUserExistenceErrors: config.PreventUserExistenceErrors, TokenRevocation: config.TokenRevocation,
		RefreshTokenRotation: config.RefreshTokenRotation, RetryGraceSeconds: config.RetryGraceSeconds,
	})
	if err == nil && config.SecondSecret != "" && config.Secret == "" {
		err = invalid.Field("secondSecret", "there is no first one; set secret")
	}
	for _, secret := range []string{config.Secret, config.SecondSecret} {
		if secret != "" {
			made.AddSecret(secret)
		}
	}
	return made, err
}

// checkForms refuses an ID and secrets that the service would not make.
func (config ClientConfig) checkForms() error {
	if err := fits("id", config.ID, "ClientId"); err != nil {
		return err
	}
	for _, given := range []struct{ path, secret string }{{"secret", config.Secret}, {"secondSecret", config.SecondSecret}} {
		if given.secret != "" {
			if err := fits(given.path, given.secret, "ClientSecret"); err != nil {
				return err
			}
		}
	}
	return nil
}

func srpFilterOf(config PoolConfig) func(*srp.Exchange) bool {
	if config.SRPFilter == nil {
		return nil
	}
	return func(x *srp.Exchange) bool {
		u := x.Scrambler()
		return config.SRPFilter(SRPValues{
			Salt: x.Credential.Salt, A: x.A, B: x.B, U: u,
			S: func() *big.Int { return x.Secret(u) },
		})
	}
}
