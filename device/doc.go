// Package device keeps the devices that a user pool remembers. A remembered device
// replaces the second factor, so a program must say whose device it is: a [Holder].
//
// # Holders
//
// A sign-in uses the devices of one holder only. If all users of a backend shared one
// holder, every person with a password would sign in without a code.
//
//   - [Machine] is for a program whose users sit at the machine, such as a
//     command-line tool. The store is a [Dir] on that machine.
//   - [Browser] is for a backend. The holder is one browser or one installation of
//     an app, and has an [ID]. The backend makes the ID with [NewID], and the browser
//     keeps the ID, in a cookie for example. All holders share the backend's store.
//     Sealer.DeviceStore of package seal makes that store over a store of package store.
//   - [InBrowser] is for a backend without a store. The browser carries the records
//     in sealed cookies. Package seal makes this holder.
//
// Most programs make a holder and give the holder to package flow. Package flow enrols,
// uses and forgets devices. You need the rest of this package if you write a store, bring
// devices from another client, or call ConfirmDevice yourself.
//
// # Credentials of a device
//
// If a pool remembers devices, the service sends NewDeviceMetadata with the tokens of a
// sign-in from a new device. NewDeviceMetadata is a device key and a device group key.
// [New] makes a password
// for the device. [Credentials.Verifier] makes the salt and the verifier for the operation
// ConfirmDevice. The service does not get the password. The two keys and the password are
// the [Credentials] of the device.
//
// A later sign-in sends the device key. The service may then ask for a proof of the device
// password (DEVICE_SRP_AUTH) and not for a code.
//
// A device needs all three parts. If a part is missing, or if the JSON cannot be read, the
// error is [ErrUnusable], and a sign-in does without the device.
//
// Package fmt, an attribute of log/slog and the text of errors do not show the password.
// An encoder of JSON does: a log handler that writes JSON prints the password of
// Credentials in a larger value.
//
// # The wallet
//
// A store has one record for each holder and app client, the [Wallet]. The wallet
// has one device for each user, at most 8 devices in at most 2,048 bytes. If another
// user enrols, the wallet drops the device that was not used for the longest time.
// The wallet has digests and no user names.
//
// If a device is dropped or a record is lost, the user is asked for one more code. The
// next sign-in enrols a new device. The
// old device stays in the list of the user's devices until a program calls
// ForgetDevice. With a stolen record an attacker can skip the code, but not the password.
//
// # Writing a store
//
// [Memory] is for tests, and for programs that sign in many times in one run. [Dir]
// is for one machine. For backends, package seal makes a store over PostgreSQL, MySQL,
// SQLite, Redis, DynamoDB or any other store of package store.
//
// A [Store] has three operations: Get, Put and Delete. If more than one process or
// goroutine changes the store, the store must be a [Swapper] too. Three rules are easily
// missed:
//
//   - Compare names by their bytes. Names that differ only in case, in accents or in a
//     trailing space belong to different holders.
//   - Return [ErrNotFound] only for a name without a record. If a store returns
//     ErrNotFound when the database is down, the user's device is enrolled once more.
//   - Swap compares and writes in one step. A store that reads, compares and then writes
//     loses a change of another process.
//
// A store that encrypts can wrap any other store: package devicetest has an example. A
// wrapper around a Swapper needs its own Swap.
//
// # Testing a store
//
// Package devicetest tests a store. The stores of this module pass the test too:
//
//	func TestMyStore(t *testing.T) {
//		devicetest.TestStore(t, func(t *testing.T) device.Store { return newMyStore(t) })
//	}
package device
