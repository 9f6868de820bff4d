package cognitotest

import (
	"errors"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// session is a challenge that waits for its answer. What it points to is not
// changed by an answer that fails.
type session struct {
	challenge string
	signIn    signIn
	given     any // what the challenge needs to judge the answer
	// bare says that the challenge went out without its token. Such a
	// PASSWORD_VERIFIER takes any number of answers while it lives.
	bare bool
	used bool // an answer was taken, or is being judged
}

// Sessions are long, which shows where a client keeps one in too little room,
// but a challenge fits into one read of 4 KB; see plainBodies for why.
const sessionBytes = 450

// openSession keeps what waits for its answer and returns the token for it.
func (c *call) openSession(s session) string {
	token := random.Token(sessionBytes)
	c.keepSession(token, s)
	return token
}

func (c *call) keepSession(token string, s session) {
	now := c.pool.now()
	c.pool.sessions.Put(token, s, now, now.Add(s.signIn.client.authSession))
}

// poseChallenge keeps a challenge and returns the Session to send with it, ""
// for none: other values of the answer then tell what it belongs to.
func (c *call) poseChallenge(s session) string {
	s.bare = s.signIn.bare && s.challenge == "PASSWORD_VERIFIER" && c.pool.dialect.Session != "ALWAYS"
	if s.bare {
		c.keepSession(s.given.(*srp.Exchange).SecretBlock, s)
		return ""
	}
	token := c.openSession(s)
	if challenges[s.challenge].find != nil && s.signIn.device != nil {
		s.signIn.device.asked = token
	}
	return token
}

// takeSession finds the session of an answer and takes it out of use, so that
// of two answers at once only one is judged.
func (c *call) takeSession(in answer) (token string, taken expiring.Entry[session], err error) {
	if token, err = c.sessionToken(in); err != nil {
		return "", taken, err
	}
	posed := []string{in.challenge}
	if challenges[in.challenge].optIn != nil {
		posed = append(posed, "SELECT_CHALLENGE") // chosen by being answered
	}
	if taken, err = c.pool.openedSession(token, posed...); err != nil {
		return "", taken, err
	}
	if s := taken.Value; s.signIn.client != c.client || !s.signIn.answersTo(c.pool, in.responses["USERNAME"]) {
		return "", taken, exception.InvalidSession()
	}
	if !taken.Value.bare {
		c.pool.spendSession(token)
	}
	return token, taken, nil
}

// sessionToken says under which token an answer's session is kept.
func (c *call) sessionToken(in answer) (string, error) {
	sessions, asked := &c.pool.sessions, challenges[in.challenge]
	if asked.find != nil {
		found := asked.find(c, in.responses)
		// A client may send the session of an earlier challenge along.
		known, _ := sessions.Get(found)
		if known.Value.bare || in.session == "" && found != "" && c.pool.dialect.Session != "ALWAYS" {
			return found, nil
		}
	}
	if in.session != "" {
		return in.session, nil
	}
	block := in.responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	for s := range sessions.Values() {
		if x, ok := s.given.(*srp.Exchange); ok && x.SecretBlock == block {
			return "", exception.MissingParameter("Session")
		}
	}
	if block != "" {
		return "", exception.WrongCredentials()
	}
	return "", exception.MissingParameter("Session")
}

// spendSession takes a session out of use. Its token stays known for a while,
// so that a second answer can be told why it is refused.
func (p *userPool) spendSession(token string) {
	spent, _ := p.sessions.Get(token)
	p.sessions.Set(token, expiring.Entry[session]{Value: session{used: true}, Expires: spent.Expires})
}

// openedSession finds the session of one of the challenges posed.
func (p *userPool) openedSession(token string, posed ...string) (expiring.Entry[session], error) {
	found, ok := p.sessions.Get(token)
	switch {
	case !ok:
		return found, exception.InvalidSession()
	case !p.now().Before(found.Expires):
		return found, exception.NotAuthorized("Invalid session for the user, session is expired.")
	case found.Value.used:
		return found, exception.NotAuthorized("Invalid session for the user, session can only be used once.")
	case !slices.Contains(posed, found.Value.challenge):
		return found, exception.InvalidSession()
	}
	return found, nil
}

// keepsSession says whether a session outlives an answer that was refused.
func (d poolDialect) keepsSession(err error) bool {
	var refused *exception.Error
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Name {
	case "ExpiredCodeException":
		return d.KeepSessionOnExpiredCode
	case "CodeMismatchException":
		return !d.DropSessionOnCodeMismatch
	case "NotAuthorizedException", "UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException":
		return false
	default:
		return true // malformed or against the rules, and may be corrected
	}
}
