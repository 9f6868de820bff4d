package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// TestHostileServer signs in to servers that send any reply. The user gives any answer too. In
// each case:
//
//   - Nothing panics, and the sign-in ends within its limits.
//   - The driver does not send a password that it was given for a proof.
//   - Each start, and each password that the person gives, allows one proof.
//   - Tokens that the server grants are returned.
//   - Errors contain no secret and fit a line of a log.
//   - A prompt can be answered, and can be stored if it is not too long.
//   - The record of a device stays, unless the user is signed in without it.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	walks := 20_000
	if byname.RaceDetector {
		walks = 1_000
	} else if !byname.Asked(t) {
		walks = 2_000
	}
	r := rand.NewChaCha8([32]byte{'h', 'o', 's', 't', 'i', 'l', 'e'})
	ends := map[string]int{}
	for range walks {
		input := make([]byte, 4+r.Uint64()%60)
		r.Read(input)
		ends[walkHostile(t, input)]++
		if t.Failed() {
			return
		}
	}
	t.Log(ends)
	// If all sign-ins ended at the start, the test would find nothing.
	for _, end := range []string{"tokens", "given up", string(flow.LimitReached), string(flow.SessionEnded), string(flow.PasswordInClear)} {
		if ends[end] < walks/1000 {
			t.Errorf("%d of %d walks ended with %s", ends[end], walks, end)
		}
	}
}

func FuzzHostileServer(f *testing.F) {
	r := rand.NewChaCha8([32]byte{'s', 'e', 'e', 'd'})
	for range 50 {
		input := make([]byte, 40)
		r.Read(input)
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) { walkHostile(t, input) })
}

// script makes choices from the bytes of an input. After the last byte, the script begins again,
// so that a short input makes a server that repeats itself.
type script struct {
	input []byte
	at    int
}

func (s *script) pick(n int) int {
	if len(s.input) == 0 {
		return 0
	}
	b := s.input[s.at%len(s.input)]
	s.at++
	return int(b) % n
}

func (s *script) oneIn(n int) bool { return s.pick(n) == n-1 }

func pickOf[T any](s *script, list []T) T { return list[s.pick(len(list))] }

// hostileWalk is a sign-in to a hostile server. The script decides the replies of the server,
// the answers of the person and the calls of the program.
type hostileWalk struct {
	testing.TB
	*script
	server *hostileServer
	driver *flow.Driver
	store  *hostileStore
	limits flow.Limits
	hashed bool // the app client has a secret
	real   bool // the driver computes its proofs, which takes milliseconds

	asked   int      // questions to the person
	given   int      // passwords of the person
	secrets []string // texts that must not be in an error
	calls   int      // calls of Respond

	// published has the secrets that the server put into a challenge, with the number of the
	// call. A later call does not know that these texts are secrets.
	published map[string]int
	proved    []string // passwords that must not be sent
	open      string   // a password that may be sent after the person has chosen PASSWORD
}

// hostileApp is the app for which hostileStore keeps the devices.
var hostileApp = flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"}

const (
	hostileUser  = "ada-id"
	hostileAlias = "ada@example.org"
)

