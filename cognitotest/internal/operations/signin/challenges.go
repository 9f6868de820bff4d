package signin

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// challenge is one challenge of the pool.
type challenge struct {
	// required are the keys of an answer beside USERNAME.
	required []string
	// optional are the parameters that some sources do not have.
	optional []string
	// optIn reports whether the dialect has the challenge. Nil: all dialects have it.
	optIn func(directory.Dialect) bool
	// find returns the token of the session for an answer without a session. Nil: answers
	// need their session.
	find func(c *api.Call, responses map[string]string) string
	// choices returns AvailableChallenges. Nil: the challenge has none.
	choices func(c *api.Call, si *directory.SignIn) []string
	// present makes the parameters, and the data for answer.
	present func(c *api.Call, si *directory.SignIn) (parameters map[string]string, given any, err error)
	// answer judges the responses and returns the next challenge. If the name is empty, the
	// steps of the sign-in decide. The function may change si, which is a copy.
	answer func(c *api.Call, si *directory.SignIn, given any, responses map[string]string) (next string, err error)
}

// challenges has the challenges of the pool. The functions of the map cannot read the map:
// authFlow.steps and advance choose the next challenge.
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
				return nil, nil, noTOTP() // the trigger Define may ask for a missing app
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

// claimKeys are the parts of an SRP proof. The service reports the first missing one in this
// order.
var claimKeys = []string{"TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"}

// findExchange returns the SECRET_BLOCK, which is the token of a challenge without a Session.
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
	// The password may have changed after the start of the exchange.
	proved = proved && x.Credential == si.User.Credential
	if err := c.Pool.JudgePassword(si.User, proved); err != nil {
		return "", err
	}
	si.Passed("PASSWORD_VERIFIER")
	return "", nil
}

// wrongSignInCode is the text about a wrong code in a sign-in.
const wrongSignInCode = "Invalid code or auth state for the user."

// codeChallenge sends a code. The response with the name key answers the challenge.
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
				return "", exception.WrongCredentials() // the client guessed a code that nobody received
			}
			if err := completeEnrolment(c, si, name, sent); err != nil {
				return "", err
			}
			si.Passed(name)
			return "", nil
		},
	}
}
