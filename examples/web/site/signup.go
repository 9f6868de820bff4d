package site

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// pending is a sign-up that waits for its code. It travels sealed in the form,
// as a prompt does.
type pending struct {
	Username string `json:"username"`
	Session  string `json:"session,omitempty"` // of SignUp, with which ConfirmSignUp leads to a sign-in
	SentTo   string `json:"sentTo,omitempty"`
}

const (
	purposeSignUp = "sign-up"

	// pendingLifetime is how long a form for the code can be used. The code
	// itself is good for a day.
	pendingLifetime = time.Hour
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

// signUpAnswer takes both forms of a sign-up: that for the account and that for
// the code.
func (s *site) signUpAnswer(w http.ResponseWriter, r *http.Request) {
	id := s.posted(w, r)
	if id == nil {
		return
	}
	if !r.PostForm.Has("pending") {
		s.createAccount(w, r, id)
		return
	}
	var waiting pending
	data, err := s.sealer.Open(purposeSignUp, r.PostForm.Get("pending"), id)
	if err != nil || json.Unmarshal(data, &waiting) != nil {
		s.noBrowser(w)
		return
	}
	if r.PostForm.Has("resend") {
		s.resend(w, r, waiting)
		return
	}
	s.confirm(w, r, waiting)
}

// hash is the SECRET_HASH of the operations that are not part of a sign-in; the
// driver adds that of the others.
func (s *site) hash(username string) *string {
	if s.clientSecret.IsZero() {
		return nil
	}
	return aws.String(secrethash.Compute(username, s.clientID, s.clientSecret.Reveal()))
}

func (s *site) createAccount(w http.ResponseWriter, r *http.Request, id []byte) {
	p := s.signUpForm()
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	username := p.Fields[0].Value
	in := &cip.SignUpInput{
		ClientId: &s.clientID, SecretHash: s.hash(username),
		Username: &username, Password: aws.String(r.PostForm.Get("password")),
	}
	for _, name := range s.signUp {
		value := r.PostForm.Get(attributeField(name).Name)
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: aws.String(name), Value: &value})
	}
	out, err := s.api.SignUp(r.Context(), in)
	if err != nil {
		s.showProblem(w, p, map[string]string{
			"UsernameExistsException": "username", "InvalidPasswordException": "password",
		}, err)
		return
	}
	waiting := pending{Username: username, Session: aws.ToString(out.Session)}
	if out.UserConfirmed { // by a trigger of the pool
		s.enter(w, r, waiting)
		return
	}
	if to := out.CodeDeliveryDetails; to != nil {
		waiting.SentTo = aws.ToString(to.Destination)
	}
	s.show(w, http.StatusOK, s.confirmForm(waiting, id))
}

// showProblem shows a form again after the service has refused it. It blames
// the field that the error is listed with, or the whole form.
func (s *site) showProblem(w http.ResponseWriter, p page, fields map[string]string, err error) {
	problem, status := explain(err)
	if problem == "" {
		s.failed(w, err)
		return
	}
	p.blame(fields[code(err)], problem)
	s.show(w, status, p)
}

func (s *site) confirmForm(waiting pending, id []byte) page {
	data, err := json.Marshal(waiting)
	if err != nil {
		panic(err) // three strings
	}
	p := page{
		Title: "Confirm your address", Action: "/signup",
		Intro:   "We have sent you a code.",
		Fields:  []field{codeField},
		Buttons: []button{{Label: "Confirm"}, {"resend", "yes", "Send another code"}},
		Links:   []link{{"/signin", "Sign in instead"}},
	}
	if waiting.SentTo != "" {
		p.Intro = "We have sent a code to " + waiting.SentTo + "."
	}
	p.hide("pending", s.sealer.Seal(purposeSignUp, data, id, s.driver.Now().Add(pendingLifetime)))
	return p
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request, waiting pending) {
	p := s.confirmForm(waiting, s.browser(r))
	if !p.fill(r.PostForm, true) {
		s.show(w, http.StatusUnprocessableEntity, p)
		return
	}
	in := &cip.ConfirmSignUpInput{
		ClientId: &s.clientID, SecretHash: s.hash(waiting.Username),
		Username: &waiting.Username, Session: optional(waiting.Session),
		ConfirmationCode: aws.String(strings.Join(strings.Fields(r.PostForm.Get("code")), "")),
	}
	out, err := s.api.ConfirmSignUp(r.Context(), in)
	if in.Session != nil && code(err) == "NotAuthorizedException" {
		// The session lives for minutes and the code for a day.
		in.Session = nil
		out, err = s.api.ConfirmSignUp(r.Context(), in)
	}
	if err != nil {
		s.showProblem(w, p, map[string]string{"CodeMismatchException": "code", "ExpiredCodeException": "code"}, err)
		return
	}
	waiting.Session = aws.ToString(out.Session)
	s.enter(w, r, waiting)
}

// enter signs in a user who has just signed up, straight away where the pool
// allows it.
func (s *site) enter(w http.ResponseWriter, r *http.Request, waiting pending) {
	if waiting.Session != "" && s.offers("USER_AUTH") {
		in := flow.UserAuth{Username: waiting.Username, Session: secret.New(waiting.Session)}
		step, err := s.driver.Start(r.Context(), in, s.options(w, r))
		if err == nil {
			s.goOn(w, r, step, nil)
			return
		}
		s.log.Warn("no sign-in after sign-up", "error", err)
	}
	p := s.signInForm()
	p.fill(url.Values{"username": {waiting.Username}}, false)
	p.Notice = "Your account is ready. Sign in."
	s.show(w, http.StatusOK, p)
}

func (s *site) resend(w http.ResponseWriter, r *http.Request, waiting pending) {
	out, err := s.api.ResendConfirmationCode(r.Context(), &cip.ResendConfirmationCodeInput{
		ClientId: &s.clientID, SecretHash: s.hash(waiting.Username), Username: &waiting.Username,
	})
	if err != nil {
		s.showProblem(w, s.confirmForm(waiting, s.browser(r)), nil, err)
		return
	}
	if to := out.CodeDeliveryDetails; to != nil {
		waiting.SentTo = aws.ToString(to.Destination)
	}
	s.show(w, http.StatusOK, s.confirmForm(waiting, s.browser(r)))
}

// confirmLater takes up a sign-up that was not confirmed at the time: the user
// has come to sign in.
func (s *site) confirmLater(w http.ResponseWriter, r *http.Request) {
	s.resend(w, r, pending{Username: r.PostForm.Get("username")})
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
