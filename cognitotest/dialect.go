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

// Dialect has a switch for each point that no recording of the service
// settles, and for each behaviour that careless clients get wrong. The zero
// value is the service as it was seen; the tables in the package documentation
// say what was seen.
type Dialect struct {
	// Session is "" (as the tables have it) or "ALWAYS" (every challenge comes
	// with a Session, and every answer needs it).
	Session string `json:"session"`
	// SubForSRP makes the sub the USER_ID_FOR_SRP of every user, also where
	// the user has a name of its own.
	SubForSRP bool `json:"subForSRP"`
	// ResolvedNames refuses an alias as USERNAME of an answer once the pool
	// has told the user's name in this sign-in.
	ResolvedNames bool `json:"resolvedNames"`
	// PaddedSalt sends SALT with zeros in front, of users and of devices.
	PaddedSalt bool `json:"paddedSalt"`
	// GroupKeyUnderscore puts an underscore into DeviceGroupKey.
	GroupKeyUnderscore bool `json:"groupKeyUnderscore"`
	// MFACanSetup spells the parameter MFAS_CAN_SETUP as a reference page of
	// 2022 does: MFA_CAN_SETUP.
	MFACanSetup bool `json:"mfaCanSetup"`
	// Parameters is "" (as the tables have it), "ALL" or "NONE". With "ALL" each
	// challenge also has the parameters that only a report gives it. With "NONE"
	// it has no parameter that a client can do without.
	Parameters string `json:"parameters"`
	// VerifierSeconds is the time allowed between an SRP challenge and its
	// answer; 0 or less: as long as the session lives. TimestampSeconds is the
	// distance allowed between TIMESTAMP and the pool's clock; 0 or less: any.
	VerifierSeconds  int `json:"verifierSeconds"`
	TimestampSeconds int `json:"timestampSeconds"`
	// KeepSessionOnExpiredCode keeps a session after ExpiredCodeException.
	// DropSessionOnCodeMismatch ends it after CodeMismatchException.
	KeepSessionOnExpiredCode  bool `json:"keepSessionOnExpiredCode"`
	DropSessionOnCodeMismatch bool `json:"dropSessionOnCodeMismatch"`
	// DeviceAfterPasswordless has a remembered device prove itself also after
	// EMAIL_OTP, SMS_OTP or WEB_AUTHN as the first factor.
	DeviceAfterPasswordless bool `json:"deviceAfterPasswordless"`
	// DeviceRefreshAfterAdmin lets a pool that tracks devices refresh the
	// tokens that came from AdminInitiateAuth or its answers.
	DeviceRefreshAfterAdmin bool `json:"deviceRefreshAfterAdmin"`
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
	// RotationRefusal is the exception with which REFRESH_TOKEN_AUTH is
	// refused under refresh token rotation. Empty: NotAuthorizedException.
	RotationRefusal string `json:"rotationRefusal"`
	// StepUp is "" (as the tables have it), "ALWAYS" (the claims acr and amr are in the
	// tokens of each sign-in) or "IGNORED" (the pool ignores TARGET_ACR_VALUES,
	// ACCESS_TOKEN and MAX_AGE and issues no such claims, as pools did in October 2026).
	StepUp string `json:"stepUp"`
	// Messages replaces error messages. A key is the name of an exception, or
	// an operation, a slash and the name: "ConfirmSignUp/CodeMismatchException".
	// The longer key comes first. The name of an exception ends in "Exception".
	Messages map[string]string `json:"messages"`
}

// Hostile returns the dialect that traps a careless client in many ways at once.
// USER_ID_FOR_SRP is not the user name. The salt needs trimming, and the group
// key has an underscore. Each answer needs its Session and the user's resolved
// name. A proof has ten seconds. Parameters that a client can do without are
// absent, and one of MFA_SETUP has its other spelling.
//
// Run a client under both dialects. The default one has traps that a Hostile
// pool does not have: PASSWORD_VERIFIER comes without a Session, and SALT may
// have an odd number of digits.
//
// If a Hostile pool has a Now of its own, the client needs the same clock, since
// TIMESTAMP may be ten seconds off. In package flow set flow.Options.Now.
//
// The other switches stay off. KeepSessionOnExpiredCode, RawDeviceNumbers,
// DeviceRefreshAfterAdmin, PasswordChallenges and CredentialInChoice make the
// pool accept more. DropSessionOnCodeMismatch, DeviceAfterPasswordless and
// NoEmailSetup change the course of a sign-in for careful clients too. StepUp changes
// what tokens tell.
// RotationRefusal and Messages change the names and texts of errors, which no
// sign-in depends on.
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
