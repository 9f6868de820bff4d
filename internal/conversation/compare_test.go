package conversation

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func wantDifference(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestCheckResponse(t *testing.T) {
	const file = `{"Name": "X", "List": ["a"], "Number": 3600, "Text": "{\"a\":1,\"b\":2}", "Session": "<session>", "Inner": {"k": "v"}}`
	sent := func(old, new string) string {
		text := strings.Replace(file, "<session>", strings.Repeat("s", 20), 1)
		return strings.Replace(text, old, new, 1)
	}
	for got, want := range map[string]string{
		sent("", ""): "",
		sent(`{\"a\":1,\"b\":2}`, `{\"b\":2,\"a\":1}`): "",
		sent(`\"b\":2`, `\"b\":3`):                     "Text is ",
		sent(`"X"`, `"Y"`):                             `Name is "Y", want "X"`,
		sent(`["a"]`, `["a","b"]`):                     "List is ",
		sent(`["a"]`, `["b"]`):                         "List[0] is ",
		sent(`3600`, `"3600"`):                         "Number is ",
		sent(`"k": "v"`, ``):                           "Inner.k is missing",
		sent(`"k": "v"`, `"k": "v", "l": ""`):          "Inner.l is not in the file",
		sent(`{"k": "v"}`, `"k"`):                      "Inner is ",
		sent(strings.Repeat("s", 20), "short"):         "want the form of <session>",
	} {
		wantDifference(t, Values{}.CheckResponse(object(t, file), object(t, got)), want)
	}
	open := object(t, `{"Inner": {"k": "v", "<other keys>": "nobody saw them"}}`)
	wantDifference(t, Values{}.CheckResponse(open, object(t, `{"Inner": {"k": "v", "l": "w"}}`)), "")
	wantDifference(t, Values{}.CheckResponse(open, object(t, `{"Inner": {"l": "w"}}`)), "Inner.k is missing")
}

func TestCheckRequest(t *testing.T) {
	session, signature := strings.Repeat("s", 20), randomBase64(32)
	v := Values{"<session>": session, "<code>": "123456"}
	file := object(t, `{"Session": "<session>", "Code": "<code>", "Signature": "<signature>"}`)
	good := map[string]any{"Session": session, "Code": "123456", "Signature": signature}
	wantDifference(t, v.CheckRequest(file, good), "")
	for key, bad := range map[string]struct{ value, want string }{
		"Session":   {strings.Repeat("t", 20), "want <session>"},
		"Code":      {"123457", "want <code>"},
		"Signature": {"c2hvcnQ=", "want the form of <signature>"},
	} {
		sent := maps.Clone(good)
		sent[key] = bad.value
		wantDifference(t, v.CheckRequest(file, sent), bad.want)
	}
	wantDifference(t, Values{}.CheckRequest(file, good), "the value of <session> is not known")
}

func TestCheckError(t *testing.T) {
	got := object(t, `{"__type": "XException", "message": "text"}`)
	wantDifference(t, CheckError(&Error{"XException", "text"}, got), "")
	wantDifference(t, CheckError(&Error{"XException", NotRecorded}, got), "")
	wantDifference(t, CheckError(&Error{"XException", "other"}, got), "message is ")
	wantDifference(t, CheckError(&Error{NotRecorded, "text"}, got), "is no placeholder")
	wantDifference(t, CheckError(&Error{"YException", "text"}, got), "__type is ")
}

func TestFill(t *testing.T) {
	body := object(t, `{"List": [{"Key": "<code>"}], "Other": "<b", "<other keys>": "nobody saw them"}`)
	filled, err := Fill(body, func(placeholder string) (string, error) { return "for " + placeholder, nil })
	if err != nil {
		t.Fatal(err)
	}
	wantDifference(t, Values{}.CheckResponse(object(t, `{"List": [{"Key": "for <code>"}], "Other": "<b"}`), filled), "")
}

// A made-up value has the form that a real value must have.
func TestExamples(t *testing.T) {
	who := Identity{Region: "eu-west-1", ClientID: "app", Username: "ada", Sub: newUUID(), Now: Start}
	for placeholder, f := range forms {
		if (f.example != nil) != (f.by == service) {
			t.Errorf("%s: there is an example, and the service does not make the value, or the other way round", placeholder)
		}
		if f.example == nil {
			continue
		}
		v := Values{}
		text, err := v.Example(placeholder, who)
		if err != nil || !f.fits(text) || v[placeholder] != text {
			t.Errorf("%s: the example is %q, %v", placeholder, text, err)
		}
		if f.fits("") {
			t.Errorf("%s may be empty", placeholder)
		}
	}
}

func TestForms(t *testing.T) {
	for placeholder, texts := range map[string][]string{
		"<salt>":             {"0f", "FF", strings.Repeat("f", 33)},
		"<srp b>":            {"0" + randomHex(3000), "ff"},
		"<signature>":        {randomBase64(31), "not base64"},
		"<timestamp>":        {"Sat Mar 07 21:04:05 UTC 2026", "Sat Mar 7 24:04:05 UTC 2026", "Fri Mar 7 21:04:05 UTC 2026", "Sat Mar 7 9:04:05 UTC 2026"},
		"<device group key>": {"-ab_cdefg", "abcdefgh"},
		"<device key>":       {"eu-west-1", newUUID()},
		"<access token>":     {"opaque", "a.b.c"},
		"<long code>":        {"123456"},
		"<code>":             {"12345678", "12345a"},
	} {
		for _, text := range texts {
			if forms[placeholder].fits(text) {
				t.Errorf("%s takes %q", placeholder, text)
			}
		}
	}
	if !forms["<timestamp>"].fits(Start.Format(TimestampLayout)) || Start.Weekday() != time.Saturday {
		t.Error("the package documentation shows another TIMESTAMP")
	}
	if code := WrongCode("190"); code != "201" {
		t.Errorf("a wrong code is %q", code)
	}
}

// The package documentation describes the format. The documentation must name all placeholders, and
// no others.
func TestDocumentationNamesEveryPlaceholder(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`<[a-z][^<>\n]*>`).FindAllString(string(text), -1)
	slices.Sort(named)
	want := append(slices.Collect(maps.Keys(forms)), otherKeys, NotRecorded)
	slices.Sort(want)
	if named = slices.Compact(named); !slices.Equal(named, want) {
		t.Errorf("doc.go names\n%q, want\n%q", named, want)
	}
}
