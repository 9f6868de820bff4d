package device

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/secret"
)

// digest replaces the name of a user: 16 bytes of SHA-256 in base64. A record has no room
// for names, which have up to 2,048 bytes.
type digest string

const aliasDigest = 8 // bytes

func (w Wallet) digest(name string) digest {
	sum := sha256.Sum256([]byte("cognitoflow/device user\x00" + w.app + "\x00" + name))
	return digest(base64.RawURLEncoding.EncodeToString(sum[:16]))
}

// short returns the digest of an alias. If two aliases have one digest, the second one finds
// the device of another user. A sign-in does not use that device, because the service
// names the user of the alias.
func (d digest) short() digest { return d[:base64.RawURLEncoding.EncodedLen(aliasDigest)] }

func (e Entry) isOf(user digest) bool { return e.user == user }

func (e Entry) hasAlias(alias digest) bool { return slices.Contains(e.aliases, alias.short()) }

// walletJSON is the record. If an older release would misread a change, the change needs
// the next version number. Version 1 is the JSON of Credentials.
type walletJSON struct {
	Version int         `json:"version"`
	Devices []entryJSON `json:"devices"` // the last used first
}

type entryJSON struct {
	Key      string   `json:"k"`
	GroupKey string   `json:"g"`
	Password string   `json:"p"`
	User     digest   `json:"u"`
	Aliases  []digest `json:"a,omitempty"`
	State    State    `json:"s,omitempty"`
	Used     int64    `json:"t,omitempty"` // seconds since 1970
}

const walletVersion = 2

// encode returns the record, and nil for no entries. encode leaves out entries until the
// record fits. encode fails for an entry that decode would refuse, because such an entry
// would make the devices of all users unusable.
func encode(entries []Entry) ([]byte, error) {
	record := walletJSON{Version: walletVersion}
	for _, e := range entries {
		if err := e.Validate(); err != nil {
			return nil, err
		}
		kept := entryJSON{e.Key, e.GroupKey, e.Password.Reveal(), e.user, e.aliases, e.State, 0}
		if !e.Used.IsZero() {
			kept.Used = e.Used.Unix()
		}
		record.Devices = append(record.Devices, kept)
	}
	for len(record.Devices) > 0 {
		data, err := json.Marshal(record)
		switch {
		case err != nil, len(data) <= maxRecord && len(record.Devices) <= maxDevices:
			return data, err
		case len(record.Devices) == 1:
			return nil, fmt.Errorf("device: the record of one device has %d bytes, more than the %d of a store", len(data), maxRecord)
		}
		record.Devices = withoutLeast(record.Devices)
	}
	return nil, nil
}

// withoutLeast drops the last device that is not confirmed, or else the last of all. The
// first device stays, because it was just put.
func withoutLeast(devices []entryJSON) []entryJSON {
	for i := len(devices) - 1; i > 0; i-- {
		if devices[i].State == Unconfirmed {
			return slices.Delete(devices, i, i+1)
		}
	}
	return devices[:len(devices)-1]
}

// decode reads a record. An error does not quote the record, which has passwords.
func decode(data []byte) ([]Entry, error) {
	var record walletJSON
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of a wallet", ErrUnusable)
	}
	if record.Version != walletVersion {
		return nil, fmt.Errorf("%w: version is %d, want %d", ErrUnusable, record.Version, walletVersion)
	}
	var entries []Entry
	for i, kept := range record.Devices {
		e := Entry{
			Credentials: Credentials{Key: kept.Key, GroupKey: kept.GroupKey, Password: secret.New(kept.Password)},
			State:       kept.State, user: kept.User, aliases: kept.Aliases,
		}
		if kept.Used != 0 {
			e.Used = time.Unix(kept.Used, 0)
		}
		if e.Validate() != nil { // the error of Validate quotes the keys
			return nil, fmt.Errorf("%w: device %d of %d lacks a part, or has a malformed one", ErrUnusable, i+1, len(record.Devices))
		}
		entries = append(entries, e)
	}
	return entries, nil
}
