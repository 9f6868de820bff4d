package flow

// Code is the kind of an [Error], for programs, logs and metrics. Codes are not renamed. Later
// releases may add codes. errors.Is(err, flow.WrongCredentials) asks for a code. The code is in
// the text of the error, in JSON, and in attributes of log/slog.
type Code string

const (
	// WrongAnswer: the service refused the answer and waits for another one.
	WrongAnswer Code = "wrong_answer"
	// AnswerNotUsable: the answer does not fit the challenge or lacks a part. The answer
	// was not sent.
	AnswerNotUsable Code = "answer_not_usable"
	// NoAnswer: no handler has an answer. If the challenge is not for a person, there is no
	// prompt, and the text names the part that the program lacks.
	NoAnswer Code = "no_answer"
	// WrongCredentials: the user name or the password is wrong or empty, or the
	// user is disabled or locked out. The service does not say which. A wrong
	// App.UserPoolID or App.ClientSecret looks the same.
	WrongCredentials Code = "wrong_credentials"
	// PasswordInClear: the request would send a password that was given to be proved by SRP
	// (see AuthFlow). The request was not sent.
	PasswordInClear Code = "password_in_clear"
	// SessionEnded: the session of the sign-in was used up or has expired.
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
	// Forbidden: a firewall (AWS WAF) of the pool blocked the request.
	Forbidden Code = "forbidden"
	// Throttled: the service gets too many requests.
	Throttled Code = "throttled"
	// ServiceFault: the service could not answer.
	ServiceFault Code = "service_fault"
	// NetworkFault: the connection failed, or Options.RequestTimeout is over.
	NetworkFault Code = "network_fault"
	// UnexpectedReply: the service does not give such a response. The response lacks a part,
	// cannot be read, or is longer than 1 MiB.
	UnexpectedReply Code = "unexpected_reply"
	// Canceled: the caller's context ended, by cancellation or deadline.
	Canceled Code = "canceled"
	// LimitReached: the sign-in reached one of Options.Limits, or the service asked
	// for a second proof of the password. The text names the limit.
	LimitReached Code = "limit_reached"
	// LevelMet: the tokens in StepUp.From have the level that was asked for, or the best of
	// StepUp.Levels that the user can reach. Use these tokens.
	LevelMet Code = "level_met"
	// LevelUnreachable: the pool knows none of StepUp.Levels, or the factors of the user
	// reach none of them. If the app client may not use USER_AUTH, the service answers with the
	// same exception. The message tells these apart.
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
	// NotImplemented: the other end, such as an emulator, does not have the operation.
	NotImplemented Code = "not_implemented"
	// WrongCode: the code that the user gave is wrong. During a sign-in the error has
	// WrongAnswer or SessionEnded instead.
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
	// UnknownUser: the pool has no user of this name. If the app client hides that
	// (PreventUserExistenceErrors), the error has another code. During a sign-in the error has
	// WrongCredentials.
	UnknownUser Code = "unknown_user"
	// InputRefused: the user name or an attribute is missing or has the wrong form. The
	// message says which.
	InputRefused Code = "input_refused"
	// PasskeyRefused: the pool does not register the passkey. The registration was begun
	// too long ago or begun again, or the authenticator is not one that the pool takes.
	// Begin again.
	PasskeyRefused Code = "passkey_refused"
	// FactorMissing: the user has no verified address or no authenticator app for the second
	// factor, or the pool does not have the factor.
	FactorMissing Code = "factor_missing"
	// NotAllowed: the service does not do this for this user, or for any user of this pool.
	// Causes are a sign-up that is confirmed already, a disabled user, a temporary password, no
	// verified address, or too many passkeys. A wrong App.ClientSecret looks the same.
	NotAllowed Code = "not_allowed"
	// Other: any other error. Mostly the configuration of the pool, the app client or a
	// trigger is at fault. Error.ServiceCode has the exception of the service.
	Other Code = "other"
)

// Error returns the code.
func (c Code) Error() string { return string(c) }

// Remedy says what a caller can do about an [Error]. "" means that neither the caller nor the
// user can do anything. Report such an error.
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
	// CorrectInput: the code, the new password, the user name or the passkey was refused. Ask
	// the user for another one, and make the same call.
	CorrectInput Remedy = "correct_input"
	// RequestCode: have a new code sent to the user.
	RequestCode Remedy = "request_code"
	// SetUpFactor: the user has to set up another factor first.
	SetUpFactor Remedy = "set_up_factor"
	// TryLater: wait. Then answer Error.Prompt if there is one, or start again.
	TryLater Remedy = "try_later"
)

// remedies has the remedy of each code that has one.
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
