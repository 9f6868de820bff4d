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

// state is the content of the record of a web session. Other goroutines can see a state,
// so methods do not change a state but return another one.
type state struct {
	Form    int       `json:"form"` // of this JSON
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"` // the last call of Tokens that the store has learnt of

	Tokens     flow.Tokens `json:"tokens"`
	Generation int         `json:"generation"` // counts the refreshes
	Due        time.Time   `json:"due"`        // of the next refresh
	Over       time.Time   `json:"over"`       // callers do not get the tokens from then on

	// Lease is not 0 while an instance refreshes. Another instance leaves the record
	// alone for the time of Lease, from when it first sees this version.
	Lease time.Duration `json:"lease,omitempty"`
	// Failure is set if the last refresh failed.
	Failure *failure `json:"failure,omitempty"`
}

const form = 1

// stage is where a web session stands. The stage decides what Tokens and a job do.
type stage int

const (
	ended   stage = iota // by idle time or lifetime
	fresh                // nothing is due
	idle                 // a write of the time of the last call is due, and no refresh
	resting              // a refresh is due, and one has failed just now
	leased               // an instance refreshes, or has died in a refresh
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

// ends returns when the web session ends unless Tokens is called. The present options
// count, also for a record that was written under other options.
func (s *state) ends(o *Options) time.Time {
	idle, absolute := s.Seen.Add(o.Idle), s.Created.Add(o.Lifetime)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

func (s *state) isTouchDue(now time.Time, o *Options) bool { return now.Sub(s.Seen) >= o.Idle/touches }

// isValid reports whether callers may get the tokens.
func (s *state) isValid(now time.Time) bool { return now.Before(s.Over) }

// user returns the user for the index of web sessions.
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
	margin = min(margin, life/3) // the random part doubles it at most, so a third of the life is left
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

// shortest is the shortest life that new tokens may have. A shorter life is a failure:
// otherwise each call would refresh.
const shortest = time.Second

var errExpired = errors.New("the new tokens had expired when they came: check the clock of this machine")

// succeeded returns the state after a refresh, and an error if the new tokens cannot be
// used. The state has the new refresh token in any case: under rotation the former one
// is worthless.
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

// reserve is the room of a record for a lease and a failure, in bytes.
const reserve = 2 << 10

// checkSize returns an error if the tokens leave too little room in a record.
func (s *state) checkSize() error {
	plain, err := json.Marshal(s)
	if err == nil && len(plain) > store.MaxData-reserve {
		err = fmt.Errorf("the tokens take %d bytes as JSON, and a record has room for %d: check the number of the user's groups", len(plain), store.MaxData-reserve)
	}
	return err
}

// touched returns the state after a call of Tokens.
func (s state) touched(now time.Time) state {
	s.Seen = now
	return s
}

// cloneTokens keeps a caller from changing tokens that other callers use.
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

// The purposes of sealed records. A record of one purpose does not open as the other.
const (
	purposeSession = "web session"
	purposeIndex   = "web sessions of a user"
)

// sealedFor is how much longer than its record a sealed text opens. The sealer may use the
// service's clock, and the clocks of the instances may differ from it by days. The end of
// a web session comes from the times in its state, and not from the sealed text.
const sealedFor = 365 * 24 * time.Hour

// sealRecord makes the data of a record, bound to its name. sealRecord fails if the data
// are too large.
func sealRecord(s *seal.Sealer, purpose, name string, value any, expires time.Time) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	// A store takes bytes, and the bytes are shorter than the text.
	data, err := base64.RawURLEncoding.DecodeString(s.Seal(purpose, plain, []byte(name), expires.Add(sealedFor)))
	if err != nil {
		return nil, err
	}
	return data, store.CheckData(data)
}

// openRecord reads data of sealRecord into value.
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

var errForm = errors.New("websession: a record has an unknown form, perhaps of a later release")
