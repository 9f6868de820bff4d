package srp

// NewFixedEphemeral returns the pair with the private value a, big-endian, of
// any length.
func NewFixedEphemeral(a []byte) *Ephemeral { return newEphemeral(a) }

// NewFixedVerifier returns the verifier under the given salt.
func NewFixedVerifier(id Identity, salt []byte) Verifier { return newVerifier(id, salt) }
