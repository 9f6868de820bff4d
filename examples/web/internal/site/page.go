package site

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// page is the data of form.html, which shows all forms of the site.
type page struct {
	Title   string
	Intro   string // a sentence below the title
	Notice  string // good news
	Problem string // a problem of the whole form
	Action  string // the path that the form posts to

	Hidden  []field
	Fields  []field
	Buttons []button // the Enter key presses the first button
	Links   []link
	Equal   bool // the buttons are choices of equal rank

	QR      template.URL // a picture of Key, for an authenticator app
	Key     string
	Passkey *passkey
}

// field is an input. Name is also the ID of the input in the page.
type field struct {
	Name, Label, Hint        string
	Type                     string // default: text
	Autocomplete, Inputmode  string
	Value, Error             string
	Optional, Checked, Focus bool
}

func (f field) InputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// Describers lists the elements that describe the input to assistive technology.
func (f field) Describers() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// oneTimeCode tells browsers and phones to offer a code that has just arrived.
const oneTimeCode = "one-time-code"

type button struct{ Name, Value, Label string }

type link struct{ URL, Label string }

// passkey tells the script of the page how to call the browser. The form posts the credential
// that the browser returns.
type passkey struct {
	Call    string // "get" or "create"
	Options string // the options of the call, in JSON
}

// HasProblem reports whether the page shows a summary of problems.
func (p page) HasProblem() bool {
	for _, f := range p.Fields {
		if f.Error != "" {
			return true
		}
	}
	return p.Problem != ""
}

func (p *page) hide(name, value string) {
	p.Hidden = append(p.Hidden, field{Name: name, Value: value})
}

// fill copies the values of a request into the fields, except passwords and codes. If check is
// set, fill marks required fields without a value, and reports whether all required fields
// have a value.
func (p *page) fill(in url.Values, check bool) bool {
	complete := true
	for i := range p.Fields {
		f := &p.Fields[i]
		value := strings.TrimSpace(in.Get(f.Name))
		switch {
		case f.Type == "checkbox":
			f.Checked = value != ""
			continue
		case f.Type != "password" && f.Autocomplete != oneTimeCode:
			f.Value = value
		}
		if check && value == "" && !f.Optional {
			first, size := utf8.DecodeRuneInString(f.Label)
			f.Error = "Fill in: " + string(unicode.ToLower(first)) + f.Label[size:]
			complete = false
		}
	}
	return complete
}

// blame sets the problem of the field with the name. If there is no such field, blame sets the
// problem of the whole form.
func (p *page) blame(name, problem string) {
	for i := range p.Fields {
		if p.Fields[i].Name == name {
			p.Fields[i].Error = problem
			return
		}
	}
	p.Problem = problem
}

var templates = template.Must(template.ParseFS(assets, "assets/*.html"))

// render writes a page of the site. render executes the whole template before it writes, so
// that an error does not leave half a page.
func (s *site) render(w http.ResponseWriter, status int, name string, data any) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, data); err != nil {
		s.log.Error("template", "name", name, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes())
}

// show writes a form. The first field has the focus, unless the page has a problem or a
// picture.
func (s *site) show(w http.ResponseWriter, status int, p page) {
	problem := p.HasProblem()
	for i := range p.Fields {
		f := &p.Fields[i]
		f.Focus = i == 0 && !problem && p.QR == ""
		if problem && f.Autocomplete == "new-password" && f.Error == "" {
			f.Hint = "Enter the new password again."
		}
	}
	s.render(w, status, "form.html", p)
}

// message writes a page without a form, with a link to the sign-in page.
func (s *site) message(w http.ResponseWriter, status int, title, text string) {
	s.show(w, status, page{Title: title, Intro: text, Links: []link{{"/signin", "Sign in"}}})
}

// tell writes a page without a form, with a link to the account page.
func (s *site) tell(w http.ResponseWriter, status int, title, text string) {
	s.show(w, status, page{Title: title, Intro: text, Links: []link{toAccount}})
}

var toAccount = link{"/", "Your account"}
