package frontend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/traits"
)

// MaxAnswer is the greatest length of an answer in bytes.
const MaxAnswer = 32 << 10

// The limits of the service model (PasswordType, AttributeNameType, AttributeValueType), in
// characters, and generous limits for other members.
const (
	maxCode, maxChoice, maxPassword   = 64, 128, 256
	maxAttributes, maxName, maxValue  = 50, 32, 2048
	maxResponses, maxResponse, anyLen = 50, 128, MaxAnswer
)

// answerFields has the values of an answer's members.
type answerFields struct {
	texts                 map[Member]string
	attributes, responses map[string]string
	credential            json.RawMessage
}

// members has a function for each member of an answer, which reads the member.
var members = map[Member]func(g *answerFields, m Member, raw json.RawMessage) *Error{
	Code:        typed("the code is empty", maxCode),
	Choice:      text(1, maxChoice),
	Password:    typed("the password is empty", maxPassword),
	NewPassword: typed("the new password is empty", maxPassword),
	Email:       typed("the e-mail address is empty", maxValue),
	Custom:      text(0, anyLen),
	Attributes: func(g *answerFields, m Member, raw json.RawMessage) (err *Error) {
		g.attributes, err = readTexts(string(m), raw, maxAttributes, maxName, maxValue)
		return err
	},
	Raw: func(g *answerFields, m Member, raw json.RawMessage) (err *Error) {
		g.responses, err = readTexts(string(m), raw, maxResponses, maxResponse, anyLen)
		for _, name := range []string{"USERNAME", "SECRET_HASH", "DEVICE_KEY"} {
			if _, ok := g.responses[name]; ok {
				return malformed("raw."+name, "must not be in an answer")
			}
		}
		return err
	},
	Credential: func(g *answerFields, m Member, raw json.RawMessage) *Error {
		if raw[0] != '{' {
			return malformed(string(m), "must be the object of PublicKeyCredential.toJSON")
		}
		g.credential = raw
		return nil
	},
	Continue: func(_ *answerFields, m Member, raw json.RawMessage) *Error {
		if string(raw) != "true" {
			return malformed(string(m), "must be true")
		}
		return nil
	},
}

// answers has the members that make an answer. An answer may also have the member along. If
// the answer does not fit the challenge, the error names the member blame.
var answers = map[Member]struct {
	along, blame Member
	make         func(challenge.Challenge, answerFields) challenge.Answer
}{
	Code: {"", Code, func(_ challenge.Challenge, g answerFields) challenge.Answer { return challenge.Code(g.texts[Code]) }},
	Choice: {"", Choice, func(_ challenge.Challenge, g answerFields) challenge.Answer {
		return challenge.Choose(challenge.Name(g.texts[Choice]))
	}},
	Password: {Choice, Choice, func(c challenge.Challenge, g answerFields) challenge.Answer {
		if c.Name == challenge.SelectChallenge {
			return challenge.CurrentPassword(challenge.Name(g.texts[Choice]), g.texts[Password])
		}
		return challenge.CurrentPassword(c.Name, g.texts[Password])
	}},
	NewPassword: {Attributes, Attributes, func(_ challenge.Challenge, g answerFields) challenge.Answer {
		return challenge.NewPassword(g.texts[NewPassword], g.attributes)
	}},
	Email:  {"", Email, func(_ challenge.Challenge, g answerFields) challenge.Answer { return challenge.Email(g.texts[Email]) }},
	Custom: {"", Custom, func(_ challenge.Challenge, g answerFields) challenge.Answer { return challenge.Custom(g.texts[Custom]) }},
	Credential: {"", Credential, func(_ challenge.Challenge, g answerFields) challenge.Answer {
		return challenge.Credential(g.credential)
	}},
	Continue: {"", Continue, func(challenge.Challenge, answerFields) challenge.Answer { return challenge.Continue() }},
	Raw:      {"", Raw, func(_ challenge.Challenge, g answerFields) challenge.Answer { return challenge.Raw(g.responses) }},
}

// ReadAnswer reads the JSON of an answer to c. ReadAnswer sends nothing: after an error no
// attempt is spent, and the prompt can be answered as before.
//
// The error is an *[Error] that names the member at fault, with one of these codes:
//
//   - [Malformed]: the schema does not allow such an answer.
//   - [TooLarge]: the answer has more than [MaxAnswer] bytes.
//   - flow.AnswerNotUsable: the answer does not fit c, such as a choice that c does not
//     offer, or a field that the user left empty.
//
// The text of the error contains no answer, except for a choice and the names of unknown
// members. If [FromChallenge] fails for c, ReadAnswer returns its error.
func ReadAnswer(c challenge.Challenge, data []byte) (challenge.Answer, error) {
	asked, err := FromChallenge(c, "")
	if err != nil {
		return challenge.Answer{}, err
	}
	g, given, problem := readMembers(data)
	if problem == nil {
		problem = checkTaken(asked, given)
	}
	if problem != nil {
		return challenge.Answer{}, problem
	}
	main, problem := mainMember(asked, given)
	if problem == nil && asked.Name == challenge.SelectChallenge {
		problem = checkPassword(g, main)
	}
	if problem != nil {
		return challenge.Answer{}, problem
	}
	a := answers[main].make(c, g)
	if asked.NoAnswerNeeded {
		return a, nil
	}
	var flaw *challenge.AnswerError
	if _, err := c.Responses(a); errors.As(err, &flaw) {
		return challenge.Answer{}, unusable(answers[main].blame, flaw.Message)
	}
	return a, nil
}

