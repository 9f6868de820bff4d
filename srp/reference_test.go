package srp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

// A reference computes a claim in math/big, straight from the formulas. A reference
// shares no code with the package. The field mistake selects one of the mistakes that
// the vectors must catch.
type reference struct {
	n, g    *big.Int
	mistake string
	powers  map[string]*big.Int // if not nil, a mistake that changes nothing costs nothing
}

func newReference(group vectors.Group) *reference {
	return &reference{n: number(group.N), g: big.NewInt(int64(group.G))}
}

func number(digits string) *big.Int {
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		panic("not hexadecimal: " + digits)
	}
	return n
}

func digest(parts ...[]byte) *big.Int {
	sum := sha256.Sum256(slices.Concat(parts...))
	return new(big.Int).SetBytes(sum[:])
}

func (r *reference) exp(x, e *big.Int) *big.Int {
	if r.powers == nil {
		return new(big.Int).Exp(x, e, r.n)
	}
	key := x.Text(62) + " " + e.Text(62)
	if r.powers[key] == nil {
		r.powers[key] = new(big.Int).Exp(x, e, r.n)
	}
	return r.powers[key]
}

// pad is P of the number that digits give, for the value of that name, or
// what the mistake makes of it.
func (r *reference) pad(name, digits string) []byte {
	is := func(mistakes ...string) bool { return slices.Contains(mistakes, r.mistake) }
	of := map[string]struct{ unsigned, fixed string }{
		"N": {"k_no_sign_byte", "-"}, "g": {"-", "k_pad_g"}, "salt": {"no_sign_byte_salt", "-"},
		"A": {"no_sign_byte_A_B", "A_B_fixed_384"}, "B": {"no_sign_byte_A_B", "A_B_fixed_384"},
		"S": {"no_sign_byte_S", "S_fixed_384"}, "u": {"no_sign_byte_u", "u_fixed_32"},
	}[name]
	var b []byte
	switch {
	case is("odd_hex_cut") && name != "g" && len(digits)%2 != 0:
		b, _ = hex.DecodeString(digits[:len(digits)-1])
	case is("salt_raw", "salt_text_padded") && name == "salt":
		b, _ = hex.DecodeString(even(digits))
	case is("u_fixed_32") && name == "u":
		b = number(digits).FillBytes(make([]byte, 32))
	case is(of.fixed):
		b = number(digits).FillBytes(make([]byte, 384))
	default:
		b = number(digits).Bytes()
	}
	signed := !is("no_sign_byte", of.unsigned) && !(is("salt_raw") && name == "salt")
	if len(b) == 0 || signed && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}

// An input is what a claim is computed from.
type input struct {
	group, typed, id, password string
	vectors.Exchange
}

func (r *reference) signature(in input) string {
	g := r.g
	switch r.mistake {
	case "g_5":
		g = big.NewInt(5)
	case "typed_name_hashed":
		in.id = in.typed
	case "group_key_cut_at_underscore":
		in.group = in.group[strings.Index(in.group, "_")+1:]
	}
	k := digest(r.pad("N", r.n.Text(16)), r.pad("g", g.Text(16)))
	a, B := number(in.A), number(in.PublicBWire)
	A := r.exp(g, a)
	u := digest(r.pad("A", A.Text(16)), r.pad("B", in.PublicBWire))
	inner := sha256.Sum256([]byte(in.group + in.id + ":" + in.password))
	x := digest(r.pad("salt", in.SaltWire), inner[:])
	base := new(big.Int).Mul(k, r.exp(g, x))
	base.Mod(base.Sub(B, base), r.n)
	exponent := new(big.Int).Mul(u, x)
	S := r.exp(base, exponent.Add(exponent, a))

	// RFC 5869, one block.
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write(slices.Concat(parts...))
		return h.Sum(nil)
	}
	extracted := mac(r.pad("u", u.Text(16)), r.pad("S", S.Text(16)))
	key := mac(extracted, []byte("Caldera Derived Key"), []byte{1})[:16]
	block, err := base64.StdEncoding.DecodeString(in.SecretBlock)
	if err != nil {
		panic(err)
	}
	if r.mistake == "block_not_decoded" {
		block = []byte(in.SecretBlock)
	}
	sum := mac(key, []byte(in.group+in.id), block, []byte(in.Timestamp))
	return base64.StdEncoding.EncodeToString(sum)
}

func inputs(f *vectors.File) []input {
	var all []input
	for _, v := range f.User {
		all = append(all, input{v.PoolName, v.UsernameTyped, v.UserIDForSRP, v.Password, v.Exchange})
	}
	for _, v := range f.Device {
		all = append(all, input{v.GroupKey, v.Key, v.Key, v.Password, v.Exchange})
	}
	return all
}

// The vectors are worth what they catch: each mistake must change the
// signature where a vector says so, and only there.
func TestVectorsCatchMistakes(t *testing.T) {
	f := vectors.Load(t)
	for _, in := range inputs(f) {
		r := newReference(f.Group)
		r.powers = map[string]*big.Int{}
		if got := r.signature(in); got != in.Signature {
			t.Fatalf("%s: the reference gives %s, want %s", in.Name, got, in.Signature)
		}
		for mistake := range f.Mistakes {
			r.mistake = mistake
			caught := r.signature(in) != in.Signature
			if want := slices.Contains(in.Catches, mistake); caught != want {
				t.Errorf("%s: %s changes the signature: %v, want %v", in.Name, mistake, caught, want)
			}
		}
	}
}

func unbase64(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
