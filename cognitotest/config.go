package cognitotest

import (
	"math/big"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// PoolConfig describes one user pool. A PoolConfig decodes from JSON, except for the
// functions. The comment of a field says the meaning of its zero value.
//
// A configuration holds the passwords and secrets of test users in the clear.
type PoolConfig struct {
	// ID is the user pool ID: region, underscore, letters and digits.
	// Empty: "local-1_cognitotest".
	ID string `json:"id"`
	// Clients are the app clients of the pool. CreateUserPoolClient makes more.
	Clients []ClientConfig `json:"clients"`
	// Users are the users of the pool. [Pool.AddUser] adds more.
	Users []UserConfig `json:"users"`
	// Groups are the groups of the pool. If a user names a group that Groups lacks, the
	// pool makes the group.
	Groups []GroupConfig `json:"groups"`

	// MFA is "OFF", "OPTIONAL" or "ON". Empty: "OFF".
	MFA string `json:"mfa"`
	// MFATypes are the second factors that the pool offers: "SMS_MFA",
	// "EMAIL_OTP", "SOFTWARE_TOKEN_MFA". Empty: all three, or none if MFA is OFF.
	MFATypes []string `json:"mfaTypes"`
	// AliasAttributes are the attributes that sign a user in beside the user name:
	// "email", "phone_number" and "preferred_username". An address must be verified.
	// Empty: none.
	AliasAttributes []string `json:"aliasAttributes"`
	// UsernameAttributes are the attributes that replace user names: "email",
	// "phone_number" or both. Users sign up and sign in with such an address, verified
	// or not. The pool makes a UUID, which is the user name and the sub. Empty: users
	// have names. The service takes one of UsernameAttributes and AliasAttributes.
	UsernameAttributes []string `json:"usernameAttributes"`
	// CaseSensitive makes "Ada" and "ada" different names and aliases
	// (UsernameConfiguration).
	CaseSensitive bool `json:"caseSensitive"`
	// AllowedFirstFactors are the first factors of USER_AUTH: "PASSWORD", "EMAIL_OTP",
	// "SMS_OTP", "WEB_AUTHN". PASSWORD allows SRP too. EMAIL_OTP and SMS_OTP go to
	// verified addresses only. Empty: PASSWORD.
	AllowedFirstFactors []string `json:"allowedFirstFactors"`
	// WebAuthn is the relying party of passkeys. Nil: users cannot register passkeys.
	WebAuthn *WebAuthnConfig `json:"webauthn"`
	// CustomQuestions make a custom authentication without triggers. The pool asks
	// each question until its answer is right. Three wrong answers end the sign-in. If
	// the client began with SRP, the questions come after the password.
	CustomQuestions []CustomQuestion `json:"customQuestions"`
	// PasswordPolicy is for passwords that clients set, not for passwords of the
	// configuration. Nil: the default of the service, which is 8 characters with all
	// four classes of characters.
	PasswordPolicy *PasswordPolicy `json:"passwordPolicy"`
	// AdminCreatesUsers refuses SignUp (AllowAdminCreateUserOnly).
	AdminCreatesUsers bool `json:"adminCreatesUsers"`
	// RequiredAttributes are the attributes that a user must have after a
	// NEW_PASSWORD_REQUIRED challenge.
	RequiredAttributes []string `json:"requiredAttributes"`

	// DeviceConfiguration makes the pool track devices. Nil: the pool ignores devices.
	DeviceConfiguration *DeviceConfiguration `json:"deviceConfiguration"`

	// Tier is the feature plan: "LITE", "ESSENTIALS" or "PLUS". With LITE the pool
	// refuses TARGET_ACR_VALUES and LevelNames. Empty: "ESSENTIALS".
	Tier string `json:"tier"`
	// LevelNames are the names of the levels 1 to 4 in the claim acr and in
	// TARGET_ACR_VALUES (AcrConfiguration). An empty name is the name of the service:
	// "urn:cognito:loa:1" to "urn:cognito:loa:4".
	LevelNames []string `json:"levelNames"`

	// Issuer is the iss claim of tokens. Empty: the base URL of the request, a slash,
	// and the pool ID. The server serves the keys at that URL.
	Issuer string `json:"issuer"`
	// Dialect chooses between readings of the protocol.
	Dialect Dialect `json:"dialect"`

	// Now is the clock of the pool, such as [Clock.Now]. If the dialect limits
	// TIMESTAMP, a client needs the same clock. Nil: time.Now.
	Now func() time.Time `json:"-"`
	// OnCode receives each code before the pool sends the response that announces the
	// code. OnCode may call methods of the pool. Nil: [Pool.LastCode] and
	// [Pool.Mailbox] return the codes.
	OnCode func(Code) `json:"-"`
	// Triggers are the Lambda triggers of the pool. CustomQuestions exclude Define,
	// Create and Verify.
	Triggers trigger.Functions `json:"-"`
	// SRPFilter makes the pool draw its half of an SRP exchange again until the
	// function returns true. A client that pads or trims numbers wrongly fails in one
	// sign-in of some hundred: a filter finds such numbers. Nil: the first draw.
	SRPFilter func(SRPValues) bool `json:"-"`
}

// WebAuthnConfig is the relying party of the passkeys of a pool.
type WebAuthnConfig struct {
	// RPID is the relying party ID: a domain, such as "localhost".
	RPID string `json:"rpId"`
	// Origins are the origins of pages that may use passkeys, such as
	// "https://login.example.com".
	Origins []string `json:"origins"`
	// UserVerification is "preferred" or "required". With "required" the pool refuses a
	// passkey without a PIN or a biometric. Empty: "preferred".
	UserVerification string `json:"userVerification"`
}

// ClientConfig describes one app client.
type ClientConfig struct {
	// ID is the client ID, unique in the server: letters, digits, underscores and
	// plus signs.
	ID string `json:"id"`
	// Secret is the client secret: 24 to 64 letters, digits, underscores and plus
	// signs. Empty: a public client.
	Secret string `json:"secret"`
	// SecondSecret is a second client secret. The pool takes both, as the service does
	// during a change of secrets. Empty: none.
	SecondSecret string `json:"secondSecret"`
	// AuthFlows are the auth flows of the app client, spelled as in
	// ExplicitAuthFlows: "ALLOW_USER_SRP_AUTH". GetTokensFromRefreshToken needs no
	// entry. Empty: refresh, SRP and custom.
	AuthFlows []string `json:"authFlows"`
	// AccessTokenSeconds is the lifetime of access tokens. 0: one hour.
	AccessTokenSeconds int `json:"accessTokenSeconds"`
	// IDTokenSeconds is the lifetime of ID tokens. 0: one hour.
	IDTokenSeconds int `json:"idTokenSeconds"`
	// RefreshTokenSeconds is the lifetime of refresh tokens. 0: 30 days.
	RefreshTokenSeconds int `json:"refreshTokenSeconds"`
	// AuthSessionSeconds is the lifetime of a challenge. 0: 180 seconds.
	AuthSessionSeconds int `json:"authSessionSeconds"`
	// PreventUserExistenceErrors is "ENABLED" or "LEGACY". Empty: "LEGACY".
	PreventUserExistenceErrors string `json:"preventUserExistenceErrors"`
	// TokenRevocation is "ENABLED" or "DISABLED". With "ENABLED" tokens have the claims
	// jti and origin_jti. Empty: "ENABLED".
	TokenRevocation string `json:"tokenRevocation"`
	// RefreshTokenRotation is "ENABLED" or "DISABLED". With "ENABLED" each refresh
	// returns a new refresh token. Empty: "DISABLED".
	RefreshTokenRotation string `json:"refreshTokenRotation"`
	// RetryGraceSeconds is the grace period of a replaced refresh token: 0 to 60
	// seconds.
	RetryGraceSeconds int `json:"retryGraceSeconds"`
}

// UserConfig describes one user.
type UserConfig struct {
	// Name is the user name: cognito:username in tokens. In a pool with
	// UsernameAttributes Name is the e-mail address or the phone number, and ID is the
	// user name. The address becomes an attribute, verified only if Attributes say so.
	Name string `json:"name"`
	// ID is the sub of the user. In a pool with UsernameAttributes ID must be a UUID.
	// Empty: a random UUID, which [Pool.Sub] returns.
	ID string `json:"id"`
	// Password is the permanent password. Empty: none.
	Password string `json:"password"`
	// TemporaryPassword is a password that the user must replace. Set Password or
	// TemporaryPassword, not both.
	TemporaryPassword string `json:"temporaryPassword"`
	// Salt is the salt of the SRP verifier in hexadecimal, for tests of clients that pad
	// or trim a salt. Empty: 16 random bytes.
	Salt string `json:"salt"`
	// Attributes are the attributes of the user without sub. An address is verified
	// if "email_verified" or "phone_number_verified" is "true". An alias, the codes of
	// the first factors EMAIL_OTP and SMS_OTP, and the codes of forgotten passwords
	// need a verified address. The codes of second factors go to any address.
	Attributes map[string]string `json:"attributes"`
	// Groups are the names of the groups of the user: cognito:groups in tokens.
	Groups []string `json:"groups"`
	// TOTPSecret is the secret of the authenticator app in base32. Empty: no app.
	TOTPSecret string `json:"totpSecret"`
	// MFA are the second factors of the user. Empty: SOFTWARE_TOKEN_MFA if there
	// is a TOTPSecret, else none.
	MFA []string `json:"mfa"`
	// PreferredMFA is the factor that the pool asks for if MFA has several. Empty: the
	// user chooses.
	PreferredMFA string `json:"preferredMfa"`
	// Disabled makes the pool refuse a sign-in of the user.
	Disabled bool `json:"disabled"`
	// Unconfirmed makes the pool refuse a sign-in until ConfirmSignUp.
	Unconfirmed bool `json:"unconfirmed"`
	// ResetRequired makes the pool refuse a sign-in until ConfirmForgotPassword.
	ResetRequired bool `json:"resetRequired"`
}

// GroupConfig describes one group.
type GroupConfig struct {
	// Name is the name of the group, without spaces.
	Name        string `json:"name"`
	Description string `json:"description"`
	// RoleARN is the IAM role of the members: a value of cognito:roles, and perhaps of
	// cognito:preferred_role, in ID tokens. Empty: none.
	RoleARN string `json:"roleArn"`
	// Precedence decides the preferred role: the lowest number wins. Nil: the group
	// comes after all groups with a number.
	Precedence *int `json:"precedence"`
}

// DeviceConfiguration makes a pool track the devices of its users.
type DeviceConfiguration struct {
	// ChallengeRequiredOnNewDevice makes a remembered device replace the second factor.
	// If it is false, the device proves itself after the second factor.
	ChallengeRequiredOnNewDevice bool `json:"challengeRequiredOnNewDevice"`
	// DeviceOnlyRememberedOnUserPrompt makes UpdateDeviceStatus decide whether a device
	// is remembered. If it is false, ConfirmDevice makes each device a remembered one.
	DeviceOnlyRememberedOnUserPrompt bool `json:"deviceOnlyRememberedOnUserPrompt"`
}

// CustomQuestion is a question with one right answer, for pools whose configuration is
// a file.
type CustomQuestion struct {
	// Question goes to the client as the parameter "question".
	Question string `json:"question"`
	// Answer is the right answer. The pool compares all characters.
	Answer string `json:"answer"`
}

// PasswordPolicy decides which passwords a user may choose.
type PasswordPolicy struct {
	// MinimumLength counts characters. 0: 8 characters.
	MinimumLength    int  `json:"minimumLength"`
	RequireLowercase bool `json:"requireLowercase"`
	RequireUppercase bool `json:"requireUppercase"`
	RequireNumbers   bool `json:"requireNumbers"`
	RequireSymbols   bool `json:"requireSymbols"`
	// HistorySize is the number of the last passwords that a user may not choose again.
	// The present password is one of them.
	HistorySize int `json:"historySize"`
	// TemporaryPasswordValidityDays is the lifetime of a temporary password. 0: 7 days.
	TemporaryPasswordValidityDays int `json:"temporaryPasswordValidityDays"`
}

// SRPValues are the numbers of one SRP exchange, for [PoolConfig].SRPFilter.
type SRPValues struct {
	// Salt, A, B and U are known to both sides.
	Salt, A, B, U *big.Int
	// S returns the secret that both sides compute if the password is right. The
	// computation takes some milliseconds.
	S func() *big.Int
}
