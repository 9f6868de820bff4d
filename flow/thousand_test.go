package flow_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/secret"
)

// signInsInARow is enough to show mistakes in the bytes of SRP numbers. Such a mistake hits one
// sign-in in 2, 16 or 256. TestThousandSignInsRareNumbers forces the rarer cases.
const signInsInARow = 1000

// srpNumbers counts the special cases among the exchanges that a pool sees.
type srpNumbers struct{ saltTop, oddA, topA, topB, topU atomic.Int64 }

func (n *srpNumbers) count(v cognitotest.SRPValues) bool {
	for _, c := range []struct {
		counter *atomic.Int64
		special bool
	}{
		{&n.saltTop, topBit(v.Salt)},
		{&n.topA, topBit(v.A)},
		{&n.topB, topBit(v.B)},
		{&n.topU, topBit(v.U)},
		{&n.oddA, len(v.A.Text(16))%2 == 1},
	} {
		if c.special {
			c.counter.Add(1)
		}
	}
	return true
}

// all reports whether each case has come.
func (n *srpNumbers) all() bool {
	return n.saltTop.Load() > 0 && n.oddA.Load() > 0 && n.topA.Load() > 0 && n.topB.Load() > 0 && n.topU.Load() > 0
}

// topBit reports whether the shortest form of n needs a sign byte.
func topBit(n *big.Int) bool { return n.BitLen()%8 == 0 }

// letters has characters of each class that a user name may have. Among them are characters of
// more than one byte, characters that combine, and characters with a meaning in URLs and shells.
var letters = []rune("aZ09._~-+@:;%&?!'\"\\<>|$ßéñÅłжшβΩ字仮ㄱאب฿€№½ⅷ😀🂡\u0301\u0308")

func randomText(r *rand.Rand, least, most int) string {
	text := make([]rune, least+r.IntN(most-least+1))
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}

func TestThousandSignIns(t *testing.T) {
	t.Parallel()
	times := signInsInARow
	if !byname.Asked(t) {
		times = 50
	}
	seed := rand.Uint64()
	t.Logf("%d sign-ins with seed %d", times, seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var numbers srpNumbers
	pool := newPool(t, func(c *cognitotest.PoolConfig) {
		c.SRPFilter = numbers.count
		c.AliasAttributes = nil // so that a name may look like an address
	})
	drivers := []*flow.Driver{newDriver(t, pool, "public"), newDriver(t, pool, "secret")}
	wide := 0
	for i := 0; i < times || i < signInsInARow && !numbers.all(); i++ {
		name, pass := fmt.Sprintf("%d%s", i, randomText(r, 0, 30)), randomText(r, 8, 60)
		if len(pass) != utf8.RuneCountInString(pass) {
			wide++
		}
		if err := pool.AddUser(cognitotest.UserConfig{Name: name, Password: pass}); err != nil {
			t.Fatal(err)
		}
		tokens, err := drivers[i%2].SignIn(t.Context(), flow.UserSRPAuth{Username: name, Password: secret.New(pass)}, nil)
		if err != nil {
			t.Fatalf("sign-in %d of %q with %q: %v", i, name, pass, err)
		}
		if tokens.Username != name {
			t.Fatalf("signed in as %q, got tokens of %q", name, tokens.Username)
		}
	}
	for what, n := range map[string]int64{
		"a password beyond ASCII": int64(wide), "a salt with the top bit set": numbers.saltTop.Load(), "an A of odd length": numbers.oddA.Load(),
		"an A with the top bit set": numbers.topA.Load(), "a B with the top bit set": numbers.topB.Load(), "a u with the top bit set": numbers.topU.Load(),
	} {
		t.Logf("%d with %s", n, what)
		if n == 0 {
			t.Errorf("no sign-in had %s", what)
		}
	}
}

// A value with a leading zero byte is shorter than usual, and is hashed without that byte.
func TestThousandSignInsRareNumbers(t *testing.T) {
	t.Parallel()
	const groupBytes, digestBytes = 384, 32
	short := func(n *big.Int, bytes int) bool { return n.BitLen() <= 8*(bytes-1) }
	cases := map[string]func(cognitotest.SRPValues) bool{
		"u with a leading zero byte": func(v cognitotest.SRPValues) bool { return short(v.U, digestBytes) },
		"S with a leading zero byte": func(v cognitotest.SRPValues) bool { return short(v.S(), groupBytes) },
		"B with a leading zero byte": func(v cognitotest.SRPValues) bool { return short(v.B, groupBytes) },
		"S with the top bit set":     func(v cognitotest.SRPValues) bool { return topBit(v.S()) },
		"S and u of odd length": func(v cognitotest.SRPValues) bool {
			return len(v.U.Text(16))%2 == 1 && len(v.S().Text(16))%2 == 1
		},
	}
	if byname.Quick(t) { // one value in 256 has a leading zero byte
		delete(cases, "u with a leading zero byte")
		delete(cases, "B with a leading zero byte")
	}
	for name, filter := range cases {
		t.Run(name, func(t *testing.T) {
			var seen atomic.Bool
			pool := newPool(t, func(c *cognitotest.PoolConfig) {
				c.SRPFilter = func(v cognitotest.SRPValues) bool {
					found := filter(v)
					seen.Store(found)
					return found
				}
			}, cognitotest.UserConfig{Name: username, Password: password})
			if _, err := newDriver(t, pool, "secret").SignIn(t.Context(), srpAuth(username), nil); err != nil {
				t.Error(err)
			}
			if !seen.Load() {
				t.Error("the pool did not draw such a value")
			}
		})
	}
}
