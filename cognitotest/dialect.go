package cognitotest

import (
	"strings"
	"time"
)

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
	// SessionOptional accepts answers to PASSWORD_VERIFIER, DEVICE_SRP_AUTH
	// and DEVICE_PASSWORD_VERIFIER without Session; OmitSession sends those
	// challenges without one, and implies it.
	SessionOptional bool `json:"sessionOptional"`
	OmitSession     bool `json:"omitSession"`
	// MinimalSalt sends SALT as the shortest hex number in place of 32 digits.
	MinimalSalt bool `json:"minimalSalt"`
	// CodeParameters is "" (as the protocol's table has it), "ALL"
	// (USER_ID_FOR_SRP in every challenge) or "NONE" (no optional parameter).
	CodeParameters string `json:"codeParameters"`
	// DevicesInAllFlows tracks the devices of sign-ins without SRP too, and
	// DeviceAfterPasswordless has them prove themselves also after EMAIL_OTP,
	// SMS_OTP or WEB_AUTHN as the first factor.
	DevicesInAllFlows       bool `json:"devicesInAllFlows"`
	DeviceAfterPasswordless bool `json:"deviceAfterPasswordless"`
	// DeviceRefreshAfterAdmin lets a pool that tracks devices refresh the
	// tokens that came from AdminInitiateAuth or its answers.
	DeviceRefreshAfterAdmin bool `json:"deviceRefreshAfterAdmin"`
	// DeviceParameters adds USERNAME, USER_ID_FOR_SRP and DEVICE_KEY to
	// DEVICE_SRP_AUTH, which has no parameters otherwise, and USER_ID_FOR_SRP
	// to DEVICE_PASSWORD_VERIFIER.
	DeviceParameters bool `json:"deviceParameters"`
	// RawDeviceNumbers accepts in ConfirmDevice a Salt and a PasswordVerifier
	// that are not the shortest two's complement of the number.
	RawDeviceNumbers bool `json:"rawDeviceNumbers"`
	// PasswordChallenges poses PASSWORD and PASSWORD_SRP as challenges of
	// their own where the choice of one came without what it needs, and takes
	// them as answers to SELECT_CHALLENGE.
	PasswordChallenges bool `json:"passwordChallenges"`
	// CredentialInChoice takes the CREDENTIAL of a passkey along with the
	// choice of WEB_AUTHN, for options from an earlier WEB_AUTHN challenge.
	CredentialInChoice bool `json:"credentialInChoice"`
	// NoEmailSetup refuses EMAIL as an answer to MFA_SETUP.
	NoEmailSetup bool `json:"noEmailSetup"`
	// VerifierSeconds is the time allowed between the PASSWORD_VERIFIER
	// challenge and its answer, TimestampSeconds the distance allowed between
	// TIMESTAMP and the pool's clock. 0: 10 seconds; negative: no limit.
	VerifierSeconds  int `json:"verifierSeconds"`
	TimestampSeconds int `json:"timestampSeconds"`
	// RotationRefusal is the exception with which REFRESH_TOKEN_AUTH is
	// refused under refresh token rotation. Empty: NotAuthorizedException.
	RotationRefusal string `json:"rotationRefusal"`
	// Messages replaces error messages: exception name to text.
	Messages map[string]string `json:"messages"`
}

// A client signs and answers at once; what takes longer than this has waited
// for a person or has a wrong clock.
const defaultLimit = 10 * time.Second

func (d Dialect) verifierLimit() time.Duration  { return limitOf(d.VerifierSeconds) }
func (d Dialect) timestampLimit() time.Duration { return limitOf(d.TimestampSeconds) }

// limitOf reads a number of seconds; a negative limit is none.
func limitOf(seconds int) time.Duration {
	if seconds == 0 {
		return defaultLimit
	}
	return time.Duration(seconds) * time.Second
}

func (d Dialect) validate() error {
	if name := d.RotationRefusal; name != "" && !strings.HasSuffix(name, "Exception") {
		return wrong("rotationRefusal", "%q is not the name of an exception", name)
	}
	return oneOf("codeParameters", d.CodeParameters, "", "ALL", "NONE")
}
