package directory

import (
	"math/big"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Session is a challenge that waits for its answer. What it points to is not
// changed by an answer that fails.
type Session struct {
	Challenge string
	SignIn    SignIn
	Given     any // what the challenge needs to judge the answer
	// Bare says that the challenge went out without its token. Such a
	// PASSWORD_VERIFIER takes any number of answers while it lives.
	Bare bool
	used bool // an answer was taken, or is being judged
}

// Sessions are long, which shows where a client keeps one in too little room. A
// challenge fits into one read of 4 KB: see plainBodies in package cognitotest.
const sessionBytes = 450

// OpenSession keeps what waits for its answer and returns the token for it.
func (p *Pool) OpenSession(s Session) string {
	token := random.Token(sessionBytes)
	p.KeepSession(token, s)
	return token
}

// KeepSession keeps what waits for its answer under a token of its own.
func (p *Pool) KeepSession(token string, s Session) {
	now := p.Now()
	p.Sessions.Put(token, s, now, now.Add(s.SignIn.Client.authSession))
}

// SpendSession takes a session out of use. Its token stays known for a while,
// so that a second answer can be told why it is refused.
func (p *Pool) SpendSession(token string) {
	spent, _ := p.Sessions.Get(token)
	p.Sessions.Set(token, expiring.Entry[Session]{Value: Session{used: true}, Expires: spent.Expires})
}

// OpenedSession finds the session of one of the challenges posed.
func (p *Pool) OpenedSession(token string, posed ...string) (expiring.Entry[Session], error) {
	found, ok := p.Sessions.Get(token)
	switch {
	case !ok:
		return found, exception.InvalidSession()
	case !p.Now().Before(found.Expires):
		return found, exception.NotAuthorized("Invalid session for the user, session is expired.")
	case found.Value.used:
		return found, exception.NotAuthorized("Invalid session for the user, session can only be used once.")
	case !slices.Contains(posed, found.Value.Challenge):
		return found, exception.InvalidSession()
	case found.Value.SignIn.User.deleted:
		return found, NoSuchUser()
	}
	return found, nil
}

// SignIn is one user's way from InitiateAuth to tokens, as far as it has got.
// Sessions hold copies, so an answer that fails changes nothing.
type SignIn struct {
	Client  *Client
	User    *User
	Typed   string // USERNAME of the first request
	Flow    string // AuthFlow, empty in a session that a sign-up opened
	First   bool   // what is asked answers the first request
	Settled bool   // what the flow asks for is behind the user
	// ChangedPassword says that the user has replaced a temporary password.
	ChangedPassword bool

	Opened  string          // Session of the first request
	Chooses bool            // the client chooses the first factor
	Only    string          // the one first factor that a made-up user seems to have
	Named   bool            // the client has been told the user's name
	PublicA *big.Int        // the client's A, for the SRP challenge to come
	Rounds  []trigger.Round // what the user has proved or failed so far
	// Target is the level that the client asks for, 0 for none. Methods are what
	// the user has proved, with those of the tokens that a step-up began with.
	Target  int
	Methods []string
	// Enrolling is the second factor that the user is setting up.
	Enrolling string
	Grant     *Grant // what is refreshed, nil in a fresh sign-in

	Device  *Device  // the one that the client has named, or the new one
	DeviceA *big.Int // the device's A, for the SRP challenge to come
}

// AnswersTo says whether USERNAME of an answer means the user who signs in.
func (si *SignIn) AnswersTo(p *Pool, username string) bool {
	key := p.key(username)
	if key == p.key(si.User.Name) || username == p.SRPID(si.User) {
		return true
	}
	if si.Named && p.Dialect.ResolvedNames {
		return false
	}
	return key == p.key(si.Typed) || p.UserNamed(username) == si.User
}

// Passed notes that the user has proved a factor.
func (si *SignIn) Passed(factor string) {
	si.Note(trigger.Round{ChallengeName: factor, Passed: true})
	if method := methodOf[factor]; method != "" {
		si.Prove(method)
	}
}

// Prove notes a method of authentication. Copies of the sign-in must not write into
// one array.
func (si *SignIn) Prove(method string) {
	if !slices.Contains(si.Methods, method) {
		si.Methods = append(slices.Clip(si.Methods), method)
	}
}

// HasSecondFactor says whether the user has proved one of MFAFactors.
func (si *SignIn) HasSecondFactor() bool {
	return slices.ContainsFunc(secondMethods, func(method string) bool { return slices.Contains(si.Methods, method) })
}

// Reached says whether nothing is left to prove for the level that the client asks
// for.
func (si *SignIn) Reached() bool { return LevelOf(si.Methods) >= si.Target }

// Note adds a round. Copies of the sign-in must not write into one array.
func (si *SignIn) Note(r trigger.Round) { si.Rounds = append(slices.Clip(si.Rounds), r) }

// Has says whether the user has proved one of the factors.
func (si *SignIn) Has(factors ...string) bool {
	return slices.ContainsFunc(si.Rounds, func(r trigger.Round) bool {
		return r.Passed && slices.Contains(factors, r.ChallengeName)
	})
}

// BeginsByChoice says whether what is asked now is the first factor of
// USER_AUTH, or the choice of one.
func (si *SignIn) BeginsByChoice() bool { return si.Chooses && len(si.Rounds) == 0 }

// HasPassword says whether the first factor was a password, which is the one
// that may have to be changed or followed by a second.
func (si *SignIn) HasPassword() bool { return si.Has("PASSWORD", "PASSWORD_VERIFIER") }
