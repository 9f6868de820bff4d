package flow

import "strings"

// Hint is a guess at the cause of an [Error] from the wording of the service's message. Use a
// hint for a better sentence to the user, or for a line in a log. The wording changes, so a hint
// can be "" at any time. This module decides nothing by a hint.
type Hint string

const (
	LockedOut              Hint = "locked_out"               // too many wrong passwords
	UserDisabled           Hint = "user_disabled"            // by an administrator
	TemporaryPasswordEnded Hint = "temporary_password_ended" // an administrator has to set another one
	SecretHashWrong        Hint = "secret_hash_wrong"        // App.ClientSecret is wrong or missing
	TokenExpired           Hint = "token_expired"
	TokenRevoked           Hint = "token_revoked"
	SessionExpired         Hint = "session_expired"
	SessionUsed            Hint = "session_used" // the answer was given twice
	CodeUsed               Hint = "code_used"    // the authenticator app shows the next code soon
	Blocked                Hint = "blocked"      // by threat protection or a firewall
)

// hints has messages that the service was seen to send: the exception, words of the message
// in lower case, and the hint. Package cognitotest names the sources.
var hints = []struct {
	exception, words string
	hint             Hint
}{
	{"NotAuthorizedException", "password attempts exceeded", LockedOut},
	{"NotAuthorizedException", "user is disabled", UserDisabled},
	{"NotAuthorizedException", "temporary password has expired", TemporaryPasswordEnded},
	{"NotAuthorizedException", "unable to verify secret hash", SecretHashWrong},
	{"NotAuthorizedException", "secret_hash was not received", SecretHashWrong},
	{"NotAuthorizedException", "token has expired", TokenExpired},
	{"NotAuthorizedException", "token has been revoked", TokenRevoked},
	{"NotAuthorizedException", "session is expired", SessionExpired},
	{"NotAuthorizedException", "session can only be used once", SessionUsed},
	{"ExpiredCodeException", "already been used once", CodeUsed},
	{"NotAuthorizedException", "unable to login because of security reasons", Blocked},
	{"ForbiddenException", "", Blocked},
}

// Hint returns a guess at the cause of the error, "" if the message is unknown.
func (e Error) Hint() Hint {
	message, exception := strings.ToLower(e.Message()), e.ServiceCode()
	for _, known := range hints {
		if known.exception == exception && strings.Contains(message, known.words) {
			return known.hint
		}
	}
	return ""
}
