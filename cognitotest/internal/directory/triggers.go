package directory

// Triggers are the Lambda triggers of a pool. The types of package
// cognitotest that have the same names say what the fields mean.
type Triggers struct {
	Define func(TriggerEvent) (Decision, error)
	Create func(TriggerEvent) (CustomChallenge, error)
	Verify func(TriggerEvent) (bool, error)
}

// IsZero says whether the pool has no triggers.
func (t Triggers) IsZero() bool { return t.Define == nil && t.Create == nil && t.Verify == nil }

// TriggerEvent is what a trigger is told.
type TriggerEvent struct {
	ClientID       string
	Username       string
	Attributes     map[string]string
	UserNotFound   bool
	ClientMetadata map[string]string
	Rounds         []Round
	Challenge      CustomChallenge
	Answer         string
}

// Round is one challenge of a sign-in that has been answered.
type Round struct {
	ChallengeName string
	Passed        bool
	Metadata      string
}

// Decision is the result of the Define trigger.
type Decision struct {
	ChallengeName                   string
	IssueTokens, FailAuthentication bool
}

// CustomChallenge is the result of the Create trigger.
type CustomChallenge struct {
	Public, Private map[string]string
	Metadata        string
}
