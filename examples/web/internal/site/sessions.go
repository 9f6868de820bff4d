package site

import (
	"context"
	"net/http"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// sessions keeps users signed in: with sealed cookies, see [sealedSessions], or with a
// store, see [storedSessions].
type sessions interface {
	// begin signs a user in, in place of whoever was signed in, whose tokens are revoked.
	// The id is the browser's new one.
	begin(w http.ResponseWriter, r *http.Request, id []byte, tokens *flow.Tokens) error

	// tokens returns valid tokens of the user who is signed in. The error is
	// websession.ErrNoSession if nobody is. After any other error, remedy says whether
	// the same request may succeed later.
	tokens(w http.ResponseWriter, r *http.Request) (*flow.Tokens, error)

	// end signs the browser out, and revokes its tokens. The browser is signed out
	// after an error, too.
	end(w http.ResponseWriter, r *http.Request) error
}

// sessionKeeping has the parts of the site that the flag -sessions chooses.
type sessionKeeping struct {
	sessions sessions
	special  special
	devices  func(w http.ResponseWriter, r *http.Request) device.Holder
	within   func(http.Handler) http.Handler // middleware of the site
	close    func(ctx context.Context) error // when no request is left
}

// special is a button of the account page that one way has and the other cannot have.
type special struct {
	path, label string
	do          func(w http.ResponseWriter, r *http.Request) error
}

// newKeeping makes what -sessions says.
func (s *site) newKeeping(ctx context.Context) (sessionKeeping, error) {
	if s.sessionsIn.Reveal() == inCookies {
		return s.inCookies(), nil
	}
	shared, closeStore, err := s.openStore(ctx)
	if err != nil {
		return sessionKeeping{}, err
	}
	return s.inStore(shared, closeStore)
}
