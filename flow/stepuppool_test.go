package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// stairs is a user and a pool. The user ada has a password, an authenticator app and codes by
// e-mail. The app and the codes also work as second factors.
type stairs struct {
	*testing.T
	pool   *cognitotest.Pool
	clock  *clock
	driver *flow.Driver
	signIn func(*testing.T, *flow.Driver, flow.AuthFlow, challenge.Handler) (*flow.Tokens, error)

	first challenge.Name // ada's choice at SELECT_CHALLENGE
	wrong challenge.Name // ada answers this challenge wrong each time
	asked []string

	passkey *passkey
}

// onStairs runs a test in both modes, with a driver of each kind.
func onStairs(t *testing.T, change func(*cognitotest.PoolConfig), test func(*stairs)) {
	for mode, signIn := range modes {
		for by, make := range map[string]func(testing.TB, *cognitotest.Pool, string, ...func(*flow.Options)) *flow.Driver{
			"InitiateAuth": newDriver, "AdminInitiateAuth": newAdminDriver,
		} {
			t.Run(mode+" by "+by, func(t *testing.T) {
				c := newClock()
				pool := newPool(t, func(config *cognitotest.PoolConfig) {
					config.Now, config.MFA = c.Now, "OPTIONAL"
					config.AllowedFirstFactors = []string{"PASSWORD", "EMAIL_OTP"}
					config.Users = []cognitotest.UserConfig{{
						Name: "ada", Password: password, TOTPSecret: totpSecret, MFA: []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"},
						Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"},
					}, {Name: "bob", Password: password}}
					if change != nil {
						change(config)
					}
				})
				test(&stairs{T: t, pool: pool, clock: c, driver: make(t, pool, "secret", c.use), signIn: signIn, first: challenge.PasswordSRP})
			})
		}
	}
}

func (s *stairs) answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	s.asked = append(s.asked, string(c.Name))
	switch c.Name {
	case challenge.SelectChallenge:
		if s.first == challenge.EmailOTP {
			return challenge.Choose(s.first), mustOffer(c, s.first)
		}
		return challenge.CurrentPassword(s.first, password), mustOffer(c, s.first)
	case challenge.SelectMFAType:
		return challenge.Choose(challenge.EmailOTP), mustOffer(c, challenge.EmailOTP)
	case challenge.EmailOTP:
		return challenge.Code(codeOr(s.wrong == c.Name, s.pool.LastCode("ada").Code)), nil
	case challenge.SoftwareTokenMFA:
		return challenge.Code(codeOr(s.wrong == c.Name, s.pool.TOTP("ada"))), nil
	case challenge.WebAuthn:
		options, err := c.CredentialRequest()
		if err != nil {
			return challenge.Answer{}, err
		}
		return s.passkey.sign(options)
	}
	return challenge.Answer{}, fmt.Errorf("the pool asks %s, and ada has no answer", c.Name)
}

func (s *stairs) try(f flow.UserAuth) (*flow.Tokens, error) {
	s.Helper()
	s.clock.Advance(time.Minute) // a code of an app works once
	s.asked = nil
	if f.Username == "" && (f.StepUp == nil || f.StepUp.From == nil) {
		f.Username = "ada"
	}
	return s.signIn(s.T, s.driver, f, challenge.HandlerFunc(s.answer))
}

// climb signs in, and wants tokens of this level after these challenges.
func (s *stairs) climb(up flow.StepUp, level, asked string) *flow.Tokens {
	s.Helper()
	tokens, err := s.try(flow.UserAuth{StepUp: &up})
	if err != nil {
		s.Fatal(err)
	}
	if tokens.ACR != level || strings.Join(s.asked, " ") != asked {
		s.Errorf("reached %q after %q, want %q after %q", tokens.ACR, s.asked, level, asked)
	}
	if !up.MetBy(tokens, s.driver.Now()) {
		s.Errorf("the level %s is not met by %s of %v", up.Levels, tokens.ACR, tokens.AuthTime)
	}
	return tokens
}

// fail signs in, and wants an error with this code.
func (s *stairs) fail(f flow.UserAuth, code flow.Code) {
	s.Helper()
	tokens, err := s.try(f)
	if tokens != nil || !errors.Is(err, code) {
		s.Errorf("got tokens: %t, %v, want %s", tokens != nil, err, code)
	}
}

func (s *stairs) wantGood(tokens *flow.Tokens) {
	s.Helper()
	if _, err := s.driver.Refresh(s.Context(), tokens); err != nil {
		s.Errorf("the tokens before the step-up cannot be refreshed: %v", err)
	}
}

func levels(names ...string) flow.StepUp { return flow.StepUp{Levels: names} }

const (
	wholeWay = "SELECT_CHALLENGE SOFTWARE_TOKEN_MFA"
	onlyApp  = "SOFTWARE_TOKEN_MFA"
)

