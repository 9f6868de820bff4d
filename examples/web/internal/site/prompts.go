package site

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image/png"
	"net/url"
	"slices"

	"github.com/pquerna/otp"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// prompt says how the site asks the user about a kind of challenge.
type prompt struct {
	// form makes the form for the challenge. Some challenges need two forms, so form reads
	// the values of the first form from in.
	form func(c challenge.Challenge, in url.Values) (page, error)

	// answer makes an answer of the values of a form. If the result is false, the user must
	// fill in the second form.
	answer func(c challenge.Challenge, in url.Values) (challenge.Answer, bool)

	// field is the field that shows the problem of a refused answer.
	field string
}

// prompts has all challenges that a person answers. At another challenge the sign-in ends, see
// [site.beyond].
var prompts = map[challenge.Name]prompt{
	challenge.SMSMFA:              {codeForm, codeAnswer, "code"},
	challenge.SMSOTP:              {codeForm, codeAnswer, "code"},
	challenge.EmailOTP:            {codeForm, codeAnswer, "code"},
	challenge.SoftwareTokenMFA:    {codeForm, codeAnswer, "code"},
	challenge.SelectMFAType:       {choiceForm, choiceAnswer, ""},
	challenge.SelectChallenge:     {firstFactorForm, firstFactorAnswer, "password"},
	challenge.Password:            {passwordForm, passwordAnswer, "password"},
	challenge.PasswordSRP:         {passwordForm, passwordAnswer, "password"},
	challenge.MFASetup:            {setUpForm, setUpAnswer, "code"},
	challenge.NewPasswordRequired: {newPasswordForm, newPasswordAnswer, "password"},
	challenge.CustomChallenge:     {customForm, customAnswer, "answer"},
	challenge.WebAuthn:            {passkeyForm, passkeyAnswer, ""},
}

var codeField = field{
	Name: "code", Label: "Code", Inputmode: "numeric", Autocomplete: oneTimeCode,
}

// codeForm asks for a code that the pool sent, or that the authenticator app shows.
func codeForm(c challenge.Challenge, _ url.Values) (page, error) {
	p := page{Title: "Enter your code", Fields: []field{codeField}, Buttons: []button{{Label: "Continue"}}}
	to := c.Delivery()
	switch {
	case c.Name == challenge.SoftwareTokenMFA:
		p.Intro = "Open your authenticator app and enter the code that it shows."
	case to.Destination == "":
		p.Intro = "We have sent you a code."
	case to.Medium == "EMAIL":
		p.Intro = "We have sent a code by e-mail to " + to.Destination + "."
	default:
		p.Intro = "We have sent a code by text message to " + to.Destination + "."
	}
	return p, nil
}

func codeAnswer(_ challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	return challenge.Code(in.Get("code")), true
}

// factorLabels has the labels of factors. The label of an unknown factor is the name of the
// service.
var factorLabels = map[challenge.Name]string{
	challenge.Password:         "Password",
	challenge.PasswordSRP:      "Password",
	challenge.EmailOTP:         "Code by e-mail",
	challenge.SMSOTP:           "Code by text message",
	challenge.SMSMFA:           "Code by text message",
	challenge.SoftwareTokenMFA: "Authenticator app",
	challenge.WebAuthn:         "Passkey",
}

// choiceForm has a button for each choice.
func choiceForm(c challenge.Challenge, _ url.Values) (page, error) {
	choices, err := c.Choices()
	p := page{Title: "Choose how to continue", Intro: "How shall we make sure that it is you?", Equal: true}
	for _, name := range choices {
		label, ok := factorLabels[name]
		if !ok {
			label = string(name)
		}
		same := func(b button) bool { return b.Label == label } // PASSWORD and PASSWORD_SRP have one label
		if !slices.ContainsFunc(p.Buttons, same) {
			p.Buttons = append(p.Buttons, button{"choice", string(name), label})
		}
	}
	return p, err
}

func choiceAnswer(_ challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	choice := in.Get("choice")
	return challenge.Choose(challenge.Name(choice)), choice != ""
}

// firstFactorForm asks for a first factor. An answer that chooses a password has the password
// too, so a second form asks for the password.
func firstFactorForm(c challenge.Challenge, in url.Values) (page, error) {
	if !isPassword(in.Get("choice")) {
		return choiceForm(c, in)
	}
	p, err := passwordForm(c, in)
	p.hide("choice", in.Get("choice"))
	p.hide("chosen", "yes")
	return p, err
}

func firstFactorAnswer(c challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	if !isPassword(in.Get("choice")) {
		return choiceAnswer(c, in)
	}
	// Without a name, the driver takes PASSWORD_SRP if the pool offers PASSWORD_SRP.
	return challenge.CurrentPassword("", in.Get("password")), in.Get("chosen") != ""
}

