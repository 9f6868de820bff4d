// Package trigger has the Lambda triggers of a user pool, as Go functions.
//
// Set the functions in the field Triggers of cognitotest.PoolConfig:
//
//	Triggers: trigger.Functions{
//		PreSignUp: func(e trigger.Event) (trigger.SignUp, error) {
//			if !strings.HasSuffix(e.Attributes["email"], "@example.com") {
//				return trigger.SignUp{}, errors.New("only our own addresses")
//			}
//			return trigger.SignUp{AutoConfirm: true, AutoVerifyEmail: true}, nil
//		},
//	},
//
// Triggers of several calls run at the same time. A trigger may call methods of the
// pool, and operations of the pool.
//
// The client gets an exception if a trigger fails:
//
//   - UserLambdaValidationException, with the text of the error, if the trigger returns an error
//   - UnexpectedLambdaException if the trigger panics
//   - InvalidLambdaResponseException if the pool cannot use the result
//   - UserNotFoundException if the pool cannot use the result of UserMigration
package trigger

// Functions are the triggers of a pool. A nil trigger does not run. Set all of Define,
// Create and Verify, or none.
type Functions struct {
	// PreSignUp may refuse a user who signs up, or whom an administrator creates.
	// AdminCreateUser ignores the result.
	PreSignUp func(Event) (SignUp, error)
	// PostConfirmation runs after the pool has confirmed a user, and after a user has
	// replaced a forgotten password. An error of PostConfirmation does not undo this work.
	PostConfirmation func(Event) error
	// PreAuthentication may refuse a sign-in, before the pool judges a password. A refresh
	// does not run PreAuthentication.
	PreAuthentication func(Event) error
	// PostAuthentication runs after the last challenge, before the pool makes tokens. A
	// refresh does not run PostAuthentication.
	PostAuthentication func(Event) error
	// PreTokenGeneration changes the claims of tokens. Each sign-in and each refresh runs
	// PreTokenGeneration.
	PreTokenGeneration func(Event) (Tokens, error)
	// UserMigration returns a user of another directory if the pool does not have the user.
	// UserMigration runs in ForgotPassword, and in a sign-in that begins with a password.
	UserMigration func(Event) (Migration, error)

	// Define chooses the next step of a sign-in by CUSTOM_AUTH (DefineAuthChallenge).
	Define func(Event) (Decision, error)
	// Create makes a custom challenge (CreateAuthChallenge).
	Create func(Event) (Challenge, error)
	// Verify reports whether the answer to a custom challenge is right
	// (VerifyAuthChallengeResponse).
	Verify func(Event) (bool, error)
}

// Event has the data for a trigger.
type Event struct {
	// Source is the reason of the call, as triggerSource of the service: "PreSignUp_SignUp",
	// "TokenGeneration_RefreshTokens".
	Source string
	// ClientID is the app client of the request. An operation for administrators without an
	// app client has "CLIENT_ID_NOT_APPLICABLE".
	ClientID string
	// Username is the user name, not an alias. For UserMigration Username is the name that
	// the client sent.
	Username string
	// Attributes are the attributes of the user, with sub and cognito:user_status. PreSignUp
	// gets only the attributes of the request, UserMigration none.
	Attributes map[string]string
	// UserNotFound is true if the user does not exist.
	UserNotFound bool
	// ClientMetadata is the ClientMetadata of the request. The request that starts a
	// sign-in is an exception: ValidationData has its ClientMetadata.
	ClientMetadata map[string]string
	// ValidationData is the member ValidationData of a sign-up. For PreAuthentication, and
	// for UserMigration at sign-in, ValidationData is the ClientMetadata of the request that
	// starts the sign-in. No other trigger gets this ClientMetadata.
	ValidationData map[string]string

	// Password is the password of a sign-in. Only UserMigration gets it.
	Password string
	// NewDeviceUsed is true if the pool does not know the device of the user. Only
	// PostAuthentication gets the value.
	NewDeviceUsed bool
	// Groups are the claims about the groups of the user. Only PreTokenGeneration gets
	// Groups.
	Groups Groups

	// Rounds are the answered challenges: the member session of an event of the service.
	// Only Define, Create and Verify get Rounds.
	Rounds []Round
	// Challenge is the custom challenge of the answer. Only Verify gets the value.
	Challenge Challenge
	// Answer is the answer to Challenge. Only Verify gets the value.
	Answer string
}

// SignUp is the result of PreSignUp.
type SignUp struct {
	// AutoConfirm confirms the user without a code.
	AutoConfirm bool
	// AutoVerifyEmail and AutoVerifyPhone make the address verified. An alias of another
	// user moves to the new user.
	AutoVerifyEmail, AutoVerifyPhone bool
}

// Groups are the claims about groups: cognito:groups, cognito:roles, and
// cognito:preferred_role. An empty PreferredRole means no claim.
type Groups struct {
	Names         []string
	Roles         []string
	PreferredRole string
}

// Tokens is the result of PreTokenGeneration. The zero value changes nothing.
type Tokens struct {
	// ID changes the claims of the ID token, Access the claims of the access token. A
	// Lambda trigger of version 1 can change only the ID token.
	ID, Access Claims
	// AddScopes and SuppressScopes change the scope of the access token.
	AddScopes, SuppressScopes []string
	// Groups replaces the claims about groups in both tokens. The zero value of Groups
	// leaves these claims out. Nil: the claims stay.
	Groups *Groups
}

// Claims changes the claims of a token. The pool ignores changes of claims that a trigger
// cannot change at the service, such as sub and exp.
type Claims struct {
	// Add has claims to add or to replace. A value can be any value of encoding/json.
	Add map[string]any
	// Suppress names claims to leave out. Suppress wins over Add.
	Suppress []string
}

// Migration is the result of UserMigration.
type Migration struct {
	// Attributes are the attributes of the new user. The attribute "username" is the user
	// name. The default is the name that the client sent. The name that the client sent must
	// be the user name or an alias of the new user.
	Attributes map[string]string
	// FinalStatus is "CONFIRMED" for a user who keeps the password, or "RESET_REQUIRED" for
	// a user who must reset the password. Empty: "CONFIRMED".
	FinalStatus string
	// ForceAliasCreation moves an alias of another user to the new user.
	ForceAliasCreation bool
}

// Round is one answered challenge of a sign-in.
type Round struct {
	// ChallengeName is the name of the challenge. "SRP_A" is the start of a sign-in by SRP,
	// and "PASSWORD" a password in the first request.
	ChallengeName string
	// Passed is true if the answer was right.
	Passed bool
	// Metadata is the Metadata of the custom challenge.
	Metadata string
}

// Decision is the result of Define. Set exactly one field.
type Decision struct {
	// ChallengeName is the next challenge: CUSTOM_CHALLENGE, a challenge for a code, or
	// PASSWORD_VERIFIER if the client began with SRP.
	ChallengeName string
	// IssueTokens ends the sign-in with tokens, FailAuthentication with an error.
	IssueTokens, FailAuthentication bool
}

// Challenge is the result of Create, a custom challenge.
type Challenge struct {
	// Public goes to the client. Private goes only to Verify.
	Public, Private map[string]string
	// Metadata names the challenge in later events.
	Metadata string
}
