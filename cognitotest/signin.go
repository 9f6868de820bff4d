package cognitotest

import "math/big"

// signIn is one user's way from InitiateAuth to tokens, as far as it has got.
// Sessions hold copies, so an answer that fails changes nothing.
type signIn struct {
	client *client
	user   *user
	typed  string // USERNAME of the first request
	steps  []step

	named         bool     // the client has been told the user's name
	srpA          *big.Int // the client's A, for the SRP challenge to come
	authenticated bool     // the first factor is done
	secondFactor  bool     // the second one is done
	grant         *grant   // what is refreshed, nil in a fresh sign-in
}

// step decides whether a sign-in that has got this far has to pass one more
// challenge: its name, or "" to go on to the next step.
type step func(c *call, si *signIn) string

// authOutput is what InitiateAuth, RespondToAuthChallenge and their Admin
// twins return.
type authOutput struct {
	ChallengeName        string `json:",omitempty"`
	Session              string `json:",omitempty"`
	ChallengeParameters  map[string]string
	AuthenticationResult *authResult `json:",omitempty"`
}

// advance takes a sign-in to what comes after a success: the challenge named,
// else the first that a step asks for, else tokens.
func (c *call) advance(si *signIn, challengeName string) (*authOutput, error) {
	for _, next := range si.steps {
		if challengeName != "" {
			break
		}
		challengeName = next(c, si)
	}
	if challengeName == "" {
		return c.issueTokens(si)
	}
	asked, ok := challenges[challengeName]
	if !ok {
		return nil, exception("InvalidUserPoolConfigurationException", "cognitotest does not implement %s", challengeName)
	}
	parameters, given, err := asked.present(c, si)
	if err != nil {
		return nil, err
	}
	c.applyCodeParameters(asked, si, parameters)
	if parameters["USERNAME"] != "" || parameters["USER_ID_FOR_SRP"] != "" {
		si.named = true
	}
	token := c.openSession(session{challenge: challengeName, signIn: *si, given: given})
	return &authOutput{ChallengeName: challengeName, Session: token, ChallengeParameters: parameters}, nil
}

func (c *call) applyCodeParameters(asked challenge, si *signIn, parameters map[string]string) {
	switch c.pool.dialect.CodeParameters {
	case "ALL":
		parameters["USER_ID_FOR_SRP"] = si.user.id
	case "NONE":
		for _, name := range asked.optional {
			delete(parameters, name)
		}
	}
}

// answersTo says whether USERNAME of an answer means the user who signs in.
// Once the client has been told the name, an alias does not do.
func (si *signIn) answersTo(p *Pool, username string) bool {
	switch username {
	case si.user.name, si.user.id:
		return true
	}
	if si.named && !p.dialect.AliasInAnswers {
		return false
	}
	return username == si.typed || p.users[username] == si.user
}

// passed notes that the user has proved a factor.
func (si *signIn) passed() {
	si.secondFactor = si.authenticated
	si.authenticated = true
}

func newPasswordStep(_ *call, si *signIn) string {
	if si.user.temporary {
		return "NEW_PASSWORD_REQUIRED"
	}
	return ""
}

// mfaStep asks for the second factor that the pool's and the user's settings
// lead to.
func mfaStep(c *call, si *signIn) string {
	if c.pool.mfa == "OFF" || si.secondFactor {
		return ""
	}
	factors := c.pool.factorsOf(si.user)
	switch {
	case len(factors) == 0 && c.pool.mfa == "ON":
		return "MFA_SETUP"
	case len(factors) == 0:
		return ""
	case len(factors) == 1:
		return factors[0]
	case si.user.preferredMFA != "":
		return si.user.preferredMFA
	default:
		return "SELECT_MFA_TYPE"
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
	if !ok {
		return nil, invalidParameter("%s is not answered here", in.challenge)
	}
	for _, name := range append([]string{"USERNAME"}, asked.required...) {
		if in.responses[name] == "" {
			return nil, missingParameter(name)
		}
	}
	if err := c.client.checkSecretHash(in.responses["SECRET_HASH"], in.responses["USERNAME"]); err != nil {
		return nil, err
	}
	token, taken, err := c.takeSession(in)
	if err != nil {
		return nil, err
	}
	si := taken.value.signIn
	next, err := asked.answer(c, &si, taken.value.given, in.responses)
	if c.pool.dialect.keepsSession(err) {
		c.pool.sessions.entries[token] = taken
	}
	if err != nil {
		return nil, err
	}
	return c.advance(&si, next)
}
