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
// the response that announces the code arrives. [PoolConfig].OnCode receives
// every code. [Pool.Requests] has the last calls received with their bodies.
// With [PoolConfig].Now a test moves the pool's clock: lifetimes, codes and
// lockouts follow the clock.
//
// Outside tests a [Server] is an [http.Handler]. A client sends the pool what
// the client would send to the service. Only the base URL differs. The pool
// signs tokens with a key that each process makes once. The tokens verify
// against /<pool ID>/.well-known/jwks.json and openid-configuration.
//
// A configuration holds passwords in the clear, and records keep request
// bodies. Use made-up users. Do not offer the server to a network.
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
//     new password and a malformed answer leave the session as it was.
//   - First factors of USER_AUTH: those that the pool allows and the user has,
//     codes to verified addresses only. A choice has to bring its password or
//     SRP_A along. Only a password is followed by a second factor.
//   - Passkeys, by a WebAuthn library: challenge, origin, relying party,
//     signature and counter, at registration and at sign-in.
//   - Custom authentication as the [Triggers] lead it. Triggers see the
//     ClientMetadata of answers and not that of the first request.
//   - Set-up of an authenticator app, each step with the session of the step
//     before. Set-up of an e-mail address, which ends when its code came back.
//   - Sign-up and forgotten passwords: codes, policy, SecretHash. The session
//     of a sign-up leads to tokens once.
//   - TOTP codes (RFC 6238) one step around the pool's time. The pool takes a
//     code once, and no code older than the last one taken.
//   - Passwords that clients choose, against the policy and its history. After
//     the fifth failure in a row the pool refuses attempts for 1, 2, 4, ...
//     seconds.
//   - Attributes that come with a new password: required ones have to come, and
//     email_verified and its like may not.
//
// An operation that the pool does not implement answers
// UnknownOperationException.
//
// # What the service was seen to do
//
// The table lists each behaviour that a client can notice, the pool's default,
// the evidence for the default, and the switch that changes it. A switch is a
// field of [Dialect], or of the configuration where the table names its type.
// The evidence begins with one of:
//
//	R     a recording of the real service
//	C     source or tests of a client that AWS wrote
//	D     documentation or the API model
//	T     public reports that quote the service
//	open  nothing was recorded; the default is the choice that the text gives
//
// The recordings are:
//
//	LS     validated snapshots in localstack-ext 3.8.1 (PyPI), with the date of each
//	MS     measurements in ministack 1.5.33 (PyPI) and its pull request 1758, 2026-09-16
//	OTP    a spike in AllianceBioversityCIAT/onecgiar_pr, 2026-09-11
//	X17, X18, X23  whole exchanges of 2017, 2018 and 2023-08-11 in public repositories
//	PY     a trace in NabuCasa/pycognito issue 78
//	WR     qwigo/warrant pull request 12, 2017
//	DEV    device sign-ins in public repositories, 2021
//	SETUP  an MFA_SETUP exchange in a public repository, 2025-11
//
// Each row has a subtest of TestEvidence.
//
//	behaviour | default | evidence | switch
//	Session with PASSWORD_VERIFIER after USER_SRP_AUTH | absent, not demanded | R LS 2023-06-18, MS, X18, PY | Session
//	Session with PASSWORD_VERIFIER after AdminInitiateAuth | absent, not demanded | R MS | Session
//	Session with PASSWORD_VERIFIER after CUSTOM_AUTH | present, demanded | R LS 2023-06-19 | Session
//	Session with PASSWORD_VERIFIER under USER_AUTH | present, demanded | open: clients that send what came are safe | Session
//	Session with DEVICE_SRP_AUTH | present | R DEV | Session
//	Session in answers to device challenges | not demanded | C amplify-android sends none | Session
//	a proof that is given twice | judged each time while the challenge lives | R MS | Session
//	a session that was answered | NotAuthorized "... session can only be used once." | R OTP |
//	a session that is too old | NotAuthorized "... session is expired." | R OTP | ClientConfig.AuthSessionSeconds
//	the session after a wrong EMAIL_OTP code | lives, six wrong codes in a row | R OTP | DropSessionOnCodeMismatch
//	the session after a wrong SOFTWARE_TOKEN_MFA code | lives | open: as after other codes | DropSessionOnCodeMismatch
//	the session after ExpiredCode | dead | open: clients that start again are safe | KeepSessionOnExpiredCode
//	the session after NotAuthorized | dead | T amplify-js 5834, amplify-swift 3695 | KeepSessionOnNotAuthorized
//	the session after an exception of a trigger | dead | T amazon-cognito-passwordless-email-auth 17 |
//	USER_ID_FOR_SRP | the user name, as USERNAME | R LS, MS, X18 | SubForSRP
//	USER_ID_FOR_SRP where addresses are user names | a UUID: name and sub are one | R LS | PoolConfig.UsernameAttributes
//	the sub as USERNAME | UserNotFound | R MS |
//	an address as USERNAME of an answer, where addresses are user names | accepted | R a public repository (id 14966597807) | ResolvedNames
//	an alias as USERNAME of an answer | accepted | open; C amazon-cognito-passwordless-auth sends it | ResolvedNames
//	case of user names | does not matter | D UsernameConfiguration; T cognito-local 270, amplify-js 3949 | PoolConfig.CaseSensitive
//	aliases | those that the pool names | D AliasAttributes; T floci 1570, moto 4249 | PoolConfig.AliasAttributes
//	two users with one address | allowed where the address is no alias | D AliasAttributes | PoolConfig.AliasAttributes
//	sign-up with an address as name, where addresses are aliases | InvalidParameter "Username cannot be of email format, ..." | T awsmobile-cli 178 |
//	sign-up with a name, where addresses are user names | InvalidParameter "Username should be an email." | T boto3 3836, amplify-js 533 |
//	an unknown user | UserNotFound "User does not exist." | R LS, MS | ClientConfig.PreventUserExistenceErrors
//	an unknown user that is hidden | a simulated PASSWORD_VERIFIER with a UUID | D guide | ClientConfig.PreventUserExistenceErrors
//	an unknown user that is hidden, EMAIL_OTP | a simulated EMAIL_OTP, that factor alone | R OTP | ClientConfig.PreventUserExistenceErrors
//	an unconfirmed user, any password | UserNotConfirmed at the start | R MS; T identity-js 288, aws-sdk-js 4608 |
//	a disabled user, any password | NotAuthorized "User is disabled." at the start | R LS, MS |
//	parameters of NEW_PASSWORD_REQUIRED | USER_ID_FOR_SRP, requiredAttributes, userAttributes | R LS 2022-08-30, 2023-06-08, 2024-04-11 | Parameters
//	parameters of the first CUSTOM_CHALLENGE | USERNAME and the public ones | R LS 2023-06-19, 2024-08-07 | Parameters
//	parameters of later CUSTOM_CHALLENGEs | the public ones alone | R LS 2023-06-19 | Parameters
//	CUSTOM_AUTH with CHALLENGE_NAME=SRP_A and no SRP_A | accepted; Define sees SRP_A | R LS 2023-06-19 |
//	ChallengeParameters with tokens | {} | R LS |
//	SALT | the shortest hexadecimal number | R X17 | PaddedSalt
//	time until PASSWORD_VERIFIER is answered | as long as the session lives | R MS, X23 (57 s) | VerifierSeconds
//	TIMESTAMP with a padded day or a wrong weekday | NotAuthorized | R MS, WR |
//	TIMESTAMP with hour 24 or another zone | InvalidParameter "TIMESTAMP format should be ..." | T identity-js 683, passwordless-auth 145 |
//	distance of TIMESTAMP from the clock | any | open: AWS says "a certain time interval" (identity-js 58, 2016) | TimestampSeconds
//	EMAIL_OTP as the first factor | CODE_DELIVERY_*, AvailableChallenges, 8 digits | R OTP | Parameters
//	AvailableChallenges from RespondToAuthChallenge | present where a first factor is asked | D API model 2026-02 | Parameters
//	a temporary password and USER_AUTH preferring EMAIL_OTP | SELECT_CHALLENGE of PASSWORD_SRP, PASSWORD | R OTP |
//	parameters of MFA_SETUP | MFAS_CAN_SETUP, USER_ID_FOR_SRP | R SETUP | Parameters
//	parameters of SOFTWARE_TOKEN_MFA | FRIENDLY_DEVICE_NAME, USER_ID_FOR_SRP | R ids 25624165185, 879280219 | Parameters
//	parameters of SELECT_MFA_TYPE | MFAS_CAN_CHOOSE | open: as the API reference has it | Parameters
//	options of WEB_AUTHN | AvailableChallenges, timeout 180000, userVerification preferred | D API reference |
//	CREDENTIAL along with the choice of WEB_AUTHN | refused | open: no whole ceremony was recorded | CredentialInChoice
//	a choice of PASSWORD without a password | InvalidParameter | open: no client asks so | PasswordChallenges
//	EMAIL as an answer to MFA_SETUP | accepted | open; C amplify-js | NoEmailSetup
//	devices after USER_PASSWORD_AUTH | DEVICE_SRP_AUTH comes | R DEV |
//	devices after a passwordless first factor | not asked | open: guide has no such sign-in | DeviceAfterPasswordless
//	parameters of the device challenges | none; SALT, SRP_B, SECRET_BLOCK, DEVICE_KEY, USERNAME | open: clients that read the first three are safe | Parameters
//	DeviceGroupKey | a hyphen and eight letters or digits | R DEV | GroupKeyUnderscore
//	numbers of ConfirmDevice that are no two's complement | refused | open: no recording tells how they are read | RawDeviceNumbers
//	refresh after an administrator's sign-in, tracked devices | refused | D guide | DeviceRefreshAfterAdmin
//	a wrong EMAIL_OTP code | CodeMismatch "Invalid code or auth state for the user." | R OTP | Messages
//	a wrong SMS_MFA code | CodeMismatch "Invalid code or auth state for the user." | T amplify-js 3066, 11069 | Messages
//	a wrong SOFTWARE_TOKEN_MFA code | CodeMismatch "Invalid code received for user" | T amplify-ui's translations, ministack | Messages
//	a TOTP code that was used | ExpiredCode "Your software token has already been used once." | C amplify-swift | Messages
//	a wrong code in VerifySoftwareToken | EnableSoftwareTokenMFA "Code mismatch ..." | T aws-amplify-auth-starters 15, 2021 | Messages
//	a wrong code in ConfirmSignUp and ConfirmForgotPassword | CodeMismatch "Invalid verification code provided, please try again." | T amplify-js 11738 | Messages
//	a weak password in SignUp | InvalidPassword "Password did not conform with policy: ..." | T amplify-js 2416 | Messages
//	a wrong password | NotAuthorized "Incorrect username or password." | R LS, MS | Messages
//	too many wrong passwords | NotAuthorized "Password attempts exceeded" | T amplify-js 1234, identity-js 506 | Messages
//	a temporary password that has expired | NotAuthorized "Temporary password has expired ..." | T amplify-js 9844, 1182 | PasswordPolicy.TemporaryPasswordValidityDays
//	an attribute that has a value, with a new password | NotAuthorized "Cannot modify an already provided email" | T aws-saas-factory-bootcamp 67 | Messages
//	a refresh token that was revoked | NotAuthorized "Refresh Token has been revoked" | R LS 2024-09-18, 2024-09-19 | Messages
//	a refresh token that is unknown | NotAuthorized "Invalid Refresh Token" | R LS | Messages
//	a refresh token that was rotated out | RefreshTokenReuse | open: the API model has the exception | ClientConfig.RetryGraceSeconds
//	REFRESH_TOKEN_AUTH under rotation | NotAuthorized | open: the guide says that the flow is not available | RotationRefusal
//	an access token that is unknown or revoked | NotAuthorized "Invalid Access Token", "Access Token has been revoked" | R LS | Messages
//	SRP_A that is missing or not hexadecimal | InvalidParameter | R LS, MS |
//	a signature that is not base64 | InvalidParameter "Invalid PASSWORD_CLAIM_SIGNATURE format. ..." | R MS | Messages
//	HTTP status of client errors | 400 | R LS |
//	spaces and letters in passwords | a space inside is a symbol; letters are basic Latin | D guide, API model |
//	dates in AdminGetUser | UserCreateDate, UserLastModifiedDate | R LS; D API model |
//	length of client secrets | 24 characters or more | D API model |
//	two client secrets at once | both are taken | D AddUserPoolClientSecret, 2026-02 | ClientConfig.SecondSecret
//
// [Hostile] sets all switches at once that trap a careless client.
//
// Two behaviours are the pool's own. The iss claim is the server's address, so
// that tokens verify offline; [PoolConfig].Issuer sets the service's. An answer
// that does not fit its session at all (of another client, user or challenge,
// or with a wrong SECRET_HASH) leaves the session alive.
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
// work or after it. [Pool.ExpireSessions] ends the sign-ins under way.
package cognitotest
