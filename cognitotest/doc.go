// Package cognitotest is an in-process Amazon Cognito user pool for tests,
// examples and local development. The pool speaks the service's JSON protocol
// over HTTP, keeps what a user pool keeps, and refuses what a user pool refuses.
//
// # Use in tests
//
// [Start] runs a server with one pool until the test ends. [Pool.Client] gives
// an SDK client for the pool, [Pool.AdminClient] an SDK client that signs:
//
//	pool := cognitotest.Start(t, cognitotest.PoolConfig{
//		MFA:     "OPTIONAL",
//		Clients: []cognitotest.ClientConfig{{ID: "app"}},
//		Users:   []cognitotest.UserConfig{{Name: "alice", Password: "...", TOTPSecret: "JBSWY3DPEHPK3PXP"}},
//	})
//	client := pool.Client()
//	code := pool.TOTP("alice")
//
// [Pool.LastCode] has the code that the pool sent last by SMS or e-mail, before
// the response that announces the code arrives. [Pool.Mailbox] has earlier codes
// too. [PoolConfig].OnCode receives every code. [Pool.Requests] has the last
// calls received with their bodies. A [Clock] is the pool's clock, and the clock of
// drivers, sealers and web sessions:
//
//	clock := cognitotest.NewClock(time.Now())
//	pool := cognitotest.Start(t, cognitotest.PoolConfig{Now: clock.Now, ...})
//	driver, err := flow.New(pool.Client(), app, func(o *flow.Options) { o.Now = clock.Now })
//	clock.Advance(time.Hour) // the access token has expired now
//
// Lifetimes, codes and lockouts follow the clock. [Pool.AddUser], [Pool.UpdateUser] and
// [Pool.DeleteUser] change the users of a test.
//
// An app client without AuthFlows may use USER_SRP_AUTH, CUSTOM_AUTH and
// REFRESH_TOKEN_AUTH. USER_AUTH and the flows that send a password need an entry
// in AuthFlows, such as "ALLOW_USER_AUTH". GetTokensFromRefreshToken needs none.
//
// CreateUserPool and CreateUserPoolClient make more pools and app clients.
// [Server.Pool] finds such a pool for methods in Go. The new pool has the clock, the
// dialect and the OnCode of the server's oldest pool. Passkeys of the new pool are for
// the origin "https://" and the relying party ID. The operations keep and show
// members that the pool does not act on, such as AutoVerifiedAttributes,
// AccountRecoverySetting, ReadAttributes and the members for OAuth. Of the triggers of
// the oldest pool, the new one has those that its LambdaConfig names, whatever the ARN.
// UpdateUserPool leaves the triggers as they are.
//
// Outside tests a [Server] is an [http.Handler]. A client of the service needs
// another base URL to be a client of the pool, and no other change. In the SDK
// for Go set BaseEndpoint to the server's URL, and Region to any region. The
// example of [NewServer] does so.
//
// The pool signs tokens with a key that each process makes once. The tokens
// verify against /<pool ID>/.well-known/jwks.json and openid-configuration.
//
// A configuration holds passwords in the clear, and records keep request
// bodies. Use made-up users. Do not offer the server to a network.
//
// # Operations
//
// The pool implements these operations, and answers UnknownOperationException
// to all others. The first word of a row is the operations' package below
// internal/operations:
//
//	signin          InitiateAuth, RespondToAuthChallenge, AdminInitiateAuth, AdminRespondToAuthChallenge
//	account         SignUp, ConfirmSignUp, AdminConfirmSignUp, ResendConfirmationCode,
//	                GetUser, DeleteUser, AdminDeleteUser,
//	                ForgotPassword, ConfirmForgotPassword, AdminResetUserPassword,
//	                ChangePassword, AdminSetUserPassword,
//	                UpdateUserAttributes, AdminUpdateUserAttributes,
//	                DeleteUserAttributes, AdminDeleteUserAttributes,
//	                GetUserAttributeVerificationCode, VerifyUserAttribute,
//	                GetUserAuthFactors, AdminGetUserAuthFactors,
//	                SetUserMFAPreference, AdminSetUserMFAPreference,
//	                AssociateSoftwareToken, VerifySoftwareToken,
//	                StartWebAuthnRegistration, CompleteWebAuthnRegistration,
//	                ListWebAuthnCredentials, DeleteWebAuthnCredential
//	tokens          GetTokensFromRefreshToken, RevokeToken, GlobalSignOut, AdminUserGlobalSignOut
//	devices         ConfirmDevice, UpdateDeviceStatus, ListDevices, GetDevice, ForgetDevice,
//	                AdminUpdateDeviceStatus, AdminListDevices, AdminGetDevice, AdminForgetDevice
//	administration  AdminCreateUser, AdminGetUser, AdminEnableUser, AdminDisableUser, ListUsers,
//	                CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups, ListUsersInGroup,
//	                AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminListGroupsForUser
//	pools           CreateUserPool, DescribeUserPool, ListUserPools, UpdateUserPool, DeleteUserPool,
//	                SetUserPoolMfaConfig, GetUserPoolMfaConfig, CreateUserPoolClient, DescribeUserPoolClient,
//	                ListUserPoolClients, UpdateUserPoolClient, DeleteUserPoolClient,
//	                AddUserPoolClientSecret, ListUserPoolClientSecrets, DeleteUserPoolClientSecret
//
// # What the pool checks
//
//   - The members of a request: names, types, and the required members,
//     lengths and patterns of the API model. Admin operations need a signature
//     (version 4) of the right form. The pool does not verify the signature.
//   - SRP: the pool verifies the password claim with arithmetic of its own. It
//     refuses A mod N = 0, u = 0 and text that is not hexadecimal.
//   - SECRET_HASH in every call, over the USERNAME of that call. A refresh has
//     no USERNAME, and its hash is over the name in the tokens or the sub. The
//     pool refuses the SECRET_HASH of a public client.
//   - Sessions: one answer each, for the challenge, client and user that the
//     session was issued for, within AuthSessionSeconds. A wrong code, a refused
//     new password and a malformed answer leave the session as it was. There is
//     one exception: a PASSWORD_VERIFIER without a Session takes any number of
//     answers.
//   - First factors of USER_AUTH: those that the pool allows and the user has,
//     codes to verified addresses only. A choice has to bring its password or
//     SRP_A along. Only a password is followed by a second factor.
//   - Passkeys, by a WebAuthn library: challenge, origin, relying party,
//     signature and counter, at registration and at sign-in.
//   - Custom authentication as the triggers lead it, see package trigger.
//   - Set-up of an authenticator app, each step with the session of the step
//     before. Set-up of an e-mail address, which ends when its code came back.
//   - Levels of authentication under USER_AUTH: TARGET_ACR_VALUES, ACCESS_TOKEN and
//     MAX_AGE, factors that are missing, the claims acr and amr.
//   - Sign-up and forgotten passwords: codes, policy, SecretHash. USER_AUTH
//     with the session of ConfirmSignUp works once, without a first factor.
//   - TOTP codes (RFC 6238) one step around the pool's time. The pool takes a
//     code once, and no code older than the last one taken.
//   - Passwords that clients choose, against the policy and its history. After
//     the fifth failure in a row the pool refuses attempts for 1, 2, 4, ...
//     seconds.
//   - Attributes that come with a new password: required ones have to come, and
//     email_verified and its like may not.
//
// # What the service was seen to do
//
// The tables list each behaviour that a client can notice, one in a row, with
// the pool's default, the evidence for the default, and the switch that changes
// the default. A switch is a field of [Dialect], or of the type that the row
// names. Exceptions are without their last word: NotAuthorized stands for
// NotAuthorizedException. The evidence begins with one of:
//
//	R     a recording of the real service
//	C     source or tests of a client that AWS wrote
//	D     documentation, or the API model
//	T     a public report that quotes the service
//	open  nothing was recorded; the default is the choice that the text gives
//
// The recordings are:
//
//	LS     validated snapshots in localstack-ext 3.8.1 (PyPI), with the date of each
//	MS     measurements in ministack 1.5.33 (PyPI) and its pull request 1758, 2026-09-16
//	OTP    a spike in AllianceBioversityCIAT/onecgiar_pr, 2026-09-11
//	X17    a reply of 2017 in a public repository
//	X18    a whole exchange of 2018 in a public repository
//	X23    an HTTP trace of 2023-08-11 in a public repository
//	PY     a trace in NabuCasa/pycognito issue 78
//	WR     qwigo/warrant pull request 12, 2017
//	DEV    device sign-ins in public repositories, 2021
//	SETUP  an MFA_SETUP exchange in a public repository, 2025-11
//	REPO   other documents in public repositories
//
// A number after the name of a repository is that of an issue. The owners of
// the repositories are:
//
//	amazon-archives  awsmobile-cli, identity-js (amazon-cognito-identity-js)
//	aws              aws-cdk, aws-sdk-js, aws-sdk-js-v3, aws-sdk-php
//	aws-amplify      amplify-android, amplify-cli, amplify-flutter, amplify-js, amplify-swift, amplify-ui,
//	                 aws-sdk-android
//	aws-samples      auth-starters (aws-amplify-auth-starters), saas-factory (aws-saas-factory-bootcamp),
//	                 passwordless-auth, passwordless-email-auth (both begin with amazon-cognito-)
//	boto             boto3
//	floci-io         floci
//	getmoto          moto
//	jagregory        cognito-local
//	localstack       localstack
//	ministackorg     ministack
//	RunaVault        RunaVault
//
// Each row has a subtest of TestEvidence. The columns are:
//
//	behaviour | switch | default | evidence
//
// Sessions:
//
//	Session with PASSWORD_VERIFIER after USER_SRP_AUTH | Session | absent, not demanded | R LS 2023-06-18, MS, X18, PY
//	Session with PASSWORD_VERIFIER after AdminInitiateAuth | Session | absent, not demanded | R MS
//	Session with PASSWORD_VERIFIER after CUSTOM_AUTH | Session | present, demanded | R LS 2023-06-19
//	Session with PASSWORD_VERIFIER under USER_AUTH | Session | present, demanded | open: clients that return it are safe
//	Session with DEVICE_SRP_AUTH | Session | present | R DEV
//	Session in answers to device challenges | Session | not demanded | C amplify-android sends none
//	a proof that is given twice | Session | is judged each time while the challenge lives | R MS
//	a session that was answered | | NotAuthorized "... session can only be used once." | R OTP
//	a session that is too old | ClientConfig.AuthSessionSeconds | NotAuthorized "... session is expired." | R OTP
//	the session after a wrong EMAIL_OTP code | DropSessionOnCodeMismatch | lives; six in a row were seen | R OTP
//	the session after a wrong SOFTWARE_TOKEN_MFA code | DropSessionOnCodeMismatch | lives | open: as after other codes
//	the session after ExpiredCode | KeepSessionOnExpiredCode | is dead | open: safe for clients that start again
//	the session after NotAuthorized | | is dead | T amplify-js 5834, amplify-swift 3695
//	the session after an exception of a trigger | | is dead | T passwordless-email-auth 17
//
// User names and aliases:
//
//	USER_ID_FOR_SRP | SubForSRP | the user name, equal to the parameter USERNAME | R LS, MS, X18
//	USER_ID_FOR_SRP where addresses are user names | PoolConfig.UsernameAttributes | a UUID, both name and sub | R LS
//	the sub as USERNAME | ClientConfig.PreventUserExistenceErrors | UserNotFound | R MS
//	an address as USERNAME of an answer, where addresses are user names | ResolvedNames | accepted | R REPO
//	an alias as USERNAME of an answer | ResolvedNames | accepted | open; C passwordless-auth sends it
//	case of user names | PoolConfig.CaseSensitive | does not matter | D the guide; T cognito-local 270, amplify-js 3949
//	aliases | PoolConfig.AliasAttributes | those that the pool names | D AliasAttributes; T floci 1570, moto 4249
//	two users with one address | PoolConfig.AliasAttributes | allowed if the address is no alias | D AliasAttributes
//	sign-up by address, where addresses are aliases | | InvalidParameter "Username cannot be ..." | T awsmobile-cli 178
//	sign-up by name, where addresses are user names | | InvalidParameter "Username ..." | T boto3 3836, amplify-js 533
//	an unknown user | ClientConfig.PreventUserExistenceErrors | UserNotFound "User does not exist." | R LS, MS
//	an unknown hidden user | ClientConfig.PreventUserExistenceErrors | NotAuthorized | R LS 2024-01-02
//	an unknown hidden user, SRP | ClientConfig.PreventUserExistenceErrors | USER_ID_FOR_SRP, a UUID, tells | D guide
//	an unknown hidden user, EMAIL_OTP | ClientConfig.PreventUserExistenceErrors | a simulated EMAIL_OTP alone | R OTP
//	an unconfirmed user, any password | | UserNotConfirmed at the start | R MS; T identity-js 288, aws-sdk-js 4608
//	a disabled user, any password | | NotAuthorized "User is disabled." at the start | R LS, MS
//
// Challenges and their parameters:
//
//	parameters of NEW_PASSWORD_REQUIRED | Parameters | USER_ID_FOR_SRP, requiredAttributes, userAttributes | R LS 2022-24
//	parameters of the first CUSTOM_CHALLENGE | Parameters | USERNAME and the public ones | R LS 2023-06-19, 2024-08-07
//	parameters of later CUSTOM_CHALLENGEs | Parameters | the public ones alone | R LS 2023-06-19
//	parameters of MFA_SETUP | Parameters, MFACanSetup | MFAS_CAN_SETUP, USER_ID_FOR_SRP | R SETUP
//	parameters of SOFTWARE_TOKEN_MFA | Parameters | FRIENDLY_DEVICE_NAME, USER_ID_FOR_SRP | D API reference, CLI
//	parameters of SELECT_MFA_TYPE | Parameters | MFAS_CAN_CHOOSE | open: as the API reference has it
//	CUSTOM_AUTH with CHALLENGE_NAME=SRP_A and no SRP_A | | accepted; Define sees SRP_A | R LS 2023-06-19
//	ChallengeParameters with tokens | | {} | R LS
//	EMAIL_OTP as the first factor | Parameters | CODE_DELIVERY_*, AvailableChallenges, 8 digits | R OTP
//	AvailableChallenges from RespondToAuthChallenge | Parameters | present for a first factor | D API model 2026-02
//	a temporary password and USER_AUTH preferring EMAIL_OTP | | SELECT_CHALLENGE of PASSWORD_SRP, PASSWORD | R OTP
//	options of WEB_AUTHN | Parameters | AvailableChallenges, timeout 180000, userVerification preferred | D API reference
//	CREDENTIAL along with the choice of WEB_AUTHN | CredentialInChoice | refused | open: no whole ceremony was recorded
//	a choice of PASSWORD without a password | PasswordChallenges | InvalidParameter | open: no client asks so
//	EMAIL as an answer to MFA_SETUP | NoEmailSetup | accepted | open; C amplify-js
//
// SRP and time:
//
//	SALT | PaddedSalt | the shortest hexadecimal number | R X17
//	time until PASSWORD_VERIFIER is answered | VerifierSeconds | as long as the session lives | R MS, X23 (57 s)
//	TIMESTAMP with a padded day or a wrong weekday | | NotAuthorized | R MS, WR
//	TIMESTAMP with hour 24 or another zone | | InvalidParameter "TIMESTAMP..." | T identity-js 683, passwordless-auth 145
//	distance of TIMESTAMP from the clock | TimestampSeconds | any | open: "a certain time interval" (identity-js 58)
//	SRP_A that is missing or not hexadecimal | | InvalidParameter | R LS, MS
//	a signature that is not base64 | Messages | InvalidParameter "Invalid PASSWORD_CLAIM_SIGNATURE format. ..." | R MS
//
// Devices:
//
//	devices after USER_PASSWORD_AUTH | | DEVICE_SRP_AUTH comes | R DEV
//	devices after a passwordless first factor | DeviceAfterPasswordless | not asked | open: the guide has no such sign-in
//	parameters of the device challenges | Parameters | none; SALT, SRP_B, SECRET_BLOCK, DEVICE_KEY, USERNAME | open
//	DeviceGroupKey | GroupKeyUnderscore | a hyphen and eight letters or digits | R DEV
//	numbers of ConfirmDevice not in two's complement | RawDeviceNumbers | refused | open: how they are read is unknown
//	refresh after an administrator's sign-in, tracked devices | DeviceRefreshAfterAdmin | refused | D guide
//
// Codes and passwords:
//
//	a wrong EMAIL_OTP code | Messages | CodeMismatch "Invalid code or auth state for the user." | R OTP
//	a wrong SMS_MFA code | Messages | CodeMismatch "Invalid code or auth state for the user." | T amplify-js 3066, 11069
//	a wrong SOFTWARE_TOKEN_MFA code | Messages | CodeMismatch "Invalid code received for user" | T amplify-ui, ministack
//	a TOTP code that was used | Messages | ExpiredCode "Your software token has already ..." | C amplify-swift
//	a wrong code in VerifySoftwareToken | Messages | EnableSoftwareTokenMFA "Code mismatch ..." | T auth-starters 15
//	a wrong code in ConfirmSignUp, ConfirmForgotPassword | Messages | CodeMismatch "Invalid ..." | T amplify-js 11738
//	a weak password in SignUp | Messages | InvalidPassword "Password did not conform with ..." | T amplify-js 2416
//	a wrong password | Messages | NotAuthorized "Incorrect username or password." | R LS, MS
//	a password that has to be reset | Messages | PasswordResetRequired, to the right password alone | R MS
//	too many wrong passwords | Messages | NotAuthorized "Password attempts exceeded" | T amplify-js 1234, identity-js 506
//	expired temporary passwords | PasswordPolicy.TemporaryPasswordValidityDays | NotAuthorized | T amplify-js 9844, 1182
//	an attribute that has a value, with a new password | Messages | NotAuthorized "Cannot modify ..." | T saas-factory 67
//	spaces and letters in passwords | | a space inside is a symbol, letters are basic Latin | D guide, API model
//
// Refresh and tokens:
//
//	a refresh token that was revoked | Messages | NotAuthorized "Refresh Token has been revoked" | R LS 2024-09-18, 19
//	a refresh token that is unknown | Messages | NotAuthorized "Invalid Refresh Token" | R LS
//	a refresh token that was rotated out | ClientConfig.RetryGraceSeconds | RefreshTokenReuse | open; D API model has it
//	REFRESH_TOKEN_AUTH under rotation | RotationRefusal | NotAuthorized | open: the guide calls it not available
//	an access token that is unknown or revoked | Messages | NotAuthorized "Invalid Access Token", "... revoked" | R LS
//
// Levels of authentication, under USER_AUTH:
//
//	the claims acr and amr | StepUp | with TARGET_ACR_VALUES alone | D guide; R REPO 2026-10 saw all of this ignored
//	the methods of a level | | those of the guide; amr has mfa too if there are two | D guide
//	the method of a passkey | | hwk if its answer says cross-platform, else swk | open; D guide has both
//	acr, amr and auth_time after a refresh | | as before | D guide
//	auth_time after a step-up | | the time of the step-up | open; D guide: new tokens
//	a step-up from a token | | asks for the factors that amr lacks | D guide
//	the first level of the list that can be reached | | is the target | D API reference
//	the factors on the way to a level | | SELECT_CHALLENGE has those that lead there; one alone is asked | open
//	a factor that does not lead to the level | | cannot be chosen | open
//	a token without amr | | gives no credit | open; D guide goes by the claim
//	a level that the token has, or a higher one | | InvalidParameter | open; D guide: an error
//	a level that cannot be reached | | InvalidParameter, also if only a higher one can | open; D guide: an error
//	a level that the pool does not know | PoolConfig.LevelNames | ignored; InvalidParameter if alone | open; D: error
//	ACCESS_TOKEN without TARGET_ACR_VALUES | | InvalidParameter | open; D API reference: an error
//	ACCESS_TOKEN of another user | | InvalidParameter | open; D API reference: must match
//	ACCESS_TOKEN that is not valid | | NotAuthorized, as in other operations | open
//	a sign-in older than MAX_AGE | | gives no credit; the token stays good | D API reference
//	TARGET_ACR_VALUES on a lower feature plan | PoolConfig.Tier | FeatureUnavailableInTier | D guide
//	MFA and a level that needs none | | MFA is asked for | D guide
//	a factor that fails on the way | | no tokens; the old ones stay good | D guide
//	TARGET_ACR_VALUES with the session of ConfirmSignUp | | InvalidParameter | open
//
// Pools and app clients:
//
//	a new pool | | no MFA, the policy of the service, the 20 standard attributes | R LS 2022-12-30
//	the feature plan of a new pool | PoolConfig.Tier | ESSENTIALS | D guide
//	IDs of pools and app clients | PoolConfig.ID, ClientConfig.ID | region and 9 characters; 26 | D API reference
//	MFA of a new pool without SmsConfiguration | | InvalidParameter "SMS ..." | D API model; T aws-cdk 12075
//	GetUserPoolMfaConfig of a pool without MFA | | MfaConfiguration alone | R LS 2022-12-30
//	a member left out of SetUserPoolMfaConfig | | keeps its value | open
//	a member left out of UpdateUserPool | | gets its default; names, schema and factors stay | D API model
//	deletion protection | | InvalidParameter "The user pool cannot be deleted ..." | T localstack 11947
//	a new app client | | members not given are absent, or have defaults | R LS 2023-04-06, 2023-05-25
//	a member left out of UpdateUserPoolClient | | gets its default | R LS 2023-04-06
//	lifetimes of tokens | | within the limits of the API model, else InvalidParameter | D API model
//	GenerateSecret and ClientSecret together | | InvalidParameter | open; D API model: not both
//	client secrets in answers | | of AddUserPoolClientSecret if generated, and of Describe | D API model
//	the ID of a client secret | | the ID of the app client, two hyphens, a time | D API reference
//	a third client secret | | LimitExceeded | open; D API model: two at most
//	a client secret of a public app client | | InvalidParameter | open; D API model: confidential ones alone
//	the last client secret | | InvalidParameter | open; D API model: not deleted
//	ClientSecret of an app client with two | | the older one | open
//	SignUp where administrators make users | PoolConfig.AdminCreatesUsers | NotAuthorized | T amplify-js 6415
//	LambdaConfig | PoolConfig.Triggers | the named triggers of the oldest pool | D API reference
//	links to confirm with | | InvalidParameter: the pool cannot do it | D API reference
//
// Accounts:
//
//	the previous password in ChangePassword | | judged before the new one; missing: "... OldPassword" | R MS
//	a wrong previous password | Messages | NotAuthorized "Incorrect username or password." | open: as at sign-in
//	too many wrong previous passwords | Messages | LimitExceeded "Attempt limit exceeded, ..." | T aws-sdk-android 627
//	a weak password after the first one | Messages | InvalidPassword "Password does not conform to ..." | R LS 2023-06-06
//	ChangePassword of a user without a password | | takes no previous one | D API model
//	tokens after ChangePassword | | stay valid | open: the API reference names no revocation
//	ForgotPassword with a temporary password | | NotAuthorized "... in the current state." | T amplify-js 1340
//	ForgotPassword without a verified address | | InvalidParameter "Cannot reset password ..." | R LS 2023-02-07; D guide
//	an attribute that clients cannot write | | NotAuthorized "A client attempted to write ..." | T aws-sdk-js 3603
//	the Session of SignUp and ConfirmSignUp | ClientConfig.AuthFlows | only with ALLOW_USER_AUTH | T aws-sdk-js-v3 6724
//	the Session of ConfirmSignUp | | comes with and without the Session of SignUp | C amplify-js sends none
//	email_verified after SignUp | | false | R LS 2023-07-30
//	an address that a user changes | | is in force at once, not verified; a code goes there | T amplify-js 6755
//	an address in use that a user changes to | | AliasExists, once it is verified | D AliasAttributes, API model
//	an attribute with an empty value | | is deleted, unless the pool requires it | D API reference; open: required
//	DeleteUserAttributes of an address | | email_verified goes too | open: it says nothing without email
//	a wrong code in VerifyUserAttribute | Messages | CodeMismatch "Invalid ..." | open: as in ConfirmSignUp
//	codes outside of a sign-in | Messages | ExpiredCode after 24 hours; after one to reset a password | D guide
//	an alias in use, in ConfirmSignUp | | AliasExists; ForceAliasCreation moves the alias | D API reference
//	a code for an address that has changed since | Messages | CodeMismatch | open: it would verify another address
//	GetUserAttributeVerificationCode of a verified address | | sends a code | open
//	DeleteUser | | UserNotFound "User does not exist." to the same token afterwards | R LS 2024-01-02
//	GetUserAuthFactors | | PASSWORD once, SOFTWARE_TOKEN beside the first factors | D API model 2026-07
//
// Administration:
//
//	AdminCreateUser | | FORCE_CHANGE_PASSWORD; the pool makes up a password | R LS 2022-08-30; D API reference
//	an existing name in AdminCreateUser | | UsernameExists "User account already exists" | T localstack 4465
//	an existing address, where addresses are user names | | UsernameExists "An account with ..." | R LS 2022-09-13
//	an existing alias in AdminCreateUser | | AliasExists; ForceAliasCreation takes the alias | D API reference
//	email_verified in AdminCreateUser | | kept as written; "No email provided but ..." | R LS 2023-05-08
//	medium of an invitation | | SMS, or those asked for; none without an address | D API reference; R LS 2022-08-30
//	AdminCreateUser with RESEND | | a new password; UserNotFound; UnsupportedUserState | D API model; T aws-sdk-js 1357
//	AdminCreateUser without a password | PoolConfig.AllowedFirstFactors | CONFIRMED, if codes sign in | D API reference
//	AdminSetUserPassword | | CONFIRMED, or FORCE_CHANGE_PASSWORD | D API reference; R LS 2023-06-06
//	AdminConfirmSignUp of other users | | NotAuthorized "... Current status is FORCE_CHANGE_PASSWORD" | R LS 2023-06-16
//	AdminUpdateUserAttributes of an address | | not verified, unless it says so | T identity-js 322; R LS 2023-05-08
//	email_verified of an alias in use | | AdminUpdateUserAttributes moves the alias | T softwarepragmatism.com
//	sub in AdminUpdateUserAttributes | | InvalidParameter | open: no text was recorded
//	AdminDisableUser | | NotAuthorized "User is disabled."; tokens stay revoked | R LS 2023-06-08; D API reference
//	AdminResetUserPassword | | RESET_REQUIRED; ConfirmForgotPassword takes the code | D API reference
//	AdminResetUserPassword in another state | | NotAuthorized | T identity-js 373, RunaVault 15
//	AdminSetUserMFAPreference | | UserMFASettingList, PreferredMfaSetting if one is | R LS 2023-05-18
//	filters of ListUsers | | = and ^=, ten attributes; status: Enabled, Disabled | D API reference; T ministack 1082
//	case in filters | | matters, but in cognito:user_status | D API reference; open for addresses
//	a filter that is none | Messages | InvalidParameter "Error while parsing filter." | T aws-sdk-php 1088
//	a filter for another attribute | Messages | InvalidParameter "Invalid search attribute: ..." | T moto 4389
//	AttributesToGet | | InvalidParameter if a user lacks one that no filter takes | D API reference
//	pages of ListUsers | | oldest user first, 60 at most, 60 without Limit | open: an order is not promised
//	a Limit that is too high | | InvalidParameter "... Value '100' at 'limit' failed ..." | R LS 2023-06-02
//	addresses after AdminConfirmSignUp | | not verified | open: no code came back
//	an access token of a deleted user | | UserNotFound "User does not exist." | R LS 2024-01-02
//	sessions and refresh tokens of a deleted user | | UserNotFound "User does not exist." | open: as access tokens
//
// Passkeys:
//
//	UserVerification | WebAuthnConfig.UserVerification | preferred: in the options of both ceremonies | D API model
//	UserVerification required, registration | | WebAuthnCredentialNotSupported without it | D API model
//	UserVerification required, sign-in | | NotAuthorized without it | open: no refusal was recorded
//	WebAuthnMfaSettings | | InvalidParameter: passkeys are a single factor | D API model
//	a registration that is too old | | WebAuthnChallengeNotFound after three minutes | D API model; open: how long
//	a registration that another app client began | | WebAuthnClientMismatch | D API model
//	pages of ListWebAuthnCredentials | | oldest first, 20 at most | D API model; open: an order is not promised
//
// Groups:
//
//	a group without Precedence, Description or RoleArn | | they are absent | R LS 2022-12-30
//	a group of a name in use | Messages | GroupExists | open: no text was recorded
//	a group that does not exist | Messages | ResourceNotFound "Group not found." | T amplify-cli 2214
//	UpdateGroup | | changes what it names, leaves the rest | D API reference
//	joining twice, leaving twice | | no error | open
//	members of a deleted group | | are in the group no more | D DeleteGroup
//	cognito:groups | | in both tokens, the group with the first precedence first | R LS 2023-02-06; open: the order
//	cognito:roles, cognito:preferred_role | | in ID tokens; the role of the lowest Precedence | D API model
//	groups of the same precedence with other roles | | no cognito:preferred_role | D API model
//	pages of groups and members | | oldest first, 60 at most | open: an order is not promised
//
// Triggers (package trigger):
//
//	attributes in events | | with sub and cognito:user_status, but in PreSignUp | R LS 2024-02-08, 2024-08-07
//	ClientID of operations of administrators | | CLIENT_ID_NOT_APPLICABLE | R REPO
//	PreSignUp, the event | | attributes, ValidationData, ClientMetadata of the request | R LS 2024-02-08
//	PreSignUp, the result | | confirms, verifies; an alias moves to the new user | D guide
//	PreSignUp at AdminCreateUser | | may refuse; the rest of the result is ignored | D guide
//	PreSignUp that verifies an address nobody gave | | InvalidLambdaResponse | open: the guide has "an error"
//	PostConfirmation | | ConfirmSignUp, AdminConfirmSignUp, AutoConfirm, ConfirmForgotPassword | D guide
//	PostConfirmation that fails | | UserLambdaValidation; the user stays confirmed | open
//	PreAuthentication | | before the password; ClientMetadata is ValidationData | D API reference
//	PreAuthentication of an unknown hidden user | | runs, with UserNotFound | D guide
//	PostAuthentication | | after the last answer, with its ClientMetadata; not at a refresh | D API reference
//	PreTokenGeneration, the event | | what tokens would say about groups | R LS 2023-02-06, 2024-04-11
//	PreTokenGeneration, groups | | take the place of the claims in both tokens | R LS 2023-02-06
//	PreTokenGeneration, claims | | added, suppressed; sub, exp and their like stay | D guide; R LS 2023-02-06
//	PreTokenGeneration, the reason | | sign-in, new password, device, refresh | D guide
//	UserMigration at sign-in | | CONFIRMED with the password sent, whatever the policy | R LS 2024-08-07
//	UserMigration with another name | | the name, if what was sent is an alias; else UserNotFound | R LS 2024-08-07
//	UserMigration in ForgotPassword | | the user gets a code | D guide; T localstack 3867
//	UserMigration with RESET_REQUIRED | | PasswordResetRequired | D guide
//	UserMigration that fails | | UserLambdaValidation, and no user | T amplify-flutter 3779, localstack 3945
//
// The rest:
//
//	HTTP status of client errors | | 400 | R LS
//	dates in AdminGetUser | | UserCreateDate, UserLastModifiedDate | R LS; D API model
//	length of client secrets | | 24 characters or more | D API model
//	two client secrets at once | ClientConfig.SecondSecret | both are taken | D AddUserPoolClientSecret, 2026-02
//
// [Hostile] sets all switches at once that trap a careless client.
//
// Three behaviours are the pool's own. The iss claim is the server's address, so
// that tokens verify offline; [PoolConfig].Issuer sets the service's. An answer
// that does not fit its session at all (of another client, user or challenge,
// or with a wrong SECRET_HASH) leaves the session alive. A refresh token that
// RevokeToken revoked, or that was rotated out, is unknown after ten minutes.
//
// # Rare numbers
//
// A client that pads or trims the numbers of SRP fails in one sign-in of two,
// sixteen or 256. With [PoolConfig].SRPFilter the pool draws until the numbers
// have the form that a test wants:
//
//	SRPFilter: func(v cognitotest.SRPValues) bool { return v.U.BitLen() <= 248 },
//
// [UserConfig].Salt sets the salt of one user.
//
// # Faults
//
// [Pool.Fail] makes calls fail as calls over a network to a loaded service do:
// throttled, with a server fault, late, or with the connection cut, before the
// work or after it. [Pool.Faults] has the faults that no call has met yet.
// [Pool.ExpireSessions] ends the sign-ins under way. Faults and requests are those of
// one pool. CreateUserPool and ListUserPools are for no pool and have neither.
package cognitotest
