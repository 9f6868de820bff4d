package site

import (
	"errors"
	"net/http"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
)

// sensitive has the pages that need a step-up.
var sensitive = map[string]func(*site, http.ResponseWriter, *http.Request){
	"/secret": func(s *site, w http.ResponseWriter, _ *http.Request) {
		s.tell(w, http.StatusOK, "Secret page", "Only you can see this page, because you have just confirmed that it is you.")
	},
}

// stepUp is the level for sensitive pages: a passkey, or a password and a second factor, within
// the last ten minutes. The pool asks for the factors that are missing.
func stepUp(from *flow.Tokens) flow.StepUp {
	return flow.StepUp{Levels: []string{flow.Level3, flow.Level4}, MaxAge: 10 * time.Minute, From: from}
}

// afterStepUp serves a sensitive page if the tokens meet the level. Otherwise afterStepUp shows
// the form that begins a step-up.
func (s *site) afterStepUp(path string, serve func(*site, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tokens := s.user(w, r)
		switch {
		case tokens == nil:
		case stepUp(nil).MetBy(tokens, s.driver.Now()):
			serve(s, w, r)
		default:
			s.ensureBrowser(w, r)
			s.show(w, http.StatusOK, confirmUserForm(path))
		}
	}
}

func confirmUserForm(path string) page {
	p := page{
		Title: "Confirm that it is you", Action: "/confirm",
		Intro:   "This page needs another proof that it is you. We will ask for the missing proof.",
		Buttons: []button{{Label: "Continue"}},
		Links:   []link{toAccount},
	}
	p.hide("page", path)
	return p
}

// confirmUser handles the forms of a step-up. The first form starts the step-up, and a form
// with a prompt answers the prompt. If the step-up fails, the user stays signed in with the
// present tokens, unless the service refuses the present tokens.
func (s *site) confirmUser(w http.ResponseWriter, r *http.Request) {
	id := s.posted(w, r)
	if id == nil {
		return
	}
	path := r.PostForm.Get("page")
	if sensitive[path] == nil {
		s.noBrowser(w)
		return
	}
	j := s.toPage(path)
	if r.PostForm.Has("prompt") {
		s.answer(w, r, j, id)
		return
	}
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	up := stepUp(tokens)
	step, err := s.driver.Start(r.Context(), flow.UserAuth{StepUp: &up}, s.options(w, r))
	switch {
	case errors.Is(err, flow.LevelMet):
		http.Redirect(w, r, path, http.StatusSeeOther)
	case errors.Is(err, flow.LevelUnreachable):
		s.show(w, http.StatusForbidden, page{
			Title: "Add a way to sign in first", Links: []link{{"/factors", "Ways to sign in"}, toAccount},
			Intro: "This page needs a passkey, or a second step besides your password. You have none yet.",
		})
	case errors.Is(err, flow.FeatureUnavailable):
		s.noStepUp(w, err)
	case isRefusal(err):
		s.refusedToken(w, r, tokens, err)
	default:
		s.goOn(w, r, j, step, err)
	}
}

// toPage returns the journey to a sensitive page.
func (s *site) toPage(path string) journey {
	return journey{
		action: "/confirm", hidden: confirmUserForm(path).Hidden, start: link{path, "Start again"},
		again: func(w http.ResponseWriter, _ *http.Request, status int, problem string) {
			p := confirmUserForm(path)
			p.Problem = problem
			s.show(w, status, p)
		},
		arrived: func(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens) {
			if !stepUp(nil).MetBy(tokens, s.driver.Now()) {
				// A pool without step-up ignores the level, and signs the user in.
				s.noStepUp(w, errors.New("the tokens of the step-up do not have the level"))
				return
			}
			http.Redirect(w, r, path, http.StatusSeeOther)
		},
	}
}

// noStepUp tells the user that the pool has no step-up.
func (s *site) noStepUp(w http.ResponseWriter, err error) {
	s.log.Error("step-up", "error", err)
	s.tell(w, http.StatusForbidden, "We cannot show this page", "This site needs a user pool with step-up authentication, of the feature plan Essentials or Plus.")
}
