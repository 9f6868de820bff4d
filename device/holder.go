package device

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Holder is who holds remembered devices: one machine, one browser, or one app
// installation. A remembered device takes the place of the second factor, so a
// sign-in uses the devices of one holder only. The zero Holder holds none.
type Holder struct {
	store   Store
	name    string // of the record, but for the app
	machine bool
	fresh   bool // the ID is new
	err     error
}

// Machine returns this machine as a holder, for programs whose users sit at it:
// command-line tools, workers. All of them may use one store. The store must be
// this machine's own.
func Machine(s Store) Holder {
	h := Holder{store: s, name: "machine", machine: true}
	if s == nil {
		h.err = errors.New("device: Machine: the store is nil; give a device.Dir")
	}
	return h
}

// Browser returns the holder with this ID, for backends: one browser or one app
// installation. The store may be shared by all holders, and has a record for each.
// It does not see the ID.
func Browser(s Store, id ID) Holder {
	digest := sha256.Sum256([]byte("cognitoflow/device holder\x00" + id.Reveal()))
	h := Holder{store: s, name: "browser/" + hex.EncodeToString(digest[:]), fresh: id.fresh}
	switch {
	case s == nil:
		h.err = errors.New("device: Browser: the store is nil; give a store of the backend")
	case id.IsZero():
		h.err = errors.New("device: Browser: the ID is zero; make one with device.NewID for each browser or installation, or read it with ParseID")
	}
	return h
}

// BrowserStore is a [Store] that one browser carries, such as the cookies of its
// requests. No other browser can reach its records.
type BrowserStore interface {
	Store
	CarriedByBrowser()
}

// InBrowser returns the browser that carries the store as a holder. It needs no
// ID. Package seal makes such holders of cookies.
func InBrowser(s BrowserStore) Holder {
	h := Holder{store: s, name: "browser"}
	if s == nil {
		h.err = errors.New("device: InBrowser: the store is nil")
	}
	return h
}

// IsZero reports whether h is the zero Holder.
func (h Holder) IsZero() bool { return h.store == nil && h.err == nil }

// IsMachine reports whether [Machine] made h.
func (h Holder) IsMachine() bool { return h.machine }

// Validate returns nil if h can be used. The error says what is missing: the
// store or the ID. The zero Holder is valid.
func (h Holder) Validate() error { return h.err }
