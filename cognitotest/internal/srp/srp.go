// Package srp is the server half of SRP-6a in the form of the service. The group is group 15
// of RFC 3526 with g = 2. Hashes are over the shortest two's complement of numbers.
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

// N is the prime of the group, G the generator, and K the multiplier k of SRP-6a.
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

// TwosComplement returns the bytes of n, which must not be negative, as
// BigInteger.toByteArray of Java does. If the first bit is set, a zero byte comes first.
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

// Credential has the salt and the verifier of a password. The first use computes the
// verifier.
type Credential struct {
	Group, UID string // the names in the hashes, before the colon
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

// NewSalt returns a random salt of SaltBytes.
func NewSalt() *big.Int { return random.Number(SaltBytes) }

// Exchange is one SRP exchange that waits for the proof of the client.
type Exchange struct {
	Credential  *Credential
	A, b, B     *big.Int // A of the client, b and B of the pool
	SecretBlock string
	Issued      time.Time
}

// NewExchange makes an exchange of A of the client and b of the pool.
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

// The sizes of the random values of a pool: the SECRET_BLOCK, b, and a salt.
const (
	secretBlockBytes = 1280 // the length in recordings
	EphemeralBytes   = 32
	SaltBytes        = 16
)

var errZeroScrambler = errors.New("u is zero")

// SessionKey returns the key of the proof.
func (x *Exchange) SessionKey() ([]byte, error) {
	return x.keyFor(x.Scrambler())
}

// Scrambler returns u.
func (x *Exchange) Scrambler() *big.Int {
	return hashNumber(TwosComplement(x.A), TwosComplement(x.B))
}

// Secret returns S.
func (x *Exchange) Secret(u *big.Int) *big.Int {
	s := new(big.Int).Exp(x.Credential.Verifier(), u, N)
	s.Mul(s, x.A)
	return s.Exp(s, x.b, N)
}

func (x *Exchange) keyFor(u *big.Int) ([]byte, error) {
	if u.Sign() == 0 {
		return nil, errZeroScrambler // S would not depend on the password
	}
	s := x.Secret(u)
	return hkdf.Key(sha256.New, TwosComplement(s), TwosComplement(u), "Caldera Derived Key", 16)
}

// Proof returns the signature that the client must send with this TIMESTAMP.
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

// WireSalt returns the salt in the form of the parameter SALT.
func (x *Exchange) WireSalt(padded bool) string {
	if padded {
		return fmt.Sprintf("0000%0*x", 2*SaltBytes, x.Credential.Salt)
	}
	return x.Credential.Salt.Text(16)
}

// HexDigits is the form of the numbers in requests.
var HexDigits = regexp.MustCompile(`^[0-9a-fA-F]+$`)

const maxHexDigits = 1024

// ParseClientA reads SRP_A: hexadecimal digits in upper or lower case. ParseClientA refuses a
// multiple of N, because everybody could compute S.
func ParseClientA(text string) (*big.Int, error) {
	switch {
	case len(text) > maxHexDigits:
		return nil, exception.InvalidParameter("SRP_A has more than %d digits", maxHexDigits)
	case !HexDigits.MatchString(text):
		// The text of the service names the parameter "a" and repeats the value.
		return nil, exception.InvalidParameter("1 validation error detected: Value '%s' at 'a' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", text, HexDigits)
	}
	a, _ := new(big.Int).SetString(text, 16)
	if new(big.Int).Mod(a, N).Sign() == 0 {
		return nil, exception.InvalidParameter("SRP_A is zero modulo N")
	}
	return a, nil
}
