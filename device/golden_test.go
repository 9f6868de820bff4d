package device_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

const (
	credentialsFormat = "credentials-v1"
	walletFormat      = "wallet-v2"
	dirFormat         = "dir-v1"
	idFormat          = "id-v1"
)

// pool is a pool that knows the verifier of one device, computed from the protocol's formulas.
type pool struct{ n, b, v, saltNumber *big.Int }

func newPool(t *testing.T) pool {
	group := vectors.Load(t).Group
	n, _ := new(big.Int).SetString(group.N, 16)
	salt := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	v, err := base64.StdEncoding.DecodeString(passwordVerifier(n, groupKey, key, password, salt))
	if err != nil {
		t.Fatal(err)
	}
	return pool{n, big.NewInt(987654321), new(big.Int).SetBytes(v), new(big.Int).SetBytes(salt)}
}

func sum(parts ...[]byte) []byte {
	h := sha256.Sum256(slices.Concat(parts...))
	return h[:]
}

// signed is a number as Java writes it. Cognito hashes numbers in that form.
func signed(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(slices.Concat(parts...))
	return h.Sum(nil)
}

// asks sends the device through both of its challenges, and reports whether the device
// has proved its password.
func (p pool) asks(t *testing.T, c device.Credentials) bool {
	t.Helper()
	handlers := challenge.DeviceHandlers(c, func() time.Time { return time.Unix(1_700_000_000, 0) })
	answer := func(name challenge.Name, params map[string]string) map[string]string {
		c := challenge.Challenge{Name: name, Parameters: params, Username: "ada"}
		a, err := handlers.Answer(t.Context(), c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		responses, err := c.Responses(a)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		return responses.Params()
	}
	A, ok := new(big.Int).SetString(answer(challenge.DeviceSRPAuth, nil)["SRP_A"], 16)
	if !ok {
		return false
	}
	g := big.NewInt(2)
	k := new(big.Int).SetBytes(sum(signed(p.n), signed(g)))
	B := new(big.Int).Mul(k, p.v)
	B.Mod(B.Add(B, new(big.Int).Exp(g, p.b, p.n)), p.n)
	block := []byte("golden secret block")
	proof := answer(challenge.DevicePasswordVerifier, map[string]string{
		"SALT": p.saltNumber.Text(16), "SRP_B": B.Text(16), "SECRET_BLOCK": base64.StdEncoding.EncodeToString(block), "DEVICE_KEY": key,
	})
	u := new(big.Int).SetBytes(sum(signed(A), signed(B)))
	S := new(big.Int).Mul(A, new(big.Int).Exp(p.v, u, p.n))
	S.Exp(S, p.b, p.n)
	derived := mac(mac(signed(u), signed(S)), []byte("Caldera Derived Key\x01"))[:16]
	want := mac(derived, []byte(groupKey+key), block, []byte(proof["TIMESTAMP"]))
	return proof["PASSWORD_CLAIM_SIGNATURE"] == base64.StdEncoding.EncodeToString(want)
}

func TestGoldenCredentials(t *testing.T) {
	const name = "device.json"
	data := golden.Data(t, credentialsFormat, name, func(t *testing.T) []byte {
		data, err := credentials().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return data
	})
	var c device.Credentials
	if err := c.UnmarshalJSON(data); err != nil {
		golden.Broke(t, credentialsFormat, name, "they are not read: %v", err)
		return
	}
	if !newPool(t).asks(t, c) {
		golden.Broke(t, credentialsFormat, name, "the device does not prove its password")
	}
	golden.Covered(t, credentialsFormat, name)
	golden.Members(t, credentialsFormat, device.CredentialsJSON, golden.JSON)
}

// goldenUsed is when ada's device was used last. The ones of bob and carol are in the
// other states.
var goldenUsed = time.Unix(1_700_000_000, 0)

// goldenWallet fills a wallet as the golden ones were filled.
func goldenWallet(t *testing.T, w device.Wallet) {
	t.Helper()
	suspect, unconfirmed := entry(1), entry(2)
	suspect.State, unconfirmed.State, unconfirmed.Used = device.Suspect, device.Unconfirmed, goldenUsed
	ada := device.Entry{Credentials: credentials(), Used: goldenUsed}
	if err := errors.Join(w.Put(t.Context(), "bob", suspect), w.Put(t.Context(), "carol", unconfirmed), w.Put(t.Context(), "ada", ada, "ada@example.com")); err != nil {
		t.Fatal(err)
	}
}

// checkWallet fails unless the wallet has the devices of goldenWallet. Then checkWallet changes
// the wallet.
func checkWallet(t *testing.T, format, name string, w device.Wallet) {
	t.Helper()
	for _, user := range []string{"ada", "ada@example.com"} {
		e, err := w.Find(t.Context(), user)
		if err != nil || e.State != device.Confirmed || !e.Used.Equal(goldenUsed) {
			golden.Broke(t, format, name, "Find(%q) = %+v, %v", user, e, err)
			continue
		}
		if !newPool(t).asks(t, e.Credentials) {
			golden.Broke(t, format, name, "the device that Find(%q) returns does not prove its password", user)
		}
	}
	for user, state := range map[string]device.State{"bob": device.Suspect, "carol": device.Unconfirmed} {
		if e, err := w.Find(t.Context(), user); err != nil || e.State != state {
			golden.Broke(t, format, name, "Find(%q) = %+v, %v; want the state %q", user, e, err, state)
		}
	}
	if err := w.Put(t.Context(), "dora", entry(3)); err != nil {
		golden.Broke(t, format, name, "no further device is kept: %v", err)
	}
	if e, err := w.Find(t.Context(), "ada"); err != nil || e.Key != key {
		golden.Broke(t, format, name, "after a Put, Find(\"ada\") = %+v, %v", e, err)
	}
}

// A store of another project has the record of a wallet, under the name of a former release.
func TestGoldenWallets(t *testing.T) {
	id, err := device.ParseID(string(golden.Data(t, idFormat, "browser", func(*testing.T) []byte { return []byte(device.NewID().Reveal()) })))
	if err != nil {
		golden.Broke(t, idFormat, "browser", "the ID is not read: %v", err)
		return
	}
	golden.Covered(t, idFormat, "browser")
	for name, tt := range map[string]struct {
		holder func(device.Store) device.Holder
		record string
	}{
		"machine.json": {device.Machine, userPool + "/" + client + "/machine"},
		// The name has SHA-256 of "cognitoflow/device holder", a zero byte and the ID.
		"browser.json": {
			func(s device.Store) device.Holder { return device.Browser(s, id) },
			userPool + "/" + client + "/browser/" + hexOf(sum([]byte("cognitoflow/device holder\x00"+id.Reveal()))),
		},
	} {
		t.Run(name, func(t *testing.T) {
			data := golden.Data(t, walletFormat, name, func(t *testing.T) []byte {
				store := new(device.Memory)
				goldenWallet(t, tt.holder(store).Wallet(userPool, client))
				data, err := store.Get(t.Context(), tt.record)
				if err != nil {
					t.Fatal(err)
				}
				return data
			})
			store := new(device.Memory)
			if err := store.Put(t.Context(), tt.record, data); err != nil {
				t.Fatal(err)
			}
			checkWallet(t, walletFormat, name, tt.holder(store).Wallet(userPool, client))
		})
	}
	golden.Covered(t, walletFormat, "machine.json", "browser.json")
	golden.Members(t, walletFormat, device.WalletJSON, golden.JSON)
}

func hexOf(b []byte) string { return new(big.Int).SetBytes(append([]byte{1}, b...)).Text(16)[1:] }

// A directory of a release: the name of the file, and the wallet in it.
func TestGoldenDir(t *testing.T) {
	name := hexOf(sum([]byte(userPool + "/" + client + "/machine")))
	data := golden.Data(t, dirFormat, name, func(t *testing.T) []byte {
		dir := newDir(t)
		goldenWallet(t, device.Machine(dir).Wallet(userPool, client))
		data, err := os.ReadFile(filepath.Join(string(dir), name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	checkWallet(t, dirFormat, name, device.Machine(device.Dir(dir)).Wallet(userPool, client))
	golden.Covered(t, dirFormat, name)
	golden.Members(t, dirFormat, device.WalletJSON, golden.JSON)
}

// A record of a newer release is not read as something else, and is told.
func TestWalletOfANewerRelease(t *testing.T) {
	store := new(device.Memory)
	if err := store.Put(t.Context(), userPool+"/"+client+"/machine", []byte(`{"version":3,"devices":[]}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := device.Machine(store).Wallet(userPool, client).Find(t.Context(), "ada"); !errors.Is(err, device.ErrUnusable) {
		t.Errorf("got %v, want device.ErrUnusable", err)
	}
}

// FuzzWallet reads any record of any store. A record that is read is changed and read again.
func FuzzWallet(f *testing.F) {
	for _, name := range golden.Names(f, walletFormat) {
		data, err := os.ReadFile(filepath.Join("testdata", walletFormat, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"version":2,"devices":[{}]}`))
	f.Add([]byte(`{"version":2,"devices":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		store := new(device.Memory)
		if err := store.Put(t.Context(), userPool+"/"+client+"/machine", data); err != nil {
			t.Fatal(err)
		}
		w := device.Machine(store).Wallet(userPool, client)
		_, err := w.Find(t.Context(), "ada")
		if err != nil && !errors.Is(err, device.ErrUnusable) && !errors.Is(err, device.ErrNotFound) {
			t.Fatalf("Find: %v", err)
		}
		// The record may be of any size: the wallet makes room.
		if err := w.Put(t.Context(), "dora", entry(3)); err != nil {
			t.Fatalf("Put: %v", err)
		}
		if e, err := w.Find(t.Context(), "dora"); err != nil || e.Key != entry(3).Key {
			t.Fatalf("Find = %+v, %v after Put", e, err)
		}
	})
}

// FuzzCredentials reads any JSON. The error does not quote the password.
func FuzzCredentials(f *testing.F) {
	f.Add([]byte(recordJSON))
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":1,"device_password":5}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c device.Credentials
		if err := c.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, device.ErrUnusable) || c.Key != "" || c.GroupKey != "" || !c.Password.IsZero() {
				t.Fatalf("%v, and the credentials are of %q", err, c.Key)
			}
			return
		}
		again, err := c.MarshalJSON()
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		var second device.Credentials
		if err := second.UnmarshalJSON(again); err != nil || second.Key != c.Key || second.GroupKey != c.GroupKey || second.Password.Reveal() != c.Password.Reveal() {
			t.Fatalf("written and read as %+v, %v", second, err)
		}
	})
}

// FuzzParseID reads any text, of a cookie or a header.
func FuzzParseID(f *testing.F) {
	for _, name := range golden.Names(f, idFormat) {
		data, err := os.ReadFile(filepath.Join("testdata", idFormat, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("web")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := device.ParseID(text); (err != nil) != id.IsZero() || err == nil && id.Reveal() != text {
			t.Fatalf("ParseID(%q) = %q, %v", text, id.Reveal(), err)
		}
	})
}
