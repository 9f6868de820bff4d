package cognitotest

import (
	"math/big"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// PoolConfig describes one user pool. It decodes from JSON (the functions
// excepted); every zero value means what its comment says.
//
// A configuration holds the passwords and secrets of test users in the clear.
type PoolConfig struct {
	// ID is the user pool ID: region, underscore, letters and digits.
	// Empty: "local-1_cognitotest".
	ID string `json:"id"`
	// Clients are the app clients present from the start. CreateUserPoolClient
	// makes more.
	Clients []ClientConfig `json:"clients"`
	// Users are the users present from the start; see [Pool.AddUser].
	Users []UserConfig `json:"users"`
	// Groups are the groups present from the start. The pool makes a group that a
	// user names and that is not listed here.
	Groups []GroupConfig `json:"groups"`

	// MFA is "OFF" (also the empty string), "OPTIONAL" or "ON".
	MFA string `json:"mfa"`
	// MFATypes are the second factors the pool offers: "SMS_MFA",
	// "EMAIL_OTP", "SOFTWARE_TOKEN_MFA". Empty: all three unless MFA is OFF.
	MFATypes []string `json:"mfaTypes"`
	// AliasAttributes are the attributes that a user can sign in with beside
	// the name: "email", "phone_number" (each once it is verified) and
	// "preferred_username". Empty: none.
	AliasAttributes []string `json:"aliasAttributes"`
	// UsernameAttributes are the attributes that users sign up and sign in
	// with in place of a name: "email", "phone_number" or both. The pool then
	// makes the name, a UUID that is also the sub. An address need not be
	// verified for that, and is not verified by that. Empty: users have names.
	// The service takes one of UsernameAttributes and AliasAttributes.
	UsernameAttributes []string `json:"usernameAttributes"`
	// CaseSensitive tells "Ada" from "ada", in names and aliases
	// (UsernameConfiguration).
	CaseSensitive bool `json:"caseSensitive"`
	// AllowedFirstFactors are the first factors of USER_AUTH: "PASSWORD"
	// (which is also SRP), "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN". Empty:
	// PASSWORD. EMAIL_OTP and SMS_OTP go to verified addresses only.
	AllowedFirstFactors []string `json:"allowedFirstFactors"`
	// WebAuthn is the relying party of passkeys. Nil: none can be registered.
	WebAuthn *WebAuthnConfig `json:"webauthn"`
	// CustomQuestions make up custom authentication without triggers: each
	// is asked in turn until its answer is right, three wrong answers end the
	// sign-in. Sign-ins that begin with SRP are asked afterwards.
	CustomQuestions []CustomQuestion `json:"customQuestions"`
	// PasswordPolicy applies to passwords that clients set, not to those of
	// the configuration. Nil: 8 characters with all four character classes,
	// as the service has it.
	PasswordPolicy *PasswordPolicy `json:"passwordPolicy"`
	// AdminCreatesUsers refuses SignUp (AllowAdminCreateUserOnly).
	AdminCreatesUsers bool `json:"adminCreatesUsers"`
	// RequiredAttributes names the attributes that a user has to have after
	// a NEW_PASSWORD_REQUIRED challenge.
	RequiredAttributes []string `json:"requiredAttributes"`

	// DeviceConfiguration makes the pool track devices. Nil: it does not, and
	// knows of none.
	DeviceConfiguration *DeviceConfiguration `json:"deviceConfiguration"`

	// Tier is the feature plan: "LITE", "ESSENTIALS" (also the empty string) or
	// "PLUS". With LITE the pool refuses TARGET_ACR_VALUES and LevelNames.
	Tier string `json:"tier"`
	// LevelNames are the names of the levels 1 to 4 in the claim acr and in
	// TARGET_ACR_VALUES (AcrConfiguration). An empty name is the service's:
	// "urn:cognito:loa:1" to "urn:cognito:loa:4".
	LevelNames []string `json:"levelNames"`

	// Issuer is the iss claim of tokens. Empty: the base URL at which the
	// request arrived, a slash, and the pool ID; the keys are served there.
	Issuer string `json:"issuer"`
	// Dialect chooses between readings of the protocol.
	Dialect Dialect `json:"dialect"`

	// Now is the pool's clock, such as [Clock.Now]. Nil: time.Now. A client needs the same one
	// where the dialect limits TIMESTAMP.
	Now func() time.Time `json:"-"`
	// OnCode receives every code that the pool delivers, before the response
	// that announces it is sent. It may call methods of the pool. Nil: codes
	// are only kept for [Pool.LastCode].
	OnCode func(Code) `json:"-"`
	// Triggers are the Lambda triggers of the pool. CustomQuestions need those of
	// custom authentication to be nil.
	Triggers trigger.Functions `json:"-"`
	// SRPFilter makes the pool draw its half of an SRP exchange again until
	// the function accepts the values. It is for tests of clients, which in
	// one sign-in of some hundred meet a value with leading zero bytes, and
	// fail if they pad or trim it. Nil: the first draw is taken.
	SRPFilter func(SRPValues) bool `json:"-"`
}

// WebAuthnConfig is the relying party of a pool's passkeys.
type WebAuthnConfig struct {
	// RPID is the relying party ID: a domain, such as "localhost".
	RPID string `json:"rpId"`
	// Origins are where passkeys may be used: "https://login.example.com".
	Origins []string `json:"origins"`
	// UserVerification is "preferred" (also the empty string) or "required".
	// Required, the pool takes no passkey that was used without a PIN or a
	// biometric.
	UserVerification string `json:"userVerification"`
}

// ClientConfig describes one app client.
type ClientConfig struct {
	// ID is the client ID, unique in the server: letters, digits, underscore
	// and plus.
	ID string `json:"id"`
	// Secret is the client secret, 24 to 64 letters, digits, underscores and
	// plus signs. Empty: a public client. SecondSecret is taken as well, while
	// the app client's secrets are exchanged.
	Secret       string `json:"secret"`
	SecondSecret string `json:"secondSecret"`
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
	// PreventUserExistenceErrors is "ENABLED" or "LEGACY" (also the empty
	// string).
	PreventUserExistenceErrors string `json:"preventUserExistenceErrors"`
	// TokenRevocation is "ENABLED" (also the empty string) or "DISABLED".
	// Enabled, tokens carry jti and origin_jti.
	TokenRevocation string `json:"tokenRevocation"`
	// RefreshTokenRotation is "ENABLED" or "DISABLED" (also the empty
	// string). Enabled, each refresh brings a new refresh token, and the old
	// one works for RetryGraceSeconds more: 0 to 60.
	RefreshTokenRotation string `json:"refreshTokenRotation"`
	RetryGraceSeconds    int    `json:"retryGraceSeconds"`
}

// UserConfig describes one user.
type UserConfig struct {
	// Name is the user name: cognito:username in tokens. In a pool with
	// UsernameAttributes Name is the user's e-mail address or phone number, and
	// the ID is the user name. The address becomes an attribute. The attribute is
	// verified only if Attributes say so.
	Name string `json:"name"`
	// ID is the user's sub. In a pool with UsernameAttributes the ID has to be a
	// UUID. Empty: a random UUID, see [Pool.Sub].
	ID string `json:"id"`
	// Password is the permanent password, TemporaryPassword one that the
	// user has to replace. At most one of them.
	Password          string `json:"password"`
	TemporaryPassword string `json:"temporaryPassword"`
	// Salt is the salt of the password's SRP verifier in hexadecimal, for
	// tests of clients that pad or trim it. Empty: 16 random bytes.
	Salt string `json:"salt"`
	// Attributes are the user's attributes without sub. An address is verified
	// if "email_verified" or "phone_number_verified" is "true". Only a verified
	// address is an alias, and only a verified address takes the codes of the
	// first factors EMAIL_OTP and SMS_OTP, and the codes of forgotten passwords.
	// The codes of second factors go to any address.
	Attributes map[string]string `json:"attributes"`
	// Groups are the names of the user's groups: cognito:groups in tokens.
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

// GroupConfig describes one group.
type GroupConfig struct {
	// Name is the name of the group, without spaces.
	Name        string `json:"name"`
	Description string `json:"description"`
	// RoleARN is the IAM role of the members, in cognito:roles and perhaps in
	// cognito:preferred_role of ID tokens. Empty: none.
	RoleARN string `json:"roleArn"`
	// Precedence decides which role is preferred: the lowest number wins. Nil: the
	// group comes after all groups with a number.
	Precedence *int `json:"precedence"`
}

// DeviceConfiguration makes a pool track the devices that users sign in with.
type DeviceConfiguration struct {
	// ChallengeRequiredOnNewDevice lets a remembered device take the place
	// of the second factor. Without it the device proves itself all the same,
	// after the second factor.
	ChallengeRequiredOnNewDevice bool `json:"challengeRequiredOnNewDevice"`
	// DeviceOnlyRememberedOnUserPrompt leaves it to the user whether a device
	// is remembered (UpdateDeviceStatus). Without it every device is, as soon
	// as it is confirmed.
	DeviceOnlyRememberedOnUserPrompt bool `json:"deviceOnlyRememberedOnUserPrompt"`
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
	// TemporaryPasswordValidityDays is how long a temporary password signs
	// in; 0: 7.
	TemporaryPasswordValidityDays int `json:"temporaryPasswordValidityDays"`
}

// SRPValues are the numbers of one SRP exchange, for [PoolConfig].SRPFilter.
type SRPValues struct {
	// Salt, A, B and U are known to both sides.
	Salt, A, B, U *big.Int
	// S is the secret that both sides compute, if the password is right. It
	// takes some milliseconds.
	S func() *big.Int
}
