// Package device keeps the devices that a user pool remembers. A remembered device
// takes the place of the second factor, so a program says whose the device is: a
// [Holder].
//
// # Who holds devices
//
// A sign-in uses the devices of one holder, and no others. If all users of a backend
// shared one holder, whoever knew a password would sign in without a code.
//
//   - [Machine] is for a program whose users sit at the machine, such as a
//     command-line tool. Its store is a [Dir] on that machine.
//   - [Browser] is for a backend. The holder is one browser or one installation of
//     an app, and has an [ID]. The backend makes the ID with [NewID] and has the
//     browser keep the ID, in a cookie for example. Whoever has the ID is the
//     holder, so the ID is a secret. All holders share the backend's store, which
//     Sealer.DeviceStore of package seal makes over a store of package store.
//   - [InBrowser] is for a backend without a store. The browser carries the records
//     in sealed cookies. Package seal makes this holder.
//
// Most programs make a holder and hand it to package flow, which enrols, uses and
// forgets devices. The rest of this package is for those who write a store, bring
// devices along from another client, or call ConfirmDevice themselves.
//
// # What a device is
//
// A user pool that tracks devices sends NewDeviceMetadata with the tokens of a
// sign-in from a device that it does not know: a device key and a device group key.
// [New] makes a password for the device. [Credentials.Verifier] makes the salt and
// the verifier that the operation ConfirmDevice takes in place of that password. The two keys and the
// password are the device's [Credentials]. A later sign-in that sends the device key
// may be asked to prove the password, DEVICE_SRP_AUTH, where it would have been
// asked for a code.
//
// All three parts are needed. Credentials that lack one, or whose JSON cannot be
// read, are [ErrUnusable], and count as no device at all.
//
// Package fmt, a log/slog attribute and the text of errors hide the password. An
// encoder of JSON does not: a log handler that writes JSON prints the password of
// Credentials that are a part of a larger value.
//
// # The wallet
//
// A store has one record for each holder and app client, the [Wallet]. The wallet
// has one device for each user, at most 8 devices in at most 2,048 bytes. If a
// further user enrols, the device that was not used for the longest time is dropped.
// The wallet has digests in place of user names.
//
// If a device is dropped or a record is lost, the user is asked for one more code:
// without a device key the pool takes the next sign-in as one from a new device. The
// old device stays in the list of the user's devices until someone calls
// ForgetDevice. A record that the wrong person reads lets that person skip the code,
// not the password.
//
// # Writing a store
//
// [Memory] is for tests, and for programs that sign in many times in one run. [Dir]
// is for one machine. Package seal has a Swapper for backends, over PostgreSQL, MySQL,
// SQLite, Redis, DynamoDB or any other store of package store. A [Store] of your own has
// three operations: Get, Put and Delete. If more than one process or goroutine changes
// the store, the store must be a [Swapper] too.
//
// Three things are easily missed. Names that differ only in case, in accents or in a
// trailing space belong to different holders, so a store compares bytes. Only a name
// without a record is [ErrNotFound]: if a store says so because the database was
// down, the user's device is enrolled once more. And Swap compares and writes in one
// step: a store that reads, compares and then writes loses a change of others.
//
// A store that encrypts can be wrapped around any other: package devicetest has one
// as an example. A wrapper around a Swapper needs a Swap of its own.
//
// # Testing a store
//
// Package devicetest has the test that the stores of this module pass, for every
// store:
//
//	func TestMyStore(t *testing.T) {
//		devicetest.TestStore(t, func(t *testing.T) device.Store { return newMyStore(t) })
//	}
package device
