package flow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
)

// state is the state of a sign-in after the service's last reply. A state is a value: each
// reply makes a new one. A [Prompt] is a copy, so that a later call knows as much as this call.
type state struct {
	flow    types.AuthFlowType // of the start
	began   int64              // milliseconds since 1970 by the service's clock, 0 in the call that begins the sign-in
	names   names
	ask     challenge.Challenge // the present challenge, without a name before the first reply
	stage   stage
	session string // the last one that the service sent, in a reply to any operation
	issued  time.Time

	// personal says that a person gave an answer that is good only once: a code, a
	// signature, a new password. Such a sign-in does not begin again.
	personal bool
	spent    spending

	without leftOut // devices that the sign-in goes on without
	held    bool    // a call had a holder of devices
	device  string  // the key of the device that the requests name
}

// leftOut has the device that a sign-in goes on without. After a second device, the sign-in
// goes on without any. The JSON names are part of a stored prompt.
type leftOut struct {
	Key     string `json:"k"`           // the last one
	Suspect bool   `json:"x,omitempty"` // does not work, if the sign-in succeeds without it
	All     bool   `json:"a,omitempty"`
}

func (l leftOut) has(key string) bool { return l.All || key == l.Key }

func (l leftOut) and(key string, suspect bool) leftOut {
	return leftOut{key, suspect, l.All || l.Key != "" && l.Key != key}
}

// names are the user's names as far as the sign-in knows them.
type names struct {
	typed    string // given by the user, perhaps an alias
	resolved string // USERNAME, the pool's name for the user
	srpID    string // USER_ID_FOR_SRP, if the pool told no other name
}

// username is the name to send, and to hash in SECRET_HASH: the pool's own as soon as it is
// known. The service refuses a hash over another name than the one in the same request.
func (n names) username() string { return cmp.Or(n.resolved, n.srpID, n.typed) }

// learn takes the pool's names for the user from a challenge.
func (n names) learn(c challenge.Name, params map[string]string) names {
	if name := params["USERNAME"]; name != "" {
		n.resolved = name
	}
	// In a device's challenge the ID may be the device's.
	if id := params["USER_ID_FOR_SRP"]; id != "" && n.resolved == "" && !traits.Of(c).ProvesDevice {
		n.srpID = id
	}
	return n
}

// stage is how far the set-up of an authenticator app has got.
type stage int

const (
	asked      stage = iota
	associated       // the service has sent the TOTP secret, and the code is next
	verified         // the code was right, and the answer to MFA_SETUP is next
)

// after returns the state after a reply without tokens.
func (s state) after(rep *reply, now time.Time) state {
	s.session, s.issued = cmp.Or(rep.session, s.session), now
	switch {
	case !rep.totpSecret.IsZero():
		s.ask.TOTPSecret, s.stage = rep.totpSecret, associated
	case rep.verified:
		s.stage = verified
	default:
		s = s.challenged(rep)
	}
	return s
}

// challenged returns the state in which the service asks a new challenge.
func (s state) challenged(rep *reply) state {
	before := s.ask
	s.names, s.stage = s.names.learn(rep.challenge, rep.params), asked
	s.ask = challenge.Challenge{
		Name: rep.challenge, Parameters: rep.params, Available: rep.available,
		Username: s.names.username(), SignInName: s.names.typed,
	}
	if traits.Of(s.ask.Name).Repeats && before.Name == s.ask.Name {
		// The service does not tell a wrong answer from a next question.
		s.ask.Attempt, s.ask.Reason = before.Attempt+1, challenge.ErrAskedAgain
	}
	return s
}

// narrowed returns the state in which MFA_SETUP asks for one method alone.
func (s state) narrowed(chosen challenge.Name) (state, error) {
	list, err := json.Marshal([]challenge.Name{chosen})
	if err != nil {
		return s, err
	}
	params := map[string]string{}
	maps.Copy(params, s.ask.Parameters)
	params["MFAS_CAN_SETUP"] = string(list)
	s.ask.Parameters = params
	return s, nil
}

// refused returns the state in which the challenge waits for another answer.
func (s state) refused(reason error) state {
	s.ask.Attempt++
	s.ask.Reason = reason
	s.spent.Refusals++
	return s
}

