package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
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
	optIn func(directory.Dialect) bool
	// find gives the token of the session that an answer belongs to which
	// came without one. Nil: answers need their session.
	find func(c *api.Call, responses map[string]string) string
	// choices lists AvailableChallenges, where the challenge comes with them.
	choices func(c *api.Call, si *directory.SignIn) []string
	// present makes the parameters, and what answer needs to judge.
	present func(c *api.Call, si *directory.SignIn) (parameters map[string]string, given any, err error)
	// answer judges the responses. It returns the challenge to go on with;
	// "" leaves that to the sign-in's steps. It may change si, a copy.
	answer func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (next string, err error)
}

// challenges has the challenges that the pool poses. Its functions do not look
// into the map: authFlow.steps and advance decide what follows.
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
	"SMS_MFA":                  codeChallenge("SMS_MFA", directory.SMS, "SMS_MFA_CODE"),
	"SMS_OTP":                  codeChallenge("SMS_OTP", directory.SMS, "SMS_OTP_CODE"),
	"EMAIL_OTP":                codeChallenge("EMAIL_OTP", directory.Email, "EMAIL_OTP_CODE"),
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
		present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
			if si.User.TOTP == nil {
				return nil, nil, noTOTP() // the Define trigger may ask for an app that nobody has
			}
			return map[string]string{
				"FRIENDLY_DEVICE_NAME": si.User.TOTP.Name,
				"USER_ID_FOR_SRP":      c.Pool.SRPID(si.User),
			}, nil, nil
		},
		answer: func(c *api.Call, si *directory.SignIn, _ any, responses map[string]string) (string, error) {
			if err := si.User.TOTP.Use(responses["SOFTWARE_TOKEN_MFA_CODE"], c.Pool.Now()); err != nil {
				return "", err
			}
			si.Passed("SOFTWARE_TOKEN_MFA")
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
func findExchange(c *api.Call, responses map[string]string) string {
	block := responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	if _, ok := c.Pool.Sessions.Get(block); !ok {
		return ""
	}
	return block
}

func presentPasswordVerifier(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
	credential := si.User.Credential
	if credential == nil {
		credential = c.Pool.GhostCredential(si.User.ID)
	}
	parameters, x := srpChallenge(c, credential, si.PublicA)
	parameters["USERNAME"] = si.User.Name
	parameters["USER_ID_FOR_SRP"] = c.Pool.SRPID(si.User)
	return parameters, x, nil
}

func answerPasswordVerifier(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
	x := given.(*srp.Exchange)
	proved, err := checkClaim(c, x, responses)
	if err != nil {
		return "", err
	}
	// The password may have been changed since the exchange began.
	proved = proved && x.Credential == si.User.Credential
	if err := c.Pool.JudgePassword(si.User, proved); err != nil {
		return "", err
	}
	si.Passed("PASSWORD_VERIFIER")
	return "", nil
}

// wrongSignInCode is the text for a wrong code in a sign-in.
const wrongSignInCode = "Invalid code or auth state for the user."

// codeChallenge sends a code and takes it back as the response named key.
func codeChallenge(name string, by directory.Delivery, key string) challenge {
	return challenge{
		required: []string{key},
		optional: []string{"CODE_DELIVERY_DELIVERY_MEDIUM", "CODE_DELIVERY_DESTINATION"},
		choices:  firstFactorChoices,
		present: func(c *api.Call, si *directory.SignIn) (map[string]string, any, error) {
			digits := directory.CodeDigits
			if name == "EMAIL_OTP" && si.BeginsByChoice() {
				digits = directory.FirstEmailDigits
			}
			sent, err := c.Deliver(si.User, name, by, digits)
			if err != nil {
				return nil, nil, err
			}
			return map[string]string{
				"CODE_DELIVERY_DELIVERY_MEDIUM": sent.Medium,
				"CODE_DELIVERY_DESTINATION":     sent.Masked,
			}, &directory.SentCode{Code: sent.Code, By: by, To: sent.Destination}, nil
		},
		answer: func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (string, error) {
			sent := given.(*directory.SentCode)
			if err := sent.Use(responses[key], wrongSignInCode, c.Pool.Now()); err != nil {
				return "", err
			}
			if si.User.Ghost {
				return "", exception.WrongCredentials() // who guessed the code that nobody got
			}
			if err := completeEnrolment(c, si, name, sent); err != nil {
				return "", err
			}
			si.Passed(name)
			return "", nil
		},
	}
}
