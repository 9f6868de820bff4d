// Package packed writes small values that are kept between two requests: a version byte,
// and the deflated JSON of the value.
//
// Cookies are small and the service's session can be 2048 characters of base64, so a
// quarter saved decides whether a sealed value fits.
package packed

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
)

// Most bounds the JSON, and with it what a few bytes of input can inflate to.
const Most = 1 << 16

// The errors of Unpack do not quote the data.
var (
	ErrEmpty   = errors.New("no data")
	ErrVersion = errors.New("another version")
	ErrDamaged = errors.New("damaged")
)

// TooLarge is the error of Pack for a value of so many bytes of JSON.
type TooLarge int

func (e TooLarge) Error() string { return fmt.Sprintf("%d bytes; %d can be kept", int(e), Most) }

// Pack writes value as JSON.
func Pack(version byte, value any) ([]byte, error) {
	p := packers.Get().(*packer)
	defer func() {
		p.clear()
		packers.Put(p)
	}()
	if err := json.NewEncoder(&p.text).Encode(value); err != nil {
		return nil, err
	}
	p.text.Truncate(p.text.Len() - 1) // the newline of the encoder
	n := p.text.Len()
	if n > Most {
		wipe(&p.text) // the compressor has not seen it
		return nil, TooLarge(n)
	}
	out := bytes.NewBuffer(append(make([]byte, 0, n), version))
	if err := p.deflate(out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// What is in these pools outlives the sign-in, and holds nothing of it. encoding/json has a pool of
// its own, which nobody can clear.
var (
	packers   = sync.Pool{New: func() any { return newPacker() }}
	unpackers = sync.Pool{New: func() any { return newUnpacker() }}
)

// mostKept bounds the buffers in the pools, which every use clears. Few values are larger.
const mostKept = 1 << 14

// packer is the room that Pack needs.
type packer struct {
	text   bytes.Buffer
	writer *flate.Writer
	noise  []byte
}

// newPacker makes a packer that saves bits of letters, and finds no repetitions: a compressor that
// does keeps the text in tables, where nothing clears it. A session repeats nothing.
func newPacker() *packer {
	w, err := flate.NewWriter(io.Discard, flate.HuffmanOnly)
	if err != nil {
		panic(err) // there is such a level
	}
	const length = 1 << 10 // more than the compressor holds back
	noise := make([]byte, length)
	rand.NewChaCha8([32]byte{}).Read(noise)
	return &packer{writer: w, noise: base64.RawURLEncoding.AppendEncode(nil, noise)}
}

func (p *packer) deflate(out io.Writer) error {
	p.writer.Reset(out)
	if _, err := p.writer.Write(p.text.Bytes()); err != nil {
		return err
	}
	return p.writer.Close()
}

// clear has the compressor write over the text, and over what it has made of the text. The noise
// is as hard to compress as a session, so that it takes as much room.
func (p *packer) clear() {
	n := p.text.Len()
	p.writer.Reset(io.Discard)
	for done := 0; done == 0 || done < n; done += len(p.noise) {
		p.writer.Write(p.noise) // to io.Discard, which takes everything
	}
	p.writer.Close()
	wipe(&p.text)
}

// wipe empties a buffer, and clears all that was in it.
func wipe(b *bytes.Buffer) {
	if b.Cap() > mostKept {
		*b = bytes.Buffer{}
		return
	}
	b.Reset()
	clear(b.AvailableBuffer()[:b.Available()])
}

// unpacker is the room that Unpack needs.
type unpacker struct {
	source bytes.Reader
	reader io.ReadCloser // of source
	text   bytes.Buffer
}

func newUnpacker() *unpacker {
	u := new(unpacker)
	u.reader = flate.NewReader(&u.source)
	return u
}

// inflate returns the text, which is there until clear is called.
func (u *unpacker) inflate(data []byte) ([]byte, error) {
	if err := u.reset(data, nil); err != nil {
		return nil, err
	}
	_, err := u.text.ReadFrom(io.LimitReader(u.reader, Most+1))
	return u.text.Bytes(), err
}

// reset gives the reader data to read. The window is the text before them.
func (u *unpacker) reset(data, window []byte) error {
	u.source.Reset(data)
	return u.reader.(flate.Resetter).Reset(&u.source, window)
}

func (u *unpacker) clear() {
	wipe(&u.text)
	u.reset(nil, noText[:])
}

// noText fills a window, as large as DEFLATE has them (RFC 1951, section 2).
var noText [1 << 15]byte

// Unpack reads what Pack wrote with the same version. The error is [ErrVersion] for a
// higher version.
func Unpack(version byte, data []byte, value any) error {
	switch {
	case len(data) == 0:
		return ErrEmpty
	case data[0] > version:
		return fmt.Errorf("%w (%d)", ErrVersion, data[0])
	case data[0] != version:
		return ErrDamaged
	}
	u := unpackers.Get().(*unpacker)
	defer func() {
		u.clear()
		unpackers.Put(u)
	}()
	text, err := u.inflate(data[1:])
	if err != nil || len(text) > Most || json.Unmarshal(text, value) != nil { // the error would quote the value
		return ErrDamaged
	}
	return nil
}
