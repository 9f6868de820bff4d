package site

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/websession"
)

// user returns valid tokens of the user who is signed in. If there are none it answers the
// request and returns nil.
func (s *site) user(w http.ResponseWriter, r *http.Request) *flow.Tokens {
	tokens, err := s.keeping.sessions.tokens(w, r)
	if err != nil {
		s.noTokens(w, r, err)
		return nil
	}
	return tokens
}

// noTokens answers a request for which there are no valid tokens.
func (s *site) noTokens(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, websession.ErrNoSession) {
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
		return
	}
	s.log.Warn("no tokens", "error", err)
	if mayPass(err) {
		s.message(w, http.StatusServiceUnavailable, "Try again", problemLater)
		return
	}
	s.startAgain(w, r, http.StatusOK, problemEnded)
}

// isLastMinute reports whether a token may expire between here and the service.
func (s *site) isLastMinute(tokens *flow.Tokens) bool {
	return tokens.Expiry.Sub(s.now()) <= time.Minute
}

// refusals are the errors by which the service refuses an access token.
var refusals = []string{"NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException", "UserNotConfirmedException"}

// refusedToken answers a request after an operation with the access token has failed. The
// user is signed out if the service refuses the token, and after no other failure.
func (s *site) refusedToken(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, err error) {
	s.log.Warn("access token", "error", err)
	if !slices.Contains(refusals, code(err)) || s.isLastMinute(tokens) {
		s.message(w, http.StatusServiceUnavailable, "Try again", problemLater)
		return
	}
	if err := s.keeping.sessions.end(w, r); err != nil {
		s.log.Warn("sign-out", "error", err)
	}
	s.startAgain(w, r, http.StatusOK, problemEnded)
}

// accountPage is what account.html shows.
type accountPage struct {
	Title      string
	Username   string
	Attributes []attribute
	Expiry     string
	Remembered bool // this browser is a device of the user's
	Passkeys   []string
	CanAdd     bool // passkeys can be added
	Special    link
}

type attribute struct{ Label, Value string }

func (s *site) account(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	p := accountPage{
		Title: "Your account", Username: tokens.Username, Expiry: tokens.Expiry.UTC().Format("15:04:05 MST"),
		Remembered: s.remember && tokens.Device.Key != "", CanAdd: s.offers("USER_AUTH"),
		Special: link{URL: s.keeping.special.path, Label: s.keeping.special.label},
	}
	access := aws.String(tokens.AccessToken.Reveal())
	known, err := s.api.GetUser(r.Context(), &cip.GetUserInput{AccessToken: access})
	if err != nil {
		s.refusedToken(w, r, tokens, err)
		return
	}
	for _, a := range known.UserAttributes {
		if f, ok := attributes[aws.ToString(a.Name)]; ok {
			p.Attributes = append(p.Attributes, attribute{f.Label, aws.ToString(a.Value)})
		}
	}
	if p.CanAdd {
		list, err := s.api.ListWebAuthnCredentials(r.Context(), &cip.ListWebAuthnCredentialsInput{AccessToken: access})
		if err != nil {
			s.log.Warn("passkeys", "error", err)
			p.CanAdd = false
		} else {
			for _, c := range list.Credentials {
				p.Passkeys = append(p.Passkeys, aws.ToString(c.FriendlyCredentialName))
			}
		}
	}
	s.render(w, http.StatusOK, "account.html", p)
}

// do does what the kind of sessions has besides: the button of the account page.
func (s *site) do(w http.ResponseWriter, r *http.Request) {
	if err := s.keeping.special.do(w, r); err != nil {
		s.noTokens(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut signs the browser out, whatever the service says.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.keeping.sessions.end(w, r); err != nil {
		s.log.Warn("sign-out", "error", err)
	}
	s.newBrowser(w)
	p := s.signInForm()
	p.Notice = "You are signed out."
	s.show(w, http.StatusOK, p)
}
