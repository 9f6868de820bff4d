package challenge

// The methods of this file are for the driver of package flow. A program that uses the driver
// does not need the methods. If this package does not know a challenge, all methods return
// false.

// TakesPassword reports whether the user's password answers the challenge. If the user
// chooses such a challenge (SELECT_CHALLENGE), the choice carries the password or SRP_A.
func (n Name) TakesPassword() bool { return table[n].traits.takesPassword }

// SendsPassword reports whether the answer contains the user's password in clear.
func (n Name) SendsPassword() bool { return table[n].traits.sendsPassword }

// SetsPassword reports whether the answer contains a new password. The new password may
// be the text of the old one.
func (n Name) SetsPassword() bool { return table[n].traits.setsPassword }

// OpensSRP reports whether the answer contains SRP_A, the first message of a handshake.
func (n Name) OpensSRP() bool { return table[n].traits.opensSRP }

// ProvesSRP reports whether the answer contains the proof at the end of a handshake.
// The peer can try passwords against the proof, so a driver limits the proofs.
func (n Name) ProvesSRP() bool { return table[n].traits.provesSRP }

// ProvesDevice reports whether the handshake is of a remembered device, and not of the user.
func (n Name) ProvesDevice() bool { return table[n].traits.provesDevice }

// OmitsDevice reports whether the answer must not name the device. AWS's own clients send no
// DEVICE_KEY with the answer of a passkey.
func (n Name) OmitsDevice() bool { return table[n].traits.omitsDevice }

// SendsCode reports whether the service sends a code to the user when it asks.
func (n Name) SendsCode() bool { return table[n].traits.sendsCode }

// TakesChoice reports whether the user may answer with one of Challenge.Choices.
func (n Name) TakesChoice() bool { return table[n].traits.takesChoice }

// ChoosesFirstFactor reports whether the choice decides how the sign-in begins. The
// choice may contain the first answer to the chosen challenge.
func (n Name) ChoosesFirstFactor() bool { return table[n].traits.choosesFirstFactor }

// SetsUpFactor reports whether the driver calls other operations before it sends the answer.
// The driver does not send a choice, because the service has no parameter for it.
func (n Name) SetsUpFactor() bool { return table[n].traits.setsUpFactor }

// Repeats reports whether the service may ask the same challenge again after a right answer.
// Then the service does not tell a next question from a wrong answer.
func (n Name) Repeats() bool { return table[n].traits.repeats }
