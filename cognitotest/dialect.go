package cognitotest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/operations"
)

// Dialect has a switch for each behaviour that no recording of the service settles,
// and for each behaviour that careless clients get wrong. The zero value is the
// service as recordings show it. docs/evidence.md in the repository gives the evidence.
type Dialect struct {
	// Session is empty or "ALWAYS". With "ALWAYS" each challenge comes with a Session,
	// and each answer needs the Session.
	Session string `json:"session"`
	// SubForSRP makes the sub the USER_ID_FOR_SRP of every user.
	SubForSRP bool `json:"subForSRP"`
	// ResolvedNames refuses an alias as USERNAME of an answer after the pool has sent
	// the name of the user in this sign-in.
	ResolvedNames bool `json:"resolvedNames"`
	// PaddedSalt sends each SALT, of users and of devices, with zeros in front.
	PaddedSalt bool `json:"paddedSalt"`
	// GroupKeyUnderscore puts an underscore into DeviceGroupKey.
	GroupKeyUnderscore bool `json:"groupKeyUnderscore"`
	// MFACanSetup spells the parameter MFAS_CAN_SETUP as a reference page of
	// 2022 does: MFA_CAN_SETUP.
	MFACanSetup bool `json:"mfaCanSetup"`
	// Parameters is empty, "ALL" or "NONE". With "ALL" each challenge also has the
	// parameters that only a report names. With "NONE" a challenge has no parameter
	// that a client can do without.
	Parameters string `json:"parameters"`
	// VerifierSeconds is the time allowed between an SRP challenge and its answer. 0 or
	// less allows as long as the session lives.
	VerifierSeconds int `json:"verifierSeconds"`
	// TimestampSeconds is the distance allowed between TIMESTAMP and the clock of the
	// pool. 0 or less allows any distance.
	TimestampSeconds int `json:"timestampSeconds"`
	// KeepSessionOnExpiredCode keeps a session after ExpiredCodeException.
	KeepSessionOnExpiredCode bool `json:"keepSessionOnExpiredCode"`
	// DropSessionOnCodeMismatch ends a session after CodeMismatchException.
	DropSessionOnCodeMismatch bool `json:"dropSessionOnCodeMismatch"`
	// DeviceAfterPasswordless asks a remembered device for its proof also after
	// EMAIL_OTP, SMS_OTP or WEB_AUTHN as the first factor.
	DeviceAfterPasswordless bool `json:"deviceAfterPasswordless"`
	// DeviceRefreshAfterAdmin lets a pool that tracks devices refresh the tokens of
	// AdminInitiateAuth and AdminRespondToAuthChallenge.
	DeviceRefreshAfterAdmin bool `json:"deviceRefreshAfterAdmin"`
	// RawDeviceNumbers accepts in ConfirmDevice a Salt and a PasswordVerifier
	// that are not the shortest two's complement of the number.
	RawDeviceNumbers bool `json:"rawDeviceNumbers"`
	// PasswordChallenges poses the challenge PASSWORD or PASSWORD_SRP if a choice came
	// without its password or SRP_A. SELECT_CHALLENGE takes the two names as answers.
	PasswordChallenges bool `json:"passwordChallenges"`
	// CredentialInChoice takes the CREDENTIAL of a passkey along with the
	// choice of WEB_AUTHN, for options from an earlier WEB_AUTHN challenge.
	CredentialInChoice bool `json:"credentialInChoice"`
	// NoEmailSetup refuses EMAIL as an answer to MFA_SETUP.
	NoEmailSetup bool `json:"noEmailSetup"`
	// RotationRefusal is the exception that refuses REFRESH_TOKEN_AUTH under refresh
	// token rotation. Empty: NotAuthorizedException.
	RotationRefusal string `json:"rotationRefusal"`
	// StepUp is empty, "ALWAYS" or "IGNORED". With "ALWAYS" the tokens of each sign-in
	// have the claims acr and amr. With "IGNORED" the pool ignores TARGET_ACR_VALUES,
	// ACCESS_TOKEN and MAX_AGE, and issues no such claims, as pools did in October 2026.
	StepUp string `json:"stepUp"`
	// Messages replaces error messages. A key is the name of an exception, or an
	// operation, a slash and the name: "ConfirmSignUp/CodeMismatchException". A key
	// with an operation wins. The name of an exception ends in "Exception".
	Messages map[string]string `json:"messages"`
}

// Hostile returns the dialect that traps a careless client in many ways at once.
// USER_ID_FOR_SRP is not the user name. The salt needs trimming, and the group
// key has an underscore. Each answer needs its Session and the resolved name of the
// user. A proof has ten seconds. A challenge has no parameters that a client can do
// without, and MFA_SETUP spells one parameter in another way.
//
// Run a client under the zero Dialect and under Hostile. The zero Dialect has traps
// that Hostile does not have: PASSWORD_VERIFIER comes without a Session, and SALT may
// have an odd number of digits.
//
// If you set Now of a Hostile pool, give the client the same clock, because TIMESTAMP
// may be ten seconds off. In package flow set flow.Options.Now.
//
// The other switches stay off. KeepSessionOnExpiredCode, RawDeviceNumbers,
// DeviceRefreshAfterAdmin, PasswordChallenges and CredentialInChoice make the
// pool accept more. DropSessionOnCodeMismatch, DeviceAfterPasswordless and
// NoEmailSetup change a sign-in for careful clients too. StepUp changes the claims of
// tokens. RotationRefusal and Messages change names and texts of errors.
func Hostile() Dialect {
	return Dialect{
		Session: "ALWAYS", SubForSRP: true, ResolvedNames: true, PaddedSalt: true,
		GroupKeyUnderscore: true, MFACanSetup: true, Parameters: "NONE", VerifierSeconds: 10, TimestampSeconds: 10,
	}
}

func (d Dialect) validate() error {
	if d.RotationRefusal != "" && !exception.IsName(d.RotationRefusal) {
		return invalid.Field("rotationRefusal", "%q does not end in \"Exception\"", d.RotationRefusal)
	}
	for _, key := range slices.Sorted(maps.Keys(d.Messages)) {
		operation, name, of := strings.Cut(key, "/")
		if !of {
			name = key
		}
		switch _, ok := operations.Find(operation); {
		case of && !ok:
			return invalid.Field("messages", "%q: the pool has no operation %q", key, operation)
		case !exception.IsName(name):
			return invalid.Field("messages", "%q does not end in \"Exception\"", key)
		}
	}
	return cmp.Or(
		invalid.OneOf("session", d.Session, "", "ALWAYS"),
		invalid.OneOf("parameters", d.Parameters, "", "ALL", "NONE"),
		invalid.OneOf("stepUp", d.StepUp, "", "ALWAYS", "IGNORED"),
	)
}
