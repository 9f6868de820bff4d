// Package frontend is the JSON that a backend and its front end exchange during a
// sign-in: a challenge as a front end needs it, the answer, and an error.
//
//	shown, err := frontend.FromChallenge(step.Prompt.Challenge(), "Big Corp")   // to the front end
//	answer, err := frontend.ReadAnswer(prompt.Challenge(), body)                // from the front end
//	problem := frontend.FromError(err)                                          // to the front end, with problem.Status()
//
// [NewReply] makes the body of a response of all three: challenge, sealed prompt, error.
// The package has no transport and keeps nothing. The program examples/api is a whole
// backend.
//
// # The form
//
// Each of the three is a JSON object with the member version, which is [Version]. [Schema]
// returns the JSON Schema (draft 2020-12), with $defs/challenge, $defs/answer, $defs/error
// and $defs/reply. Within a version no member changes its meaning. Challenges and errors
// may get further members, which a front end ignores. Answers get none.
//
// A challenge tells in answerWith which members its answer has:
//
//	code                     SMS_MFA, SMS_OTP, EMAIL_OTP, SOFTWARE_TOKEN_MFA; MFA_SETUP with totp
//	choice                   SELECT_MFA_TYPE, SELECT_CHALLENGE, MFA_SETUP; one of choices
//	choice, password         SELECT_CHALLENGE, if the choice is PASSWORD or PASSWORD_SRP
//	password                 PASSWORD, PASSWORD_SRP
//	newPassword, attributes  NEW_PASSWORD_REQUIRED; requiredAttributes are to be in attributes
//	email                    MFA_SETUP, if nothing else can be set up
//	custom                   CUSTOM_CHALLENGE
//	credential               WEB_AUTHN, for passkeyRequest
//	continue                 any challenge with noAnswerNeeded
//	raw                      challenges that this package does not know
//
// So a front end can go by answerWith, or by the name of the challenge.
//
//	{"version":1,"name":"EMAIL_OTP","answerWith":["code"],"attempt":0,"delivery":{"medium":"EMAIL","destination":"a***@e***"}}
//	{"version":1,"code":"123456"}
//	{"version":1,"code":"wrong_answer","remedy":"answer_prompt","message":"Invalid code.","answerable":true}
//
// # What a front end learns
//
// Of the service's parameters a challenge has what its user needs to see. The session
// is not in it. The only secret is the key of a new authenticator app, which the user
// has to see. The user's attributes are left out: a form needs the names of those that
// are missing.
//
// A CUSTOM_CHALLENGE has the parameters that the pool's trigger made public. A challenge
// that this package does not know has the ChallengeParameters as they came, since the
// service sends them to browsers, too. Both are without USERNAME, USER_ID_FOR_SRP and
// DEVICE_KEY: the driver answers with those by itself. For the same reason a raw answer
// must not have USERNAME, SECRET_HASH or DEVICE_KEY. A front end cannot give a raw
// answer to a challenge that this package knows.
//
// An error has a code and a remedy. An error tells no operation, no exception and no
// request ID. A fault of the program or of the service's configuration
// has the code internal: log the error itself.
package frontend
