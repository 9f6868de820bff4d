package signin

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// poseChallenge keeps a challenge and returns the Session to send with it, ""
// for none: other values of the answer then tell what it belongs to.
func poseChallenge(c *api.Call, s directory.Session, asked challenge) string {
	s.Bare = authFlows[s.SignIn.Flow].bare && s.Challenge == "PASSWORD_VERIFIER" && c.Pool.Dialect.Session != "ALWAYS"
	if s.Bare {
		c.Pool.KeepSession(s.Given.(*srp.Exchange).SecretBlock, s)
		return ""
	}
	token := c.Pool.OpenSession(s)
	if asked.find != nil && s.SignIn.Device != nil {
		s.SignIn.Device.Asked = token
	}
	return token
}

// takeSession finds the session of an answer and takes it out of use, so that
// of two answers at once only one is judged.
func takeSession(c *api.Call, in answer) (token string, taken expiring.Entry[directory.Session], err error) {
	if token, err = sessionToken(c, in); err != nil {
		return "", taken, err
	}
	posed := []string{in.challenge}
	if challenges[in.challenge].optIn != nil {
		posed = append(posed, "SELECT_CHALLENGE") // chosen by being answered
	}
	if taken, err = c.Pool.OpenedSession(token, posed...); err != nil {
		return "", taken, err
	}
	if s := taken.Value; s.SignIn.Client != c.Client || !s.SignIn.AnswersTo(c.Pool, in.responses["USERNAME"]) {
		return "", taken, exception.InvalidSession()
	}
	if !taken.Value.Bare {
		c.Pool.SpendSession(token)
	}
	return token, taken, nil
}

// sessionToken says under which token an answer's session is kept.
func sessionToken(c *api.Call, in answer) (string, error) {
	sessions, asked := &c.Pool.Sessions, challenges[in.challenge]
	if asked.find != nil {
		found := asked.find(c, in.responses)
		// A client may send the session of an earlier challenge along.
		known, _ := sessions.Get(found)
		if known.Value.Bare || in.session == "" && found != "" && c.Pool.Dialect.Session != "ALWAYS" {
			return found, nil
		}
	}
	if in.session != "" {
		return in.session, nil
	}
	block := in.responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	for s := range sessions.Values() {
		if x, ok := s.Given.(*srp.Exchange); ok && x.SecretBlock == block {
			return "", exception.MissingParameter("Session")
		}
	}
	if block != "" {
		return "", exception.WrongCredentials()
	}
	return "", exception.MissingParameter("Session")
}

// keepsSession says whether a session outlives an answer that was refused.
func keepsSession(d directory.Dialect, err error) bool {
	var refused *exception.Error
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Name {
	case "ExpiredCodeException":
		return d.KeepSessionOnExpiredCode
	case "CodeMismatchException":
		return !d.DropSessionOnCodeMismatch
	case "NotAuthorizedException", "UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException":
		return false
	default:
		return true // malformed or against the rules, and may be corrected
	}
}
