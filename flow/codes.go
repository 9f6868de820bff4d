package flow

// Code says what happened, for programs, logs and metrics. Codes are not
// renamed. New ones may come. errors.Is(err, flow.WrongCredentials) asks for a
// code.
type Code string

const (
	// WrongAnswer: the service refused the answer and waits for another one.
	WrongAnswer Code = "wrong_answer"
	// AnswerNotUsable: the answer does not fit the challenge or lacks something.
	// It was not sent.
	AnswerNotUsable Code = "answer_not_usable"
	// NoAnswer: no handler has an answer. If the challenge is for machines, the
	// text names what the program lacks.
	NoAnswer Code = "no_answer"
	// WrongCredentials: the user name or the password is wrong or empty, or the
	// user is disabled or locked out. The service does not say which. A wrong
	// App.UserPoolID or App.ClientSecret looks the same.
	WrongCredentials Code = "wrong_credentials"
	// PasswordInClear: the request was not sent, because it would send a password
	// that was given to be proved.
	PasswordInClear Code = "password_in_clear"
	// SessionEnded: the session of the sign-in is spent or expired.
	SessionEnded Code = "session_ended"
	// TokenRefused: the token is expired, revoked or unknown, or a setting of the
	// program is wrong: the app client, its secret, the device key.
	TokenRefused Code = "token_refused"
	// TokenReused: the refresh token was replaced by rotation.
	TokenReused Code = "token_reused"
	// SignedOut: the token source or the web session has ended.
	SignedOut Code = "signed_out"
	// DeviceRefused: the pool refused the proof of a remembered device, and the
	// sign-in could not go on without the device. The next sign-in leaves the
	// device out.
	DeviceRefused Code = "device_refused"
	// SignUpUnconfirmed: the user has signed up and not confirmed the sign-up.
	SignUpUnconfirmed Code = "sign_up_unconfirmed"
	// PasswordReset: an administrator demands a new password.
	PasswordReset Code = "password_reset_required"
	// AliasTaken: the address or the preferred name is another user's.
	AliasTaken Code = "alias_taken"
	// TriggerRefused: a Lambda trigger of the pool refused the request. The
	// message is the trigger's.
	TriggerRefused Code = "trigger_refused"
	// Forbidden: a firewall in front of the pool blocked the request.
	Forbidden Code = "forbidden"
	// Throttled: the service gets too many requests.
	Throttled Code = "throttled"
	// ServiceFault: the service could not answer.
	ServiceFault Code = "service_fault"
	// NetworkFault: the connection failed, or Options.RequestTimeout is over.
	NetworkFault Code = "network_fault"
	// UnexpectedReply: the response is not one that the service gives.
	UnexpectedReply Code = "unexpected_reply"
	// Canceled: the caller's context ended, by cancellation or deadline.
	Canceled Code = "canceled"
	// LimitReached: the sign-in reached one of Options.Limits, or the service asked
	// for a second proof of the password. The text names the limit.
	LimitReached Code = "limit_reached"
	// LevelMet: the tokens in StepUp.From have the level that was asked for, or the best of
	// StepUp.Levels that the user can reach. Use them.
	LevelMet Code = "level_met"
	// LevelUnreachable: the pool knows none of StepUp.Levels, or the factors of the
	// user reach none of them. The service has one exception for both, and for a request
	// that it does not take, such as USER_AUTH of an app client without that flow. The
	// message tells.
	LevelUnreachable Code = "level_unreachable"
	// FeatureUnavailable: the feature plan of the pool does not have the feature.
	FeatureUnavailable Code = "feature_unavailable"
	// OperationNotEnabled: the endpoint does not do this operation for the pool. A
	// replica in another region does not sign up users, for example.
	OperationNotEnabled Code = "operation_not_enabled"
	// SecretUnavailable: Options.ClientSecret has failed or returned no secret.
	SecretUnavailable Code = "secret_unavailable"
	// Misconfigured: the SDK client could not make the request. AWS credentials,
	// the region or the endpoint are missing or wrong, or an operation is missing.
	Misconfigured Code = "misconfigured"
	// UnknownHost: the name of the endpoint has no address.
	UnknownHost Code = "unknown_host"
	// UntrustedHost: the certificate of the endpoint was refused.
	UntrustedHost Code = "untrusted_host"
	// NotImplemented: the other end does not have the operation.
	NotImplemented Code = "not_implemented"
	// WrongCode: the code that the user gave is not the right one. (During a sign-in
	// the code is WrongAnswer or SessionEnded.)
	WrongCode Code = "wrong_code"
	// CodeExpired: the code that the user gave is too old, or was used.
	CodeExpired Code = "code_expired"
	// CodeNotSent: the service could not send a code to the user.
	CodeNotSent Code = "code_not_sent"
	// PasswordRefused: the new password breaks a rule of the pool. The message says
	// which.
	PasswordRefused Code = "password_refused"
	// UsernameTaken: another user has the user name.
	UsernameTaken Code = "username_taken"
	// UnknownUser: the pool has no user of this name. An app client that does not tell
	// who exists (PreventUserExistenceErrors) has other codes in its place. (During a
	// sign-in the code is WrongCredentials.)
	UnknownUser Code = "unknown_user"
	// InputRefused: the user name or an attribute is missing or has the wrong form. The
	// message says which.
	InputRefused Code = "input_refused"
	// PasskeyRefused: the pool does not register the passkey. The registration was begun
	// too long ago or begun again, or the authenticator is not one that the pool takes.
	// Begin again.
	PasskeyRefused Code = "passkey_refused"
	// FactorMissing: the user has not set up the second factor: there is no verified
	// address, or no authenticator app. Or the pool does not have the factor.
	FactorMissing Code = "factor_missing"
	// NotAllowed: the service does not do this for this user, or for nobody in this
	// pool. The sign-up is confirmed already, the user is disabled, has a temporary
	// password or no verified address, or has as many passkeys as can be. A wrong
	// App.ClientSecret looks the same.
	NotAllowed Code = "not_allowed"
	// Other: any other error. Mostly the configuration of the pool, the app
	// client or a trigger is at fault. ServiceCode tells more.
	Other Code = "other"
)

