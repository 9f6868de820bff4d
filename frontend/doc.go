// Package frontend has the JSON for a backend and its front end during a sign-in:
// challenges, answers and errors.
//
//	shown, err := frontend.FromChallenge(step.Prompt.Challenge(), "Big Corp")   // to the front end
//	answer, err := frontend.ReadAnswer(prompt.Challenge(), body)                // from the front end
//	problem := frontend.FromError(err)                                          // to the front end, with problem.Status()
//
// [NewReply] makes the body of a response: a challenge, a sealed prompt and an error. The
// package sends and stores nothing. The program examples/api is a whole backend.
//
// # The form
//
// Challenge, answer and error are JSON objects with the member version, which is [Version].
// [Schema] returns the JSON Schema (draft 2020-12), with $defs/challenge, $defs/answer,
// $defs/error and $defs/reply. Within a version the meaning of a member does not change.
// Challenges and errors may get new members, and a front end must ignore these. Answers get
// no new members.
//
// The member answerWith of a challenge lists the members of its answer:
//
//	code                     SMS_MFA, SMS_OTP, EMAIL_OTP, SOFTWARE_TOKEN_MFA, and MFA_SETUP with totp
//	choice                   SELECT_MFA_TYPE, SELECT_CHALLENGE, MFA_SETUP: one of choices
//	choice, password         SELECT_CHALLENGE, if the choice is PASSWORD or PASSWORD_SRP
//	password                 PASSWORD, PASSWORD_SRP
//	newPassword, attributes  NEW_PASSWORD_REQUIRED: attributes must have requiredAttributes
//	email                    MFA_SETUP, if only EMAIL_OTP can be set up
//	custom                   CUSTOM_CHALLENGE
//	credential               WEB_AUTHN, for passkeyRequest
//	continue                 any challenge with noAnswerNeeded
//	raw                      challenges that this package does not know
//
// So a front end can choose its form by answerWith, or by the name of the challenge.
//
//	{"version":1,"name":"EMAIL_OTP","answerWith":["code"],"attempt":0,"delivery":{"medium":"EMAIL","destination":"a***@e***"}}
//	{"version":1,"code":"123456"}
//	{"version":1,"code":"wrong_answer","remedy":"answer_prompt","message":"Invalid code.","answerable":true}
//
// # Secrets
//
// A challenge has only the parameters that its user needs to see. The session and the
// values of the user's attributes are left out. The only secret is the key of a new
// authenticator app, which the user has to see.
//
// A CUSTOM_CHALLENGE has the public parameters of the pool's trigger. A challenge that this
// package does not know has the ChallengeParameters of the service. In both cases
// USERNAME, USER_ID_FOR_SRP and DEVICE_KEY are left out, because the driver adds them to
// the answer. So a raw answer must not have USERNAME, SECRET_HASH or DEVICE_KEY. If this
// package knows a challenge, ReadAnswer refuses a raw answer.
//
// An error has a code and a remedy, but no operation, no exception and no request ID. For a
// fault of the program or of the service's configuration the code is internal. Log the
// error itself.
package frontend
