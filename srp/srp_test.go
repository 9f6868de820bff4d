package srp_test

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

var now = time.Date(2026, 11, 22, 5, 4, 3, 0, time.UTC)

// exchange returns an identity and a challenge that are in order.
func exchange(tb testing.TB) (srp.Identity, srp.Challenge) {
	v := vectors.Load(tb).User[0]
	id, err := srp.User(v.UserPoolID, v.UserIDForSRP, v.Password)
	if err != nil {
		tb.Fatal(err)
	}
	return id, srp.Challenge{Salt: v.SaltWire, B: v.PublicBWire, SecretBlock: v.SecretBlock}
}

// refused checks that err is a ParameterError for that parameter.
func refused(t *testing.T, err error, parameter string) {
	t.Helper()
	var p *srp.ParameterError
	if !errors.As(err, &p) || p.Parameter != parameter || p.Reason == "" {
		t.Errorf("error %v, want a ParameterError for %s", err, parameter)
		return
	}
	if text := err.Error(); !strings.Contains(text, parameter) || len(text) > 250 || strings.ContainsAny(text, "\n\x00") {
		t.Errorf("error text %q", text)
	}
}

func TestPublicValuesThatAreZeroModuloN(t *testing.T) {
	id, c := exchange(t)
	for _, digits := range vectors.Load(t).InvalidPublicValues.Hex {
		c.B = digits
		_, err := srp.NewEphemeral().Claim(id, c, now)
		refused(t, err, "SRP_B")
	}
}

func TestZeroU(t *testing.T) {
	_, err := srp.NewEphemeral().S([]byte{2}, make([]byte, 32), make([]byte, 32))
	refused(t, err, "SRP_B")
}

func TestMalformedChallenges(t *testing.T) {
	id, good := exchange(t)
	n := vectors.Load(t).Group.N
	above := new(big.Int).Add(number(n), big.NewInt(1)).Text(16)
	for name, test := range map[string]struct {
		parameter string
		set       func(*srp.Challenge)
	}{
		"no salt":              {"SALT", func(c *srp.Challenge) { c.Salt = "" }},
		"salt not hex":         {"SALT", func(c *srp.Challenge) { c.Salt = "3cc63a94eeab6a95efe42a73d0ac9fzz" }},
		"salt with a sign":     {"SALT", func(c *srp.Challenge) { c.Salt = "-3cc63a94" }},
		"salt with a prefix":   {"SALT", func(c *srp.Challenge) { c.Salt = "0x3cc63a94" }},
		"salt with a space":    {"SALT", func(c *srp.Challenge) { c.Salt = " 3cc63a9" }},
		"salt with a line end": {"SALT", func(c *srp.Challenge) { c.Salt = "3cc63a9\n" }},
		"salt too long":        {"SALT", func(c *srp.Challenge) { c.Salt = strings.Repeat("7", 129) }},
		"salt far too long":    {"SALT", func(c *srp.Challenge) { c.Salt = strings.Repeat("0", 1<<20) }},
		"no B":                 {"SRP_B", func(c *srp.Challenge) { c.B = "" }},
		"B not hex":            {"SRP_B", func(c *srp.Challenge) { c.B = "1_000" }},
		"B negative":           {"SRP_B", func(c *srp.Challenge) { c.B = "-1" }},
		"B not ASCII":          {"SRP_B", func(c *srp.Challenge) { c.B = "１２" }},
		"B above N":            {"SRP_B", func(c *srp.Challenge) { c.B = above }},
		"B too long":           {"SRP_B", func(c *srp.Challenge) { c.B = "1" + n }},
		"B far too long":       {"SRP_B", func(c *srp.Challenge) { c.B = strings.Repeat("ab", 1<<20) }},
		"no block":             {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = "" }},
		"block not base64":     {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = "8Io3*VpQ" }},
		"block url-safe":       {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = "8Io3-VpQ" }},
		"block unpadded":       {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = "8Io3MQ" }},
		"block in lines":       {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = "8Io3\r\nMVpQ" }},
		"block too long":       {"SECRET_BLOCK", func(c *srp.Challenge) { c.SecretBlock = strings.Repeat("AAAA", 1<<14) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			test.set(&c)
			claim, err := srp.NewEphemeral().Claim(id, c, now)
			refused(t, err, test.parameter)
			if claim != (srp.Claim{}) {
				t.Errorf("claim = %+v", claim)
			}
		})
	}
}

