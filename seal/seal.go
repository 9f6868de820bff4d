// Package seal keeps what a sign-in has to remember with the browser, so that
// a web backend needs no store and no sticky sessions: prompts and sign-ups between
// two requests, and the records of remembered devices between two visits.
//
// A [Sealer] encrypts and authenticates with XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha). Every instance of a backend that has the same keys
// can open what another one sealed. A sealed string is bound to the app client
// and to bytes of the caller's, by convention the ID of the browser's own
// session cookie: a string that was taken from one browser does not open for
// another.
//
// # Prompts
//
//	sealer, err := seal.New(app, keys, func(o *seal.Options) { o.Now = driver.Now })
//	text, err := sealer.Prompt(step.Prompt, browserSession)
//	// in a cookie or a hidden form field, and in the next request:
//	prompt, err := sealer.OpenPrompt(text, browserSession)
//
// Expiry is by the service's clock, which a driver knows from the service's
// replies: see Options.Now.
//
// A prompt with a session of 2,000 bytes, the most that the service sends,
// takes some 2,600 bytes sealed, the request for a passkey included. A user with
// many passkeys may need a form field: a cookie holds 4,000 bytes.
//
// A browser can send a sealed prompt twice. The service refuses the second
// answer, since a session takes one right answer.
//
// # Sign-ups
//
// [Sealer.SignUp] and [Sealer.OpenSignUp] do the same for a sign-up of package account that
// waits for its code. A sealed sign-up takes some 2,300 bytes with a session of 2,000 bytes.
//
// # Devices
//
// [Sealer.Device] is the browser of one request as the holder of its devices. Give
// the holder to every call:
//
//	browser := flow.ThisBrowser(sealer.Device(w, r))
//	driver.Start(ctx, f, browser) // and every Respond
//
// The devices are in one cookie, also those of several users. With
// [Sealer.DeviceStore] a backend keeps them in a store that its instances share.
//
// # Anything else
//
// [Sealer.Seal] does the same for whatever else has to travel, such as the
// tokens of the user who is signed in. A browser keeps about 4,000 bytes of a
// cookie, which is less than a service's tokens may need: spread the string over
// several.
//
// # Keys
//
// A key is 32 bytes from a secure source of randomness. The first key seals and
// all keys open: to rotate, put a new key in front of the old one on every
// instance, and drop the old one once nothing that it sealed is needed. For
// instances that are not restarted together, first add the new key at the end.
package seal

