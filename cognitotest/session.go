package cognitotest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"time"
)

// expiring holds values by token until some time after they have expired, so
// that a late one can be told from an unknown one for a while.
type expiring[V any] struct {
	entries map[string]entry[V]
	sweepAt int
}

type entry[V any] struct {
	value   V
	expires time.Time
}

const keepExpired = time.Hour

func (e *expiring[V]) put(token string, value V, now, expires time.Time) {
	if e.entries == nil {
		e.entries = make(map[string]entry[V])
	}
	// Sweeping when the number has doubled costs O(1) a call.
	if len(e.entries) >= e.sweepAt {
		for t, entry := range e.entries {
			if now.Sub(entry.expires) > keepExpired {
				delete(e.entries, t)
			}
		}
		e.sweepAt = 2*len(e.entries) + 1000
	}
	e.entries[token] = entry[V]{value, expires}
}

// session is a challenge that waits for its answer. What it points to is not
// changed by an answer that fails.
type session struct {
	challenge string
	signIn    signIn
	given     any // what the challenge needs to judge the answer
}

// Sessions are long, which shows where a client keeps one in too little room,
// but a challenge fits into one read of 4 KB; see plainBodies for why.
const sessionBytes = 450

func newToken(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// openSession keeps a challenge that is about to be sent and returns the
// session token to send with it, empty if the dialect omits it.
func (c *call) openSession(s session) string {
	p := c.pool
	now := p.now()
	token := newToken(sessionBytes)
	p.sessions.put(token, s, now, now.Add(s.signIn.client.authSession))
	if p.dialect.OmitSession && challenges[s.challenge].finds != nil {
		return ""
	}
	return token
}

// takeSession finds the session of an answer and takes it out of the store,
// so that of two answers at once only one is judged.
func (c *call) takeSession(in answer) (token string, taken entry[session], err error) {
	p := c.pool
	// Under OmitSession a client may send the session before the missing one.
	omitted := p.dialect.OmitSession && challenges[in.challenge].finds != nil
	if token = in.session; token == "" || omitted {
		if token, err = p.findSession(in); err != nil {
			return "", taken, err
		}
	}
	posed := []string{in.challenge}
	if challenges[in.challenge].optIn != nil {
		posed = append(posed, "SELECT_CHALLENGE") // chosen by being answered
	}
	if taken, err = p.openedSession(token, posed...); err != nil {
		return "", taken, err
	}
	if s := taken.value; s.signIn.client != c.client || !s.signIn.answersTo(p, in.responses["USERNAME"]) {
		return "", taken, invalidSession()
	}
	delete(p.sessions.entries, token)
	return token, taken, nil
}

// openedSession finds the session of one of the challenges posed.
func (p *Pool) openedSession(token string, posed ...string) (entry[session], error) {
	found, ok := p.sessions.entries[token]
	switch {
	case !ok:
		return found, invalidSession()
	case !p.now().Before(found.expires):
		return found, sessionExpired()
	case !slices.Contains(posed, found.value.challenge):
		return found, invalidSession()
	}
	return found, nil
}

// findSession finds the session of an answer that came without one, where
// the dialect allows it.
func (p *Pool) findSession(in answer) (string, error) {
	optional := p.dialect.SessionOptional || p.dialect.OmitSession
	finds := challenges[in.challenge].finds
	if !optional || finds == nil {
		return "", missingParameter("Session")
	}
	for token, entry := range p.sessions.entries {
		live := p.now().Before(entry.expires)
		if s := entry.value; live && s.challenge == in.challenge && finds(s, in.responses) {
			return token, nil
		}
	}
	return "", invalidSession()
}

// keepsSession says whether a session outlives an answer that was taken (nil)
// or refused with err.
func (d Dialect) keepsSession(err error) bool {
	var refused *apiError
	if !errors.As(err, &refused) {
		return d.SessionReuse
	}
	switch refused.name {
	case "NotAuthorizedException":
		return d.KeepSessionOnNotAuthorized
	case "ExpiredCodeException":
		return d.KeepSessionOnExpiredCode
	case "CodeMismatchException":
		return !d.DropSessionOnCodeMismatch
	default:
		return true // malformed or against the rules, and may be corrected
	}
}

// ExpireSessions ends every sign-in under way: answers get NotAuthorized.
func (p *Pool) ExpireSessions() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for token, entry := range p.sessions.entries {
		entry.expires = time.Time{}
		p.sessions.entries[token] = entry
	}
}
