// Package packed writes a small value that a program keeps between two requests. The form is a
// version byte, and the JSON of the value in DEFLATE (RFC 1951).
//
// Cookies are small, and a session of the service can have 2048 characters of base64. DEFLATE
// saves a quarter, and a sealed value often fits because of that.
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

// Most is the largest size of the JSON in bytes. The bound also limits the text that a small input
// can inflate to.
const Most = 1 << 16

// The errors of Unpack do not quote the data.
var (
	ErrEmpty   = errors.New("no data")
	ErrVersion = errors.New("another version")
	ErrDamaged = errors.New("damaged")
)

// TooLarge is the error of Pack for a value with more than Most bytes of JSON. The number is that of
// the value.
type TooLarge int

func (e TooLarge) Error() string { return fmt.Sprintf("%d bytes, and %d can be kept", int(e), Most) }

// Pack writes a value. The error is [TooLarge], or that of package json.
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
		wipe(&p.text) // the compressor does not have the text yet
		return nil, TooLarge(n)
	}
	out := bytes.NewBuffer(append(make([]byte, 0, n), version))
	if err := p.deflate(out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// The contents of these pools outlive a sign-in, and have nothing of it. Package encoding/json has
// another pool, which this package cannot clear.
var (
	packers   = sync.Pool{New: func() any { return newPacker() }}
	unpackers = sync.Pool{New: func() any { return newUnpacker() }}
)

// mostKept bounds the buffers in the pools, because each use clears a whole buffer. Few values are
// larger.
const mostKept = 1 << 14

// packer has the buffers of Pack.
type packer struct {
	text   bytes.Buffer
	writer *flate.Writer
	noise  []byte
}

// newPacker returns a packer with Huffman codes only. A compressor that finds repetitions would keep
// the text in tables that this package cannot clear. A session has no repetitions.
func newPacker() *packer {
	w, err := flate.NewWriter(io.Discard, flate.HuffmanOnly)
	if err != nil {
		panic(err) // the level is valid
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

// clear has the compressor write noise over the text and over the compressed text. The noise is as
// hard to compress as a session, so that the noise takes as much room.
func (p *packer) clear() {
	n := p.text.Len()
	p.writer.Reset(io.Discard)
	for done := 0; done == 0 || done < n; done += len(p.noise) {
		p.writer.Write(p.noise) // io.Discard has no error
	}
	p.writer.Close()
	wipe(&p.text)
}

// wipe empties a buffer, and clears its bytes.
func wipe(b *bytes.Buffer) {
	if b.Cap() > mostKept {
		*b = bytes.Buffer{}
		return
	}
	b.Reset()
	clear(b.AvailableBuffer()[:b.Available()])
}

// unpacker has the buffers of Unpack.
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

// inflate returns the text. The text is valid until clear is called.
func (u *unpacker) inflate(data []byte) ([]byte, error) {
	if err := u.reset(data, nil); err != nil {
		return nil, err
	}
	_, err := u.text.ReadFrom(io.LimitReader(u.reader, Most+1))
	return u.text.Bytes(), err
}

// reset gives the reader new data. The window is the text before the data.
func (u *unpacker) reset(data, window []byte) error {
	u.source.Reset(data)
	return u.reader.(flate.Resetter).Reset(&u.source, window)
}

func (u *unpacker) clear() {
	wipe(&u.text)
	u.reset(nil, noText[:])
}

// noText fills a window of DEFLATE, which has 32 KiB (RFC 1951, section 2).
var noText [1 << 15]byte

// Unpack reads data that Pack wrote with this version into value. The error is [ErrEmpty],
// [ErrVersion] for data of a higher version, or [ErrDamaged].
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
