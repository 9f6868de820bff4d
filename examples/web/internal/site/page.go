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

// page is what any form of the site shows. A prompt fills in one of these and
// the template does the rest, so that every prompt looks and works alike.
type page struct {
	Title   string
	Intro   string // one sentence below the title
	Notice  string // good news
	Problem string // what is wrong with the form as a whole
	Action  string // where the form posts to

	Hidden  []field
	Fields  []field
	Buttons []button // the first is the one that the Enter key presses
	Links   []link
	Equal   bool // the buttons are choices of equal rank

	QR      template.URL // a picture of the key below, for an authenticator app
	Key     string
	Passkey *passkey
}

// field is an input. Its Name is its ID in the page too.
type field struct {
	Name, Label, Hint        string
	Type                     string // "text" unless given
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

// oneTimeCode has browsers and phones offer the code that has just arrived.
const oneTimeCode = "one-time-code"

type button struct{ Name, Value, Label string }

type link struct{ URL, Label string }

// passkey has the script call the browser's passkeys. The form's button posts
// what they return.
type passkey struct {
	Call    string // "get" or "create"
	Options string // JSON of the options of that call
}

// HasProblem reports whether the page has something to summarise at its top.
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

// fill puts back what the user had entered, except passwords and codes, and
// where check is set marks what must not be empty and is. It reports whether all
// is there.
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

// blame says what is wrong at the field of that name, or at the whole form if
// it has none.
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

// render writes a page of the site. It runs the template to its end first, so
// that no half page goes out.
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

// show writes a form, with the focus on its first field unless there is a
// problem to read or a picture to scan first.
func (s *site) show(w http.ResponseWriter, status int, p page) {
	problem := p.HasProblem()
	for i := range p.Fields {
		f := &p.Fields[i]
		f.Focus = i == 0 && !problem && p.QR == ""
		if problem && f.Autocomplete == "new-password" && f.Error == "" {
			f.Hint = "Enter it again. It was not kept."
		}
	}
	s.render(w, status, "form.html", p)
}

// message writes a page without a form, for users who are not signed in or may not be.
func (s *site) message(w http.ResponseWriter, status int, title, text string) {
	s.show(w, status, page{Title: title, Intro: text, Links: []link{{"/signin", "Sign in"}}})
}

// tell writes a page without a form, for a user who is signed in.
func (s *site) tell(w http.ResponseWriter, status int, title, text string) {
	s.show(w, status, page{Title: title, Intro: text, Links: []link{toAccount}})
}

var toAccount = link{"/", "Your account"}
