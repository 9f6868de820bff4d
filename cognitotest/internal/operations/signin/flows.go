package signin

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// authFlow is an auth flow.
type authFlow struct {
	// allow has the values of ExplicitAuthFlows that enable the flow.
	allow []string
	// public allows the flow in InitiateAuth, admin in AdminInitiateAuth.
	public, admin bool
	// bare means that PASSWORD_VERIFIER comes without a Session.
	bare bool
	// required are the necessary AuthParameters.
	required []string
	// identify checks SECRET_HASH and returns the user.
	identify func(c *api.Call, parameters map[string]string) (*directory.SignIn, error)
	// begin judges the parameters and returns the next challenge. If the name is empty, the
	// steps decide.
	begin func(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error)
	// steps are the steps after the first factor.
	steps []step
}

var (
	authFlows = map[string]authFlow{
		"USER_SRP_AUTH": {
			allow: []string{"ALLOW_USER_SRP_AUTH"}, public: true, admin: true, bare: true,
			required: []string{"USERNAME", "SRP_A"},
			identify: identifyByName, begin: beginSRP, steps: afterPassword,
		},
		"USER_PASSWORD_AUTH": {
			allow: []string{"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"}, public: true,
			required: []string{"USERNAME", "PASSWORD"},
			identify: identifyByName, begin: beginPassword, steps: afterPassword,
		},
		"ADMIN_USER_PASSWORD_AUTH": adminPasswordFlow,
		"ADMIN_NO_SRP_AUTH":        adminPasswordFlow,
		"CUSTOM_AUTH":              customFlow,
		"USER_AUTH":                userAuthFlow,
		"REFRESH_TOKEN_AUTH":       refreshFlow,
		"REFRESH_TOKEN":            refreshFlow,
	}
	adminPasswordFlow = authFlow{
		allow: []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}, admin: true,
		required: []string{"USERNAME", "PASSWORD"},
		identify: identifyByName, begin: beginPassword, steps: afterPassword,
	}
	refreshFlow = authFlow{
		allow: []string{"ALLOW_REFRESH_TOKEN_AUTH"}, public: true, admin: true,
		required: []string{"REFRESH_TOKEN"},
		identify: identifyByRefreshToken, begin: beginRefresh,
	}

	afterPassword = []step{newPasswordStep, levelStep, mfaStep}
)

func start(c *api.Call, name string, flow authFlow, parameters map[string]string, session string) (*authOutput, error) {
	enabled := func(allow string) bool { return slices.Contains(c.Client.AuthFlows, allow) }
	if !slices.ContainsFunc(flow.allow, enabled) {
		return nil, exception.InvalidParameter("%s flow not enabled for this client", name)
	}
	for _, required := range flow.required {
		if parameters[required] == "" {
			return nil, exception.MissingParameter(required)
		}
	}
	si, err := flow.identify(c, parameters)
	if err != nil {
		return nil, err
	}
	if err := nameDevice(c, si, parameters["DEVICE_KEY"]); err != nil {
		return nil, err
	}
	si.Client, si.Flow, si.First, si.Opened = c.Client, name, true, session
	if !si.User.Ghost { // an invented user fails later, as a wrong password or code does
		if err := si.User.CheckStatus(); err != nil {
			return nil, err
		}
	}
	if err := preAuthentication(c, si); err != nil {
		return nil, err
	}
	next, err := flow.begin(c, si, parameters)
	if err != nil {
		return nil, err
	}
	return advance(c, si, next)
}

// identifyByName returns the user by name or alias. An unknown name gets an invented user who
// fails later, or an error if the app client does not hide unknown users.
func identifyByName(c *api.Call, parameters map[string]string) (*directory.SignIn, error) {
	name := parameters["USERNAME"]
	if problem := wire.Violation("Username", name); problem != "" {
		return nil, exception.InvalidParameter("Value at 'authParameters.USERNAME' failed to satisfy constraint: %s", problem)
	}
	if err := c.Client.CheckSecretHash(parameters["SECRET_HASH"], name); err != nil {
		return nil, err
	}
	if password := parameters["PASSWORD"]; password != "" {
		if err := c.Migrate("Authentication", name, password, c.ValidationData); err != nil {
			return nil, err
		}
	}
	found, err := c.FindUser(name, "User does not exist.")
	return &directory.SignIn{User: found, Typed: name}, err
}

func beginSRP(_ *api.Call, si *directory.SignIn, parameters map[string]string) (string, error) {
	var err error
	si.PublicA, err = srp.ParseClientA(parameters["SRP_A"])
	return "PASSWORD_VERIFIER", err
}

func beginPassword(c *api.Call, si *directory.SignIn, parameters map[string]string) (string, error) {
	if err := c.Pool.JudgePassword(si.User, si.User.HasPassword(parameters["PASSWORD"])); err != nil {
		return "", err
	}
	si.Passed("PASSWORD")
	return "", nil
}

// identifyByRefreshToken accepts a SECRET_HASH over the user name in the tokens or over the
// sub, because a refresh has no USERNAME.
func identifyByRefreshToken(c *api.Call, parameters map[string]string) (*directory.SignIn, error) {
	if err := refuseUnderRotation(c); err != nil {
		return nil, err
	}
	g, err := c.Pool.FindGrant(c.Client, parameters["REFRESH_TOKEN"])
	if err != nil {
		return nil, err
	}
	if err := c.Client.CheckSecretHash(parameters["SECRET_HASH"], g.User.Name, g.User.ID); err != nil {
		return nil, err
	}
	if g, err = c.Pool.Redeem(c.Client, parameters["REFRESH_TOKEN"], parameters["DEVICE_KEY"]); err != nil {
		return nil, err
	}
	return &directory.SignIn{User: g.User, Grant: g}, nil
}

func beginRefresh(*api.Call, *directory.SignIn, map[string]string) (string, error) { return "", nil }

// refuseUnderRotation refuses REFRESH_TOKEN_AUTH if the app client rotates refresh tokens.
func refuseUnderRotation(c *api.Call) error {
	if !c.Client.Rotation {
		return nil
	}
	name := c.Pool.Dialect.RotationRefusal
	if name == "" {
		name = "NotAuthorizedException"
	}
	return exception.New(name, "REFRESH_TOKEN_AUTH is not available with refresh token rotation")
}
