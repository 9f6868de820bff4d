// Package seal seals data for a browser: prompts and sign-ups between two requests, and
// device records between two visits. So a web backend needs no store and no sticky
// sessions.
//
// A [Sealer] encrypts and authenticates with XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha). Every instance of a backend with the same keys can open a
// sealed string. A sealed string is bound to the app client, and to bytes of the caller,
// by convention the ID of the browser session. So a sealed string that was stolen from
// one browser does not open for another browser.
//
// # Prompts
//
//	sealer, err := seal.New(app, keys, func(o *seal.Options) { o.Now = driver.Now })
//	text, err := sealer.Prompt(step.Prompt, browserSession)
//	// In a hidden form field. In the next request:
//	prompt, err := sealer.OpenPrompt(text, browserSession)
//
// The service's sessions have at most 2,000 bytes. A prompt with such a session takes some
// 2,600 bytes sealed, also with the request for a passkey.
//
// A browser can send a sealed prompt twice. After a right answer the service refuses the
// second one.
//
// # Sign-ups
//
// [Sealer.SignUp] and [Sealer.OpenSignUp] do the same for a sign-up of package account. A
// sealed sign-up takes some 2,300 bytes with a session of 2,000 bytes.
//
// # Devices
//
// [Sealer.Device] returns the browser of one request as the holder of its devices. Give
// the holder to every call:
//
//	browser := flow.ThisBrowser(sealer.Device(w, r))
//	driver.Start(ctx, f, browser) // and every Respond
//
// The devices of all users of the browser are in one cookie. [Sealer.DeviceStore] keeps
// devices in a store that all instances of a backend share.
//
// # Other data
//
// [Sealer.Seal] seals other data, such as the tokens of the user who is signed in. A
// browser keeps about 4,000 bytes of a cookie, and tokens may need more. Then divide the
// string among several cookies.
//
// # Keys
//
// A key is 32 random bytes of a secure source. The first key seals, and all keys open. The
// chapter [Web backends] says how to rotate keys, and how long an old key is needed.
//
// [Web backends]: https://github.com/cognitoflow/cognitoflow/blob/main/docs/web-backends.md#keys
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
	// [flow.SessionEnded] too.
	ErrExpired error = expired{}

	// ErrKey: none of the Sealer's keys sealed the string.
	ErrKey = errors.New("seal: sealed with a key that is not among the keys")

	// ErrForeign: the string was altered, or it was sealed for another app, for
	// another purpose or with another binding. A Sealer cannot tell these apart.
	ErrForeign = errors.New("seal: altered, or sealed for another app or binding")

	// ErrForm: the text is not a sealed string, or only a part of one.
	ErrForm = errors.New("seal: not a sealed string, or cut off")

	// ErrVersion: another release of this package sealed the string, in a form
	// that this release does not read.
	ErrVersion = errors.New("seal: sealed in another version")
)

// KeySize is the length of a key in bytes.
const KeySize = chacha20poly1305.KeySize

// Options are the settings of a Sealer. The zero value of each field works.
type Options struct {
	// PromptLifetime is the time from flow.Prompt.Issued in which a prompt opens. Set
	// PromptLifetime to the app client's AuthSessionValidity, 3 to 15 minutes. After
	// that time the service refuses an answer. 0: three minutes, the service's default.
	PromptLifetime time.Duration

	// SignUpLifetime is the time from account.SignUp.Issued in which a sign-up opens. 0:
	// 24 hours, the time in which the service accepts the code.
	SignUpLifetime time.Duration

	// DeviceLifetime is the time from the last change of a device in which its record is
	// kept. 0: 400 days, the longest time that browsers keep a cookie.
	DeviceLifetime time.Duration

	// Insecure leaves the Secure attribute and the prefix __Host- out of cookies, for
	// development on hosts without TLS. Do not set Insecure on a host that others can
	// reach.
	Insecure bool

	// Now is the clock for expiry. Set Now to flow.Driver.Now, because Issued of a prompt
	// is by the service's clock. With time.Now on a machine whose clock is ahead, prompts
	// expire too early. A driver learns the service's clock from its first reply. Nil:
	// time.Now.
	Now func() time.Time
}

