package cognitotest

import "time"

// PoolConfig describes one user pool. It decodes from JSON (the functions
// excepted); every zero value means what its comment says.
//
// A configuration holds the passwords and secrets of test users in the clear.
type PoolConfig struct {
	// ID is the user pool ID: region, underscore, letters and digits.
	// Empty: "local-1_cognitotest".
	ID string `json:"id"`
	// Clients are the app clients, at least one.
	Clients []ClientConfig `json:"clients"`
	// Users are the users present from the start; see [Pool.AddUser].
	Users []UserConfig `json:"users"`

	// MFA is "OFF" (also the empty string), "OPTIONAL" or "ON".
	MFA string `json:"mfa"`
	// MFATypes are the second factors the pool offers: "SMS_MFA",
	// "EMAIL_OTP", "SOFTWARE_TOKEN_MFA". Empty: all three unless MFA is OFF.
	MFATypes []string `json:"mfaTypes"`
	// PasswordPolicy applies to passwords that clients set, not to those of
	// the configuration. Nil: 8 characters with all four character classes,
	// as the service has it.
	PasswordPolicy *PasswordPolicy `json:"passwordPolicy"`
	// RequiredAttributes names the attributes that a user has to have after
	// a NEW_PASSWORD_REQUIRED challenge.
	RequiredAttributes []string `json:"requiredAttributes"`

	// Issuer is the iss claim of tokens. Empty: the base URL at which the
	// request arrived, a slash, and the pool ID; the keys are served there.
	Issuer string `json:"issuer"`
	// Dialect chooses between readings of the protocol.
	Dialect Dialect `json:"dialect"`

	// Now is the pool's clock. Nil: time.Now.
	Now func() time.Time `json:"-"`
	// OnCode receives every code that the pool delivers, before the response
	// that announces it is sent. It may call methods of the pool. Nil: codes
	// are only kept for [Pool.LastCode].
	OnCode func(Code) `json:"-"`
}

// ClientConfig describes one app client.
type ClientConfig struct {
	// ID is the client ID, unique in the server: letters, digits, underscore
	// and plus.
	ID string `json:"id"`
	// Secret is the client secret. Empty: a public client.
	Secret string `json:"secret"`
	// AuthFlows are the flows the client may use, as ExplicitAuthFlows has
	// them: "ALLOW_USER_SRP_AUTH", ... Empty: refresh, SRP and custom.
	AuthFlows []string `json:"authFlows"`
	// AccessTokenSeconds and IDTokenSeconds are token lifetimes; 0: an hour.
	AccessTokenSeconds int `json:"accessTokenSeconds"`
	IDTokenSeconds     int `json:"idTokenSeconds"`
	// RefreshTokenSeconds is the lifetime of refresh tokens; 0: 30 days.
	RefreshTokenSeconds int `json:"refreshTokenSeconds"`
	// AuthSessionSeconds is how long a challenge may be answered; 0: 180.
	AuthSessionSeconds int `json:"authSessionSeconds"`
	// PreventUserExistenceErrors is "ENABLED" (also the empty string) or
	// "LEGACY".
	PreventUserExistenceErrors string `json:"preventUserExistenceErrors"`
	// TokenRevocation is "ENABLED" (also the empty string) or "DISABLED".
	// Enabled, tokens carry jti and origin_jti.
	TokenRevocation string `json:"tokenRevocation"`
}

