package site

import (
	"encoding/json"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
)

// addPasskey registers a passkey for the user who is signed in. The first
// request gets the options for the browser, the second has what it made of them.
func (s *site) addPasskey(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	access := aws.String(tokens.AccessToken.Reveal())
	made := r.PostFormValue("credential")
	if made == "" {
		s.startRegistration(w, r, access)
		return
	}
	var credential any
	if err := json.Unmarshal([]byte(made), &credential); err != nil {
		s.message(w, http.StatusUnprocessableEntity, "Not accepted", "That is no passkey.")
		return
	}
	_, err := s.api.CompleteWebAuthnRegistration(r.Context(), &cip.CompleteWebAuthnRegistrationInput{
		AccessToken: access, Credential: document.NewLazyDocument(credential),
	})
	if err != nil {
		s.failed(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *site) startRegistration(w http.ResponseWriter, r *http.Request, access *string) {
	out, err := s.api.StartWebAuthnRegistration(r.Context(), &cip.StartWebAuthnRegistrationInput{AccessToken: access})
	if err != nil {
		s.failed(w, err)
		return
	}
	options, err := out.CredentialCreationOptions.MarshalSmithyDocument()
	if err != nil {
		s.failed(w, err)
		return
	}
	s.show(w, http.StatusOK, page{
		Title:   "Add a passkey",
		Intro:   "Your device will ask for your fingerprint, your face or its PIN. Next time that is all it takes to sign in.",
		Action:  "/passkey",
		Passkey: &passkey{"create", string(options)},
		Buttons: []button{{Label: "Create a passkey"}},
		Links:   []link{{"/", "Not now"}},
	})
}
