package cognitotest

import (
	"math/big"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// signIn is one user's way from InitiateAuth to tokens, as far as it has got.
// Sessions hold copies, so an answer that fails changes nothing.
type signIn struct {
	client  *client
	user    *user
	typed   string // USERNAME of the first request
	flow    string // AuthFlow, empty in a session that a sign-up opened
	first   bool   // what is asked answers the first request
	settled bool   // what the flow asks for is behind the user

	opened  string   // Session of the first request
	chooses bool     // the client chooses the first factor
	only    string   // the one first factor that a made-up user seems to have
	named   bool     // the client has been told the user's name
	srpA    *big.Int // the client's A, for the SRP challenge to come
	rounds  []round  // what the user has proved or failed so far
	// enrolling is the second factor that the user is setting up.
	enrolling string
	grant     *grant // what is refreshed, nil in a fresh sign-in

	device  *device  // the one that the client has named, or the new one
	deviceA *big.Int // the device's A, for the SRP challenge to come
}

// step decides whether a sign-in that has got this far has to pass one more
// challenge: its name, or "" to go on to the next step.
type step func(c *call, si *signIn) (string, error)

// authOutput is what InitiateAuth, RespondToAuthChallenge and their Admin
// twins return.
type authOutput struct {
	ChallengeName        string `json:",omitempty"`
	Session              string `json:",omitempty"`
	ChallengeParameters  map[string]string
	AvailableChallenges  []string    `json:",omitempty"`
	AuthenticationResult *authResult `json:",omitempty"`
}

// advance takes a sign-in to what comes after a success: the challenge named,
// else the first that a step asks for, else tokens.
func (c *call) advance(si *signIn, challengeName string) (*authOutput, error) {
	for _, next := range authFlows[si.flow].steps {
		if challengeName != "" || si.settled {
			break
		}
		var err error
		if challengeName, err = next(c, si); err != nil {
			return nil, err
		}
	}
	if challengeName == "" && c.mustProveDevice(si) {
		challengeName = "DEVICE_SRP_AUTH"
		si.settled = true
	}
	if challengeName == "" {
		if err := si.user.checkStatus(); err != nil {
			return nil, err
		}
		return c.grantTokens(si)
	}
	asked := challenges[challengeName]
	parameters, given, err := asked.present(c, si)
	if err != nil {
		return nil, err
	}
	c.applyDialect(asked, si, parameters)
	if parameters["USERNAME"] != "" || parameters["USER_ID_FOR_SRP"] != "" {
		si.named = true
	}
	out := &authOutput{ChallengeName: challengeName, ChallengeParameters: parameters}
	optional := challengeName != "SELECT_CHALLENGE" && c.pool.dialect.Parameters == "NONE"
	if asked.choices != nil && !optional {
		out.AvailableChallenges = asked.choices(c, si)
	}
	out.Session = c.poseChallenge(session{challenge: challengeName, signIn: *si, given: given}, asked)
	return out, nil
}

// grantTokens ends a sign-in or a refresh.
func (c *call) grantTokens(si *signIn) (*authOutput, error) {
	g, refreshToken := si.grant, ""
	if g == nil {
		c.trackDevice(si)
		g, refreshToken = c.pool.newGrant(si, c.signed)
	}
	result, err := issueTokens(c, g, refreshToken)
	if err != nil {
		return nil, err
	}
	return &authOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: result}, nil
}

func (c *call) applyDialect(asked challenge, si *signIn, parameters map[string]string) {
	switch c.pool.dialect.Parameters {
	case "ALL":
		for name, value := range map[string]string{"USERNAME": si.user.name, "USER_ID_FOR_SRP": c.pool.srpID(si.user)} {
			if parameters[name] == "" {
				parameters[name] = value
			}
		}
		if si.device != nil && asked.find != nil && parameters["DEVICE_KEY"] == "" {
			parameters["DEVICE_KEY"] = si.device.key
		}
	case "NONE":
		for _, name := range asked.optional {
			delete(parameters, name)
		}
	}
}

// answersTo says whether USERNAME of an answer means the user who signs in.
func (si *signIn) answersTo(p *userPool, username string) bool {
	key := p.key(username)
	if key == p.key(si.user.name) || username == p.srpID(si.user) {
		return true
	}
	if si.named && p.dialect.ResolvedNames {
		return false
	}
	return key == p.key(si.typed) || p.userNamed(username) == si.user
}