// UserConfig describes one user.
type UserConfig struct {
	// Name is the user name: cognito:username in tokens.
	Name string `json:"name"`
	// ID is the user's sub and USER_ID_FOR_SRP. Empty: a random UUID.
	ID string `json:"id"`
	// Password is the permanent password, TemporaryPassword one that the
	// user has to replace. At most one of them.
	Password          string `json:"password"`
	TemporaryPassword string `json:"temporaryPassword"`
	// Attributes are the user's attributes without sub. preferred_username,
	// and email and phone_number when email_verified or
	// phone_number_verified is "true", are aliases to sign in with.
	Attributes map[string]string `json:"attributes"`
	// Groups appear as cognito:groups in tokens.
	Groups []string `json:"groups"`
	// TOTPSecret is the base32 secret of the user's authenticator app.
	TOTPSecret string `json:"totpSecret"`
	// MFA are the user's second factors. Empty: SOFTWARE_TOKEN_MFA if there
	// is a TOTPSecret, else none.
	MFA []string `json:"mfa"`
	// PreferredMFA is the factor asked for when there are several.
	PreferredMFA string `json:"preferredMfa"`
	// Disabled, Unconfirmed and ResetRequired are reasons to refuse sign-in.
	Disabled      bool `json:"disabled"`
	Unconfirmed   bool `json:"unconfirmed"`
	ResetRequired bool `json:"resetRequired"`
}

// PasswordPolicy says which passwords a user may choose.
type PasswordPolicy struct {
	// MinimumLength counts characters; 0: 8.
	MinimumLength    int  `json:"minimumLength"`
	RequireLowercase bool `json:"requireLowercase"`
	RequireUppercase bool `json:"requireUppercase"`
	RequireNumbers   bool `json:"requireNumbers"`
	RequireSymbols   bool `json:"requireSymbols"`
	// HistorySize is how many passwords, the present one included, may not
	// be chosen again.
	HistorySize int `json:"historySize"`
}

// Dialect holds a switch for each point at which accounts of the protocol
// differ, or at which clients have to cope with more than one behaviour. The
// zero value is the strict reading.
type Dialect struct {
	// ModelStatusCodes answers with the status codes of the API model (403
	// for NotAuthorized, 404, 429, ...) in place of 400 for all client errors.
	ModelStatusCodes bool `json:"modelStatusCodes"`
	// AliasInAnswers accepts an alias as USERNAME of an answer even after
	// the pool has named the user in this sign-in.
	AliasInAnswers bool `json:"aliasInAnswers"`
	// SessionReuse keeps a session alive after it was answered correctly.
	SessionReuse bool `json:"sessionReuse"`
	// KeepSessionOnExpiredCode keeps it after ExpiredCodeException,
	// KeepSessionOnNotAuthorized after NotAuthorizedException, and
	// DropSessionOnCodeMismatch ends it after CodeMismatchException.
	KeepSessionOnExpiredCode   bool `json:"keepSessionOnExpiredCode"`
	KeepSessionOnNotAuthorized bool `json:"keepSessionOnNotAuthorized"`
	DropSessionOnCodeMismatch  bool `json:"dropSessionOnCodeMismatch"`
	// SessionOptional accepts answers to PASSWORD_VERIFIER without Session;
	// OmitSession sends that challenge without one, and implies it.
	SessionOptional bool `json:"sessionOptional"`
	OmitSession     bool `json:"omitSession"`
	// MinimalSalt sends SALT as the shortest hex number in place of 32 digits.
	MinimalSalt bool `json:"minimalSalt"`
	// CodeParameters is "" (as the protocol's table has it), "ALL"
	// (USER_ID_FOR_SRP in every challenge) or "NONE" (no optional parameter).
	CodeParameters string `json:"codeParameters"`
	// VerifierSeconds is the time allowed between the PASSWORD_VERIFIER
	// challenge and its answer, TimestampSeconds the distance allowed between
	// TIMESTAMP and the pool's clock. 0: 10 seconds; negative: no limit.
	VerifierSeconds  int `json:"verifierSeconds"`
	TimestampSeconds int `json:"timestampSeconds"`
	// Messages replaces error messages: exception name to text.
	Messages map[string]string `json:"messages"`
}

// Code is a code that the pool delivered.
type Code struct {
	// Username is the user's name, not an alias.
	Username string
	// Medium is "SMS" or "EMAIL".
	Medium string
	// Destination is where the code went, Masked what the client was shown.
	Destination, Masked string
	// Challenge is the challenge that the code answers.
	Challenge string
	// Code is the code itself: six digits.
	Code string
}
