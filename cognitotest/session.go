package cognitotest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"
)

// expiring holds values by token until some time after they have expired, so
// that a late one can be told from an unknown one for a while.
type expiring[V any] struct {
	entries map[tokenHash]entry[V]
	sweepAt int       // the number of entries at which the old ones go
	swept   time.Time // when they last went
}

// tokenHash stands for a token: most tokens are longer than what they stand for.
type tokenHash [sha256.Size]byte

type entry[V any] struct {
	value   V
	expires time.Time
}

const keepExpired = 10 * time.Minute

func (e *expiring[V]) put(token string, value V, now, expires time.Time) {
	if e.entries == nil {
		e.entries = make(map[tokenHash]entry[V])
	}
	// Sweeping when the number has doubled costs O(1) a call.
	if len(e.entries) >= e.sweepAt || now.Sub(e.swept) > keepExpired {
		for t, entry := range e.entries {
			if now.Sub(entry.expires) > keepExpired {
				delete(e.entries, t)
			}
		}
		e.sweepAt, e.swept = 2*len(e.entries)+1000, now
	}
	e.set(token, entry[V]{value, expires})
}

func (e *expiring[V]) get(token string) (entry[V], bool) {
	found, ok := e.entries[sha256.Sum256([]byte(token))]
	return found, ok
}

// set changes an entry that is there.
func (e *expiring[V]) set(token string, changed entry[V]) {
	e.entries[sha256.Sum256([]byte(token))] = changed
}

// shorten makes a value expire by that time. A token that cannot be used any
// more is not kept for the life that it was issued for.
func (e *expiring[V]) shorten(token string, by time.Time) {
	if found, ok := e.get(token); ok && by.Before(found.expires) {
		e.set(token, entry[V]{found.value, by})
	}
}

func (e *expiring[V]) remove(token string) { delete(e.entries, sha256.Sum256([]byte(token))) }

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

func newToken(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// openSession keeps what waits for its answer and returns the token for it.
func (c *call) openSession(s session) string {
	token := newToken(sessionBytes)
	c.keepSession(token, s)
	return token
}

func (c *call) keepSession(token string, s session) {
	now := c.pool.now()
	c.pool.sessions.put(token, s, now, now.Add(s.signIn.client.authSession))
}

// poseChallenge keeps a challenge and returns the Session to send with it, ""
// for none: other values of the answer then tell what it belongs to.
func (c *call) poseChallenge(s session) string {
	s.bare = s.signIn.bare && s.challenge == "PASSWORD_VERIFIER" && c.pool.dialect.Session != "ALWAYS"
	if s.bare {
		c.keepSession(s.given.(*exchange).secretBlock, s)
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
func (c *call) takeSession(in answer) (token string, taken entry[session], err error) {
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
	if s := taken.value; s.signIn.client != c.client || !s.signIn.answersTo(c.pool, in.responses["USERNAME"]) {
		return "", taken, invalidSession()
	}
	if !taken.value.bare {
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
		known, _ := sessions.get(found)
		if known.value.bare || in.session == "" && found != "" && c.pool.dialect.Session != "ALWAYS" {
			return found, nil
		}
	}
	if in.session != "" {
		return in.session, nil
	}
	block := in.responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	for _, e := range sessions.entries {
		if x, ok := e.value.given.(*exchange); ok && x.secretBlock == block {
			return "", missingParameter("Session")
		}
	}
	if block != "" {
		return "", wrongCredentials()
	}
	return "", missingParameter("Session")
}

// spendSession takes a session out of use. Its token stays known for a while,
// so that a second answer can be told why it is refused.
func (p *Pool) spendSession(token string) {
	spent, _ := p.sessions.get(token)
	p.sessions.set(token, entry[session]{session{used: true}, spent.expires})
}

// openedSession finds the session of one of the challenges posed.
func (p *Pool) openedSession(token string, posed ...string) (entry[session], error) {
	found, ok := p.sessions.get(token)
	switch {
	case !ok:
		return found, invalidSession()
	case !p.now().Before(found.expires):
		return found, notAuthorized("Invalid session for the user, session is expired.")
	case found.value.used:
		return found, notAuthorized("Invalid session for the user, session can only be used once.")
	case !slices.Contains(posed, found.value.challenge):
		return found, invalidSession()
	}
	return found, nil
}

// keepsSession says whether a session outlives an answer that was refused.
func (d Dialect) keepsSession(err error) bool {
	var refused *apiError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.name {
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

// ExpireSessions ends every sign-in under way: answers get NotAuthorized.
func (p *Pool) ExpireSessions() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for token, entry := range p.sessions.entries {
		if entry.expires.After(now) {
			entry.expires = now
			p.sessions.entries[token] = entry
		}
	}
}
