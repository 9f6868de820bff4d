package device

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Holder is one machine, one browser, or one installation of an app. A remembered device
// replaces the second factor, so a sign-in uses the devices of one holder only. The zero
// Holder has no devices.
type Holder struct {
	store   Store
	name    string // the last part of the record's name
	machine bool
	fresh   bool // the ID is new
	err     error
}

// Machine returns this machine as a holder, for programs whose users sit at the machine,
// such as command-line tools. All programs may use one store. Other machines must not use
// the store.
func Machine(s Store) Holder {
	h := Holder{store: s, name: "machine", machine: true}
	switch s {
	case nil:
		h.err = errors.New("device: Machine: the store is nil: give a device.Dir")
	case Dir(""):
		h.err = errNoPath
	}
	return h
}

// Browser returns the holder with this ID, for backends. The holder is one browser or one
// installation of an app. All holders may share the store, which has a record for each.
// The store does not see the ID.
func Browser(s Store, id ID) Holder {
	digest := sha256.Sum256([]byte("cognitoflow/device holder\x00" + id.Reveal()))
	h := Holder{store: s, name: "browser/" + hex.EncodeToString(digest[:]), fresh: id.fresh}
	switch {
	case s == nil:
		h.err = errors.New("device: Browser: the store is nil: give a store of the backend")
	case id.IsZero():
		h.err = errors.New("device: Browser: the ID is zero: make an ID for each browser with device.NewID, or read the ID of the request with device.ParseID")
	}
	return h
}

// BrowserStore is a [Store] that one browser carries, such as cookies. Other browsers
// cannot reach the records.
type BrowserStore interface {
	Store
	CarriedByBrowser()
}

// InBrowser returns the browser that carries the store as a holder. This holder needs no
// [ID]. Sealer.Device of package seal makes such holders of cookies.
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

// Validate returns nil if h can be used, and an error if the store or the ID is missing.
// The zero Holder is valid.
func (h Holder) Validate() error { return h.err }
