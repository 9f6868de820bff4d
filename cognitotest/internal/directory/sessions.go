package directory

import (
	"math/big"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Session is a challenge that waits for its answer. A refused answer does not change the data
// that a session points to.
type Session struct {
	Challenge string
	SignIn    SignIn
	Given     any // data that the challenge needs to judge the answer
	// Bare means that the pool sent the challenge without its token. Such a
	// PASSWORD_VERIFIER takes any number of answers while the session lives.
	Bare bool
	used bool // the pool has accepted an answer, or judges one now
}

// Sessions are long, so that a client with too little space for a session fails. A challenge
// fits into one read of 4 KB: see plainBodies in package cognitotest.
const sessionBytes = 450

// OpenSession keeps a session and returns its token.
func (p *Pool) OpenSession(s Session) string {
	token := random.Token(sessionBytes)
	p.KeepSession(token, s)
	return token
}

// KeepSession keeps a session under a token.
func (p *Pool) KeepSession(token string, s Session) {
	now := p.Now()
	p.Sessions.Put(token, s, now, now.Add(s.SignIn.Client.authSession))
}

// SpendSession ends a session. The pool remembers the token for a while, so that the error of
// a second answer tells the reason.
func (p *Pool) SpendSession(token string) {
	spent, _ := p.Sessions.Get(token)
	p.Sessions.Set(token, expiring.Entry[Session]{Value: Session{used: true}, Expires: spent.Expires})
}

// OpenedSession returns the session with the token, if it waits for one of the challenges.
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

// SignIn is the state of one sign-in, from InitiateAuth to tokens. Sessions hold copies, so a
// refused answer changes nothing.
type SignIn struct {
	Client  *Client
	User    *User
	Typed   string // USERNAME of the first request
	Flow    string // AuthFlow, empty in a session of a sign-up
	First   bool   // the challenge is the response to the first request
	Settled bool   // the user has passed the challenges of the auth flow
	// ChangedPassword means that the user has replaced a temporary password.
	ChangedPassword bool

	Opened  string          // Session of the first request
	Chooses bool            // the client chooses the first factor
	Only    string          // the only first factor of an invented user
	Named   bool            // the pool has sent the user name to the client
	PublicA *big.Int        // A of the client, for the next SRP challenge
	Rounds  []trigger.Round // the answered challenges
	// Target is the level that the client asks for, or 0. Methods are the proved methods,
	// with the methods of the tokens at the start of a step-up.
	Target  int
	Methods []string
	// Enrolling is the second factor that the user sets up.
	Enrolling string
	Grant     *Grant // the grant of a refresh, nil in a sign-in

	Device  *Device  // the device of the request, or a new one
	DeviceA *big.Int // A of the device, for the next SRP challenge
}

// AnswersTo reports whether USERNAME of an answer names the user who signs in.
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

// Passed adds a proved factor.
func (si *SignIn) Passed(factor string) {
	si.Note(trigger.Round{ChallengeName: factor, Passed: true})
	if method := methodOf[factor]; method != "" {
		si.Prove(method)
	}
}

// Prove adds a method of authentication. The function clips the slice, because copies of the
// sign-in must not write into one array.
func (si *SignIn) Prove(method string) {
	if !slices.Contains(si.Methods, method) {
		si.Methods = append(slices.Clip(si.Methods), method)
	}
}

// HasSecondFactor reports whether the user has proved one of MFAFactors.
func (si *SignIn) HasSecondFactor() bool {
	return slices.ContainsFunc(secondMethods, func(method string) bool { return slices.Contains(si.Methods, method) })
}

// Reached reports whether the methods reach the level that the client asks for.
func (si *SignIn) Reached() bool { return LevelOf(si.Methods) >= si.Target }

// Note adds a round, and clips the slice as Prove does.
func (si *SignIn) Note(r trigger.Round) { si.Rounds = append(slices.Clip(si.Rounds), r) }

// Has reports whether the user has proved one of the factors.
func (si *SignIn) Has(factors ...string) bool {
	return slices.ContainsFunc(si.Rounds, func(r trigger.Round) bool {
		return r.Passed && slices.Contains(factors, r.ChallengeName)
	})
}

// BeginsByChoice reports whether the challenge is the first factor of USER_AUTH, or the
// choice of the first factor.
func (si *SignIn) BeginsByChoice() bool { return si.Chooses && len(si.Rounds) == 0 }

// HasPassword reports whether the first factor was a password. Only after a password the pool
// asks for a new password or a second factor.
func (si *SignIn) HasPassword() bool { return si.Has("PASSWORD", "PASSWORD_VERIFIER") }
