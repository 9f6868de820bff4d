package directory

import (
	"time"
)

// Dialect chooses between readings of the protocol. cognitotest.Dialect documents the fields.
type Dialect struct {
	Session                   string
	SubForSRP                 bool
	ResolvedNames             bool
	PaddedSalt                bool
	GroupKeyUnderscore        bool
	MFACanSetup               bool
	Parameters                string
	VerifierSeconds           int
	TimestampSeconds          int
	KeepSessionOnExpiredCode  bool
	DropSessionOnCodeMismatch bool
	DeviceAfterPasswordless   bool
	DeviceRefreshAfterAdmin   bool
	RawDeviceNumbers          bool
	PasswordChallenges        bool
	CredentialInChoice        bool
	NoEmailSetup              bool
	RotationRefusal           string
	StepUp                    string
	Messages                  map[string]string
}

// WithinSeconds reports whether d keeps a limit. A limit of 0 or less allows each d.
func WithinSeconds(d time.Duration, seconds int) bool {
	return seconds <= 0 || d <= time.Duration(seconds)*time.Second
}

// Message returns the text of the dialect for an exception, if there is one.
func (d Dialect) Message(operation, exception string) (string, bool) {
	for _, key := range []string{operation + "/" + exception, exception} {
		if text, ok := d.Messages[key]; ok {
			return text, true
		}
	}
	return "", false
}
