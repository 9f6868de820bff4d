package site

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

func (s *site) signUpForm() page {
	p := page{
		Title: "Create an account", Action: "/signup",
		Fields: []field{
			{Name: "username", Label: "User name", Autocomplete: "username"},
			{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password"},
		},
		Buttons: []button{{Label: "Create account"}},
		Links:   []link{{"/signin", "Sign in instead"}},
	}
	for _, name := range s.signUp {
		p.Fields = append(p.Fields, attributeField(name))
	}
	return p
}

func (s *site) signUpPage(w http.ResponseWriter, r *http.Request) {
	s.ensureBrowser(w, r)
	s.show(w, http.StatusOK, s.signUpForm())
}

// signUpAnswer handles both forms of a sign-up: the form for the account, and the form for the
// code. The form for the code has the sealed sign-up in a hidden field.
func (s *site) signUpAnswer(w http.ResponseWriter, r *http.Request) {
	id := s.posted(w, r)
	if id == nil {
		return
	}
	if !r.PostForm.Has("pending") {
		s.createAccount(w, r)
		return
	}
	switch waiting, err := s.sealer.OpenSignUp(r.PostForm.Get("pending"), id); {
	case errors.Is(err, seal.ErrExpired):
		s.startAgain(w, r, http.StatusUnprocessableEntity, problemExpired)
	case err != nil:
		s.noBrowser(w)
	case r.PostForm.Has("resend"):
		_, err := s.accounts.Resend(r.Context(), waiting.Username(), s.threats(r))
		s.askForCode(w, r, waiting, err)
	default:
		s.confirm(w, r, waiting)
	}
}

func (s *site) createAccount(w http.ResponseWriter, r *http.Request) {
	p := s.signUpForm()
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	wanted := account.NewUser{
		Username: p.Fields[0].Value, Password: secret.New(r.PostForm.Get("password")), Attributes: map[string]string{},
	}
	for _, name := range s.signUp {
		wanted.Attributes[name] = r.PostForm.Get(attributeField(name).Name)
	}
	switch waiting, err := s.accounts.SignUp(r.Context(), wanted, s.threats(r)); {
	case err != nil:
		s.showProblem(w, p, err, blames{flow.UsernameTaken: {field: "username"}, flow.PasswordRefused: {field: "password"}})
	case waiting.Confirmed(): // a trigger of the pool has confirmed the user
		s.enter(w, r, waiting)
	default:
		s.askForCode(w, r, waiting, nil)
	}
}

// askForCode shows the form for the code of a sign-up. If the request for the code failed, err
// is its error.
func (s *site) askForCode(w http.ResponseWriter, r *http.Request, waiting *account.SignUp, err error) {
	p, sealing := s.confirmForm(r, waiting)
	switch {
	case sealing != nil:
		s.failed(w, sealing)
	case err != nil:
		s.showProblem(w, p, err, blames{flow.NotAllowed: {text: problemConfirmed}})
	default:
		s.show(w, http.StatusOK, p)
	}
}

func (s *site) confirmForm(r *http.Request, waiting *account.SignUp) (page, error) {
	p := page{
		Title: "Confirm your address", Action: "/signup",
		Intro:   "We have sent you a code.",
		Fields:  []field{codeField},
		Buttons: []button{{Label: "Confirm"}, {"resend", "yes", "Send another code"}},
		Links:   []link{{"/signin", "Sign in instead"}},
	}
	if to := waiting.Delivery().Destination; to != "" {
		p.Intro = "We have sent a code to " + to + "."
	}
	sealed, err := s.sealer.SignUp(waiting, s.browser(r))
	p.hide("pending", sealed)
	return p, err
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request, waiting *account.SignUp) {
	p, err := s.confirmForm(r, waiting)
	switch {
	case err != nil:
		s.failed(w, err)
		return
	case !p.fill(r.PostForm, true):
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	confirmed, err := s.accounts.Confirm(r.Context(), waiting, r.PostForm.Get("code"), s.threats(r))
	if err != nil {
		s.showProblem(w, p, err, blames{
			flow.WrongCode: {field: "code"}, flow.CodeExpired: {field: "code"}, flow.NotAllowed: {text: problemConfirmed},
		})
		return
	}
	s.enter(w, r, confirmed)
}

// enter signs in a user who has just signed up. If the pool gives no session for that, enter
// shows the sign-in page.
func (s *site) enter(w http.ResponseWriter, r *http.Request, confirmed *account.SignUp) {
	if in := confirmed.SignIn(); !in.Session.IsZero() && s.offers("USER_AUTH") {
		step, err := s.driver.Start(r.Context(), in, s.options(w, r))
		if err == nil {
			s.goOn(w, r, s.toSignIn(), step, nil)
			return
		}
		s.log.Warn("no sign-in after sign-up", "error", err)
	}
	s.welcome(w, confirmed.Username(), "Your account is ready. Sign in.")
}

// welcome shows the sign-in page with a notice.
func (s *site) welcome(w http.ResponseWriter, username, notice string) {
	p := s.signInForm()
	p.fill(url.Values{"username": {username}}, false)
	p.Notice = notice
	s.show(w, http.StatusOK, p)
}

// confirmLater asks for the code of an earlier sign-up. A user who is not confirmed comes here
// from the sign-in page.
func (s *site) confirmLater(w http.ResponseWriter, r *http.Request) {
	waiting, err := s.accounts.Resend(r.Context(), r.PostForm.Get("username"), s.threats(r))
	if err != nil {
		s.showProblem(w, s.signInFormOf(r), err, blames{flow.NotAllowed: {text: problemConfirmed}})
		return
	}
	s.askForCode(w, r, waiting, nil)
}
