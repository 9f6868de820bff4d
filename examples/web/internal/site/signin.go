package site

import (
	"net/http"
	"net/url"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// way is a button of the sign-in page, which starts a sign-in.
type way struct {
	name, label string
	flow        string // the auth flow, which the app client must allow
	password    bool   // the auth flow needs the password of the form
	start       func(username string, password secret.String) flow.AuthFlow
}

var ways = []way{
	{"password", "Sign in", "USER_SRP_AUTH", true, func(username string, password secret.String) flow.AuthFlow {
		return flow.UserSRPAuth{Username: username, Password: password}
	}},
	{"passkey", "Use a passkey", "USER_AUTH", false, func(username string, _ secret.String) flow.AuthFlow {
		return flow.UserAuth{Username: username, Preferred: challenge.WebAuthn}
	}},
	{"choose", "More ways to sign in", "USER_AUTH", false, func(username string, _ secret.String) flow.AuthFlow {
		return flow.UserAuth{Username: username}
	}},
	{"question", "Answer a question", "CUSTOM_AUTH", false, func(username string, _ secret.String) flow.AuthFlow {
		return flow.CustomAuth{Username: username}
	}},
}

// signInForm returns the first page of a sign-in. The page has a password field if one of the
// ways needs a password.
func (s *site) signInForm() page {
	p := page{Title: "Sign in", Action: "/signin", Fields: []field{{
		Name: "username", Label: "User name or e-mail address", Autocomplete: "username webauthn",
	}}}
	for _, way := range ways {
		if !s.offers(way.flow) {
			continue
		}
		if way.password {
			p.Fields = append(p.Fields, field{
				Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password",
			})
		}
		p.Buttons = append(p.Buttons, button{"way", way.name, way.label})
	}
	p.Links = []link{{"/forgot", "Forgotten your password?"}}
	if len(s.signUp) > 0 {
		p.Links = append(p.Links, link{"/signup", "Create an account"})
	}
	return p
}

// signInFormOf returns the first page of a sign-in, with the user name of a request.
func (s *site) signInFormOf(r *http.Request) page {
	p := s.signInForm()
	p.fill(url.Values{"username": r.PostForm["username"]}, false)
	return p
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	if _, err := s.keeping.sessions.tokens(w, r); err == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.ensureBrowser(w, r)
	s.show(w, http.StatusOK, s.signInForm())
}

// signIn handles the forms of a sign-in. The first form starts the sign-in, and a form with a
// prompt answers the prompt.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	id := s.posted(w, r)
	if id == nil {
		return
	}
	if r.PostForm.Has("prompt") {
		s.answer(w, r, s.toSignIn(), id)
		return
	}
	for _, way := range ways {
		if way.name == r.PostForm.Get("way") && s.offers(way.flow) {
			s.start(w, r, way)
			return
		}
	}
	s.startAgain(w, r, http.StatusUnprocessableEntity, "Choose one of the ways to sign in below.")
}

// posted reads the form of a request and returns the ID of the browser. If the browser has no
// ID, posted refuses the request and returns nil.
func (s *site) posted(w http.ResponseWriter, r *http.Request) []byte {
	id := s.browser(r)
	if id == nil || r.ParseForm() != nil {
		s.noBrowser(w)
		return nil
	}
	return id
}

// noBrowser refuses a form of a browser without an ID, or with another ID.
func (s *site) noBrowser(w http.ResponseWriter) {
	s.message(w, http.StatusForbidden, "Not accepted",
		"This form does not belong to your browser. Allow cookies for this site and start again.")
}

func (s *site) start(w http.ResponseWriter, r *http.Request, way way) {
	p := s.signInForm()
	for i := range p.Fields {
		p.Fields[i].Optional = p.Fields[i].Type == "password" && !way.password
	}
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	username, password := p.Fields[0].Value, secret.New(r.PostForm.Get("password"))
	step, err := s.driver.Start(r.Context(), way.start(username, password), s.options(w, r))
	s.goOn(w, r, s.toSignIn(), step, err)
}

// startAgain shows the sign-in page with a problem.
func (s *site) startAgain(w http.ResponseWriter, r *http.Request, status int, problem string) {
	p := s.signInFormOf(r)
	p.Problem = problem
	s.show(w, status, p)
}

// options returns the options of a call for a browser: the devices and the address.
func (s *site) options(w http.ResponseWriter, r *http.Request) func(*flow.Options) {
	return func(o *flow.Options) {
		s.threats(r)(o)
		if s.remember {
			flow.ThisBrowser(s.holder(w, r))(o)
			o.DeviceName = "web browser"
		}
	}
}

// holderKey is the key of the holder in the context of a request.
type holderKey struct{}

// holder returns the holder of the browser's devices. A request has one holder. Otherwise a
// browser without an ID would get two IDs.
func (s *site) holder(w http.ResponseWriter, r *http.Request) device.Holder {
	h := r.Context().Value(holderKey{}).(*device.Holder)
	if h.IsZero() {
		*h = s.keeping.devices(w, r)
	}
	return *h
}
