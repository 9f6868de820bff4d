package cognitotest

import (
	"crypto/subtle"
	"encoding/json"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// challenge is one question of the pool.
type challenge struct {
	// required are the keys without which an answer is malformed, beside
	// USERNAME.
	required []string
	// optional are the parameters that not every account of the protocol has.
	optional []string
	// optIn, if set, says whether the dialect has the challenge at all.
	optIn func(poolDialect) bool
	// find gives the token of the session that an answer belongs to which
	// came without one. Nil: answers need their session.
	find func(c *call, responses map[string]string) string
	// choices lists AvailableChallenges, where the challenge comes with them.
	choices func(c *call, si *signIn) []string
	// present makes the parameters, and what answer needs to judge.
	present func(c *call, si *signIn) (parameters map[string]string, given any, err error)
	// answer judges the responses. It returns the challenge to go on with;
	// "" leaves that to the sign-in's steps. It may change si, a copy.
	answer func(c *call, si *signIn, given any, responses map[string]string) (next string, err error)
}

// challenges has the challenges that the pool poses. Its functions do not
// look into it: signIn.steps and [call.advance] decide what follows.
var challenges = map[string]challenge{
	"PASSWORD_VERIFIER": {
		required: claimKeys,
		optional: []string{"USERNAME"},
		find:     findExchange,
		present:  presentPasswordVerifier,
		answer:   answerPasswordVerifier,
	},
	"DEVICE_SRP_AUTH":          deviceSRPAuth,
	"DEVICE_PASSWORD_VERIFIER": devicePasswordVerifier,
	"SMS_MFA":                  codeChallenge("SMS_MFA", smsDelivery, "SMS_MFA_CODE"),
	"SMS_OTP":                  codeChallenge("SMS_OTP", smsDelivery, "SMS_OTP_CODE"),
	"EMAIL_OTP":                codeChallenge("EMAIL_OTP", emailDelivery, "EMAIL_OTP_CODE"),
	"SELECT_MFA_TYPE":          selectMFAType,
	"MFA_SETUP":                mfaSetup,
	"CUSTOM_CHALLENGE":         customChallenge,
	"SELECT_CHALLENGE":         selectChallenge,
	"PASSWORD":                 passwordChallenge("PASSWORD"),
	"PASSWORD_SRP":             passwordChallenge("PASSWORD_SRP"),
	"WEB_AUTHN":                webAuthnChallenge,
	"SOFTWARE_TOKEN_MFA": {
		required: []string{"SOFTWARE_TOKEN_MFA_CODE"},
		optional: []string{"FRIENDLY_DEVICE_NAME", "USER_ID_FOR_SRP"},
		present: func(c *call, si *signIn) (map[string]string, any, error) {
			if si.user.totp == nil {
				return nil, nil, noTOTP() // the Define trigger may ask for an app that nobody has
			}
			return map[string]string{
				"FRIENDLY_DEVICE_NAME": si.user.totp.Name,
				"USER_ID_FOR_SRP":      c.pool.srpID(si.user),
			}, nil, nil
		},
		answer: func(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
			if err := si.user.totp.Use(responses["SOFTWARE_TOKEN_MFA_CODE"], c.pool.now()); err != nil {
				return "", err
			}
			si.passed("SOFTWARE_TOKEN_MFA")
			return "", nil
		},
	},
	"NEW_PASSWORD_REQUIRED": {
		required: []string{"NEW_PASSWORD"},
		optional: []string{"USER_ID_FOR_SRP"},
		present:  presentNewPassword,
		answer:   answerNewPassword,
	},
}

// claimKeys are the parts of a proof by SRP. The service reports the first one
// that is missing, in this order.
var claimKeys = []string{"TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"}

// findExchange takes the SECRET_BLOCK for the session: it is the token of the
// challenges that came without one.
func findExchange(c *call, responses map[string]string) string {
	block := responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	if _, ok := c.pool.sessions.Get(block); !ok {
		return ""
	}
	return block
}

func presentPasswordVerifier(c *call, si *signIn) (map[string]string, any, error) {
	credential := si.user.credential
	if credential == nil {
		credential = c.pool.ghostCredential(si.user.id)
	}
	parameters, x := c.srpChallenge(credential, si.srpA)
	parameters["USERNAME"] = si.user.name
	parameters["USER_ID_FOR_SRP"] = c.pool.srpID(si.user)
	return parameters, x, nil
}

func answerPasswordVerifier(c *call, si *signIn, given any, responses map[string]string) (string, error) {
	x := given.(*srp.Exchange)
	proved, err := checkClaim(c, x, responses)
	if err != nil {
		return "", err
	}
	// The password may have been changed since the exchange began.
	proved = proved && x.Credential == si.user.credential
	if err := c.pool.judgePassword(si.user, proved); err != nil {
		return "", err
	}
	si.passed("PASSWORD_VERIFIER")
	return "", nil
}

// delivery is a way to send codes.
type delivery struct {
	medium    string
	attribute string // the user attribute with the address
	mask      func(string) string
	example   string // an address for users who are made up
}

var (
	smsDelivery   = delivery{"SMS", "phone_number", maskPhone, "+15550100199"}
	emailDelivery = delivery{"EMAIL", "email", maskEmail, "somebody@example.com"}
)

// sentCode is a code that waits to be used.
type sentCode struct {
	code string
	by   delivery
	used bool
}

// codeChallenge sends a code and takes it back as the response named key.
func codeChallenge(name string, by delivery, key string) challenge {
	return challenge{
		required: []string{key},
		optional: []string{"CODE_DELIVERY_DELIVERY_MEDIUM", "CODE_DELIVERY_DESTINATION"},
		choices:  firstFactorChoices,
		present: func(c *call, si *signIn) (map[string]string, any, error) {
			digits := codeDigits
			if name == "EMAIL_OTP" && si.beginsByChoice() {
				digits = firstEmailDigits
			}
			sent, err := c.deliver(si.user, name, by, digits)
			if err != nil {
				return nil, nil, err
			}
			return map[string]string{
				"CODE_DELIVERY_DELIVERY_MEDIUM": sent.Medium,
				"CODE_DELIVERY_DESTINATION":     sent.Masked,
			}, &sentCode{code: sent.Code, by: by}, nil
		},
		answer: func(c *call, si *signIn, given any, responses map[string]string) (string, error) {
			if err := given.(*sentCode).use(responses[key], "Invalid code or auth state for the user."); err != nil {
				return "", err
			}
			if si.user.ghost {
				return "", exception.WrongCredentials() // who guessed the code that nobody got
			}
			if err := c.enrolled(si, name, by); err != nil {
				return "", err
			}
			si.passed(name)
			return "", nil
		},
	}
}

// use takes a code. A wrong one is refused with the text mismatch: the
// service has another one for each operation.
func (s *sentCode) use(code, mismatch string) error {
	switch {
	case s == nil, subtle.ConstantTimeCompare([]byte(code), []byte(s.code)) != 1:
		return exception.New("CodeMismatchException", "%s", mismatch)
	case s.used:
		return exception.New("ExpiredCodeException", "Invalid code provided, please request a code again.")
	}
	s.used = true
	return nil
}

func presentNewPassword(c *call, si *signIn) (map[string]string, any, error) {
	missing := []string{}
	for _, name := range c.pool.requiredAttributes {
		if si.user.attributes[name] == "" {
			missing = append(missing, attributePrefix+name)
		}
	}
	attributes, err := json.Marshal(si.user.attributes)
	if err != nil {
		return nil, nil, err
	}
	required, err := json.Marshal(missing)
	if err != nil {
		return nil, nil, err
	}
	return map[string]string{
		"USER_ID_FOR_SRP":    c.pool.srpID(si.user),
		"userAttributes":     string(attributes),
		"requiredAttributes": string(required),
	}, nil, nil
}

func answerNewPassword(c *call, si *signIn, _ any, responses map[string]string) (string, error) {
	p, u := c.pool, si.user
	if !u.temporary {
		return "", exception.InvalidSession() // another sign-in has replaced the password
	}
	if err := p.checkNewPassword(u, responses["NEW_PASSWORD"]); err != nil {
		return "", err
	}
	attributes, err := p.attributesToSet(u, responses)
	if err != nil {
		return "", err
	}
	if err := p.setAttributes(u, attributes); err != nil {
		return "", err
	}
	p.setPassword(u, responses["NEW_PASSWORD"], false, srp.NewSalt())
	return "", nil
}