// restarted returns the state of a sign-in that begins again.
func (s state) restarted(cause restartCause) state {
	spent := s.spent
	spent.Restarts |= cause
	return state{flow: s.flow, began: s.began, names: names{typed: s.names.typed}, spent: spent, without: s.without, held: s.held}
}

// Limits bound one sign-in over all its calls and processes, because a [Prompt] has the
// numbers so far. A field of 0 or less has the default. A sign-in that reaches a limit ends with an
// [Error] of code [LimitReached] that names the limit.
//
// One limit is not a field: a password is proved once after each start and after each new
// password. Each proof lets a false service try one password.
//
// Limits end loops of programs. Limits do not stop a person who answers the same stored prompt
// many times. Against such a person, count refusals per user. The service counts wrong
// passwords, and ends a session after few answers.
type Limits struct {
	// Requests is the number of requests without an answer of a person: starts, proofs,
	// set-ups. 0: 64.
	Requests int
	// Answers is the number of answers of people and of Options.Handlers that were sent.
	// 0: 500, more than custom authentication needs.
	Answers int
	// Refusals is the number of answers that the service refused or that were not usable.
	// The sign-in ends at that number. 0: 10.
	Refusals int
}

func (l Limits) requests() int { return cmp.Or(max(l.Requests, 0), 64) }
func (l Limits) answers() int  { return cmp.Or(max(l.Answers, 0), 500) }
func (l Limits) refusals() int { return cmp.Or(max(l.Refusals, 0), 10) }

// spending is the part of the limits that a sign-in has used. The JSON names are part of a
// stored prompt.
type spending struct {
	Requests int          `json:"q,omitempty"`
	Answers  int          `json:"a,omitempty"`
	Refusals int          `json:"r,omitempty"`
	Restarts restartCause `json:"b,omitempty"`

	// PasswordProofs and DeviceProofs are the proofs since the last start, or since another
	// password was given. One proof is enough, and each proof lets the other end try one
	// password.
	PasswordProofs int `json:"p,omitempty"`
	DeviceProofs   int `json:"d,omitempty"`
}

// restartCause is the reason why a sign-in begins again. Each cause counts once.
type restartCause int

const (
	replyLost         restartCause = 1 << iota // to a request of the driver
	deviceFailed                               // the network may be at fault
	deviceFailedAgain                          // the sign-in goes on without the device
)

// limitError says which limit a sign-in has reached.
type limitError struct{ what string }

func (e *limitError) Error() string {
	return e.what + ": the sign-in has ended"
}

// isSound reports whether a stored prompt can have these numbers.
func (s spending) isSound() bool {
	return s.Requests >= 0 && s.Answers >= 0 && s.Refusals >= 0 && s.Restarts >= 0 && s.PasswordProofs >= 0 && s.DeviceProofs >= 0
}

// checkLimit returns a limitError if a field of Limits is reached. The texts one and several
// follow the number, in the singular and the plural.
func checkLimit(field string, limit, spent int, one, several string) error {
	if spent < limit {
		return nil
	}
	what := several
	if limit == 1 {
		what = one
	}
	return &limitError{fmt.Sprintf("%d %s, and Options.Limits.%s allows no more", limit, what, field)}
}

// take counts a request, unless the request would exceed a limit.
func (s *spending) take(r request, l Limits) error {
	if r.isStart() {
		s.PasswordProofs, s.DeviceProofs = 0, 0
	}
	err := checkLimit("Requests", l.requests(), s.Requests, "request needed no person", "requests needed no person")
	if r.person {
		err = checkLimit("Answers", l.answers(), s.Answers, "answer was given", "answers were given")
	}
	if err == nil && r.provesPassword() && s.PasswordProofs > 0 {
		err = &limitError{"the password was proved once, and the service asks for another proof"}
	}
	// A device is proved in two requests. The second request counts.
	claimsDevice := r.provesDevice() && traits.Of(r.challenge).ProvesSRP
	if err == nil && claimsDevice && s.DeviceProofs > 0 {
		err = &limitError{"the device was proved once, and the service asks for another proof"}
	}
	if err != nil {
		return err
	}
	if r.person {
		s.Answers++
	} else {
		s.Requests++
	}
	if r.provesPassword() {
		s.PasswordProofs++
	}
	if claimsDevice {
		s.DeviceProofs++
	}
	return nil
}
