package kit

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"index/suffixarray"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
)

// tap keeps each text of requests and replies, except for words of the protocol.
type tap struct {
	below   cip.HTTPClient
	mu      sync.Mutex
	texts   map[string]string // the member of each text
	signIns int
}

func (w *tap) Do(request *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(sent))
	response, err := w.below.Do(request)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(received))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read("request", string(sent))
	w.read("response", string(received))
	w.read("header", request.Header.Get("Authorization"))
	if bytes.Contains(received, []byte(`"AccessToken":`)) {
		w.signIns++
	}
	return response, err
}

var (
	// public are the members with texts of the protocol or of the kit, which a recording may have.
	public = map[string]bool{
		"message": true, "TARGET_ACR_VALUES": true, "AcrValue": true, "acr": true, "FriendlyDeviceName": true, "FRIENDLY_DEVICE_NAME": true,
		"authenticatorAttachment": true,
	}
	// plain is a text without a digit, such as USER_SRP_AUTH. Each secret of the kit has a digit.
	plain = regexp.MustCompile(`^[A-Za-z_. ]*$`)
)

// read keeps a text, and the texts inside of its JSON or its token.
func (w *tap) read(member, text string) {
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		w.walk(member, v)
		switch v.(type) {
		case map[string]any, []any:
			return
		}
	}
	if parts := strings.Split(text, "."); len(parts) == 3 {
		if payload, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			w.read(member, string(payload))
		}
		for _, part := range parts {
			w.keep(member, part)
		}
	}
	w.keep(member, text)
}

func (w *tap) keep(member, text string) {
	const least = 6 // the digits of a code
	if len(text) >= least && !public[member] && !plain.MatchString(text) {
		w.texts[text] = member
	}
}

func (w *tap) walk(member string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			w.walk(name, inner)
		}
	case []any:
		for _, inner := range v {
			w.walk(member, inner)
		}
	case string:
		w.read(member, v)
	}
}

// written returns the forms of a text that a file could have.
func writtenForms(text string) []string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	raw := []byte(text)
	forms := []string{
		text, strings.Trim(string(quoted), `"`), url.QueryEscape(text), url.PathEscape(text), hex.EncodeToString(raw), strings.ToUpper(text),
	}
	// A text inside of an encoded text can begin at three offsets. The neighbours change the first
	// and the last characters, which the forms leave out.
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := encoding.EncodeToString(append(make([]byte, before), raw...))
			from := (before*8 + 5) / 6
			if to := len(encoded) - 1; to-from >= 8 {
				forms = append(forms, encoded[from:to])
			}
		}
	}
	return forms
}

// The recordings of 300 sign-ins have none of their secrets.
func TestNoSecretIsRecorded(t *testing.T) {
	t.Parallel()
	enough := 300
	if byname.Quick(t) {
		enough = 100
	}
	s := newDouble(t)
	wire := &tap{below: s.HTTP, texts: map[string]string{}}
	s.HTTP = wire
	lines := map[string]bool{} // recordings have many equal lines
	files := 0
	for wire.signIns < enough {
		for _, p := range askedInTime(t) {
			sc, answer, err := s.answer(t.Context(), p)
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			recording, problems := sc.recording(p, "a test")
			told := []string{answer, fmt.Sprint(problems), fmt.Sprintf("%v %+v", sc.recorder, sc.recorder)}
			if recording != nil {
				files++
				text, err := json.MarshalIndent(recording, "", " ")
				if err != nil {
					t.Fatal(err)
				}
				told = append(told, strings.Split(string(text), "\n")...)
			}
			for _, line := range told {
				lines[line] = true
			}
			if err := sc.close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	var all strings.Builder
	for line := range lines {
		all.WriteString(line + "\n")
	}
	// A random code may be equal to digits of an invented value.
	text := suffixarray.New([]byte(strings.NewReplacer(madeUpSub, "", record.MadeUpPhone("+15555559876"), "", "timeout 180000", "").Replace(all.String())))
	for secret, member := range wire.texts {
		for _, form := range writtenForms(secret) {
			if text.Lookup([]byte(form), 1) != nil {
				t.Errorf("a value of %s is recorded: %q", member, form)
			}
		}
	}
	if len(wire.texts) < 10*enough || files < enough/2 {
		t.Errorf("%d secrets in %d files: the test sees too little", len(wire.texts), files)
	}
	t.Logf("%d sign-ins, %d secrets, %d files", wire.signIns, len(wire.texts), files)
}

// The search finds a secret in each of its forms.
func TestFormsAreFound(t *testing.T) {
	const secret = `p4ss/"w+rd ü`
	for _, text := range []string{
		secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("xy" + secret + "z")), base64.RawURLEncoding.EncodeToString([]byte(`{"k":"` + secret + `"}`)),
		fmt.Sprintf(`{"k":%s}`, mustJSON(t, secret)),
	} {
		found := false
		for _, form := range writtenForms(secret) {
			found = found || strings.Contains(text, form)
		}
		if !found {
			t.Errorf("%q is not found", text)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