// readMembers reads all members by the schema. readMembers returns the names of the members
// without version, sorted.
func readMembers(data []byte) (g answerFields, names []Member, problem *Error) {
	if len(data) > MaxAnswer {
		return g, nil, &Error{Code: TooLarge, Remedy: flow.AnswerPrompt, Answerable: true, Message: fmt.Sprintf("an answer has at most %d bytes", MaxAnswer)}
	}
	object, problem := readObject("", data)
	if problem != nil {
		return g, nil, problem
	}
	var version float64
	if json.Unmarshal(object["version"], &version) != nil || version != Version {
		return g, nil, malformed("version", fmt.Sprintf("must be %d", Version))
	}
	delete(object, "version")
	g.texts = map[Member]string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		read := members[Member(name)]
		if read == nil {
			return g, nil, malformed(name, "is not a member of an answer")
		}
		if problem := read(&g, Member(name), object[name]); problem != nil {
			return g, nil, problem
		}
		names = append(names, Member(name))
	}
	return g, names, nil
}

// checkTaken refuses members that the challenge does not take.
func checkTaken(asked Challenge, names []Member) *Error {
	for _, name := range names {
		if !slices.Contains(asked.AnswerWith, name) {
			return unusable(name, "does not fit the challenge: answer with "+list(asked.AnswerWith))
		}
	}
	return nil
}

// mainMember returns the member that makes the answer.
func mainMember(asked Challenge, names []Member) (Member, *Error) {
	for _, main := range names {
		a, ok := answers[main]
		along := slices.DeleteFunc(slices.Clone(names), func(name Member) bool { return name == main || name == a.along })
		if ok && len(along) == 0 {
			return main, nil
		}
	}
	return "", malformed(string(asked.AnswerWith[0]), "is missing: answer with "+list(asked.AnswerWith))
}

// checkPassword refuses a choice of a password without the password, and a password without
// the choice. The choice decides whether the driver may send the password.
func checkPassword(g answerFields, main Member) *Error {
	choice := challenge.Name(g.texts[Choice])
	switch {
	case main == Password && choice == "":
		return unusable(Choice, "is missing: choose how to use the password")
	case main == Choice && traits.Of(choice).TakesPassword:
		return unusable(Password, "is missing: this choice needs the password")
	}
	return nil
}

// readObject reads an object, and refuses a member that is there twice. path is the place of
// the object in the answer, for errors.
func readObject(path string, data []byte) (map[string]json.RawMessage, *Error) {
	if !utf8.Valid(data) {
		return nil, malformed(path, "is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, malformed(path, "must be a JSON object")
	}
	object := map[string]json.RawMessage{}
	for d.More() {
		var raw json.RawMessage
		name, err := d.Token()
		if err == nil {
			err = d.Decode(&raw)
		}
		if err != nil {
			return nil, malformed(path, "is not JSON")
		}
		at := name.(string) // the decoder has checked it
		if _, twice := object[at]; twice {
			return nil, malformed(within(path, at), "is there twice")
		}
		object[at] = raw
	}
	if _, err := d.Token(); err != nil {
		return nil, malformed(path, "is not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, malformed(path, "is followed by other data")
	}
	return object, nil
}

// text reads a member that is a string of least to most characters.
func text(least, most int) func(*answerFields, Member, json.RawMessage) *Error {
	return func(g *answerFields, m Member, raw json.RawMessage) (err *Error) {
		g.texts[m], err = readText(string(m), raw, least, most)
		return err
	}
}

// typed reads a member that a user types. An empty field is a mistake of the user, and not of
// the front end.
func typed(empty string, most int) func(*answerFields, Member, json.RawMessage) *Error {
	read := text(0, most)
	return func(g *answerFields, m Member, raw json.RawMessage) *Error {
		if err := read(g, m, raw); err != nil {
			return err
		}
		if g.texts[m] == "" {
			return unusable(m, empty)
		}
		return nil
	}
}

func readText(path string, raw json.RawMessage, least, most int) (string, *Error) {
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return "", malformed(path, "must be a string")
	}
	switch n := utf8.RuneCountInString(*text); {
	case n < least:
		return "", malformed(path, "is empty")
	case n > most:
		return "", malformed(path, fmt.Sprintf("has more than %d characters", most))
	}
	return *text, nil
}

// readTexts reads a member that is an object of strings.
func readTexts(path string, raw json.RawMessage, mostMembers, mostName, mostValue int) (map[string]string, *Error) {
	object, problem := readObject(path, raw)
	switch {
	case problem != nil:
		return nil, problem
	case len(object) > mostMembers:
		return nil, malformed(path, fmt.Sprintf("has more than %d members", mostMembers))
	}
	texts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := within(path, name)
		if n := utf8.RuneCountInString(name); n == 0 || n > mostName {
			return nil, malformed(at, fmt.Sprintf("has a name of no characters, or of more than %d", mostName))
		}
		if texts[name], problem = readText(at, object[name], 0, mostValue); problem != nil {
			return nil, problem
		}
	}
	return texts, nil
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func list(names []Member) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, string(name))
	}
	return strings.Join(texts, ", ")
}