// passed notes that the user has proved a factor.
func (si *signIn) passed(factor string) { si.note(round{ChallengeName: factor, Passed: true}) }

// note adds a round. Copies of the sign-in must not write into one array.
func (si *signIn) note(r round) { si.rounds = append(slices.Clip(si.rounds), r) }

// has says whether the user has proved one of the factors.
func (si *signIn) has(factors ...string) bool {
	return slices.ContainsFunc(si.rounds, func(r round) bool {
		return r.Passed && slices.Contains(factors, r.ChallengeName)
	})
}

// beginsByChoice says whether what is asked now is the first factor of
// USER_AUTH, or the choice of one.
func (si *signIn) beginsByChoice() bool { return si.chooses && len(si.rounds) == 0 }

// hasPassword says whether the first factor was a password, which is the one
// that may have to be changed or followed by a second.
func (si *signIn) hasPassword() bool { return si.has("PASSWORD", "PASSWORD_VERIFIER") }

func newPasswordStep(_ *call, si *signIn) (string, error) {
	if si.hasPassword() && si.user.temporary {
		return "NEW_PASSWORD_REQUIRED", nil
	}
	return "", nil
}

// mfaStep asks for the second factor that the pool's and the user's settings
// lead to.
func mfaStep(c *call, si *signIn) (string, error) {
	if c.pool.mfa == "OFF" || !si.hasPassword() || si.has(mfaFactors...) || si.has("DEVICE_PASSWORD_VERIFIER") {
		return "", nil
	}
	factors := c.pool.factorsOf(si.user)
	switch {
	case len(factors) == 0 && c.pool.mfa == "ON":
		return "MFA_SETUP", nil
	case len(factors) == 0:
		return "", nil
	case c.deviceStandsIn(si):
		return "DEVICE_SRP_AUTH", nil
	case len(factors) == 1:
		return factors[0], nil
	case si.user.preferredMFA != "":
		return si.user.preferredMFA, nil
	default:
		return "SELECT_MFA_TYPE", nil
	}
}

// respondInput has the members of RespondToAuthChallenge.
type respondInput struct {
	ClientId           string `model:"required,ClientId"`
	ChallengeName      string `model:"required,ChallengeName"`
	ChallengeResponses map[string]string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *analyticsMetadata
	UserContextData    *userContextData
}

type analyticsMetadata struct{ AnalyticsEndpointId string }

type userContextData struct{ IpAddress, EncodedData string }

func respondToAuthChallenge(c *call, in *respondInput) (*authOutput, error) {
	c.metadata = in.ClientMetadata
	return c.respond(answer{in.ChallengeName, in.ChallengeResponses, in.Session})
}

// answer is what either operation that answers challenges was given.
type answer struct {
	challenge string
	responses map[string]string
	session   string
}

// respond checks what every answer has to have, has the challenge judge it,
// and goes on from there.
func (c *call) respond(in answer) (*authOutput, error) {
	asked, ok := challenges[in.challenge]
	if !ok || asked.optIn != nil && !asked.optIn(c.pool.dialect) {
		return nil, exception.InvalidParameter("%s is not answered here", in.challenge)
	}
	for _, name := range append([]string{"USERNAME"}, asked.required...) {
		if in.responses[name] == "" {
			return nil, exception.MissingParameter(name)
		}
	}
	if err := c.client.checkSecretHash(in.responses["SECRET_HASH"], in.responses["USERNAME"]); err != nil {
		return nil, err
	}
	token, taken, err := c.takeSession(in)
	if err != nil {
		return nil, err
	}
	si := taken.Value.signIn
	si.first = false
	var next string
	if err = c.nameDevice(&si, in.responses["DEVICE_KEY"]); err == nil {
		next, err = asked.answer(c, &si, taken.Value.given, in.responses)
	}
	var out *authOutput
	switch {
	case err == nil:
		if out, err = c.advance(&si, next); err != nil && !taken.Value.bare {
			c.pool.sessions.Remove(token) // the answer was taken and leads nowhere
		}
	case c.pool.dialect.keepsSession(err):
		c.pool.sessions.Set(token, taken)
	case !taken.Value.bare:
		c.pool.sessions.Remove(token)
	}
	return out, err
}