// Error returns the code.
func (c Code) Error() string { return string(c) }

// Remedy says what a caller can do about an [Error]. "" means that neither the
// caller nor the user can do anything: report the error.
type Remedy string

const (
	// AnswerPrompt: Error.Prompt waits for an answer. If an answer was refused,
	// Error.Prompt.Challenge().Reason says why.
	AnswerPrompt Remedy = "answer_prompt"
	// CheckCredentials: check the user name and the password, and start again.
	CheckCredentials Remedy = "check_credentials"
	// StartAgain: sign in again.
	StartAgain Remedy = "start_again"
	// ConfirmSignUp: confirm the sign-up (package account), and start again.
	ConfirmSignUp Remedy = "confirm_sign_up"
	// ResetPassword: reset the password (package account), and start again.
	ResetPassword Remedy = "reset_password"
	// CorrectInput: the user gives something else in place of what was refused: the
	// code, the new password, the user name, the passkey. Then make the same call.
	CorrectInput Remedy = "correct_input"
	// RequestCode: have a new code sent to the user.
	RequestCode Remedy = "request_code"
	// SetUpFactor: the user has to set up another factor first.
	SetUpFactor Remedy = "set_up_factor"
	// TryLater: wait. Then answer Error.Prompt if there is one, or start again.
	TryLater Remedy = "try_later"
)

// remedies has the codes about which a caller can do something.
var remedies = map[Code]Remedy{
	WrongAnswer:       AnswerPrompt,
	AnswerNotUsable:   AnswerPrompt,
	NoAnswer:          AnswerPrompt,
	WrongCredentials:  CheckCredentials,
	SessionEnded:      StartAgain,
	TokenRefused:      StartAgain,
	TokenReused:       StartAgain,
	SignedOut:         StartAgain,
	DeviceRefused:     StartAgain,
	LimitReached:      StartAgain,
	SignUpUnconfirmed: ConfirmSignUp,
	PasswordReset:     ResetPassword,
	WrongCode:         CorrectInput,
	PasswordRefused:   CorrectInput,
	UsernameTaken:     CorrectInput,
	UnknownUser:       CorrectInput,
	InputRefused:      CorrectInput,
	PasskeyRefused:    CorrectInput,
	CodeExpired:       RequestCode,
	LevelUnreachable:  SetUpFactor,
	FactorMissing:     SetUpFactor,
	CodeNotSent:       TryLater,
	SecretUnavailable: TryLater,
	Throttled:         TryLater,
	ServiceFault:      TryLater,
	NetworkFault:      TryLater,
	UnexpectedReply:   TryLater,
	Canceled:          TryLater,
}
