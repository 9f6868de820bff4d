package account

import (
	"errors"
	"fmt"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/packed"
	"github.com/cognitoflow/cognitoflow/secret"
)

// signUpVersion is the version of a stored sign-up: see package packed.
const signUpVersion = 1

// signUpCode fixes the names that stored sign-ups use. You may add fields. Do not rename
// or remove a field: stored sign-ups use these names.
type signUpCode struct {
	UserPoolID  string `json:"up"`
	ClientID    string `json:"ci"`
	Username    string `json:"u"`
	Subject     string `json:"d,omitempty"`
	Session     string `json:"s,omitempty"`
	Medium      string `json:"m,omitempty"`
	Destination string `json:"t,omitempty"`
	Confirmed   bool   `json:"c,omitempty"`
	Issued      int64  `json:"i"` // seconds since 1970
}

// MarshalBinary writes the sign-up for a later UnmarshalBinary, by this release or a newer
// one. The bytes contain the session, and the session may be enough to sign in. Keep the
// bytes where the user cannot read or change them, or seal them (package seal).
// MarshalBinary fails for an empty SignUp.
func (s SignUp) MarshalBinary() ([]byte, error) {
	kept := s.kept()
	if kept.username == "" {
		return nil, errors.New("account: an empty SignUp cannot be written")
	}
	data, err := packed.Pack(signUpVersion, signUpCode{
		UserPoolID: kept.userPoolID, ClientID: kept.clientID, Username: kept.username, Subject: kept.subject, Session: kept.session,
		Medium: kept.delivery.Medium, Destination: kept.delivery.Destination, Confirmed: kept.confirmed, Issued: kept.issued.Unix(),
	})
	if err != nil {
		return nil, fmt.Errorf("account: the SignUp: %w", err)
	}
	return data, nil
}

// MarshalJSON fails, because JSON would lose the sign-up, or write the session into logs.
// Use MarshalBinary or package seal.
func (s SignUp) MarshalJSON() ([]byte, error) {
	return nil, errors.New("account: a SignUp has no JSON form: use MarshalBinary, or package seal")
}

// ErrSignUpVersion is the error of UnmarshalBinary for a sign-up of a newer release.
var ErrSignUpVersion = errors.New("account: the sign-up was written by a newer release of this package")

// UnmarshalBinary reads the bytes of MarshalBinary. After an error s has not changed. The
// error is ErrSignUpVersion for bytes of a newer release. An error does not quote the data.
func (s *SignUp) UnmarshalBinary(data []byte) error {
	var code signUpCode
	switch err := packed.Unpack(signUpVersion, data, &code); {
	case errors.Is(err, packed.ErrVersion):
		return fmt.Errorf("%w (version %d)", ErrSignUpVersion, data[0])
	case err != nil:
		return fmt.Errorf("account: stored sign-up: %w", err)
	case code.UserPoolID == "" || code.ClientID == "" || code.Username == "":
		return errors.New("account: stored sign-up: incomplete")
	}
	s.state = secret.NewBox(state{
		userPoolID: code.UserPoolID, clientID: code.ClientID, username: code.Username, subject: code.Subject, session: code.Session,
		delivery: challenge.Delivery{Medium: code.Medium, Destination: code.Destination}, confirmed: code.Confirmed, issued: time.Unix(code.Issued, 0),
	})
	return nil
}
