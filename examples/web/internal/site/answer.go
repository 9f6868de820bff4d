package site

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

// journey is the target of a sign-in: the account page, or a page that needs a step-up.
type journey struct {
	action string  // the path that the forms of the prompts post to
	hidden []field // hidden fields of these forms
	start  link    // to the first page of the journey

	// again shows the first page of the journey, with a problem.
	again func(w http.ResponseWriter, r *http.Request, status int, problem string)
	// arrived ends the journey. The browser keeps the tokens already.
	arrived func(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens)
}

// toSignIn returns the journey of a user who is not signed in.
func (s *site) toSignIn() journey {
	return journey{
		action: "/signin", start: link{"/signin", "Start again"}, again: s.startAgain,
		arrived: func(w http.ResponseWriter, r *http.Request, _ *flow.Tokens) {
			http.Redirect(w, r, "/", http.StatusSeeOther)
		},
	}
}

// answer answers the prompt in the form of a request.
func (s *site) answer(w http.ResponseWriter, r *http.Request, j journey, id []byte) {
	asked, err := s.sealer.OpenPrompt(r.PostForm.Get("prompt"), id)
	switch {
	case errors.Is(err, seal.ErrExpired):
		j.again(w, r, http.StatusUnprocessableEntity, problemExpired)
		return
	case err != nil: // the prompt is of another browser, or invented
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

// goOn shows the next page after a step: an error, a prompt, or the end of the journey.
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

// signedIn keeps the user signed in. The browser gets a new ID. An attacker who knew the old ID
// cannot use the session.
func (s *site) signedIn(w http.ResponseWriter, r *http.Request, j journey, tokens *flow.Tokens) {
	problem := tokens.Device.Err
	switch d := tokens.Device; {
	case d.Key == "":
	case r.PostForm.Has("remember"):
		// The driver calls Options.RememberDevice for a new device only. The user may
		// have declined to remember this device at an earlier sign-in.
		problem = errors.Join(problem, s.driver.DeviceList(tokens).Remember(r.Context(), d.Key, true))
	case d.State == flow.DeviceConfirmed && !d.Undecided:
		// The pool remembers each new device, but the user has not agreed. The browser
		// therefore does not keep the device. The tokens still work with the device key.
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

// refused tells the user how to go on after an error of the library.
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
		s.resetPage(w, http.StatusOK, r.PostForm.Get("username"), "You must reset your password. Enter the code that we have sent you.")
	case flow.CheckCredentials, flow.StartAgain, flow.TryLater:
		j.again(w, r, status, problem)
	default:
		s.failed(w, err)
	}
}

// failed logs an error that the user cannot repair, and shows a page without details.
func (s *site) failed(w http.ResponseWriter, err error) {
	s.log.Error("failed", "error", err)
	s.message(w, http.StatusBadGateway, "Something went wrong", "It is not your fault, and we have been told. Try again later.")
}

// showPrompt shows the form for a prompt. After a refused answer, the form has the values of
// the refused answer and the problem.
func (s *site) showPrompt(w http.ResponseWriter, r *http.Request, j journey, status int, asked *flow.Prompt, in url.Values, problem string) {
	c := asked.Challenge()
	p, err := s.promptPage(r, j, asked, in)
	if err != nil {
		s.beyond(w, c, err)
		return
	}
	p.fill(in, false)
	switch {
	case status >= 500: // the cause is no field
		p.Problem = problem
	case problem != "":
		p.blame(prompts[c.Name].field, problem)
	}
	s.show(w, status, p)
}

// promptPage makes the form for a prompt. A hidden field has the sealed prompt.
func (s *site) promptPage(r *http.Request, j journey, asked *flow.Prompt, in url.Values) (page, error) {
	c := asked.Challenge()
	kind, known := prompts[c.Name]
	if !known {
		return page{}, errors.New("this program has no form for the challenge")
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
	p.hide("username", c.SignInName) // for the page that starts again
	if s.remember && kind.field == "code" && len(p.Fields) > 0 {
		p.Fields = append(p.Fields, field{
			Name: "remember", Label: "Remember this browser", Type: "checkbox", Optional: true,
			Hint: "Next time you need your password only. Do not choose this on a computer that other people use.",
		})
	}
	p.Links = []link{j.start}
	return p, nil
}

// beyond ends a sign-in at a challenge that this site cannot show.
func (s *site) beyond(w http.ResponseWriter, c challenge.Challenge, err error) {
	s.log.Error("prompt", "challenge", c.Name, "error", err)
	s.message(w, http.StatusNotImplemented, "We cannot go on here",
		"Your account is set up for a way to sign in that this site does not have.")
}