// Sealer seals and opens strings of one app. A Sealer is safe for concurrent use.
type Sealer struct {
	app     flow.App
	keys    []key
	options Options
}

type key struct {
	id   [idSize]byte
	aead secret.Box[cipher.AEAD] // has the key
}

// A sealed string is the unpadded base64url text of
//
//	version (1) || key ID (4) || expiry (8) || nonce (24) || ciphertext and tag
//
// The expiry is in seconds since 1970. Version, key ID and expiry are authenticated.
const (
	version    = 1
	idSize     = 4
	headerSize = 1 + idSize + 8
)

// New returns a Sealer for an app. New fails if the app has no pool ID or no client ID. New
// also fails without a key, and for a key that does not have [KeySize] bytes.
func New(app flow.App, keys [][]byte, optFns ...func(*Options)) (*Sealer, error) {
	if app.UserPoolID == "" || app.ClientID == "" {
		return nil, errors.New("seal: App.UserPoolID or App.ClientID is empty: give the app of the driver")
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("seal: there is no key: give at least one key of %d random bytes", KeySize)
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
			return nil, fmt.Errorf("seal: key %d has %d bytes: give %d random bytes", i, len(k), KeySize)
		}
		sealing := key{aead: secret.NewBox(aead)}
		digest := sha256.Sum256(append([]byte("cognitoflow/seal key ID\x00"), k...))
		copy(sealing.id[:], digest[:])
		s.keys = append(s.keys, sealing)
	}
	return s, nil
}

// App returns the app of the sealer.
func (s *Sealer) App() flow.App { return s.app }

// Prompt seals p, as unpadded base64url text (RFC 4648, section 5). The text opens with the
// same binding, until Options.PromptLifetime after p.Issued. Prompt fails if p is nil or
// empty, or has more than 64 KiB of parameters.
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

// OpenPrompt returns the prompt of a sealed string of [Sealer.Prompt]. The error is one of
// this package, or flow.ErrPromptVersion for a prompt of a newer release. After
// [ErrExpired] the user has to sign in again.
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

// SignUp seals signUp, as unpadded base64url text. The text opens with the same binding,
// until Options.SignUpLifetime after signUp.Issued. SignUp fails if signUp is nil or empty.
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

// OpenSignUp returns the sign-up of a sealed string of [Sealer.SignUp]. The error is one of
// this package, or account.ErrSignUpVersion for a sign-up of a newer release. After
// [ErrExpired] ask the user for the user name, and send another code
// (account.Client.Resend).
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

// Seal seals data, as unpadded base64url text. The text opens until expires, by the clock
// of Options.Now. The text opens only with the same purpose and the same binding. Give each
// kind of data its own purpose, so that one kind does not open as another.
func (s *Sealer) Seal(purpose string, data, binding []byte, expires time.Time) string {
	return s.seal(callerPrefix+purpose, data, binding, expires)
}

// Open returns the data of a sealed string of [Sealer.Seal]. The error is one of this
// package.
func (s *Sealer) Open(purpose, sealed string, binding []byte) ([]byte, error) {
	return s.open(callerPrefix+purpose, sealed, binding)
}

// callerPrefix separates the purposes of callers from the purposes of this package.
const callerPrefix = "caller/"

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
	if err != nil || len(data) == 0 || strings.ContainsAny(sealed, "\r\n") { // the decoder skips line ends
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
		known = true // another key may have the same ID
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

// additionalData returns the associated data: authenticated, but not in the sealed string.
// Each part has its length in front, so that different lists of parts differ.
func (s *Sealer) additionalData(purpose string, binding, header []byte) []byte {
	out := make([]byte, 0, 256) // enough for most
	for _, part := range [][]byte{[]byte(purpose), []byte(s.app.UserPoolID), []byte(s.app.ClientID), binding, header} {
		out = binary.BigEndian.AppendUint64(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}