// The cases are the rows of a table in the developer guide, "Step-up authentication with the
// USER_AUTH flow".
func TestStepUpTable(t *testing.T) {
	onStairs(t, nil, func(s *stairs) {
		// Without ACCESS_TOKEN, the user proves all factors.
		first := s.climb(levels(flow.Level3), flow.Level3, "SELECT_CHALLENGE EMAIL_OTP")
		// With ACCESS_TOKEN and within MAX_AGE, the user proves the missing factor alone.
		up := flow.StepUp{Levels: []string{flow.Level4}, From: first, MaxAge: time.Minute}
		s.climb(up, flow.Level4, onlyApp)
		s.wantGood(first)
		// Two minutes later, MAX_AGE is over, and the user proves all factors.
		s.climb(up, flow.Level4, wholeWay)
		s.wantGood(first)
		// Without TARGET_ACR_VALUES, the sign-in has no level, and the user's MFA counts.
		plain, err := s.try(flow.UserAuth{})
		if err != nil || plain.ACR != "" || plain.AMR != nil || strings.Join(s.asked, " ") != "SELECT_CHALLENGE SELECT_MFA_TYPE EMAIL_OTP" {
			s.Errorf("%+v after %q, %v", plain, s.asked, err)
		}
	})
}

// No recording shows whether the tokens of a plain sign-in have acr and amr. In both cases, the
// step-up reaches the level.
func TestStepUpFromAPlainSignIn(t *testing.T) {
	for claims, want := range map[string]struct{ level, asked string }{"": {"", wholeWay}, "ALWAYS": {flow.Level3, onlyApp}} {
		onStairs(t, func(c *cognitotest.PoolConfig) { c.Dialect.StepUp = claims }, func(s *stairs) {
			plain, err := s.try(flow.UserAuth{})
			if err != nil {
				s.Fatal(err)
			}
			if plain.ACR != want.level {
				s.Errorf("a plain sign-in has the level %q, want %q", plain.ACR, want.level)
			}
			s.climb(flow.StepUp{Levels: []string{flow.Level4}, From: plain}, flow.Level4, want.asked)
		})
	}
}

func TestStepUpOverLevels(t *testing.T) {
	onStairs(t, nil, func(s *stairs) {
		s.first = challenge.EmailOTP
		low := s.climb(levels(flow.Level2), flow.Level2, "SELECT_CHALLENGE EMAIL_OTP")
		s.first = challenge.Password
		s.climb(flow.StepUp{Levels: []string{flow.Level3}, From: low}, flow.Level3, "SELECT_CHALLENGE")
		high := s.climb(flow.StepUp{Levels: []string{flow.Level4}, From: low}, flow.Level4, wholeWay)
		if want := []string{"email_otp", "pwd", "otp", "mfa"}; !slices.Equal(high.AMR, want) {
			s.Errorf("amr %q, want %q", high.AMR, want)
		}
	})
}

// A passkey reaches level 3. The user registers a passkey after a step-up that failed.
func TestStepUpByPasskey(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) {
		c.AllowedFirstFactors = []string{"PASSWORD", "WEB_AUTHN"}
		c.WebAuthn = &cognitotest.WebAuthnConfig{RPID: "example.com", Origins: []string{passkeyURL}}
		c.Users[0].MFA = nil
		c.Users[0].TOTPSecret = ""
	}, func(s *stairs) {
		first := s.climb(levels(flow.Level1), flow.Level1, "SELECT_CHALLENGE")
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level3}, From: first}}, flow.LevelUnreachable)
		s.passkey = registerPasskey(s, s.pool, first)
		high := s.climb(flow.StepUp{Levels: []string{flow.Level3}, From: first}, flow.Level3, "WEB_AUTHN")
		if want := []string{"pwd", "swk", "mfa"}; !slices.Equal(high.AMR, want) {
			s.Errorf("amr %q, want %q", high.AMR, want)
		}
	})
}

// If the pool demands MFA, a lower level does not remove the second factor.
func TestStepUpMFAIsAFloor(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) { c.MFA, c.Users[0].MFA = "ON", []string{"SOFTWARE_TOKEN_MFA"} }, func(s *stairs) {
		s.climb(levels(flow.Level1), flow.Level4, wholeWay)
	})
}

func TestStepUpFallsBack(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) { c.Users[0].MFA = []string{"EMAIL_OTP"} }, func(s *stairs) {
		third := s.climb(levels("gold", flow.Level4, flow.Level3), flow.Level3, "SELECT_CHALLENGE EMAIL_OTP")
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level4}, From: third}}, flow.LevelUnreachable)
		// The user can reach level 3 only, and the tokens have level 3.
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level4, flow.Level3}, From: third}}, flow.LevelMet)
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{"gold"}}}, flow.LevelUnreachable)
		s.wantGood(third)
	})
}

