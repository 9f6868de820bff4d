package site

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// factorsPage is the data of factors.html.
type factorsPage struct {
	Title, Problem string
	Seconds        []secondFactor
	HasPasskeys    bool // the pool has passkeys
	Passkeys       []account.Passkey
	HasDevices     bool // the pool remembers devices
	Devices        []rememberedDevice
}

// secondFactor is a second factor, with the changes that the user can make.
type secondFactor struct {
	Name          challenge.Name
	Label         string
	On, Preferred bool
	CanPrefer     bool
}

type rememberedDevice struct {
	Key, Name, Address string
	Last               time.Time
	This               bool // the device of this browser
}

func (s *site) factorsPage(w http.ResponseWriter, r *http.Request) {
	if tokens := s.user(w, r); tokens != nil {
		s.showFactors(w, r, tokens, http.StatusOK, "")
	}
}

// showFactors lists the second factors, passkeys and remembered browsers of the user.
func (s *site) showFactors(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, status int, problem string) {
	user := s.accounts.User(tokens)
	factors, err := user.Factors(r.Context())
	if err != nil {
		s.refusedToken(w, r, tokens, err)
		return
	}
	p := factorsPage{Title: "Ways to sign in", Problem: problem, Seconds: secondFactors(factors)}
	if s.offers("USER_AUTH") {
		if p.Passkeys, err = user.Passkeys(r.Context()); s.mustTell(err) {
			s.refusedToken(w, r, tokens, err)
			return
		}
		p.HasPasskeys = err == nil
	}
	if s.remember {
		all, err := s.driver.DeviceList(tokens).All(r.Context())
		if s.mustTell(err) {
			s.refusedToken(w, r, tokens, err)
			return
		}
		p.HasDevices, p.Devices = err == nil, remembered(all, tokens.Device.Key)
	}
	s.render(w, status, "factors.html", p)
}

// mustTell reports whether the page must show an error instead of its parts. After another
// error the page leaves the part out, because the pool does not have the part.
func (s *site) mustTell(err error) bool {
	if err != nil {
		s.log.Warn("factors", "error", err)
	}
	return err != nil && (remedy(err) == flow.TryLater || isRefusal(err))
}

// secondFactors lists the second factors of the service. The field On says which factors the
// user has.
func secondFactors(factors account.Factors) []secondFactor {
	var list []secondFactor
	for _, name := range []challenge.Name{challenge.SoftwareTokenMFA, challenge.EmailOTP, challenge.SMSMFA} {
		on := slices.Contains(factors.Second, name)
		list = append(list, secondFactor{
			Name: name, Label: factorLabels[name], On: on, Preferred: name == factors.Preferred,
			CanPrefer: on && name != factors.Preferred && len(factors.Second) > 1,
		})
	}
	return list
}

// remembered lists the devices that replace a code.
func remembered(all []types.DeviceType, this string) []rememberedDevice {
	var list []rememberedDevice
	for _, d := range all {
		value := func(name string) string {
			for _, a := range d.DeviceAttributes {
				if aws.ToString(a.Name) == name {
					return aws.ToString(a.Value)
				}
			}
			return ""
		}
		if value("dev:device_remembered_status") == "not_remembered" {
			continue
		}
		key := aws.ToString(d.DeviceKey)
		list = append(list, rememberedDevice{
			Key: key, Name: cmp.Or(value("device_name"), "a device without a name"), Address: value("last_ip_used"),
			Last: aws.ToTime(d.DeviceLastAuthenticatedDate), This: key == this,
		})
	}
	return list
}

// changeFactors makes the change of one button of the page.
func (s *site) changeFactors(w http.ResponseWriter, r *http.Request) {
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	user, value := s.accounts.User(tokens), r.PostFormValue
	factor := []challenge.Name{challenge.Name(value("factor"))}
	switch value("do") {
	case "prefer":
		s.changed(w, r, tokens, user.SetMFA(r.Context(), account.MFA{Preferred: factor[0]}), nil)
	case "on":
		s.changed(w, r, tokens, user.SetMFA(r.Context(), account.MFA{Enable: factor}), nil)
	case "off":
		s.changed(w, r, tokens, user.SetMFA(r.Context(), account.MFA{Disable: factor}), nil)
	case "delete-passkey":
		s.changed(w, r, tokens, user.DeletePasskey(r.Context(), value("passkey")), nil)
	case "forget-device":
		s.forgetDevice(w, r, tokens, value("device"))
	default:
		s.showFactors(w, r, tokens, http.StatusUnprocessableEntity, "Choose one of the buttons below.")
	}
}

