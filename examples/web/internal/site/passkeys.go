package site

import (
	"net/http"

	"github.com/cognitoflow/cognitoflow/flow"
)

// addPasskey registers a passkey for the user who is signed in. The response to the first
// request has options for the browser. The second request has the credential that the
// browser made.
func (s *site) addPasskey(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	user, made := s.accounts.User(tokens), r.PostFormValue("credential")
	if made != "" {
		err := user.FinishPasskey(r.Context(), []byte(made))
		s.changed(w, r, tokens, err, blames{
			flow.PasskeyRefused: {text: "That passkey was not accepted. Add it again."},
			flow.NotAllowed:     {text: problemFull},
		})
		return
	}
	options, err := user.StartPasskey(r.Context())
	if err != nil {
		s.changed(w, r, tokens, err, blames{flow.NotAllowed: {text: problemFull}})
		return
	}
	s.show(w, http.StatusOK, page{
		Title:   "Add a passkey",
		Intro:   "Your device will ask for your fingerprint, your face or its PIN. Next time that is all it takes to sign in.",
		Action:  "/passkey",
		Passkey: &passkey{"create", string(options)},
		Buttons: []button{{Label: "Create a passkey"}},
		Links:   []link{{"/factors", "Not now"}},
	})
}

const problemFull = "You have as many passkeys as this service allows. Delete one first."
