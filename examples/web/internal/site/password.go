package site

import (
	"errors"
	"net/http"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

var newPasswordField = field{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password"}

// forgotPage asks for the user name.
func (s *site) forgotPage(w http.ResponseWriter, r *http.Request) {
	s.ensureBrowser(w, r)
	s.show(w, http.StatusOK, forgotForm())
}

func forgotForm() page {
	return page{
		Title: "Forgotten password", Action: "/forgot",
		Intro:   "We will send you a code. With the code you can choose a new password.",
		Fields:  []field{{Name: "username", Label: "User name or e-mail address", Autocomplete: "username"}},
		Buttons: []button{{Label: "Send a code"}},
		Links:   []link{{"/signin", "Sign in instead"}},
	}
}

// resetPage asks for the code and the new password.
func (s *site) resetPage(w http.ResponseWriter, status int, username, intro string) {
	s.show(w, status, resetForm(username, intro))
}

func resetForm(username, intro string) page {
	p := page{
		Title: "Reset your password", Action: "/forgot", Intro: intro,
		Fields:  []field{codeField, newPasswordField},
		Buttons: []button{{Label: "Set the new password"}, {"resend", "yes", "Send another code"}},
		Links:   []link{{"/forgot", "Start again"}, {"/signin", "Sign in instead"}},
	}
	p.hide("username", username)
	return p
}

const (
	introReset = "If there is an account with that name, we have sent a code to its address."

	// problemReset is the text for all errors that depend on the user. Different texts would
	// tell strangers who has an account.
	problemReset = "That code was not accepted. The code may be wrong or too old, or there were too many attempts. Check the code, or ask for another one."

	problemUnsure = "The answer of the service was lost. Try to sign in with your new password."
)

// forgotAnswer handles both forms of a reset: the form with the user name, and the form with
// the code and the new password.
func (s *site) forgotAnswer(w http.ResponseWriter, r *http.Request) {
	if s.posted(w, r) == nil {
		return
	}
	if r.PostForm.Has("code") && !r.PostForm.Has("resend") {
		s.reset(w, r)
		return
	}
	p := forgotForm()
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	username := p.Fields[0].Value
	// The page does not show the address, because only an account has an address.
	if _, err := s.accounts.ForgotPassword(r.Context(), username, s.threats(r)); err != nil && !dependsOnUser(err) {
		s.showProblem(w, p, err, nil)
		return
	} else if err != nil {
		s.log.Info("forgotten password", "error", err)
	}
	s.resetPage(w, http.StatusOK, username, introReset)
}

// reset sets the new password, and signs the user in with the new password.
//
// The service may judge the new password before the code. Without PreventUserExistenceErrors,
// the reply to a weak password then tells strangers who has an account.
func (s *site) reset(w http.ResponseWriter, r *http.Request) {
	username, password := r.PostForm.Get("username"), secret.New(r.PostForm.Get("password"))
	p := resetForm(username, introReset)
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	err := s.accounts.ResetPassword(r.Context(), username, r.PostForm.Get("code"), password, s.threats(r))
	switch {
	case errors.Is(err, flow.NetworkFault):
		s.log.Warn("reset", "error", err)
		s.startAgain(w, r, http.StatusServiceUnavailable, problemUnsure)
	case dependsOnUser(err):
		p.blame("code", problemReset)
		s.show(w, http.StatusUnprocessableEntity, p)
	case err != nil:
		s.showProblem(w, p, err, blames{flow.PasswordRefused: {field: "password"}})
	case !s.offers("USER_SRP_AUTH"):
		s.welcome(w, username, "Your new password is set. Sign in.")
	default:
		step, err := s.driver.Start(r.Context(), flow.UserSRPAuth{Username: username, Password: password}, s.options(w, r))
		s.goOn(w, r, s.toSignIn(), step, err)
	}
}

// dependsOnUser reports whether the error tells something about the user name. A page must not
// show such an error, because strangers would learn who has an account.
func dependsOnUser(err error) bool {
	var e *flow.Error
	return errors.As(err, &e) && e.ServiceCode() == "LimitExceededException" ||
		is(err, flow.UnknownUser, flow.NotAllowed, flow.SignUpUnconfirmed, flow.CodeNotSent, flow.TriggerRefused, flow.WrongCode, flow.CodeExpired)
}

func changeForm() page {
	return page{
		Title: "Change your password", Action: "/password",
		Fields: []field{
			{Name: "previous", Label: "Present password", Type: "password", Autocomplete: "current-password"},
			newPasswordField,
		},
		Buttons: []button{{Label: "Change the password"}},
		Links:   []link{toAccount},
	}
}

func (s *site) changePage(w http.ResponseWriter, r *http.Request) {
	if s.user(w, r) != nil {
		s.show(w, http.StatusOK, changeForm())
	}
}

// changePassword sets a new password for the user who is signed in. The tokens stay valid.
func (s *site) changePassword(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	p := changeForm()
	if r.ParseForm() != nil || !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	previous, proposed := secret.New(r.PostForm.Get("previous")), secret.New(r.PostForm.Get("password"))
	err := s.accounts.User(tokens).ChangePassword(r.Context(), previous, proposed)
	switch {
	case err == nil:
		s.tell(w, http.StatusOK, "Your password is changed", "Use the new password the next time that you sign in.")
	case errors.Is(err, flow.NetworkFault):
		s.log.Warn("change of password", "error", err)
		s.tell(w, http.StatusServiceUnavailable, "Try your new password", problemUnsure)
	default:
		s.refusedChange(w, r, tokens, p, err, blames{
			flow.WrongCredentials: {"previous", "That is not your present password. If you are sure that the password is right, sign out and sign in again."},
			flow.PasswordRefused:  {field: "password"},
		})
	}
}
