package signin

import (
	"errors"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/expiring"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// poseChallenge keeps a challenge and returns its Session. The result is empty if other values
// of the answer name the challenge.
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

// takeSession returns the session of an answer and marks the session as used. If two answers
// arrive at once, the pool judges only one.
func takeSession(c *api.Call, in answer) (token string, taken expiring.Entry[directory.Session], err error) {
	if token, err = sessionToken(c, in); err != nil {
		return "", taken, err
	}
	posed := []string{in.challenge}
	if challenges[in.challenge].optIn != nil {
		posed = append(posed, "SELECT_CHALLENGE") // the answer is a choice too
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

// sessionToken returns the token of the session of an answer.
func sessionToken(c *api.Call, in answer) (string, error) {
	sessions, asked := &c.Pool.Sessions, challenges[in.challenge]
	if asked.find != nil {
		found := asked.find(c, in.responses)
		// A client may also send the session of an earlier challenge.
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

// keepsSession reports whether a session lives after a refused answer.
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
		return true // the client may correct the answer
	}
}
