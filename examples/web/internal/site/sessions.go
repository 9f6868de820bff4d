package site

import (
	"context"
	"net/http"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// sessions keeps users signed in: with sealed cookies ([sealedSessions]), or with a store
// ([storedSessions]).
type sessions interface {
	// begin signs a user in. If another user is signed in, begin revokes the tokens of that
	// user. The id is the new ID of the browser.
	begin(w http.ResponseWriter, r *http.Request, id []byte, tokens *flow.Tokens) error

	// tokens returns valid tokens of the user who is signed in. If no user is signed in,
	// the error is websession.ErrNoSession. After another error, remedy says whether the
	// same request may succeed later.
	tokens(w http.ResponseWriter, r *http.Request) (*flow.Tokens, error)

	// end signs the browser out, and revokes its tokens. After an error of the revocation,
	// the browser is signed out all the same.
	end(w http.ResponseWriter, r *http.Request) error
}

// sessionKeeping has the parts of the site that depend on the flag -sessions.
type sessionKeeping struct {
	sessions sessions
	special  special
	devices  func(w http.ResponseWriter, r *http.Request) device.Holder
	within   func(http.Handler) http.Handler // the middleware of the site
	close    func(ctx context.Context) error // called after the last request
}

// special is a button of the account page. Sealed cookies and stores have different buttons.
type special struct {
	path, label string
	do          func(w http.ResponseWriter, r *http.Request) error
}

// newKeeping returns the parts for -sessions.
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
