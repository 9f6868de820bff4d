package site

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

// journey is the purpose of a sign-in: the account page, or a page that needs a step-up.
type journey struct {
	action string  // where the forms of the prompts post to
	hidden []field // fields that these forms carry along
	start  link    // the page where the journey begins

	// again shows that page, with a problem.
	again func(w http.ResponseWriter, r *http.Request, status int, problem string)
	// arrived goes on with the tokens, which are kept already.
	arrived func(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens)
}

// toSignIn is the journey of a user who is not signed in.
func (s *site) toSignIn() journey {
	return journey{
		action: "/signin", start: link{"/signin", "Start again"}, again: s.startAgain,
		arrived: func(w http.ResponseWriter, r *http.Request, _ *flow.Tokens) {
			http.Redirect(w, r, "/", http.StatusSeeOther)
		},
	}
}

// answer takes the answer to the prompt that the form carries.
func (s *site) answer(w http.ResponseWriter, r *http.Request, j journey, id []byte) {
	asked, err := s.sealer.OpenPrompt(r.PostForm.Get("prompt"), id)
	switch {
	case errors.Is(err, seal.ErrExpired):
		j.again(w, r, http.StatusUnprocessableEntity, problemExpired)
		return
	case err != nil: // of another browser, or of nobody
		s.log.Warn("prompt refused", "error", err)
		s.noBrowser(w)
		return
	}
	c := asked.Challenge()
	p, err := s.promptPage(r, j, asked, r.PostForm)
	if err != nil {
		s.beyond(w, c, err)
		return
	}
	answer, complete := prompts[c.Name].answer(c, r.PostForm)
	switch {
	case !complete:
		s.show(w, http.StatusOK, p)
		return
	case !p.fill(r.PostForm, true):
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	step, err := s.driver.Respond(r.Context(), asked, answer, s.options(w, r))
	s.goOn(w, r, j, step, err)
}

// goOn takes the user to what follows a step: a prompt, or the end of the journey.
func (s *site) goOn(w http.ResponseWriter, r *http.Request, j journey, step flow.Step, err error) {
	switch {
	case err != nil:
		s.refused(w, r, j, err)
	case step.Prompt != nil:
		s.showPrompt(w, r, j, http.StatusOK, step.Prompt, nil, "")
	default:
		s.signedIn(w, r, j, step.Tokens)
	}
}

// signedIn keeps the user signed in. The browser gets a new ID, so that what
// someone may have known of it before is worth nothing now.
func (s *site) signedIn(w http.ResponseWriter, r *http.Request, j journey, tokens *flow.Tokens) {
	problem := tokens.Device.Err
	switch d := tokens.Device; {
	case d.Key == "":
	case r.PostForm.Has("remember"):
		// Options.RememberDevice is asked about a new device only. This one may
		// have been here before, when the user did not want it remembered.
		problem = errors.Join(problem, s.driver.DeviceList(tokens).Remember(r.Context(), d.Key, true))
	case d.State == flow.DeviceConfirmed && !d.Undecided:
		// The pool remembers each new device. The user does not want that, so the browser
		// does not keep the device. The tokens go on to work with the device's key.
		wallet := s.holder(w, r).Wallet(s.userPoolID, s.clientID)
		problem = errors.Join(problem, wallet.Remove(r.Context(), tokens.Username, d.Key))
	}
	if problem != nil {
		s.log.Warn("device", "error", problem)
	}
	if err := s.keeping.sessions.begin(w, r, s.newBrowser(w), tokens); err != nil {
		s.noTokens(w, r, err)
		return
	}
	j.arrived(w, r, tokens)
}

// refused shows the user what can be done about an error of the library.
func (s *site) refused(w http.ResponseWriter, r *http.Request, j journey, err error) {
	problem, status := explain(err)
	var e *flow.Error
	if errors.As(err, &e) && e.Prompt != nil {
		s.showPrompt(w, r, j, status, e.Prompt, r.PostForm, problem)
		return
	}
	switch remedy(err) {
	case flow.ConfirmSignUp:
		s.confirmLater(w, r)
	case flow.ResetPassword:
		s.resetPage(w, http.StatusOK, r.PostForm.Get("username"), "Your password has to be reset. Enter the code that we have sent you.")
	case flow.CheckCredentials, flow.StartAgain, flow.TryLater:
		j.again(w, r, status, problem)
	default:
		s.failed(w, err)
	}
}

// failed shows the page for what users can do nothing about.
func (s *site) failed(w http.ResponseWriter, err error) {
	s.log.Error("failed", "error", err)
	s.message(w, http.StatusBadGateway, "Something went wrong", "It is not your fault, and we have been told. Try again later.")
}

// showPrompt shows the form that asks, with what the user had entered if the
// answer was refused.
func (s *site) showPrompt(w http.ResponseWriter, r *http.Request, j journey, status int, asked *flow.Prompt, in url.Values, problem string) {
	c := asked.Challenge()
	p, err := s.promptPage(r, j, asked, in)
	if err != nil {
		s.beyond(w, c, err)
		return
	}
	p.fill(in, false)
	switch {
	case status >= 500: // no field is at fault
		p.Problem = problem
	case problem != "":
		p.blame(prompts[c.Name].field, problem)
	}
	s.show(w, status, p)
}

// promptPage makes the form for a prompt, with the sealed prompt in it.
func (s *site) promptPage(r *http.Request, j journey, asked *flow.Prompt, in url.Values) (page, error) {
	c := asked.Challenge()
	kind, known := prompts[c.Name]
	if !known {
		return page{}, errors.New("this program has no form for it")
	}
	p, err := kind.form(c, in)
	if err != nil {
		return page{}, err
	}
	sealed, err := s.sealer.Prompt(asked, s.browser(r))
	if err != nil {
		return page{}, err
	}
	p.Action = j.action
	p.Hidden = append(p.Hidden, j.hidden...)
	p.hide("prompt", sealed)
	p.hide("username", c.SignInName) // for another start
	if s.remember && kind.field == "code" && len(p.Fields) > 0 {
		p.Fields = append(p.Fields, field{
			Name: "remember", Label: "Remember this browser", Type: "checkbox", Optional: true,
			Hint: "Next time your password will do. Leave this empty on a computer that others use.",
		})
	}
	p.Links = []link{j.start}
	return p, nil
}

// beyond ends a sign-in at a challenge that cannot be put to the user.
func (s *site) beyond(w http.ResponseWriter, c challenge.Challenge, err error) {
	s.log.Error("prompt", "challenge", c.Name, "error", err)
	s.message(w, http.StatusNotImplemented, "We cannot go on here",
		"Your account is set up for a way to sign in that this site does not have.")
}