// forgetDevice forgets a device. The service then refuses to refresh the tokens of the device.
// If the device is this browser, forgetDevice signs the browser out.
func (s *site) forgetDevice(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, key string) {
	err := s.driver.DeviceList(tokens, s.options(w, r)).Forget(r.Context(), key)
	if err != nil || key != tokens.Device.Key {
		s.changed(w, r, tokens, err, nil)
		return
	}
	if err := s.keeping.sessions.end(w, r); err != nil {
		s.log.Warn("sign-out", "error", err)
	}
	s.newBrowser(w)
	s.welcome(w, "", "This browser is forgotten, and you are signed out.")
}

// changed shows the page again after a change, with a problem after an error.
func (s *site) changed(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, err error, where blames) {
	if err == nil {
		http.Redirect(w, r, "/factors", http.StatusSeeOther)
		return
	}
	if isRefusal(err) {
		s.refusedToken(w, r, tokens, err)
		return
	}
	problem, status, known := describe(err, where)
	if !known {
		s.failed(w, err)
		return
	}
	s.log.Warn("factors", "error", err)
	s.showFactors(w, r, tokens, status, problem)
}

const purposeAuthenticator = "authenticator"

// authenticatorLifetime is the time in which the user can set up an authenticator app.
const authenticatorLifetime = 15 * time.Minute

// setUpAuthenticator sets up an authenticator app for the user who is signed in. The response to
// the first request shows the key. The form has the sealed key in a hidden field, so that the
// page can show the key again after a wrong code.
func (s *site) setUpAuthenticator(w http.ResponseWriter, r *http.Request) {
	id := s.posted(w, r)
	if id == nil {
		return
	}
	tokens := s.user(w, r)
	if tokens == nil {
		return
	}
	user := s.accounts.User(tokens)
	if !r.PostForm.Has("key") {
		app, err := user.StartTOTP(r.Context())
		if err != nil {
			s.changed(w, r, tokens, err, nil)
			return
		}
		s.showAuthenticator(w, r, tokens, app.Secret, id, nil)
		return
	}
	key, err := s.sealer.Open(purposeAuthenticator, r.PostForm.Get("key"), id)
	if err != nil {
		s.showFactors(w, r, tokens, http.StatusUnprocessableEntity, "The form is too old. Set up your app again.")
		return
	}
	err = user.FinishTOTP(r.Context(), r.PostForm.Get("code"), r.PostForm.Get("name"))
	if err == nil {
		// If SetMFA fails, the user can turn the app on with a button of the page.
		s.changed(w, r, tokens, user.SetMFA(r.Context(), account.MFA{Enable: []challenge.Name{challenge.SoftwareTokenMFA}}), nil)
		return
	}
	s.showAuthenticator(w, r, tokens, secret.New(string(key)), id, err)
}

// showAuthenticator shows the form with the key of a new app. If err is not nil, the form
// shows the problem.
func (s *site) showAuthenticator(w http.ResponseWriter, r *http.Request, tokens *flow.Tokens, key secret.String, id []byte, err error) {
	known, unknown := s.attributesOf(r.Context(), tokens)
	if unknown != nil {
		s.refusedToken(w, r, tokens, unknown)
		return
	}
	name := tokens.Username // in pools with e-mail addresses as user names, a UUID
	for _, a := range known {
		if aws.ToString(a.Name) == "email" {
			name = cmp.Or(aws.ToString(a.Value), name)
		}
	}
	p, broken := authenticatorForm(key, name)
	if broken != nil {
		s.failed(w, broken)
		return
	}
	p.Action = "/authenticator"
	p.Fields = append(p.Fields, field{Name: "name", Label: "Name of this app", Hint: "Such as the name of your phone", Autocomplete: "off", Optional: true})
	p.Links = []link{{"/factors", "Not now"}}
	p.hide("key", s.sealer.Seal(purposeAuthenticator, []byte(key.Reveal()), id, s.driver.Now().Add(authenticatorLifetime)))
	p.fill(r.PostForm, err != nil)
	switch {
	case err == nil:
		s.show(w, http.StatusOK, p)
	case p.HasProblem():
		s.show(w, http.StatusUnprocessableEntity, p)
	default:
		s.refusedChange(w, r, tokens, p, err, blames{flow.WrongCode: {field: "code"}})
	}
}
