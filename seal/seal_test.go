package seal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

var (
	app     = flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}
	binding = []byte("browser session 1")
)

// asks is a service that answers everything with one challenge.
type asks struct {
	name       types.ChallengeNameType
	parameters map[string]string
	session    string
}

func (a asks) InitiateAuth(context.Context, *cip.InitiateAuthInput, ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	return &cip.InitiateAuthOutput{ChallengeName: a.name, ChallengeParameters: a.parameters, Session: aws.String(a.session)}, nil
}

func (a asks) RespondToAuthChallenge(context.Context, *cip.RespondToAuthChallengeInput, ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	return &cip.RespondToAuthChallengeOutput{ChallengeName: a.name, ChallengeParameters: a.parameters, Session: aws.String(a.session)}, nil
}

func prompt(t testing.TB, a asks) *flow.Prompt {
	t.Helper()
	d, err := flow.New(a, app)
	if err != nil {
		t.Fatal(err)
	}
	step, err := d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada@example.com", Password: secret.New("pw")})
	if err != nil {
		t.Fatal(err)
	}
	return step.Prompt
}

func newKey() []byte {
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	return key
}

func newSealer(t testing.TB, app flow.App, keys [][]byte, optFns ...func(*seal.Options)) *seal.Sealer {
	t.Helper()
	s, err := seal.New(app, keys, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPromptsOpenWithAnyOfTheKeys(t *testing.T) {
	p := prompt(t, asks{"EMAIL_OTP", map[string]string{"CODE_DELIVERY_DESTINATION": "a***@e***"}, "session-session-session"})
	old, fresh := newKey(), newKey()
	text, err := newSealer(t, app, [][]byte{old}).Prompt(p, binding)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := newSealer(t, app, [][]byte{fresh, old}).OpenPrompt(text, binding)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(opened.Challenge(), p.Challenge()) {
		t.Errorf("opened %+v, sealed %+v", opened.Challenge(), p.Challenge())
	}
	first, err := newSealer(t, app, [][]byte{fresh, old}).Prompt(p, binding)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newSealer(t, app, [][]byte{old}).OpenPrompt(first, binding); !errors.Is(err, seal.ErrKey) {
		t.Errorf("the first key does not seal: %v", err)
	}
	if strings.ContainsAny(text, "+/=;, \"\\") {
		t.Errorf("not fit for a cookie: %q", text)
	}
}

func TestWhatDoesNotOpen(t *testing.T) {
	p := prompt(t, asks{"EMAIL_OTP", nil, "session-session-session"})
	keys := [][]byte{newKey()}
	sealer := newSealer(t, app, keys)
	text, err := sealer.Prompt(p, binding)
	if err != nil {
		t.Fatal(err)
	}
	otherClient, otherPool := app, app
	otherClient.ClientID, otherPool.UserPoolID = "client2", "eu-central-1_Ab12Cd34F"
	late := func(o *seal.Options) { o.Now = func() time.Time { return time.Now().Add(3 * time.Minute) } }
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int) string {
		other := bytes.Clone(raw)
		other[at] ^= 1
		return base64.RawURLEncoding.EncodeToString(other)
	}

	for name, test := range map[string]struct {
		sealer  *seal.Sealer
		text    string
		binding []byte
		want    error
	}{
		"another key":       {newSealer(t, app, [][]byte{newKey()}), text, binding, seal.ErrKey},
		"another client":    {newSealer(t, otherClient, keys), text, binding, seal.ErrForeign},
		"another pool":      {newSealer(t, otherPool, keys), text, binding, seal.ErrForeign},
		"another binding":   {sealer, text, []byte("browser session 2"), seal.ErrForeign},
		"no binding":        {sealer, text, nil, seal.ErrForeign},
		"expired":           {newSealer(t, app, keys, late), text, binding, seal.ErrExpired},
		"expiry changed":    {sealer, changed(8), binding, seal.ErrForeign},
		"nonce changed":     {sealer, changed(13), binding, seal.ErrForeign},
		"tag changed":       {sealer, changed(len(raw) - 1), binding, seal.ErrForeign},
		"another version":   {sealer, changed(0), binding, seal.ErrVersion},
		"empty":             {sealer, "", binding, seal.ErrForm},
		"cut to the header": {sealer, text[:20], binding, seal.ErrForm},
		"cut by a byte":     {sealer, base64.RawURLEncoding.EncodeToString(raw[:len(raw)-1]), binding, seal.ErrForeign},
		"line end":          {sealer, text[:9] + "\n" + text[9:], binding, seal.ErrForm},
		"no base64":         {sealer, "????", binding, seal.ErrForm},
	} {
		opened, err := test.sealer.OpenPrompt(test.text, test.binding)
		if !errors.Is(err, test.want) || opened != nil {
			t.Errorf("%s: got %v, %v; want %v and no prompt", name, opened, err, test.want)
		}
	}
	for at := range raw { // one bit of every byte
		if opened, err := sealer.OpenPrompt(changed(at), binding); err == nil || opened != nil {
			t.Errorf("opens with byte %d changed", at)
		}
	}
	for size := range raw {
		opened, err := sealer.OpenPrompt(base64.RawURLEncoding.EncodeToString(raw[:size]), binding)
		if opened != nil || !errors.Is(err, seal.ErrForm) && !errors.Is(err, seal.ErrForeign) {
			t.Errorf("cut to %d bytes: got %v, %v", size, opened, err)
		}
	}
}

// A step with tokens has no prompt.
func TestEmptyPromptsAreNotSealed(t *testing.T) {
	for _, empty := range []*flow.Prompt{nil, new(flow.Prompt)} {
		if _, err := newSealer(t, app, [][]byte{newKey()}).Prompt(empty, binding); err == nil {
			t.Error("an empty prompt was sealed")
		}
	}
}

// A sealed prompt of every challenge fits into a cookie. The sessions of the service are
// base64 of encrypted bytes, so compression only undoes the base64.
func TestPromptsFitACookie(t *testing.T) {
	random := make([]byte, 1500)
	rand.Read(random)
	session := base64.StdEncoding.EncodeToString(random)
	if len(session) != 2000 {
		t.Fatal("the session is not of 2,000 bytes")
	}
	credential := base64.RawURLEncoding.EncodeToString(random[:64])
	for name, parameters := range map[types.ChallengeNameType]map[string]string{
		"SMS_MFA":               {"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******1234"},
		"NEW_PASSWORD_REQUIRED": {"userAttributes": `{"email":"ada@example.com","email_verified":"true"}`, "requiredAttributes": `["userAttributes.given_name","userAttributes.family_name"]`},
		"SELECT_MFA_TYPE":       {"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`},
		"WEB_AUTHN": {"CREDENTIAL_REQUEST_OPTIONS": `{"challenge":"` + base64.RawURLEncoding.EncodeToString(random[64:96]) +
			`","timeout":180000,"rpId":"login.example.com","userVerification":"preferred","allowCredentials":[{"type":"public-key","id":"` +
			credential + `","transports":["internal","hybrid"]}]}`},
	} {
		text, err := newSealer(t, app, [][]byte{newKey()}).Prompt(prompt(t, asks{name, parameters, session}), binding)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, len(text))
		if len(text) > 3500 {
			t.Errorf("%s: %d bytes sealed, want 3500 at most", name, len(text))
		}
	}
}

func TestNew(t *testing.T) {
	for name, make := range map[string]func() error{
		"no key":    func() error { _, err := seal.New(app, nil); return err },
		"short key": func() error { _, err := seal.New(app, [][]byte{newKey(), newKey()[1:]}); return err },
		"no app":    func() error { _, err := seal.New(flow.App{}, [][]byte{newKey()}); return err },
	} {
		if make() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSealedPromptsAnswer(t *testing.T) {
	sealer := newSealer(t, app, [][]byte{newKey()})
	service := asks{"EMAIL_OTP", nil, "session-session-session"}
	text, err := sealer.Prompt(prompt(t, service), binding)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sealer.OpenPrompt(text, binding)
	if err != nil {
		t.Fatal(err)
	}
	d, err := flow.New(service, app)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Respond(t.Context(), p, challenge.Code("123456")); err != nil {
		t.Error(err)
	}
}

func TestBytesOpenForTheirPurposeAlone(t *testing.T) {
	sealer := newSealer(t, app, [][]byte{newKey()})
	data, soon := []byte("tokens of ada"), time.Now().Add(time.Minute)
	text := sealer.Seal("tokens", data, binding, soon)
	opened, err := sealer.Open("tokens", text, binding)
	if err != nil || !bytes.Equal(opened, data) {
		t.Fatalf("opened %q, %v", opened, err)
	}
	p, err := prompt(t, asks{"EMAIL_OTP", nil, "session-session-session"}).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"another purpose": second(sealer.Open("sign-up", text, binding)),
		"another binding": second(sealer.Open("tokens", text, []byte("browser session 2"))),
		"as a prompt":     second(sealer.OpenPrompt(sealer.Seal("prompt", p, binding, soon), binding)),
	} {
		if !errors.Is(err, seal.ErrForeign) {
			t.Errorf("%s: %v, want ErrForeign", name, err)
		}
	}
	late := sealer.Seal("tokens", data, binding, time.Now().Add(-time.Second))
	if _, err := sealer.Open("tokens", late, binding); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("after its time: %v, want ErrExpired", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestSealersDoNotPrintTheirKeys(t *testing.T) {
	type caller struct {
		hidden *seal.Sealer
		value  seal.Sealer
		holder device.Holder
		wallet device.Wallet
		store  device.Store
	}
	key := bytes.Repeat([]byte{0xA7}, seal.KeySize)
	sealer := newSealer(t, app, [][]byte{key})
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	holder := sealer.Device(w, r)
	all := caller{sealer, *sealer, holder, holder.Wallet(app.UserPoolID, app.ClientID), sealer.Cookies(w, r)}
	for _, v := range []any{sealer, *sealer, all, &all, all.holder, all.wallet, all.store} {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t %e %g %c %U %p") {
			out := strings.ToLower(fmt.Sprintf(verb, v))
			if strings.Contains(out, "167 167") || strings.Contains(out, "a7a7") || strings.Contains(out, "0xa7, 0xa7") || strings.Contains(out, "u+00a7 u+00a7") {
				t.Errorf("%s of %T prints the key: %s", verb, v, out)
			}
		}
	}
}

// onTime is an HTTP client of a service that asks for a code and tells the time.
type onTime struct{ clock func() time.Time }

func (o onTime) Do(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Date", o.clock().UTC().Format(http.TimeFormat))
	io.WriteString(w, `{"ChallengeName":"EMAIL_OTP","Session":"session-session-session"}`)
	return w.Result(), nil
}

// A machine whose clock is wrong seals and opens by the service's clock.
func TestPromptsOfAMachineWhoseClockIsOff(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Hour, 0, 5 * time.Hour} {
		machine := func() time.Time { return time.Now().Add(off) }
		service := time.Now()
		api := cip.New(cip.Options{
			Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: onTime{func() time.Time { return service }},
		})
		d, err := flow.New(api, app, func(o *flow.Options) { o.Now = machine })
		if err != nil {
			t.Fatal(err)
		}
		sealer := newSealer(t, app, [][]byte{newKey()}, func(o *seal.Options) { o.Now = d.Now })
		begin := func() *flow.Prompt {
			step, err := d.Start(t.Context(), flow.UserPasswordAuth{Username: "ada@example.com", Password: secret.New("pw")})
			if err != nil {
				t.Fatal(err)
			}
			return step.Prompt
		}
		p := begin()
		text, err := sealer.Prompt(p, binding)
		if err != nil {
			t.Fatal(err)
		}
		if age := p.Issued().Sub(service).Abs(); age > time.Minute {
			t.Errorf("%v: the prompt is issued %v from the service's time", off, age)
		}
		if _, err := sealer.OpenPrompt(text, binding); err != nil {
			t.Errorf("%v: %v", off, err)
		}
		service = service.Add(time.Hour)
		begin() // tells the time
		if _, err := sealer.OpenPrompt(text, binding); !errors.Is(err, seal.ErrExpired) || !errors.Is(err, flow.SessionEnded) {
			t.Errorf("%v, an hour later: %v", off, err)
		}
	}
}

// A holder does not work after its request: it would serve all browsers with one cookie.
func TestDeviceOfARequestThatHasEnded(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	wallet := newSealer(t, app, [][]byte{newKey()}).Device(httptest.NewRecorder(), r).Wallet("pool", "client")
	if _, err := wallet.Find(t.Context(), "ada"); !errors.Is(err, device.ErrNotFound) {
		t.Fatal(err)
	}
	end()
	if _, err := wallet.Find(t.Context(), "ada"); err == nil || errors.Is(err, device.ErrNotFound) || !strings.Contains(err.Error(), "for each request") {
		t.Errorf("got %v", err)
	}
}
