package cognitotest

// Round is one challenge of a sign-in that has been answered.
type Round struct {
	// ChallengeName is the challenge, "SRP_A" for a sign-in that began with
	// SRP, and "PASSWORD" for a password in the first request.
	ChallengeName string
	// Passed says whether the answer was right.
	Passed bool
	// Metadata is the ChallengeMetadata of a custom challenge.
	Metadata string
}
