package main

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/flow"
)

// refreshEarly keeps a token from expiring between here and the service.
const refreshEarly = time.Minute

// user returns the tokens of the user who is signed in, fresh ones if they are
// about to expire. Without one it sends the browser to the sign-in page and
// returns nil.
func (s *site) user(w http.ResponseWriter, r *http.Request) *flow.Tokens {
	tokens := s.kept(r)
	if tokens == nil {
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
		return nil
	}
	if time.Until(tokens.Expiry) > refreshEarly {
		s.confirmDevice(w, r, tokens)
		return tokens
	}
	return s.refreshed(w, r, tokens)
}

// confirmDevice confirms the browser's device if the sign-in could not. Before that, the
// service refuses to refresh the tokens. A failure leaves it to the next request.
func (s *site) confirmDevice(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens) {
	if tokens.Device.State != flow.DeviceUnconfirmed {
		return
	}
	confirmed, err := s.driver.ConfirmDevice(r.Context(), tokens, s.options(w, r))
	if err == nil {
		tokens.Device = confirmed
		err = s.keep(w, r, s.browser(r), *tokens)
	}
	if err != nil {
		s.log.Warn("device", "error", err)
	}
}

// refreshed gets fresh tokens and makes the browser keep them. If there are
// none to be had it answers the request and returns nil.
//
// Where the pool rotates refresh tokens, two requests of one browser may come
// here at once, on two instances: give the app client a grace period
// (RetryGracePeriodSeconds) so that the second is no reuse.
func (s *site) refreshed(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens) *flow.Tokens {
	fresh, err := s.driver.Refresh(r.Context(), tokens, s.options(w, r))
	if err == nil {
		err = s.keep(w, r, s.browser(r), *fresh)
	}
	if err != nil {
		s.signedOut(w, r, err)
		return nil
	}
	return fresh
}

// signedOut answers a request whose tokens the service does not take. Unless
// it may take them later, they are dropped.
func (s *site) signedOut(w http.ResponseWriter, r *http.Request, err error) {
	s.log.Warn("tokens refused", "error", err)
	if remedy(err) == flow.TryLater {
		s.message(w, http.StatusServiceUnavailable, "Try again", problemLater)
		return
	}
	s.dropTokens(w, r)
	s.startAgain(w, r, http.StatusOK, "Your session has ended. Please sign in again.")
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
	}
	access := aws.String(tokens.AccessToken.Reveal())
	known, err := s.api.GetUser(r.Context(), &cip.GetUserInput{AccessToken: access})
	if err != nil {
		s.signedOut(w, r, err)
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

// refresh gets fresh tokens because the user wants to see it done; [site.user]
// does so when it is time.
func (s *site) refresh(w http.ResponseWriter, r *http.Request) {
	tokens := s.kept(r)
	if tokens == nil {
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
		return
	}
	if s.refreshed(w, r, tokens) != nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// signOut revokes the tokens at the service and drops them, whatever the
// service says.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if tokens := s.kept(r); tokens != nil {
		if err := s.driver.SignOut(r.Context(), tokens); err != nil {
			s.log.Warn("sign-out", "error", err)
		}
	}
	s.dropTokens(w, r)
	s.newBrowser(w)
	p := s.signInForm()
	p.Notice = "You are signed out."
	s.show(w, http.StatusOK, p)
}
