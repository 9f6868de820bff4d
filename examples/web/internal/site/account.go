package site

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/websession"
)

// user returns valid tokens of the user who is signed in. Without valid tokens, user writes a
// response and returns nil.
func (s *site) user(w http.ResponseWriter, r *http.Request) *flow.Tokens {
	tokens, err := s.keeping.sessions.tokens(w, r)
	if err != nil {
		s.noTokens(w, r, err)
		return nil
	}
	return tokens
}

// noTokens writes the response to a request without valid tokens.
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

// isLastMinute reports whether a token may expire on its way to the service.
func (s *site) isLastMinute(tokens *flow.Tokens) bool {
	return tokens.Expiry.Sub(s.now()) <= time.Minute
}

// refusals are the codes of an access token that the service refuses. A wrong present password
// has the exception of TokenRefused, but another code.
var refusals = []flow.Code{flow.TokenRefused, flow.UnknownUser, flow.PasswordReset, flow.SignUpUnconfirmed}

func isRefusal(err error) bool { return is(err, refusals...) }

// refusedToken writes the response after an operation with the access token has failed. If the
// service refuses the token, refusedToken signs the user out. After other errors the user
// stays signed in.
func (s *site) refusedToken(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, err error) {
	switch {
	case isRefusal(err) && !s.isLastMinute(tokens):
		s.log.Warn("access token", "error", err)
		if err := s.keeping.sessions.end(w, r); err != nil {
			s.log.Warn("sign-out", "error", err)
		}
		s.startAgain(w, r, http.StatusOK, problemEnded)
	case isRefusal(err), remedy(err) == flow.TryLater:
		s.log.Warn("access token", "error", err)
		s.message(w, http.StatusServiceUnavailable, "Try again", problemLater)
	default:
		s.failed(w, err)
	}
}

// refusedChange shows a form again after the service has refused a change by a user who is
// signed in.
func (s *site) refusedChange(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, p page, err error, where blames) {
	if isRefusal(err) {
		s.refusedToken(w, r, tokens, err)
		return
	}
	s.showProblem(w, p, err, where)
}

// accountPage is the data of account.html.
type accountPage struct {
	Title      string
	Username   string
	Attributes []attribute
	Expiry     string
	Links      []link
	Special    link
}

type attribute struct{ Label, Value string }

func (s *site) account(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	known, err := s.attributesOf(r.Context(), tokens)
	if err != nil {
		s.refusedToken(w, r, tokens, err)
		return
	}
	p := accountPage{
		Title: "Your account", Username: tokens.Username, Expiry: tokens.Expiry.UTC().Format("15:04:05 MST"),
		Links:   []link{{"/factors", "Ways to sign in"}, {"/password", "Change your password"}},
		Special: link{URL: s.keeping.special.path, Label: s.keeping.special.label},
	}
	if s.offers("USER_AUTH") {
		p.Links = append(p.Links, link{"/secret", "Secret page"})
	}
	for _, a := range known {
		name := aws.ToString(a.Name)
		if _, common := attributes[name]; common || slices.Contains(s.signUp, name) {
			p.Attributes = append(p.Attributes, attribute{attributeField(name).Label, aws.ToString(a.Value)})
		}
	}
	s.render(w, http.StatusOK, "account.html", p)
}

// attributesOf returns the attributes of the user who is signed in.
func (s *site) attributesOf(ctx context.Context, tokens *flow.Tokens) ([]types.AttributeType, error) {
	var out *cip.GetUserOutput
	err := s.driver.Call(ctx, "GetUser", func(ctx context.Context, call *flow.Call) error {
		token, err := call.AccessToken(tokens)
		if err == nil {
			out, err = s.api.GetUser(ctx, &cip.GetUserInput{AccessToken: token}, call.Repeatable()...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out.UserAttributes, nil
}

// do runs the special button of the account page.
func (s *site) do(w http.ResponseWriter, r *http.Request) {
	if err := s.keeping.special.do(w, r); err != nil {
		s.noTokens(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut signs the browser out. If the service refuses the revocation, the site logs the
// error, and the browser is signed out all the same.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.keeping.sessions.end(w, r); err != nil {
		s.log.Warn("sign-out", "error", err)
	}
	s.newBrowser(w)
	p := s.signInForm()
	p.Notice = "You are signed out."
	s.show(w, http.StatusOK, p)
}
