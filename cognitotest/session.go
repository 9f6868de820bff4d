package cognitotest

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
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
func (p *userPool) openSession(s session) string {
	token := random.Token(sessionBytes)
	p.keepSession(token, s)
	return token
}

func (p *userPool) keepSession(token string, s session) {
	now := p.now()
	p.sessions.Put(token, s, now, now.Add(s.signIn.client.authSession))
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