func isPassword(choice string) bool {
	return choice == string(challenge.Password) || choice == string(challenge.PasswordSRP)
}

func passwordForm(challenge.Challenge, url.Values) (page, error) {
	return page{
		Title:   "Enter your password",
		Fields:  []field{{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"}},
		Buttons: []button{{Label: "Continue"}},
	}, nil
}

func passwordAnswer(c challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	return challenge.CurrentPassword(c.Name, in.Get("password")), true
}

// setUpForm asks the user to choose a second factor, or to set up an authenticator app or
// codes by e-mail.
func setUpForm(c challenge.Challenge, in url.Values) (page, error) {
	if !c.TOTPSecret.IsZero() {
		return authenticatorForm(c.TOTPSecret, c.SignInName)
	}
	choices, err := c.Choices()
	if slices.Equal(choices, []challenge.Name{challenge.EmailOTP}) {
		return page{
			Title:   "Set up codes by e-mail",
			Intro:   "We will send a code to this address whenever you sign in.",
			Fields:  []field{{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "email"}},
			Buttons: []button{{Label: "Continue"}},
		}, err
	}
	p := page{Title: "Add a second step", Intro: "Besides your password, what do you want to sign in with?", Equal: true}
	for _, name := range choices {
		// The service cannot set up a phone number during a sign-in.
		if name != challenge.SMSMFA {
			p.Buttons = append(p.Buttons, button{"choice", string(name), factorLabels[name]})
		}
	}
	return p, err
}

func setUpAnswer(c challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	switch {
	case !c.TOTPSecret.IsZero():
		return challenge.Code(in.Get("code")), true
	case in.Has("email"):
		return challenge.Email(in.Get("email")), true
	}
	return choiceAnswer(c, in)
}

// qrSize is the width and height of the QR code in pixels.
const qrSize = 240

// authenticatorForm shows the key for a new authenticator app. The app shows the names of the
// site and of the account.
func authenticatorForm(key secret.String, account string) (page, error) {
	p := page{
		Title:   "Set up your authenticator app",
		Intro:   "Scan this picture with your authenticator app, or type the key into it. Then enter the code that it shows.",
		Key:     key.Reveal(),
		Fields:  []field{codeField},
		Buttons: []button{{Label: "Continue"}},
	}
	uri, err := otp.NewKeyFromURL(challenge.TOTPURI(key, serviceName, account))
	if err != nil {
		return p, err
	}
	picture, err := uri.Image(qrSize, qrSize)
	if err != nil {
		return p, err
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return p, err
	}
	// The picture is part of the page, because a separate URL would contain the key.
	p.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes()))
	return p, nil
}

func newPasswordForm(c challenge.Challenge, _ url.Values) (page, error) {
	required, err := c.RequiredAttributes()
	p := page{
		Title:   "Choose a new password",
		Intro:   "Your password was for the first sign-in only.",
		Fields:  []field{{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password"}},
		Buttons: []button{{Label: "Continue"}},
	}
	for _, name := range required {
		p.Fields = append(p.Fields, attributeField(name))
	}
	return p, err
}

func newPasswordAnswer(c challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	required, err := c.RequiredAttributes()
	attributes := map[string]string{}
	for _, name := range required {
		attributes[name] = in.Get(attributeField(name).Name)
	}
	return challenge.NewPassword(in.Get("password"), attributes), err == nil
}

// customForm asks the question of the pool's trigger. Each pool has other parameters, and this
// program reads the parameter "question".
func customForm(c challenge.Challenge, _ url.Values) (page, error) {
	question := c.Parameters["question"]
	if question == "" {
		question = "Your answer"
	}
	return page{
		Title:   "One more question",
		Fields:  []field{{Name: "answer", Label: question, Autocomplete: "off"}},
		Buttons: []button{{Label: "Continue"}},
	}, nil
}

func customAnswer(_ challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	return challenge.Custom(in.Get("answer")), true
}

func passkeyForm(c challenge.Challenge, _ url.Values) (page, error) {
	options, err := c.CredentialRequest()
	return page{
		Title:   "Use your passkey",
		Intro:   "Your device will ask for your fingerprint, your face or its PIN.",
		Passkey: &passkey{"get", string(options)},
		Buttons: []button{{Label: "Continue with passkey"}},
	}, err
}

func passkeyAnswer(_ challenge.Challenge, in url.Values) (challenge.Answer, bool) {
	credential := in.Get("credential")
	return challenge.Credential([]byte(credential)), credential != ""
}