// If the user fails one factor, the step-up returns no tokens. The old tokens stay valid.
func TestStepUpIsAllOrNothing(t *testing.T) {
	onStairs(t, nil, func(s *stairs) {
		first := s.climb(levels(flow.Level3), flow.Level3, "SELECT_CHALLENGE EMAIL_OTP")
		s.wrong = challenge.SoftwareTokenMFA
		for _, up := range []flow.StepUp{levels(flow.Level4), {Levels: []string{flow.Level4}, From: first}} {
			tokens, err := s.try(flow.UserAuth{StepUp: &up})
			if tokens != nil || !errors.Is(err, flow.LimitReached) || s.asked[len(s.asked)-1] != onlyApp {
				s.Errorf("got tokens: %t, %v after %q", tokens != nil, err, s.asked)
			}
			s.wantGood(first)
		}
	})
}

func TestStepUpOfWrongTokens(t *testing.T) {
	onStairs(t, nil, func(s *stairs) {
		first := s.climb(levels(flow.Level3), flow.Level3, "SELECT_CHALLENGE EMAIL_OTP")
		s.fail(flow.UserAuth{Username: "bob", StepUp: &flow.StepUp{Levels: []string{flow.Level1}, From: first, MaxAge: time.Second}}, flow.LevelUnreachable)
		forged := *first
		forged.AccessToken = secret.New(first.AccessToken.Reveal() + "A")
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level4}, From: &forged}}, flow.TokenRefused)
		s.clock.Advance(time.Hour)
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level4}, From: first}}, flow.TokenRefused)
		fresh, err := s.driver.Refresh(s.Context(), first)
		if err != nil {
			s.Fatal(err)
		}
		s.climb(flow.StepUp{Levels: []string{flow.Level4}, From: fresh}, flow.Level4, onlyApp)
	})
}

func TestStepUpOutlivesARefresh(t *testing.T) {
	onStairs(t, nil, func(s *stairs) {
		first := s.climb(levels(flow.Level4), flow.Level4, wholeWay)
		s.clock.Advance(10 * time.Minute)
		fresh, err := s.driver.Refresh(s.Context(), first)
		if err != nil {
			s.Fatal(err)
		}
		if fresh.ACR != flow.Level4 || !slices.Equal(fresh.AMR, first.AMR) || !fresh.AuthTime.Equal(first.AuthTime) || fresh.AccessToken.Reveal() == first.AccessToken.Reveal() {
			s.Errorf("acr %q, amr %q, auth_time %v", fresh.ACR, fresh.AMR, fresh.AuthTime)
		}
		// The time of a sign-in stays the same after a refresh.
		up := flow.StepUp{Levels: []string{flow.Level4}, From: fresh, MaxAge: 10 * time.Minute}
		if s.clock.Advance(time.Second); up.MetBy(fresh, s.driver.Now()) {
			s.Error("a sign-in that is too old meets the level")
		}
		s.climb(up, flow.Level4, wholeWay)
	})
}

// If a pool has names for its levels, only these names work.
func TestStepUpWithNamesOfThePool(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) { c.LevelNames = []string{"", "", "silver", "gold"} }, func(s *stairs) {
		first := s.climb(levels("silver"), "silver", "SELECT_CHALLENGE EMAIL_OTP")
		s.climb(flow.StepUp{Levels: []string{"gold"}, From: first}, "gold", onlyApp)
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level4}, From: first}}, flow.LevelUnreachable)
	})
}

func TestStepUpOnALowerPlan(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) { c.Tier = "LITE" }, func(s *stairs) {
		s.fail(flow.UserAuth{StepUp: &flow.StepUp{Levels: []string{flow.Level1}}}, flow.FeatureUnavailable)
	})
}

// A pool without the feature may ignore the levels and grant tokens. MetBy reports that the tokens
// do not have the level.
func TestStepUpThatIsIgnored(t *testing.T) {
	onStairs(t, func(c *cognitotest.PoolConfig) {
		c.Dialect.StepUp, c.MFA, c.Users[0].MFA, c.Users[0].TOTPSecret = "IGNORED", "OFF", nil, ""
	}, func(s *stairs) {
		up := levels(flow.Level4)
		tokens, err := s.try(flow.UserAuth{StepUp: &up})
		if err != nil {
			s.Fatal(err)
		}
		if up.MetBy(tokens, s.driver.Now()) || (flow.StepUp{Levels: []string{flow.Level1}}).MetBy(tokens, s.driver.Now()) {
			s.Error("tokens of a password alone meet a level")
		}
		up.From = tokens
		if tokens, err = s.try(flow.UserAuth{StepUp: &up}); err != nil || up.MetBy(tokens, s.driver.Now()) {
			s.Errorf("a step-up from these tokens: %v", err)
		}
	})
}
