// Package device keeps the devices that a user pool remembers.
//
// Most programs need one line of it: they hand package flow a [Dir], or a
// [Store] of their own, and devices are enrolled, used and forgotten by
// themselves. The rest is for those who write a store, bring devices along
// from another client, or call ConfirmDevice themselves.
//
// # What a record is
//
// A user pool that tracks devices sends NewDeviceMetadata with the tokens of a
// sign-in from a device that it does not know: a device key and a device group
// key. [New] makes a password for the device, and the salt and verifier that
// the operation ConfirmDevice takes in place of that password. The two keys and
// the password are the device's [Credentials]. A later sign-in that sends the
// device key may be asked to prove the password, DEVICE_SRP_AUTH, where it would
// have been asked for a code.
//
// All three parts are needed. Credentials that lack one, or whose JSON cannot
// be read, are [ErrUnusable], and count as no device at all.
//
// # Keeping a record
//
// The JSON encoding of Credentials is the way to keep them: it is complete,
// versioned, and therefore a secret. Everything else, such as package fmt, a
// log/slog attribute and the text of errors, hides the password. What it cannot
// hide from is an encoder of JSON: a log handler that writes JSON prints the
// password of Credentials that are a part of a larger value.
//
// A record belongs to one user of one app client. It survives a sign-out, and
// is replaced once ConfirmDevice has accepted the next one.
//
// # Losing a record
//
// A lost record costs the user one more code: without a device key the pool
// takes the next sign-in as one from a new device. The old one stays in the
// list of the user's devices until someone calls ForgetDevice. A record that
// the wrong person reads lets them skip the code, not the password.
//
// # Writing a store
//
// [Memory] is for tests and for programs that sign in many times in one run,
// [Dir] for command-line tools and single machines. A [Store] over a database
// is three statements on a table with a name and a value:
//
//	CREATE TABLE devices (name TEXT COLLATE "C" PRIMARY KEY, data BYTEA NOT NULL)
//
//	SELECT data FROM devices WHERE name = $1
//	INSERT INTO devices VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = $2
//	DELETE FROM devices WHERE name = $1
//
// Two things are easily missed. Names that differ only in case, in accents or
// in a trailing space belong to different users, so the column has to compare
// bytes. And only a name without a record is [ErrNotFound]: a store that says
// so because the database was down enrols the user's device once more.
//
// A store that encrypts can be wrapped around any other: package devicetest has
// one as an example.
//
// # Testing a store
//
// Package devicetest has the test that Memory and Dir pass, for every store:
//
//	func TestMyStore(t *testing.T) {
//		devicetest.TestStore(t, func(t *testing.T) device.Store { return newMyStore(t) })
//	}
package device
