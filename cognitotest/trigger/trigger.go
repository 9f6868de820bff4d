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
// The client gets UserLambdaValidationException for an error of a trigger, with the
// text of the error. The client gets UnexpectedLambdaException for a panic, and
// InvalidLambdaResponseException for a result that makes no sense. For such a result
// of UserMigration the client gets UserNotFoundException.
package trigger

// Functions are the triggers of a pool. A trigger that is nil does not run. Define,
// Create and Verify work together: all of them are set, or none.
type Functions struct {
	// PreSignUp may refuse a user who signs up, or whom an administrator creates.
	// The result is for users who sign up; AdminCreateUser ignores it.
	PreSignUp func(Event) (SignUp, error)
	// PostConfirmation runs when a user has become a confirmed one, and when a user
	// has replaced a forgotten password. Both stay so if PostConfirmation fails.
	PostConfirmation func(Event) error
	// PreAuthentication may refuse a sign-in, before the pool judges a password. It
	// does not run when tokens are refreshed.
	PreAuthentication func(Event) error
	// PostAuthentication runs when a user has signed in, before there are tokens. It
	// does not run when tokens are refreshed.
	PostAuthentication func(Event) error
	// PreTokenGeneration changes the claims of tokens, at each sign-in and at each
	// refresh.
	PreTokenGeneration func(Event) (Tokens, error)
	// UserMigration finds a user, whom the pool does not have, in another
	// directory. It runs when a sign-in begins with a password, and in
	// ForgotPassword.
	UserMigration func(Event) (Migration, error)

	// Define decides how a sign-in by CUSTOM_AUTH goes on (DefineAuthChallenge).
	Define func(Event) (Decision, error)
	// Create makes a custom challenge (CreateAuthChallenge).
	Create func(Event) (Challenge, error)
	// Verify says whether the answer to a custom challenge is right
	// (VerifyAuthChallengeResponse).
	Verify func(Event) (bool, error)
}

// Event is what a trigger is told.
type Event struct {
	// Source says why the trigger runs, as triggerSource of the service does:
	// "PreSignUp_SignUp", "TokenGeneration_RefreshTokens".
	Source string
	// ClientID is the app client that the request names. An operation of
	// administrators that names none has "CLIENT_ID_NOT_APPLICABLE".
	ClientID string
	// Username is the user's name, not an alias. For UserMigration it is the name
	// that the client sent.
	Username string
	// Attributes are the user's attributes, with sub and cognito:user_status.
	// PreSignUp gets the attributes of the request alone, UserMigration none.
	Attributes map[string]string
	// UserNotFound says that nobody has this name.
	UserNotFound bool
	// ClientMetadata is that of the request. The request that starts a sign-in
	// is an exception: its metadata is in ValidationData.
	ClientMetadata map[string]string
	// ValidationData is the member ValidationData of a sign-up. For
	// PreAuthentication and for UserMigration at sign-in it is the ClientMetadata
	// of the request that starts a sign-in, which no other trigger sees.
	ValidationData map[string]string

	// Password is the password of a sign-in. Only UserMigration gets it.
	Password string
	// NewDeviceUsed says that the user signed in on a device that the pool did not
	// know. Only PostAuthentication is told.
	NewDeviceUsed bool
	// Groups are the claims about the user's groups. Only PreTokenGeneration gets
	// them.
	Groups Groups

	// Rounds are the challenges answered so far: the event's session. Only Define,
	// Create and Verify get them.
	Rounds []Round
	// Challenge is the custom challenge answered, and Answer the answer to
	// it. Only Verify gets them.
	Challenge Challenge
	Answer    string
}

// SignUp is the result of PreSignUp.
type SignUp struct {
	// AutoConfirm makes the user a confirmed one, who needs no code.
	AutoConfirm bool
	// AutoVerifyEmail and AutoVerifyPhone call the address the user's own. If it
	// is an alias of another user, the alias moves to the new one.
	AutoVerifyEmail, AutoVerifyPhone bool
}

// Groups are the claims about groups: cognito:groups, cognito:roles, and
// cognito:preferred_role, which is empty if there is none.
type Groups struct {
	Names         []string
	Roles         []string
	PreferredRole string
}

// Tokens is the result of PreTokenGeneration. The zero value changes nothing.
type Tokens struct {
	// ID and Access change the claims of either token. A trigger of version 1 can
	// only change those of the ID token.
	ID, Access Claims
	// AddScopes and SuppressScopes change the scope of the access token.
	AddScopes, SuppressScopes []string
	// Groups, if not nil, takes the place of the claims about groups in both
	// tokens. The zero value of Groups leaves these claims out.
	Groups *Groups
}

// Claims changes the claims of a token. The pool leaves claims alone that the
// service does not let a trigger change, such as sub and exp.
type Claims struct {
	// Add has claims to add or to replace. A value is anything that JSON has.
	Add map[string]any
	// Suppress names claims to leave out. A claim that is in Add too is left out.
	Suppress []string
}

// Migration is the result of UserMigration.
type Migration struct {
	// Attributes are those of the new user. The attribute "username" is the user
	// name. Without it the user gets the name that the client sent. The name that
	// the client sent has to be the user name or an alias of the new user.
	Attributes map[string]string
	// FinalStatus is "CONFIRMED" (also empty) for a user who keeps the password, or
	// "RESET_REQUIRED" for a user who has to reset the password.
	FinalStatus string
	// ForceAliasCreation takes an address that is an alias away from another user.
	ForceAliasCreation bool
}

// Round is one challenge of a sign-in that has been answered.
type Round struct {
	// ChallengeName is the challenge, "SRP_A" for a sign-in that began with
	// SRP, and "PASSWORD" for a password in the first request.
	ChallengeName string
	// Passed says whether the answer was right.
	Passed bool
	// Metadata is that of the custom challenge.
	Metadata string
}

// Decision is the result of Define: exactly one field is set.
type Decision struct {
	// ChallengeName is what to ask: CUSTOM_CHALLENGE, PASSWORD_VERIFIER if
	// the client began with SRP, or a challenge that asks for a code.
	ChallengeName string
	// IssueTokens ends the sign-in with success, FailAuthentication without.
	IssueTokens, FailAuthentication bool
}

// Challenge is the result of Create, a custom challenge.
type Challenge struct {
	// Public goes to the client, Private to Verify alone.
	Public, Private map[string]string
	// Metadata names the challenge in later events.
	Metadata string
}
