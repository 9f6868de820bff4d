package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/issue"
)

// step returns the name of the next challenge of a sign-in. An empty name means the next
// step.
type step func(c *api.Call, si *directory.SignIn) (string, error)

// authOutput is the output of InitiateAuth, RespondToAuthChallenge, and their forms for
// administrators.
type authOutput struct {
	ChallengeName        string `json:",omitempty"`
	Session              string `json:",omitempty"`
	ChallengeParameters  map[string]string
	AvailableChallenges  []string      `json:",omitempty"`
	AuthenticationResult *issue.Result `json:",omitempty"`
}

// advance goes on with a sign-in after a success: to the named challenge, else to the first
// challenge of a step, else to tokens.
func advance(c *api.Call, si *directory.SignIn, challengeName string) (*authOutput, error) {
	for _, next := range authFlows[si.Flow].steps {
		if challengeName != "" || si.Settled {
			break
		}
		var err error
		if challengeName, err = next(c, si); err != nil {
			return nil, err
		}
	}
	if challengeName == "" && mustProveDevice(c, si) {
		challengeName = "DEVICE_SRP_AUTH"
		si.Settled = true
	}
	if challengeName == "" {
		if err := si.User.CheckStatus(); err != nil {
			return nil, err
		}
		return grantTokens(c, si)
	}
	asked := challenges[challengeName]
	parameters, given, err := asked.present(c, si)
	if err != nil {
		return nil, err
	}
	applyDialect(c, asked, si, parameters)
	if parameters["USERNAME"] != "" || parameters["USER_ID_FOR_SRP"] != "" {
		si.Named = true
	}
	out := &authOutput{ChallengeName: challengeName, ChallengeParameters: parameters}
	optional := challengeName != "SELECT_CHALLENGE" && c.Pool.Dialect.Parameters == "NONE"
	if asked.choices != nil && !optional {
		out.AvailableChallenges = asked.choices(c, si)
	}
	out.Session = poseChallenge(c, directory.Session{Challenge: challengeName, SignIn: *si, Given: given}, asked)
	return out, nil
}

// grantTokens makes the tokens of a sign-in or of a refresh.
func grantTokens(c *api.Call, si *directory.SignIn) (*authOutput, error) {
	g, refreshToken := si.Grant, ""
	if g == nil {
		trackDevice(c, si)
		if err := postAuthentication(c, si); err != nil {
			return nil, err
		}
		g, refreshToken = c.Pool.NewGrant(si, c.Signed)
	}
	result, err := issue.Tokens(c, g, refreshToken, tokenReason(si))
	if err != nil {
		return nil, err
	}
	return &authOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: result}, nil
}

func applyDialect(c *api.Call, asked challenge, si *directory.SignIn, parameters map[string]string) {
	switch c.Pool.Dialect.Parameters {
	case "ALL":
		for name, value := range map[string]string{"USERNAME": si.User.Name, "USER_ID_FOR_SRP": c.Pool.SRPID(si.User)} {
			if parameters[name] == "" {
				parameters[name] = value
			}
		}
		if si.Device != nil && asked.find != nil && parameters["DEVICE_KEY"] == "" {
			parameters["DEVICE_KEY"] = si.Device.Key
		}
	case "NONE":
		for _, name := range asked.optional {
			delete(parameters, name)
		}
	}
}

// answer has the members of RespondToAuthChallenge and AdminRespondToAuthChallenge.
type answer struct {
	challenge string
	responses map[string]string
	session   string
}

// respond checks an answer, makes the challenge judge the answer, and goes on with the
// sign-in.
func respond(c *api.Call, in answer) (*authOutput, error) {
	asked, ok := challenges[in.challenge]
	if !ok || asked.optIn != nil && !asked.optIn(c.Pool.Dialect) {
		return nil, exception.InvalidParameter("%s is not answered here", in.challenge)
	}
	for _, name := range append([]string{"USERNAME"}, asked.required...) {
		if in.responses[name] == "" {
			return nil, exception.MissingParameter(name)
		}
	}
	if err := c.Client.CheckSecretHash(in.responses["SECRET_HASH"], in.responses["USERNAME"]); err != nil {
		return nil, err
	}
	token, taken, err := takeSession(c, in)
	if err != nil {
		return nil, err
	}
	si := taken.Value.SignIn
	si.First = false
	var next string
	if err = nameDevice(c, &si, in.responses["DEVICE_KEY"]); err == nil {
		next, err = asked.answer(c, &si, taken.Value.Given, in.responses)
	}
	var out *authOutput
	switch {
	case err == nil:
		if out, err = advance(c, &si, next); err != nil && !taken.Value.Bare {
			c.Pool.Sessions.Remove(token) // the answer was right, and the sign-in fails
		}
	case keepsSession(c.Pool.Dialect, err):
		c.Pool.Sessions.Set(token, taken)
	case !taken.Value.Bare:
		c.Pool.Sessions.Remove(token)
	}
	return out, err
}
