// Package traits has the properties of challenges that package flow needs for its decisions.
// A test of package challenge compares the traits with the answers to each challenge.
package traits

// Traits are the properties of a challenge.
type Traits struct {
	// TakesPassword says that the user's password answers the challenge. If the user
	// chooses such a challenge (SELECT_CHALLENGE), the choice carries the password or SRP_A.
	TakesPassword bool

	// SendsPassword says that the answer contains the user's password in clear.
	SendsPassword bool

	// SetsPassword says that the answer contains a new password. The new password may be
	// the text of the old one.
	SetsPassword bool

	// OpensSRP says that the answer contains SRP_A, the first message of a handshake.
	OpensSRP bool

	// ProvesSRP says that the answer contains the proof at the end of a handshake. A false
	// server can try passwords against the proof, so the driver limits the proofs.
	ProvesSRP bool

	// ProvesDevice says that the handshake is of a remembered device, and not of the user.
	ProvesDevice bool

	// OmitsDevice says that the answer must not name the device. AWS's own clients send no
	// DEVICE_KEY with the answer of a passkey.
	OmitsDevice bool

	// SendsCode says that the service sends a code to the user when it asks.
	SendsCode bool

	// TakesChoice says that the user may answer with one of Challenge.Choices.
	TakesChoice bool

	// ChoosesFirstFactor says that the choice decides how the sign-in begins. The choice
	// may contain the first answer to the chosen challenge.
	ChoosesFirstFactor bool

	// SetsUpFactor says that the driver calls other operations before it sends the answer.
	// The driver does not send a choice, because the service has no parameter for it.
	SetsUpFactor bool

	// Repeats says that the service may ask the same challenge again after a right answer.
	// Then the service does not tell a next question from a wrong answer.
	Repeats bool
}

// table has the challenges that have a trait.
var table = map[string]Traits{
	"SMS_MFA":   {SendsCode: true},
	"SMS_OTP":   {SendsCode: true},
	"EMAIL_OTP": {SendsCode: true},

	"SELECT_MFA_TYPE":       {TakesChoice: true},
	"SELECT_CHALLENGE":      {TakesChoice: true, ChoosesFirstFactor: true},
	"MFA_SETUP":             {TakesChoice: true, SetsUpFactor: true},
	"NEW_PASSWORD_REQUIRED": {SetsPassword: true},
	"CUSTOM_CHALLENGE":      {Repeats: true},
	"WEB_AUTHN":             {OmitsDevice: true},

	"PASSWORD":          {TakesPassword: true, SendsPassword: true},
	"PASSWORD_SRP":      {TakesPassword: true, OpensSRP: true},
	"PASSWORD_VERIFIER": {ProvesSRP: true},

	"DEVICE_SRP_AUTH":          {OpensSRP: true, ProvesDevice: true},
	"DEVICE_PASSWORD_VERIFIER": {ProvesSRP: true, ProvesDevice: true},
}

// Of returns the traits of a challenge. A challenge that is not in the table has no traits.
func Of[Name ~string](name Name) Traits { return table[string(name)] }
