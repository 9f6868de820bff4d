// Package srp is the server half of SRP-6a as the service speaks it: RFC 3526
// group 15 with g = 2, and numbers hashed as minimal two's complement bytes.
package srp

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

// N is the group's prime, G its generator and K the multiplier k of SRP-6a.
var (
	N, _ = new(big.Int).SetString(""+
		"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"+
		"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"+
		"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"+
		"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05"+
		"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb"+
		"9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"+
		"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718"+
		"3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33"+
		"a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7"+
		"abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864"+
		"d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2"+
		"08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff", 16)
	G = big.NewInt(2)
	K = hashNumber(TwosComplement(N), TwosComplement(G))
)

// TwosComplement gives the bytes of n, not negative, as Java's
// BigInteger.toByteArray does: a leading zero byte keeps the sign.
func TwosComplement(n *big.Int) []byte {
	return n.FillBytes(make([]byte, n.BitLen()/8+1))
}

func hashNumber(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// Credential is what a pool knows of a password: salt and verifier. The
// verifier is computed when first needed.
type Credential struct {
	Group, UID string // the names that enter the hashes, before the colon
	Salt       *big.Int
	Verifier   func() *big.Int
}

// NewCredential makes the credential of a password of the user uid.
func NewCredential(group, uid, password string, salt *big.Int) *Credential {
	inner := sha256.Sum256([]byte(group + uid + ":" + password))
	return CredentialFromExponent(group, uid, salt, hashNumber(TwosComplement(salt), inner[:]))
}

// CredentialFromExponent makes a credential with the verifier g^x.
func CredentialFromExponent(group, uid string, salt, x *big.Int) *Credential {
	return &Credential{Group: group, UID: uid, Salt: salt, Verifier: sync.OnceValue(func() *big.Int {
		return new(big.Int).Exp(G, x, N)
	})}
}

// NewSalt draws a salt of SaltBytes.
func NewSalt() *big.Int { return random.Number(SaltBytes) }

// Exchange is one SRP exchange that waits for the client's proof.
type Exchange struct {
	Credential  *Credential
	A, b, B     *big.Int // A is the client's; b and B are the pool's
	SecretBlock string
	Issued      time.Time
}

// NewExchange answers the client's A, using b.
func NewExchange(credential *Credential, clientA, b *big.Int) *Exchange {
	bPub := new(big.Int).Exp(G, b, N)
	bPub.Add(bPub, new(big.Int).Mul(K, credential.Verifier()))
	block := make([]byte, secretBlockBytes)
	rand.Read(block)
	return &Exchange{
		Credential: credential, A: clientA, b: b, B: bPub.Mod(bPub, N),
		SecretBlock: base64.StdEncoding.EncodeToString(block),
	}
}

// The sizes of what a pool draws: the SECRET_BLOCK, b, and a salt.
const (
	secretBlockBytes = 1280 // as long as recorded ones are
	EphemeralBytes   = 32
	SaltBytes        = 16
)

var errZeroScrambler = errors.New("u is zero")

// SessionKey is the key that the client's proof has to be made with.
func (x *Exchange) SessionKey() ([]byte, error) {
	return x.keyFor(x.Scrambler())
}

// Scrambler is u.
func (x *Exchange) Scrambler() *big.Int {
	return hashNumber(TwosComplement(x.A), TwosComplement(x.B))
}

// Secret is S.
func (x *Exchange) Secret(u *big.Int) *big.Int {
	s := new(big.Int).Exp(x.Credential.Verifier(), u, N)
	s.Mul(s, x.A)
	return s.Exp(s, x.b, N)
}

func (x *Exchange) keyFor(u *big.Int) ([]byte, error) {
	if u.Sign() == 0 {
		return nil, errZeroScrambler // the password would not enter S
	}
	s := x.Secret(u)
	return hkdf.Key(sha256.New, TwosComplement(s), TwosComplement(u), "Caldera Derived Key", 16)
}

// Proof is the signature that the client has to send with that TIMESTAMP.
func (x *Exchange) Proof(timestamp string) ([]byte, error) {
	key, err := x.SessionKey()
	if err != nil {
		return nil, err
	}
	block, err := base64.StdEncoding.DecodeString(x.SecretBlock)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(x.Credential.Group + x.Credential.UID))
	mac.Write(block)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil), nil
}

// WireSalt is the salt as SALT has it.
func (x *Exchange) WireSalt(padded bool) string {
	if padded {
		return fmt.Sprintf("0000%0*x", 2*SaltBytes, x.Credential.Salt)
	}
	return x.Credential.Salt.Text(16)
}

// HexDigits is the form of the numbers in requests.
var HexDigits = regexp.MustCompile(`^[0-9a-fA-F]+$`)

const maxHexDigits = 1024

// ParseClientA reads SRP_A: hex digits of either case and any number, the
// value not a multiple of N, for which anybody could compute S.
func ParseClientA(text string) (*big.Int, error) {
	switch {
	case len(text) > maxHexDigits:
		return nil, exception.InvalidParameter("SRP_A has more than %d digits", maxHexDigits)
	case !HexDigits.MatchString(text):
		// The service names the parameter "a" and repeats its value.
		return nil, exception.InvalidParameter("1 validation error detected: Value '%s' at 'a' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", text, HexDigits)
	}
	a, _ := new(big.Int).SetString(text, 16)
	if new(big.Int).Mod(a, N).Sign() == 0 {
		return nil, exception.InvalidParameter("SRP_A is zero modulo N")
	}
	return a, nil
}
