package flow

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/packed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// promptVersion is the version of a stored prompt: see package packed.
const promptVersion = 1

// promptCode fixes the names that stored prompts use. You may add fields. Do not
// rename or remove a field: stored prompts use these names.
type promptCode struct {
	Name       challenge.Name     `json:"n"`
	Parameters map[string]string  `json:"p,omitempty"`
	Available  []challenge.Name   `json:"a,omitempty"`
	Attempt    int                `json:"t,omitempty"`
	TOTPSecret string             `json:"k,omitempty"`
	UserPoolID string             `json:"up"`
	ClientID   string             `json:"ci"`
	Admin      bool               `json:"ad,omitempty"`
	Typed      string             `json:"u"`
	Resolved   string             `json:"r,omitempty"`
	SRPID      string             `json:"d,omitempty"`
	Session    string             `json:"s,omitempty"`
	Issued     int64              `json:"i"` // seconds since 1970
	Stage      stage              `json:"g,omitempty"`
	Personal   bool               `json:"h,omitempty"`
	Spent      spending           `json:"c,omitzero"`
	Without    leftOut            `json:"w,omitzero"`
	Held       bool               `json:"l,omitempty"`
	Device     string             `json:"e,omitempty"`
	Flow       types.AuthFlowType `json:"f,omitempty"`
	Took       int64              `json:"b,omitempty"` // milliseconds from the start of the sign-in to Issued
}

// MarshalBinary writes the prompt for UnmarshalBinary of this release or of a newer one. The
// bytes contain the session, so anybody who has the bytes can go on with the sign-in. Keep the
// bytes where the user cannot read or change them, or seal them with package seal. MarshalBinary
// fails if the prompt is empty or has more than 64 KiB of parameters.
func (p Prompt) MarshalBinary() ([]byte, error) {
	kept := p.state.Open()
	if kept == nil {
		return nil, errors.New("flow: an empty prompt cannot be written")
	}
	c := kept.ask
	data, err := packed.Pack(promptVersion, promptCode{
		Name: c.Name, Parameters: c.Parameters, Available: c.Available, Attempt: c.Attempt, TOTPSecret: c.TOTPSecret.Reveal(),
		UserPoolID: kept.userPoolID, ClientID: kept.clientID, Admin: kept.admin,
		Typed: kept.names.typed, Resolved: kept.names.resolved, SRPID: kept.names.srpID,
		Session: kept.session, Issued: kept.issued.Unix(), Stage: kept.stage, Personal: kept.personal, Spent: kept.spent,
		Without: kept.without, Held: kept.held, Device: kept.device,
		Flow: kept.flow, Took: kept.issued.Unix()*1000 - kept.began,
	})
	if large := packed.TooLarge(0); errors.As(err, &large) {
		// The text has no name of the challenge: a server can use a secret of the call as the name.
		return nil, fmt.Errorf("flow: the prompt has %w", large)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: prompt: %w", err)
	}
	return data, nil
}

// MarshalJSON fails. Otherwise encoding/json would lose the prompt, or a log in JSON would show
// the session. Use MarshalBinary or package seal.
func (p Prompt) MarshalJSON() ([]byte, error) {
	return nil, errors.New("flow: a Prompt has no JSON: use MarshalBinary or package seal")
}

// ErrPromptVersion is the error of UnmarshalBinary for a prompt that a newer release wrote.
var ErrPromptVersion = errors.New("flow: the prompt was written by a newer release of this package")

// UnmarshalBinary reads the bytes of MarshalBinary. On an error p is unchanged. If a newer
// release wrote the bytes, errors.Is finds [ErrPromptVersion]. The error does not quote the bytes.
func (p *Prompt) UnmarshalBinary(data []byte) error {
	var code promptCode
	switch err := packed.Unpack(promptVersion, data, &code); {
	case errors.Is(err, packed.ErrVersion):
		return fmt.Errorf("%w (version %d)", ErrPromptVersion, data[0])
	case err != nil:
		return fmt.Errorf("flow: stored prompt: %w", err)
	}
	if code.Name == "" || code.UserPoolID == "" || code.ClientID == "" || code.Attempt < 0 {
		return errors.New("flow: stored prompt: incomplete")
	}
	if code.Stage < asked || code.Stage > verified || !code.Spent.isSound() {
		return errors.New("flow: stored prompt: damaged")
	}
	n := names{typed: code.Typed, resolved: code.Resolved, srpID: code.SRPID}
	p.state = secret.NewBox(promptState{
		state: state{
			flow: code.Flow, began: code.Issued*1000 - code.Took, names: n, session: code.Session, issued: time.Unix(code.Issued, 0),
			stage: code.Stage, personal: code.Personal, spent: code.Spent, without: code.Without, held: code.Held, device: code.Device,
			ask: challenge.Challenge{
				Name: code.Name, Parameters: code.Parameters, Available: code.Available, Attempt: code.Attempt,
				Username: n.username(), SignInName: n.typed,
			},
		},
		userPoolID: code.UserPoolID, clientID: code.ClientID, admin: code.Admin,
	})
	if code.TOTPSecret != "" {
		p.state.Open().ask.TOTPSecret = secret.New(code.TOTPSecret)
	}
	return nil
}
