package flow

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The service has four levels with these names. If the pool renames the levels
// (AcrConfiguration of CreateUserPool), use the names of the pool.
const (
	Level1 = "urn:cognito:loa:1" // a password
	Level2 = "urn:cognito:loa:2" // a code by SMS or e-mail
	Level3 = "urn:cognito:loa:3" // a passkey, or a password and a code by SMS or e-mail
	Level4 = "urn:cognito:loa:4" // a password and a code of an authenticator app
)

// StepUp asks for a sign-in of a certain level, in a field of [UserAuth]. [StepUp.MetBy] tells
// whether tokens meet that level.
//
// The pool needs the feature plan Essentials or Plus. On a lower plan the error has the code
// [FeatureUnavailable]. The user must have the factors already, because the service asks nobody
// to set up a factor. If the user fails one factor, there are no new tokens, and the tokens in
// From stay good. New tokens do not revoke the old tokens: call [Driver.SignOut] with these.
//
// Check the new tokens with MetBy before you let the user go on. The service decides the
// level, and a pool without the feature ignores the request. A server that gets an access token
// from elsewhere must verify the token first.
//
// The source is "Step-up authentication with the USER_AUTH flow" in the developer guide:
// TARGET_ACR_VALUES, MAX_AGE and ACCESS_TOKEN of InitiateAuth.
type StepUp struct {
	// Levels are the acceptable levels, the best one first. The service asks for the first
	// level that the user's factors can reach. The service ignores a level that the pool does
	// not know. Give at least one level.
	Levels []string

	// MaxAge is the greatest age of the sign-in, in whole seconds. If the sign-in of the
	// tokens is older, the user is asked for all factors. 0: any age. A negative MaxAge is an
	// error, and no tokens meet it.
	MaxAge time.Duration

	// From are the tokens to start from. The user is asked only for factors that the claim amr
	// of the access token does not have. Tokens of a sign-in without StepUp may not have the
	// claim. In that case the user is asked for all factors. The access token must not have
	// expired. Nil: all factors.
	From *Tokens
}

// MetBy reports whether tokens have one of the levels, by a sign-in that is not older than
// MaxAge. Of the service's four names, a higher level meets a lower one. Names of the pool have
// no order, so list all acceptable levels. The time now is by the service's clock: give
// [Driver.Now].
//
// MetBy does not verify the tokens. Tokens from the service or from your own store need no
// verification.
func (s StepUp) MetBy(t *Tokens, now time.Time) bool {
	if t == nil || t.ACR == "" || !slices.ContainsFunc(s.Levels, func(level string) bool { return reaches(t.ACR, level) }) {
		return false
	}
	return s.MaxAge == 0 || s.MaxAge > 0 && !t.AuthTime.IsZero() && now.Sub(t.AuthTime) <= s.MaxAge
}

// isMet reports whether the tokens in From have the first of the levels, so that the service
// would refuse a request. If the user name is not that of the tokens, the service judges.
func (s StepUp) isMet(username string, service, machine time.Time) bool {
	first := StepUp{Levels: s.Levels[:1], MaxAge: s.MaxAge}
	return s.From != nil && s.From.Username == username && !s.From.accessExpired(service, machine) && first.MetBy(s.From, service)
}

func reaches(has, wants string) bool {
	levels := []string{Level1, Level2, Level3, Level4}
	h, w := slices.Index(levels, has), slices.Index(levels, wants)
	return has == wants || w >= 0 && h >= w
}

// params returns the AuthParameters of a step-up.
func (s StepUp) params() (map[string]string, error) {
	if len(s.Levels) == 0 {
		return nil, errors.New("StepUp.Levels is empty: give at least one, such as flow.Level4")
	}
	for _, level := range s.Levels {
		if level == "" || strings.ContainsFunc(level, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' }) {
			return nil, fmt.Errorf("StepUp.Levels has %.70q: a name of a level must not have spaces, quotation marks or backslashes", level)
		}
	}
	if s.MaxAge < 0 || s.MaxAge%time.Second != 0 {
		return nil, fmt.Errorf("StepUp.MaxAge is %v: give whole seconds, or 0 for any age", s.MaxAge)
	}
	params := map[string]string{targetLevels: strings.Join(s.Levels, " ")}
	if s.MaxAge > 0 {
		params["MAX_AGE"] = strconv.FormatInt(int64(s.MaxAge/time.Second), 10)
	}
	if s.From != nil {
		if s.From.AccessToken.IsZero() {
			return nil, errors.New("StepUp.From has no access token: leave From out to ask for all factors")
		}
		params[startToken] = s.From.AccessToken.Reveal()
	}
	return params, nil
}

const (
	targetLevels = "TARGET_ACR_VALUES"
	startToken   = "ACCESS_TOKEN"
)

// stepsUpFromTokens reports whether r starts a step-up with an access token.
func (r request) stepsUpFromTokens() bool { return r.isStart() && r.params[startToken] != "" }

// stepUpCode returns the code of a refusal that means something else in reply to the
// start of a step-up, "" for other faults.
func (e *engine) stepUpCode(f *fault) Code {
	if !f.request.isStart() || f.request.params[targetLevels] == "" {
		return ""
	}
	s := e.in.opening.stepUp
	switch {
	case hasCode(f.err, "InvalidParameterException") && s.MetBy(s.From, e.now()):
		return LevelMet // the service has one exception for both, and the tokens tell them apart
	case hasCode(f.err, "InvalidParameterException"):
		return LevelUnreachable
	case hasCode(f.err, "NotAuthorizedException") && s.From.accessExpired(e.now(), e.options.Now()):
		return TokenRefused // also if a password went along
	}
	return ""
}