import (
	"cmp"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

type expired struct{}

func (expired) Error() string        { return "seal: expired" }
func (expired) Is(target error) bool { return target == flow.SessionEnded }

// The errors of OpenPrompt, OpenSignUp and Open.
var (
	// ErrExpired: the lifetime of the sealed string is over. errors.Is finds
	// [flow.SessionEnded] in it, too.
	ErrExpired error = expired{}

	// ErrKey: none of the Sealer's keys sealed the string.
	ErrKey = errors.New("seal: sealed with a key that is not among the keys")

	// ErrForeign: the string was altered, or it was sealed for another app, for
	// another purpose or with another binding. These cannot be told apart.
	ErrForeign = errors.New("seal: altered, or sealed for another app or binding")

	// ErrForm: the text is no sealed string, or only a part of one.
	ErrForm = errors.New("seal: not a sealed string, or cut off")

	// ErrVersion: another release of this package sealed the string, in a form
	// that this release does not read.
	ErrVersion = errors.New("seal: sealed in another version")
)

// KeySize is the length of a key in bytes.
const KeySize = chacha20poly1305.KeySize

// Options are the settings of a Sealer. The zero value of each field is sound.
type Options struct {
	// PromptLifetime is how long a prompt can be opened after the service
	// asked (flow.Prompt.Issued): the app client's AuthSessionValidity, 3 to 15
	// minutes. 0: three minutes, the service's default. The service refuses an
	// older prompt whatever this says.
	PromptLifetime time.Duration

	// SignUpLifetime is how long a sign-up can be opened after the service replied
	// (account.SignUp.Issued). 0: 24 hours, for as long as the service takes the code.
	SignUpLifetime time.Duration

	// DeviceLifetime is how long a browser keeps its devices after the last
	// change to one of them. 0: 400 days, the most that browsers grant.
	DeviceLifetime time.Duration

	// Insecure leaves the Secure attribute out of cookies, for development on
	// hosts without TLS. Do not set it on a host that others can reach.
	Insecure bool

	// Now is the clock that expiry is compared with. Set it to flow.Driver.Now:
	// a prompt is issued by the service's clock, and on a machine whose clock is
	// ahead by more than PromptLifetime every prompt has expired by time.Now. A
	// driver learns the service's clock from its first reply. Nil: time.Now.
	Now func() time.Time
}

// Sealer seals and opens for one app. It is safe for concurrent use.
type Sealer struct {
	app     flow.App
	keys    []key
	options Options
}

type key struct {
	id   [idSize]byte
	aead secret.Box[cipher.AEAD] // which holds the key itself
}

// A sealed string is the unpadded base64url text of
//
//	version (1) || key ID (4) || expiry (8) || nonce (24) || ciphertext and tag
//
// The expiry is in seconds since 1970 and, with all that is before it, part of
// what is authenticated.
const (
	version    = 1
	idSize     = 4
	headerSize = 1 + idSize + 8
)

// New returns a Sealer for an app. It fails if the app has no pool ID or no client
// ID, if there is no key, or if a key does not have [KeySize] bytes.
func New(app flow.App, keys [][]byte, optFns ...func(*Options)) (*Sealer, error) {
	if app.UserPoolID == "" || app.ClientID == "" {
		return nil, errors.New("seal: App.UserPoolID or App.ClientID is empty; give the app of the driver")
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("seal: no key; give at least one of %d random bytes", KeySize)
	}
	s := &Sealer{app: app}
	for _, fn := range optFns {
		fn(&s.options)
	}
	s.options.PromptLifetime = cmp.Or(s.options.PromptLifetime, 3*time.Minute)
	s.options.SignUpLifetime = cmp.Or(s.options.SignUpLifetime, 24*time.Hour)
	s.options.DeviceLifetime = cmp.Or(s.options.DeviceLifetime, 400*24*time.Hour)
	if s.options.Now == nil {
		s.options.Now = time.Now
	}
	for i, k := range keys {
		aead, err := chacha20poly1305.NewX(k)
		if err != nil {
			return nil, fmt.Errorf("seal: key %d has %d bytes; give %d random bytes", i, len(k), KeySize)
		}
		sealing := key{aead: secret.NewBox(aead)}
		digest := sha256.Sum256(append([]byte("cognitoflow/seal key ID\x00"), k...))
		copy(sealing.id[:], digest[:])
		s.keys = append(s.keys, sealing)
	}
	return s, nil
}

// Prompt returns p sealed, as unpadded base64url text (RFC 4648, section 5). The
// text opens with the same binding for Options.PromptLifetime after p.Issued. The
// error is that of nil or of an empty prompt, or of one with more than 64 KiB of
// parameters.
func (s *Sealer) Prompt(p *flow.Prompt, binding []byte) (string, error) {
	if p == nil {
		p = new(flow.Prompt)
	}
	data, err := p.MarshalBinary()
	if err != nil {
		return "", err
	}
	return s.seal("prompt", data, binding, p.Issued().Add(s.options.PromptLifetime)), nil
}

// OpenPrompt returns the prompt that Prompt sealed with the same binding. The
// error is one of this package's, or flow.ErrPromptVersion for a prompt of a newer
// release. After [ErrExpired] the user has to sign in again.
func (s *Sealer) OpenPrompt(sealed string, binding []byte) (*flow.Prompt, error) {
	data, err := s.open("prompt", sealed, binding)
	if err != nil {
		return nil, err
	}
	var p flow.Prompt
	if err := p.UnmarshalBinary(data); err != nil {
		return nil, err
	}
	return &p, nil
}

// SignUp returns signUp sealed, as Prompt does with a prompt. The text opens with the same
// binding for Options.SignUpLifetime after signUp.Issued. The error is that of nil or of an
// empty sign-up.
func (s *Sealer) SignUp(signUp *account.SignUp, binding []byte) (string, error) {
	if signUp == nil {
		signUp = new(account.SignUp)
	}
	data, err := signUp.MarshalBinary()
	if err != nil {
		return "", err
	}
	return s.seal("sign-up", data, binding, signUp.Issued().Add(s.options.SignUpLifetime)), nil
}

// OpenSignUp returns the sign-up that SignUp sealed with the same binding. The error is one
// of this package's, or account.ErrSignUpVersion for a sign-up of a newer release. After
// [ErrExpired] the user needs another code (account.Client.Resend). The user gives the name
// again then, since the text does not open.
func (s *Sealer) OpenSignUp(sealed string, binding []byte) (*account.SignUp, error) {
	data, err := s.open("sign-up", sealed, binding)
	if err != nil {
		return nil, err
	}
	var signUp account.SignUp
	if err := signUp.UnmarshalBinary(data); err != nil {
		return nil, err
	}
	return &signUp, nil
}

// Seal returns data sealed, as unpadded base64url text. The text opens until
// expires, by the clock of Options.Now. The purpose says what the data are: the
// text opens for this purpose alone, and not as a prompt or a device record.
func (s *Sealer) Seal(purpose string, data, binding []byte, expires time.Time) string {
	return s.seal(callerPrefix+purpose, data, binding, expires)
}

// Open returns the data that Seal sealed for the same purpose with the same
// binding. The error is one of this package's.
func (s *Sealer) Open(purpose, sealed string, binding []byte) ([]byte, error) {
	return s.open(callerPrefix+purpose, sealed, binding)
}

// callerPrefix sets the purposes of callers apart from this package's own.
const callerPrefix = "caller/"

// seal seals for a purpose, so that what was sealed for one cannot be passed
// off as another.
func (s *Sealer) seal(purpose string, data, binding []byte, expires time.Time) string {
	k := s.keys[0]
	out := make([]byte, 0, headerSize+chacha20poly1305.NonceSizeX+len(data)+chacha20poly1305.Overhead)
	out = append(out, version)
	out = append(out, k.id[:]...)
	out = binary.BigEndian.AppendUint64(out, uint64(expires.Unix()))
	out = out[:headerSize+chacha20poly1305.NonceSizeX]
	rand.Read(out[headerSize:])
	out = (*k.aead.Open()).Seal(out, out[headerSize:], data, s.additionalData(purpose, binding, out[:headerSize]))
	var text strings.Builder
	text.Grow(base64.RawURLEncoding.EncodedLen(len(out)))
	w := base64.NewEncoder(base64.RawURLEncoding, &text) // EncodeToString makes a second copy
	w.Write(out)
	w.Close()
	return text.String()
}

func (s *Sealer) open(purpose, sealed string, binding []byte) ([]byte, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(data) == 0 || strings.ContainsAny(sealed, "\r\n") { // which the decoder passes over
		return nil, ErrForm
	}
	if data[0] != version {
		return nil, fmt.Errorf("%w: %d", ErrVersion, data[0])
	}
	if len(data) < headerSize+chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, ErrForm
	}
	header, nonce, box := data[:headerSize], data[headerSize:][:chacha20poly1305.NonceSizeX], data[headerSize+chacha20poly1305.NonceSizeX:]
	known := false
	for _, k := range s.keys {
		if k.id != [idSize]byte(header[1:]) {
			continue
		}
		known = true // and perhaps another key has the same ID
		plain, err := (*k.aead.Open()).Open(nil, nonce, box, s.additionalData(purpose, binding, header))
		if err != nil {
			continue
		}
		if expires := int64(binary.BigEndian.Uint64(header[1+idSize:])); s.options.Now().Unix() >= expires {
			return nil, ErrExpired
		}
		return plain, nil
	}
	if !known {
		return nil, ErrKey
	}
	return nil, ErrForeign
}

// additionalData is what is authenticated besides the data. Each part has its length in
// front, so that no two different lists of parts read the same.
func (s *Sealer) additionalData(purpose string, binding, header []byte) []byte {
	out := make([]byte, 0, 256) // enough for most
	for _, part := range [][]byte{[]byte(purpose), []byte(s.app.UserPoolID), []byte(s.app.ClientID), binding, header} {
		out = binary.BigEndian.AppendUint64(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}
