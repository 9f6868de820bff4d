package srp_test

import (
	"encoding/base64"
	"errors"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/srp"
)

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]+$`)

// FuzzClaim gives Claim the parameters of a hostile peer. If Claim refuses a parameter,
// the error must name that parameter. If Claim accepts all parameters, the signature
// must be the signature of the reference.
func FuzzClaim(f *testing.F) {
	file := vectors.Load(f)
	for _, in := range inputs(file) {
		f.Add(in.SaltWire, in.PublicBWire, in.SecretBlock)
	}
	good := inputs(file)[0]
	for _, bad := range append(file.InvalidPublicValues.Hex, "", "0x10", "-1", "+1", "1_0", " 1", "g", "ff\x00", "é") {
		f.Add(bad, good.PublicBWire, good.SecretBlock)
		f.Add(good.SaltWire, bad, good.SecretBlock)
		f.Add(good.SaltWire, good.PublicBWire, bad)
	}
	f.Add("0", "1", "AA==")
	f.Add(strings.Repeat("0", 144), strings.Repeat("0", 783)+"1", "A\n===")

	id, err := srp.User("eu-west-1_"+good.group, good.id, good.password)
	if err != nil {
		f.Fatal(err)
	}
	a := slices.Repeat([]byte{0xa5}, 32)
	e := srp.NewFixedEphemeral(a)
	good.A = new(big.Int).SetBytes(a).Text(16)
	good.Timestamp = "Sun Nov 22 05:04:03 UTC 2026"
	reference, n := newReference(file.Group), number(file.Group.N)

	f.Fuzz(func(t *testing.T, salt, b, block string) {
		_, errBlock := base64.StdEncoding.DecodeString(block)
		ok := map[string]bool{
			"SALT":         hexadecimal.MatchString(salt),
			"SRP_B":        hexadecimal.MatchString(b) && number(b).Sign() > 0 && number(b).Cmp(n) < 0,
			"SECRET_BLOCK": block != "" && errBlock == nil && !strings.ContainsAny(block, "\r\n"),
		}
		long := map[string]bool{"SALT": len(salt) > 128, "SRP_B": len(b) > 768, "SECRET_BLOCK": len(block) > 1<<14}
		claim, err := e.Claim(id, srp.Challenge{Salt: salt, B: b, SecretBlock: block}, now)
		var p *srp.ParameterError
		switch {
		case err != nil && (!errors.As(err, &p) || p.Parameter == "" || p.Reason == ""):
			t.Fatalf("%v does not name a parameter", err)
		case err != nil:
			if valid, known := ok[p.Parameter]; !known || valid && !long[p.Parameter] {
				t.Fatalf("%v, but there is nothing wrong with it", err)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Fatalf("%q is not quoted", err)
			}
		case !ok["SALT"] || !ok["SRP_B"] || !ok["SECRET_BLOCK"]:
			t.Fatalf("taken, although %v", ok)
		default:
			in := good
			in.SaltWire, in.PublicBWire, in.SecretBlock = salt, b, block
			want := srp.Claim{Signature: reference.signature(in), SecretBlock: block, Timestamp: good.Timestamp}
			if claim != want {
				t.Fatalf("claim = %+v, want %+v", claim, want)
			}
		}
	})
}
