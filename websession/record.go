package websession

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
)

// state is one web session, as its record has it. A state that others can see does
// not change: see the methods that return another one.
type state struct {
	Form    int       `json:"form"` // of this JSON
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"` // the last call of Tokens that the store has learnt of

	Tokens     flow.Tokens `json:"tokens"`
	Generation int         `json:"generation"` // counts the refreshes
	Due        time.Time   `json:"due"`        // of the next refresh
	Over       time.Time   `json:"over"`       // nobody gets the tokens from then on

	// Lease is not 0 while an instance refreshes: for so long the others leave the
	// record alone, counted from when they see this version of it.
	Lease time.Duration `json:"lease,omitempty"`
	// Failure is that of the last refresh.
	Failure *failure `json:"failure,omitempty"`
}

const form = 1

// stage is where a web session stands. The stage decides what Tokens and a job do.
type stage int

const (
	ended   stage = iota // by idle time or lifetime
	fresh                // nothing is due
	idle                 // only the time of the last call is due to be written
	resting              // a refresh is due, and one has failed just now
	leased               // an instance refreshes, or has died over it
	due                  // a refresh is due
)

func (s *state) stage(now time.Time, o *Options) stage {
	switch {
	case !now.Before(s.ends(o)):
		return ended
	case now.Before(s.Due) && s.isTouchDue(now, o):
		return idle
	case now.Before(s.Due):
		return fresh
	case s.Lease != 0:
		return leased
	case !s.Failure.isOver(now, o):
		return resting
	}
	return due
}

// ends is when the web session ends unless Tokens is called. The options of today
// count, also for a record of yesterday.
func (s *state) ends(o *Options) time.Time {
	idle, absolute := s.Seen.Add(o.Idle), s.Created.Add(o.Lifetime)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

func (s *state) isTouchDue(now time.Time, o *Options) bool { return now.Sub(s.Seen) >= o.Idle/touches }

// isValid reports whether somebody may get the tokens.
func (s *state) isValid(now time.Time) bool { return now.Before(s.Over) }

// user is who the web session is of, for the index of a user's web sessions.
func (s *state) user() string { return userOf(&s.Tokens) }

func newState(t *flow.Tokens, now time.Time, o *Options) state {
	return state{Form: form, Created: now}.renewed(t, now, o)
}

// renewed returns the state with new tokens.
func (s state) renewed(t *flow.Tokens, now time.Time, o *Options) state {
	life := max(t.Expiry.Sub(now), 0)
	margin := o.Margin
	if margin == 0 {
		margin = min(life/6, longestMargin)
	}
	margin = min(margin, life/3) // with its random part it leaves the token a third of its life
	s.Tokens, s.Seen, s.Lease, s.Failure = *cloneTokens(t), now, 0, nil
	s.Generation++
	s.Over = t.Expiry.Add(-min(transit, life/60))
	s.Due = t.Expiry.Add(-margin - random(margin))
	switch {
	case t.Device.State == flow.DeviceUnconfirmed:
		s.Due = now // the refresh confirms the device, as long as the access token is valid
	case s.Over.Before(s.Due):
		s.Due = s.Over
	}
	return s
}

// withLease returns the state while this instance refreshes.
func (s state) withLease(o *Options) state {
	s.Lease = o.Lease
	return s
}

// failed returns the state after a refresh that failed.
func (s state) failed(err error, now time.Time, o *Options) state {
	count := 0
	if s.Failure != nil {
		count = s.Failure.Count
	}
	s.Lease, s.Failure = 0, newFailure(err, count, now, o)
	if !s.Failure.isRefusal() {
		s.Seen = now // calls that get a refusal do not keep a web session
	}
	return s
}

// shortest is the least that new tokens have to live. Those of a shorter life are a
// failure: otherwise each call would refresh.
const shortest = time.Second

var errExpired = errors.New("the new tokens had expired when they came; is the clock right?")

// succeeded returns the state after a refresh, and an error if its tokens are of no
// use. The new refresh token is kept in any case: under rotation there is no other.
func (s state) succeeded(t *flow.Tokens, now time.Time, o *Options) (state, error) {
	next := s.renewed(t, now, o)
	if err := next.checkSize(); err != nil {
		failed := s.failed(err, now, o)
		failed.Tokens.RefreshToken, failed.Tokens.Device = t.RefreshToken, t.Device // it may be confirmed now
		failed.Generation++
		return failed, err
	}
	if next.Over.Sub(now) < shortest {
		next.Failure = s.failed(errExpired, now, o).Failure
		return next, errExpired
	}
	return next, nil
}

// reserve is what a record has room for besides tokens: a lease and a failure.
const reserve = 2 << 10

// checkSize returns an error if the tokens leave too little room in a record.
func (s *state) checkSize() error {
	plain, err := json.Marshal(s)
	if err == nil && len(plain) > store.MaxData-reserve {
		err = fmt.Errorf("the tokens take %d bytes as JSON, and a record has room for %d; is the user in many groups?", len(plain), store.MaxData-reserve)
	}
	return err
}

// touched returns the state after a call of Tokens.
func (s state) touched(now time.Time) state {
	s.Seen = now
	return s
}

// cloneTokens keeps a caller from changing what others use.
func cloneTokens(t *flow.Tokens) *flow.Tokens {
	c := *t
	c.Scopes, c.AMR = slices.Clone(t.Scopes), slices.Clone(t.AMR)
	return &c
}

// random returns a duration from 0 up to, but not including, limit.
func random(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	return rand.N(limit)
}

// What is sealed: the purposes keep one from being passed off as the other.
const (
	purposeSession = "web session"
	purposeIndex   = "web sessions of a user"
)

// sealedFor is how much longer than its record a sealed text opens. The clock of the sealer
// may be the service's, from which the clocks of the fleet may be days away. The times in
// a state are what counts.
const sealedFor = 365 * 24 * time.Hour

// sealRecord makes the data of a record, which are bound to its name. The error is that
// of data that are too large.
func sealRecord(s *seal.Sealer, purpose, name string, value any, expires time.Time) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	// A store takes bytes, which are shorter than the text.
	data, err := base64.RawURLEncoding.DecodeString(s.Seal(purpose, plain, []byte(name), expires.Add(sealedFor)))
	if err != nil {
		return nil, err
	}
	return data, store.CheckData(data)
}

// openRecord reads what sealRecord has made into value.
func openRecord(s *seal.Sealer, purpose, name string, data []byte, value any) error {
	plain, err := s.Open(purpose, base64.RawURLEncoding.EncodeToString(data), []byte(name))
	if err != nil {
		return err
	}
	if json.Unmarshal(plain, value) != nil {
		return errForm // the error of package json may quote a token
	}
	return nil
}

var errForm = errors.New("websession: a record has another form; did a later release write it?")