// walkHostile signs in as the input decides, and returns the end of the sign-in in a word.
func walkHostile(t testing.TB, input []byte) string {
	t.Helper()
	w := &hostileWalk{TB: t, script: &script{input: input}, published: map[string]int{}}
	// A fuzzer prefers inputs that reach rare code. Because a hash decides, the fuzzer cannot
	// prefer inputs that compute proofs, which are slow.
	w.real = crc32.ChecksumIEEE(input)%32 == 0
	defer func() {
		if p := recover(); p != nil {
			w.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	w.prepare()
	step, err := w.begin()
	const patience = 60 // answers of the person, because the driver refuses some without a request
	for w.check(step, err); w.calls < patience; w.check(step, err) {
		p := w.prompt(step, err)
		if p == nil || w.oneIn(32) {
			break
		}
		a, missing := w.answer(w.Context(), p.Challenge())
		if missing != nil {
			break
		}
		w.calls++
		step, err = w.driver.Respond(w.Context(), p, a, w.here)
	}
	w.checkRequests()
	return w.end(step, err)
}

// Errorf reports the input too. The same input makes the same walk.
func (w *hostileWalk) Errorf(format string, args ...any) {
	w.Helper()
	w.TB.Errorf("%q: %s", w.input, fmt.Sprintf(format, args...))
}

func (w *hostileWalk) prepare() {
	limits := flow.Limits{Requests: 2 + w.pick(12), Answers: 1 + w.pick(6), Refusals: 1 + w.pick(4)}
	w.limits = limits
	if w.real && w.oneIn(8) {
		limits, w.limits = flow.Limits{}, flow.Limits{Requests: 64, Answers: 500, Refusals: 10} // by default
	}
	app := hostileApp
	if w.hashed = w.oneIn(2); w.hashed {
		app.ClientSecret = secret.New(clientSecret)
		w.secrets = append(w.secrets, clientSecret)
	}
	w.store = w.newStore()
	w.server = &hostileServer{script: w.script, walk: w, most: w.limits.Requests + w.limits.Answers}
	settings := func(o *flow.Options) {
		o.Limits = limits
		o.Observe = flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
			w.checkSecrets(fmt.Sprint(op, out.Asked, op.LogValue(), out.LogValue()))
			if out.Err != nil {
				w.checkLine(out.Err.Error())
			}
		})
		if !w.real {
			o.Handlers = pretenders
		}
		o.RefreshByAuthFlow = w.oneIn(2)
		o.RememberDevice = func(context.Context, *flow.Tokens) (flow.Decision, error) { return flow.Decision(w.pick(4)), nil }
	}
	var err error
	switch w.pick(4) {
	case 0:
		w.driver, err = flow.NewAdmin(w.server, app, settings)
	case 1: // an API without optional operations
		w.driver, err = flow.New(struct{ flow.API }{w.server}, app, settings)
	default:
		w.driver, err = flow.New(w.server, app, settings)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// pretenders answer the challenges of a machine with made-up values, because computing takes
// milliseconds.
var pretenders = challenge.Mux{
	challenge.PasswordSRP:            pretender(map[string]string{"SRP_A": "a1"}),
	challenge.DeviceSRPAuth:          pretender(map[string]string{"SRP_A": "a1"}),
	challenge.PasswordVerifier:       pretender(map[string]string{"PASSWORD_CLAIM_SIGNATURE": "c2lnbmF0dXJl"}),
	challenge.DevicePasswordVerifier: pretender(map[string]string{"PASSWORD_CLAIM_SIGNATURE": "c2lnbmF0dXJl"}),
}

func pretender(responses map[string]string) challenge.Handler {
	return challenge.HandlerFunc(func(context.Context, challenge.Challenge) (challenge.Answer, error) {
		return challenge.Raw(responses), nil
	})
}

func (w *hostileWalk) begin() (flow.Step, error) {
	f := w.authFlow()
	switch w.pick(3) {
	case 0:
		tokens, err := w.driver.SignIn(w.Context(), f, challenge.HandlerFunc(w.answer), w.here)
		return flow.Step{Tokens: tokens}, err
	case 1:
		if r, ok := f.(flow.RefreshTokenAuth); ok {
			tokens, err := w.driver.Refresh(w.Context(), &flow.Tokens{RefreshToken: r.RefreshToken, Username: r.Username, Device: flow.DeviceOutcome{Key: r.DeviceKey}}, w.here)
			return flow.Step{Tokens: tokens}, err
		}
	}
	return w.driver.Start(w.Context(), f, w.here)
}

func (w *hostileWalk) authFlow() flow.AuthFlow {
	name := pickOf(w.script, []string{hostileUser, hostileAlias, "eve"})
	text := w.fresh("Start")
	password := secret.New(text)
	switch w.pick(9) {
	case 0:
		w.proved = append(w.proved, text)
		return flow.UserSRPAuth{Username: name, Password: password}
	case 1:
		w.proved = append(w.proved, text)
		return flow.CustomAuth{Username: name, Password: password}
	case 2:
		return flow.CustomAuth{Username: name}
	case 3:
		return flow.UserPasswordAuth{Username: name, Password: password}
	case 4:
		return flow.AdminUserPasswordAuth{Username: name, Password: password, LegacyName: w.oneIn(2)}
	case 5:
		return flow.RefreshTokenAuth{Username: name, RefreshToken: password, DeviceKey: pickOf(w.script, []string{"", deviceOfAda.Key})}
	case 6:
		return flow.UserAuth{Username: name, Preferred: challenge.Password, Password: password, Session: secret.New(w.fresh("SignUp"))}
	case 7:
		w.proved = append(w.proved, text)
		return flow.UserAuth{Username: name, Preferred: challenge.PasswordSRP, Password: password}
	}
	preferred := pickOf(w.script, append(challengeNames, ""))
	if preferred != challenge.Password {
		w.open = text
	}
	return flow.UserAuth{Username: name, Preferred: preferred, Password: password}
}

// fresh returns a new secret.
func (w *hostileWalk) fresh(kind string) string {
	text := fmt.Sprintf("%s-Secret-%03d-of-Ada!", kind, len(w.secrets))
	w.secrets = append(w.secrets, text)
	return text
}

// answer answers as a person who is right, wrong or confused.
func (w *hostileWalk) answer(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
	if w.asked++; w.asked > w.limits.Answers+w.limits.Refusals+100 {
		w.Errorf("the person was asked %d times, beyond all limits", w.asked)
		w.FailNow()
	}
	if w.pick(8) < 5 {
		return w.fitting(c), nil
	}
	switch w.pick(12) {
	case 0:
		return challenge.Answer{}, challenge.ErrNoAnswer
	case 1:
		return challenge.Answer{}, errPersonLeft
	case 2:
		return challenge.Answer{}, nil
	case 3:
		return challenge.Code(""), nil
	case 4:
		return challenge.Continue(), nil
	case 5:
		return w.currentPassword(pickOf(w.script, challengeNames)), nil
	case 6:
		return w.choose(pickOf(w.script, challengeNames)), nil
	case 7:
		w.given++ // the driver does not know that this text is a password
		return challenge.Raw(map[string]string{"PASSWORD": w.fresh("Raw")}), nil
	case 8:
		return challenge.Raw(map[string]string{"DEVICE_KEY": "other", "USERNAME": "eve", "SRP_A": "1"}), nil
	case 9:
		return challenge.Raw(nil), nil
	case 10:
		return challenge.Email(w.fresh("Email")), nil
	}
	return challenge.Code(w.fresh("Code")), nil
}

var errPersonLeft = errors.New("the person left")

// fitting returns an answer of the kind that the challenge takes.
func (w *hostileWalk) fitting(c challenge.Challenge) challenge.Answer {
	choices, _ := c.Choices() // no choices if the parameter cannot be read
	switch c.Name {
	case challenge.SelectChallenge:
		if w.oneIn(2) {
			return w.currentPassword(pickOf(w.script, []challenge.Name{"", challenge.PasswordSRP, challenge.Password}))
		}
		return w.choose(pickOf(w.script, append(choices, challenge.Password)))
	case challenge.SelectMFAType:
		return w.choose(pickOf(w.script, append(choices, challenge.SMSMFA)))
	case challenge.MFASetup:
		switch {
		case c.NoAnswerNeeded:
			return challenge.Continue()
		case !c.TOTPSecret.IsZero():
			return challenge.Code(w.fresh("Code"))
		case slices.Contains(choices, challenge.EmailOTP) && w.oneIn(2):
			return challenge.Email(w.fresh("Email"))
		}
		return w.choose(pickOf(w.script, append(choices, challenge.SoftwareTokenMFA)))
	case challenge.NewPasswordRequired:
		return challenge.NewPassword(w.fresh("New"), map[string]string{"given_name": "Ada"})
	case challenge.Password, challenge.PasswordSRP:
		return w.currentPassword(c.Name)
	case challenge.CustomChallenge:
		return challenge.Custom(w.fresh("Custom"))
	case challenge.WebAuthn:
		return challenge.Credential([]byte(`{"id":"` + w.fresh("Passkey") + `"}`))
	}
	return challenge.Code(w.fresh("Code"))
}

func (w *hostileWalk) currentPassword(by challenge.Name) challenge.Answer {
	text := w.fresh("Current")
	w.given++
	if by != challenge.Password {
		w.proved = append(w.proved, text)
	}
	return challenge.CurrentPassword(by, text)
}

func (w *hostileWalk) choose(name challenge.Name) challenge.Answer {
	if name == challenge.Password {
		w.open = ""
	}
	return challenge.Choose(name)
}

// prompt returns the prompt of a step or an error as another process reads the prompt. prompt
// returns nil if the sign-in cannot go on.
func (w *hostileWalk) prompt(step flow.Step, err error) *flow.Prompt {
	p := step.Prompt
	var e *flow.Error
	if errors.As(err, &e) {
		p = e.Prompt
	}
	if p == nil {
		return nil
	}
	if _, machine := p.Challenge().ForMachine(); machine {
		w.Errorf("a person is asked the challenge of a machine: %v", p)
	}
	if !w.real && !w.oneIn(64) { // compression takes longer than the rest of a walk
		return p
	}
	stored, err := p.MarshalBinary()
	if err != nil {
		w.checkText(err)
		return nil
	}
	read := new(flow.Prompt)
	if err := read.UnmarshalBinary(stored); err != nil || len(stored) > 64<<10 {
		w.Errorf("a prompt of %d bytes: %v", len(stored), err)
	}
	if got, want := read.Challenge(), p.Challenge(); got.Attempt != want.Attempt || got.NoAnswerNeeded != want.NoAnswerNeeded || len(got.Parameters) != len(want.Parameters) {
		w.Errorf("stored %#v, read %#v", want, got)
	}
	return read
}

func (w *hostileWalk) check(step flow.Step, err error) {
	results := 0
	for _, has := range []bool{step.Tokens != nil, step.Prompt != nil, err != nil} {
		if has {
			results++
		}
	}
	if results != 1 {
		w.Errorf("tokens %v, prompt %v, error %v", step.Tokens, step.Prompt, err)
	}
	if granted := w.server.granted; granted != "" && (step.Tokens == nil || step.Tokens.AccessToken.Reveal() != granted) {
		w.Errorf("the server granted tokens, and the sign-in ended with %+v, %v", step, err)
	}
	if step.Tokens != nil {
		w.checkText(step.Tokens.Device.Err)
	} else if w.store != nil && w.store.deleted {
		w.Errorf("the record of the device is gone, without tokens: %v", err)
	}
	if e := new(flow.Error); errors.As(err, &e) {
		switch {
		case e.Remedy() == flow.AnswerPrompt && e.Prompt == nil:
			w.Errorf("the remedy is to answer the prompt, and there is none: %v", err)
		case e.Code() == flow.LimitReached && (e.Prompt != nil || !strings.Contains(err.Error(), "the sign-in has ended")):
			w.Errorf("an error at a limit has a prompt, or does not say that the sign-in has ended: %v", err)
		}
	}
	w.checkText(err)
}

// checkText checks that no text of an error contains a secret, and that each text fits a line.
func (w *hostileWalk) checkText(err error) {
	if err == nil {
		return
	}
	w.checkLine(err.Error())
	var e *flow.Error
	if !errors.As(err, &e) {
		return
	}
	object, failed := json.Marshal(e)
	if failed != nil {
		w.Errorf("JSON of %v: %v", e, failed)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Error("", "err", e)
	for _, text := range []string{string(object), strings.TrimSpace(log.String()), e.Message(), e.ServiceCode(), e.RequestID()} {
		w.checkLine(text)
	}
}

func (w *hostileWalk) checkLine(text string) {
	const most = 4 << 10
	if len(text) > 3*most || len(text) > most && strings.HasPrefix(text, "flow: ") || strings.ContainsAny(text, "\n\r\v\f\u0085\u2028\u2029") {
		w.Errorf("a text does not fit a line of a log: %.5000q", text)
	}
	w.checkSecrets(text)
}

func (w *hostileWalk) checkSecrets(text string) {
	for _, s := range w.secrets {
		if call, ok := w.published[s]; ok && call < w.calls {
			continue
		}
		if strings.Contains(text, s) {
			w.Errorf("a text contains %s: %s", s, text)
		}
	}
}

// mostStarts counts the first start, one more for each of three causes, and one more without a
// device key that the pool does not know.
const mostStarts = 5

func (w *hostileWalk) checkRequests() {
	starts, proofs := 0, 0
	unsent := w.proved
	if w.open != "" {
		unsent = append(unsent, w.open)
	}
	for i, q := range w.server.sent {
		if q.flow != "" {
			starts++
		}
		// If the server does not know the device, the driver sends the same proof again without
		// the device key. The server learns nothing from the repetition.
		again := i > 0 && q.params["DEVICE_KEY"] == "" && w.server.sent[i-1].params["DEVICE_KEY"] != "" && q.challenge == w.server.sent[i-1].challenge
		if q.params["PASSWORD"] != "" || q.challenge == challenge.PasswordVerifier && q.params["PASSWORD_CLAIM_SIGNATURE"] != "" {
			if !again {
				proofs++
			}
		}
		for name, value := range q.params {
			for _, p := range unsent {
				if strings.Contains(value, p) {
					w.Errorf("%s is sent as %s", p, name)
				}
			}
		}
		if name := q.params["USERNAME"]; w.hashed && name != "" && q.params["SECRET_HASH"] != secrethash.Compute(name, hostileApp.ClientID, clientSecret) {
			w.Errorf("SECRET_HASH is not that of %s", name)
		}
	}
	if starts > mostStarts {
		w.Errorf("%d starts", starts)
	}
	if proofs > starts+w.given {
		w.Errorf("%d proofs of a password in %d starts and with %d more passwords", proofs, starts, w.given)
	}
	if len(w.server.sent) > w.server.most {
		w.Errorf("%d requests, the limit is %d", len(w.server.sent), w.server.most)
	}
}

func (w *hostileWalk) end(step flow.Step, err error) string {
	var e *flow.Error
	switch {
	case step.Tokens != nil:
		return "tokens"
	case errors.As(err, &e):
		return string(e.Code())
	case err != nil:
		return "other error"
	}
	return "given up"
}

// hostileStore has the devices of two users. Some stores fail or have damaged data.
type hostileStore struct {
	device.Memory
	*script
	fails   bool
	spoiled bool
	deleted bool // one of the devices was deleted
}

var (
	deviceOfAda = device.Credentials{
		Key: "eu-west-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", GroupKey: "-Group", Password: secret.New("Device-Password-of-Ada!"),
	}
	deviceOfAnother = device.Credentials{
		Key: "eu-west-1_11111111-4e5f-6789-abcd-ef0123456789", GroupKey: "-Group", Password: secret.New("Device-Password-of-Another!"),
	}
	hostileBrowser = anID()
)

// here gives a call the devices of the browser, if the walk has a store.
func (w *hostileWalk) here(o *flow.Options) {
	if w.store != nil {
		flow.ThisBrowser(device.Browser(w.store, hostileBrowser))(o)
	}
}

// newStore returns a store with a wallet, or nil.
func (w *hostileWalk) newStore() *hostileStore {
	kind := w.pick(6)
	if kind == 0 {
		return nil
	}
	w.secrets = append(w.secrets, deviceOfAda.Password.Reveal(), deviceOfAnother.Password.Reveal())
	store := &hostileStore{script: w.script}
	wallet := device.Browser(store, hostileBrowser).Wallet(hostileApp.UserPoolID, hostileApp.ClientID)
	ada, other := device.Entry{Credentials: deviceOfAda}, device.Entry{Credentials: deviceOfAnother}
	switch kind {
	case 3:
		ada.State = device.Suspect
	case 4:
		other.State = device.Unconfirmed
	}
	err := errors.Join(
		wallet.Put(w.Context(), hostileUser, ada, hostileAlias), wallet.Put(w.Context(), pickOf(w.script, []string{"bob", hostileAlias, hostileUser}), other))
	if err != nil {
		w.Fatal(err)
	}
	store.fails, store.spoiled = kind == 1, kind == 2
	store.deleted = false
	return store
}

func (s *hostileStore) Get(ctx context.Context, name string) ([]byte, error) {
	switch {
	case s.fails && s.oneIn(2):
		return nil, errStore
	case s.spoiled:
		return []byte("{"), nil
	}
	return s.Memory.Get(ctx, name)
}

func (s *hostileStore) Swap(ctx context.Context, name string, old, new []byte) (bool, error) {
	if s.fails && s.oneIn(2) {
		return false, errStore
	}
	for _, d := range []device.Credentials{deviceOfAda, deviceOfAnother} {
		s.deleted = s.deleted || bytes.Contains(old, []byte(d.Key)) && !bytes.Contains(new, []byte(d.Key))
	}
	if s.spoiled {
		return true, nil
	}
	return s.Memory.Swap(ctx, name, old, new)
}
