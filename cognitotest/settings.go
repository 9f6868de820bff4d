package cognitotest

import (
	"cmp"
	"fmt"
	"math/big"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/setup"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

const defaultPoolID = "local-1_cognitotest"

// newPool makes the pool of a configuration, with its users, and the app clients.
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
	if err := cmp.Or(setup.Fits("id", id, "UserPoolId"), invalid.Within("dialect", config.Dialect.validate())); err != nil {
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
	var questions []setup.Question
	for _, q := range config.CustomQuestions {
		questions = append(questions, setup.Question(q))
	}
	if h.Triggers, err = setup.Triggers(config.Triggers, questions); err != nil {
		return nil, nil, err
	}
	p, err := directory.New(id, made, h, directory.Dialect(config.Dialect))
	if err != nil {
		return nil, nil, err
	}
	var settings []setup.Client
	for _, c := range config.Clients {
		settings = append(settings, setup.Client(c))
	}
	clients, err := setup.NewClients(p, settings)
	if err != nil {
		return nil, nil, err
	}
	for i, g := range config.Groups {
		if err := setup.AddGroup(p, setup.Group(g)); err != nil {
			return nil, nil, invalid.Within(fmt.Sprintf("groups[%d]", i), err)
		}
	}
	for i, u := range config.Users {
		if err := setup.AddUser(p, setup.User(u)); err != nil {
			return nil, nil, invalid.Within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	return p, clients, nil
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
