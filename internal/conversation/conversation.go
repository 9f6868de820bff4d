package conversation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Start is the time at which every conversation begins. The day of the month has one digit,
// because the service refuses a TIMESTAMP with a padded day.
var Start = time.Date(2026, 3, 7, 21, 4, 5, 0, time.UTC)

// TimestampLayout is the form of TIMESTAMP, for time.Time.Format.
const TimestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// Conversation is the content of a file. The package documentation describes the members.
type Conversation struct {
	// Name is the name of the file without ".json".
	Name string `json:"-"`

	Title string `json:"title"`
	Origin
	Changed    string          `json:"changed,omitempty"`
	PoolOnly   string          `json:"pool only,omitempty"`
	DriverOnly string          `json:"driver only,omitempty"`
	Pool       json.RawMessage `json:"pool"`
	Triggers   *Triggers       `json:"triggers,omitempty"`
	Password   string          `json:"password,omitempty"`
	Exchanges  []Exchange      `json:"exchanges"`
}

// Origin is the source of a recording.
type Origin struct {
	Source   string `json:"source,omitempty"`
	Recorded string `json:"recorded,omitempty"`
	Region   string `json:"region,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// Triggers are the Lambda triggers of a pool with custom authentication.
type Triggers struct {
	// Ask names the challenges of DefineAuthChallenge in order. Tokens follow the last
	// challenge. A failed answer ends the sign-in.
	Ask []string `json:"ask"`
	// Public are the public parameters that CreateAuthChallenge returns.
	Public map[string]string `json:"public,omitempty"`
	// Answer is the right answer for VerifyAuthChallengeResponse.
	Answer string `json:"answer"`
}

// Exchange is a request and its reply.
type Exchange struct {
	Origin
	Wait      Duration       `json:"wait,omitempty"`
	Times     int            `json:"times,omitempty"`
	Operation string         `json:"operation"`
	Request   map[string]any `json:"request"`
	Response  map[string]any `json:"response,omitzero"`
	Error     *Error         `json:"error,omitempty"`
}

// Error is the body of a reply with status 400.
type Error struct {
	Exception string `json:"__type"`
	Message   string `json:"message"`
}

// Duration is a time.Duration that JSON has as a text such as "3m54s".
type Duration time.Duration

// UnmarshalText reads the text. The error is that of time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes the text.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Sequence returns the exchanges in order. An exchange is repeated as its Times says. The wait
// before an exchange passes once.
func (c *Conversation) Sequence() []Exchange {
	var all []Exchange
	for _, e := range c.Exchanges {
		for range max(e.Times, 1) {
			all = append(all, e)
			e.Wait = 0
		}
	}
	return all
}

// Load reads all conversations of a directory, sorted by name. The error tells that the
// directory has no conversations, has other files, or has a file that breaks the format.
func Load(dir string) ([]*Conversation, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	var all []*Conversation
	var wrong []error
	for _, entry := range entries {
		name, isJSON := strings.CutSuffix(entry.Name(), ".json")
		if !isJSON || entry.IsDir() {
			wrong = append(wrong, fmt.Errorf("conversation: %s is not a .json file, so no test reads it", entry.Name()))
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("conversation: %w", err)
		}
		c, err := Parse(data)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("conversation: %s: %w", entry.Name(), err))
			continue
		}
		c.Name = name
		all = append(all, c)
	}
	if len(all) == 0 && wrong == nil {
		return nil, fmt.Errorf("conversation: %s has no files", dir)
	}
	return all, errors.Join(wrong...)
}

// Parse reads a conversation, and checks it by the rules of the format.
func Parse(data []byte) (*Conversation, error) {
	c := new(Conversation)
	if err := DecodeStrict(data, c); err != nil {
		return nil, err
	}
	return c, c.validate()
}

// DecodeStrict decodes JSON into v. Unknown members, members that occur twice and text after the
// value are errors. Without these errors, a test would check less than its file says.
func DecodeStrict(data []byte, v any) error {
	if err := refuseDuplicates(json.NewDecoder(bytes.NewReader(data)), ""); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err // for example, there is text after the value
	}
	if err := refuseUnknown(value, reflect.TypeOf(v)); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// refuseUnknown returns an error if a type lacks a member of the value. Package encoding/json
// would match names in any case.
func refuseUnknown(value any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := value.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for _, inner := range value {
			if err := refuseUnknown(inner, t.Elem()); err != nil {
				return err
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
			return nil // such a type takes any member
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			of, ok := memberType(t, name)
			if !ok {
				return fmt.Errorf("%s has no member %q", t.Name(), name)
			}
			if err := refuseUnknown(value[name], of); err != nil {
				return err
			}
		}
	}
	return nil
}

// memberType returns the type of a member of a struct or a map.
func memberType(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	for _, field := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && !field.Anonymous && cmp.Or(tag, field.Name) == name {
			return field.Type, tag != "-"
		}
	}
	return nil, false
}

// refuseDuplicates reads a value, and returns an error if an object has two members of one name.
// Package encoding/json would take the last one.
func refuseDuplicates(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		inner := fmt.Sprintf("%s[%d]", path, i)
		if opening == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			key := name.(string) // a decoder returns no other token here
			inner = path + "." + key
			if seen[key] {
				return fmt.Errorf("%s occurs twice", strings.TrimPrefix(inner, "."))
			}
			seen[key] = true
		}
		if err := refuseDuplicates(d, inner); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing delimiter
	return err
}