// The peer's text is quoted if it is short, and never cut.
func TestErrorsQuoteShortText(t *testing.T) {
	id, c := exchange(t)
	for text, want := range map[string]string{
		"\x1b[31mx":                           `srp: SRP_B "\x1b[31mx" is not hexadecimal`,
		"\x1b[31m" + strings.Repeat("x", 500): `srp: SRP_B (505 bytes) is not hexadecimal`,
	} {
		c.B = text
		if _, err := srp.NewEphemeral().Claim(id, c, now); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestIdentities(t *testing.T) {
	for name, test := range map[string]struct {
		make      func() (srp.Identity, error)
		parameter string
	}{
		"no pool":              {func() (srp.Identity, error) { return srp.User("", "u", "pw") }, "UserPoolId"},
		"pool without _":       {func() (srp.Identity, error) { return srp.User("eu-west-1", "u", "pw") }, "UserPoolId"},
		"pool without region":  {func() (srp.Identity, error) { return srp.User("_aB3", "u", "pw") }, "UserPoolId"},
		"pool without name":    {func() (srp.Identity, error) { return srp.User("eu-west-1_", "u", "pw") }, "UserPoolId"},
		"no USER_ID_FOR_SRP":   {func() (srp.Identity, error) { return srp.User("eu-west-1_aB3", "", "pw") }, "USER_ID_FOR_SRP"},
		"no password":          {func() (srp.Identity, error) { return srp.User("eu-west-1_aB3", "u", "") }, "PASSWORD"},
		"no group key":         {func() (srp.Identity, error) { return srp.Device("", "k", "pw") }, "DeviceGroupKey"},
		"no device key":        {func() (srp.Identity, error) { return srp.Device("g", "", "pw") }, "DeviceKey"},
		"no password (device)": {func() (srp.Identity, error) { return srp.Device("g", "k", "") }, "device password"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := test.make()
			refused(t, err, test.parameter)
			if !reflect.ValueOf(id).IsZero() {
				t.Error("an identity comes with the error")
			}
		})
	}
}

// The zero values are not an empty password that happens to work.
func TestZeroValues(t *testing.T) {
	id, c := exchange(t)
	if _, err := srp.NewEphemeral().Claim(srp.Identity{}, c, now); err == nil {
		t.Error("Claim takes the zero Identity")
	}
	if _, err := new(srp.Ephemeral).Claim(id, c, now); err == nil {
		t.Error("the zero Ephemeral makes a claim")
	}
	defer func() {
		if recover() == nil {
			t.Error("NewVerifier takes the zero Identity")
		}
	}()
	srp.NewVerifier(srp.Identity{})
}

// One in sixteen values of A has an odd number of digits.
func TestAIsEvenLowerCaseHex(t *testing.T) {
	g := vectors.Load(t).Group
	leadingZero := false
	for range 200 {
		A := srp.NewEphemeral().A()
		if len(A)%2 != 0 || strings.Trim(A, "0123456789abcdef") != "" || strings.HasPrefix(A, "00") {
			t.Fatalf("A = %s", A)
		}
		if number(A).Cmp(number(g.N)) >= 0 {
			t.Fatalf("A = %s is not below N", A)
		}
		leadingZero = leadingZero || A[0] == '0'
	}
	if !leadingZero {
		t.Error("no A had an odd number of digits before it was made even")
	}
}

func TestEphemeralsDiffer(t *testing.T) {
	if first, second := srp.NewEphemeral(), srp.NewEphemeral(); first.A() == second.A() {
		t.Error("two ephemerals are the same")
	}
}

// A device enrols, and proves its password under the salt it was given: with
// the server's half of the formulas, in math/big.
func TestEnrolAndProve(t *testing.T) {
	group := vectors.Load(t).Group
	N, g, k := number(group.N), big.NewInt(int64(group.G)), number(group.K)
	id, err := srp.Device("-Gr0up", "eu-west-1_1b9d6bcd", "pässword")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		verifier := srp.NewVerifier(id)
		salt, v := unbase64(t, verifier.Salt), new(big.Int).SetBytes(unbase64(t, verifier.PasswordVerifier))
		e := srp.NewEphemeral()
		b := big.NewInt(0xb0b)
		B := new(big.Int).Mul(k, v)
		B.Mod(B.Add(B, new(big.Int).Exp(g, b, N)), N)
		u := digest(srp.P(unhex(t, e.A())), srp.P(B.Bytes()))
		S := new(big.Int).Exp(v, u, N)
		S.Exp(S.Mul(S, number(e.A())), b, N)
		got, err := e.S(B.Bytes(), u.Bytes(), srp.X(id, salt))
		if err != nil {
			t.Fatal(err)
		}
		if new(big.Int).SetBytes(got).Cmp(S) != 0 {
			t.Errorf("S = %x on the client, %x on the server", got, S)
		}
	}
	if first, second := srp.NewVerifier(id), srp.NewVerifier(id); first.Salt == second.Salt {
		t.Error("two verifiers have the same salt")
	}
}

// A caller's struct: fmt does not call methods on what unexported fields hold.
type session struct {
	id        srp.Identity
	ephemeral *srp.Ephemeral
	copied    srp.Ephemeral
	Exported  srp.Identity
}

func TestSecretsDoNotPrint(t *testing.T) {
	a := []byte("0123456789abcdefghijklmnopqrstuv")
	password := "hunter2-and-more"
	id, err := srp.User("eu-west-1_aB3", "u", password)
	if err != nil {
		t.Fatal(err)
	}
	e := srp.NewFixedEphemeral(a)
	for _, v := range []any{id, &id, e, *e, session{id, e, *e, id}, &session{id, e, *e, id}} {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d") {
			out := fmt.Sprintf(verb, v)
			for _, leak := range []string{
				password, fmt.Sprintf("%x", password), string(a), fmt.Sprintf("%x", a),
				// The limbs of a, least significant first.
				fmt.Sprint(uint64(0x6f70717273747576)), fmt.Sprintf("%x", uint64(0x6f70717273747576)),
			} {
				if strings.Contains(strings.ToLower(out), strings.ToLower(leak)) {
					t.Errorf("%s of %T: %s", verb, v, out)
				}
			}
		}
	}
}
