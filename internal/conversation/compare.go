package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// otherKeys is a key in a response. otherKeys stands for the keys that the source does not show.
const otherKeys = "<other keys>"

// NotRecorded is the message of an error whose text the source does not quote.
const NotRecorded = "<not recorded>"

// Values has the last value of each placeholder.
type Values map[string]string

// CheckRequest compares a request with the request in a file. The error lists all differences.
// If the value of a placeholder is known, the request must have that value. If not, the client
// must make the value, and any value of the placeholder's form is right.
func (v Values) CheckRequest(want, got map[string]any) error {
	return compare("", want, got, func(path, p, text string) error {
		known, ok := v[p]
		switch {
		case ok && text != known:
			return fmt.Errorf("%s is %s, want %s: %s", path, quote(text), p, quote(known))
		case !ok && forms[p].by != client:
			return fmt.Errorf("%s is %s, and the value of %s is not known", path, quote(text), p)
		}
		return checkForm(path, p, text)
	})
}

// CheckResponse compares a response with the response in a file, and keeps the values of
// placeholders. The error lists all differences.
func (v Values) CheckResponse(want, got map[string]any) error {
	return compare("", want, got, func(path, p, text string) error {
		v.set(p, text)
		return checkForm(path, p, text)
	})
}

// set keeps the value of a placeholder, and the refresh token before the last one.
func (v Values) set(p, text string) {
	if before := v[p]; p == refreshToken && before != "" && before != text {
		v[formerRefreshToken] = before
	}
	v[p] = text
}

// CheckError compares the body of a refusal with the error in a file.
func CheckError(want *Error, got map[string]any) error {
	body := map[string]any{"__type": want.Exception, "message": want.Message}
	return compare("", body, got, func(path, p, text string) error {
		if p != NotRecorded || path != "message" {
			return fmt.Errorf("%s: %s is no placeholder", path, p)
		}
		return nil
	})
}

func checkForm(path, p, text string) error {
	if forms[p].fits == nil || !forms[p].fits(text) {
		return fmt.Errorf("%s is %s, want the form of %s", path, quote(text), p)
	}
	return nil
}

// compare returns an error that lists the differences between got and want. The function judge
// checks a text that got has for a placeholder.
func compare(path string, want, got any, judge func(path, placeholder, text string) error) error {
	different := fmt.Errorf("%s is %s, want %s", path, show(got), show(want))
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return different
		}
		return compareKeys(path, want, object, judge)
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return different
		}
		var wrong []error
		for i := range want {
			wrong = append(wrong, compare(fmt.Sprintf("%s[%d]", path, i), want[i], list[i], judge))
		}
		return errors.Join(wrong...)
	case string:
		text, ok := got.(string)
		switch {
		case !ok:
			return different
		case inBrackets.MatchString(want):
			return judge(path, want, text)
		case text != want && !sameJSON(want, text):
			return different
		}
		return nil
	}
	if !reflect.DeepEqual(want, got) {
		return different
	}
	return nil
}

func compareKeys(path string, want, got map[string]any, judge func(path, placeholder, text string) error) error {
	all := maps.Clone(want)
	maps.Copy(all, got)
	delete(all, otherKeys)
	var wrong []error
	for _, key := range slices.Sorted(maps.Keys(all)) {
		inner := strings.TrimPrefix(path+"."+key, ".")
		expected, wanted := want[key]
		value, ok := got[key]
		switch {
		case !ok:
			wrong = append(wrong, fmt.Errorf("%s is missing", inner))
		case wanted:
			wrong = append(wrong, compare(inner, expected, value, judge))
		case want[otherKeys] == nil:
			wrong = append(wrong, fmt.Errorf("%s is not in the file", inner))
		}
	}
	return errors.Join(wrong...)
}

// sameJSON reports whether both texts are the same JSON object or list. The order of members
// does not count.
func sameJSON(a, b string) bool {
	var x, y any
	if !strings.HasPrefix(a, "{") && !strings.HasPrefix(a, "[") {
		return false
	}
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// Fill returns a copy of a body with values instead of placeholders. The error is that of value.
func Fill(body map[string]any, value func(placeholder string) (string, error)) (map[string]any, error) {
	var fill func(any) (any, error)
	fill = func(v any) (any, error) {
		switch v := v.(type) {
		case map[string]any:
			filled := make(map[string]any, len(v))
			for _, key := range slices.Sorted(maps.Keys(v)) {
				inner, err := fill(v[key])
				if err != nil {
					return nil, err
				}
				filled[key] = inner
			}
			return filled, nil
		case []any:
			filled := make([]any, len(v))
			for i := range v {
				inner, err := fill(v[i])
				if err != nil {
					return nil, err
				}
				filled[i] = inner
			}
			return filled, nil
		case string:
			if inBrackets.MatchString(v) {
				return value(v)
			}
		}
		return v, nil
	}
	filled, err := fill(withoutOtherKeys(body))
	if err != nil {
		return nil, err
	}
	return filled.(map[string]any), nil
}

// withoutOtherKeys returns a copy without otherKeys.
func withoutOtherKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, inner := range v {
			if key != otherKeys {
				kept[key] = withoutOtherKeys(inner)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i := range v {
			kept[i] = withoutOtherKeys(v[i])
		}
		return kept
	}
	return v
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shorten(string(text))
}

func quote(text string) string { return shorten(fmt.Sprintf("%q", text)) }

// shorten cuts long texts, such as tokens and numbers, for an error.
func shorten(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:most], len(text))
}
