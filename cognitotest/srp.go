package cognitotest

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
)

// The server half of SRP-6a as the service speaks it: RFC 3526 group 15 with
// g = 2, and numbers hashed as minimal two's complement bytes.
var (
	srpN, _ = new(big.Int).SetString(""+
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
	srpG = big.NewInt(2)
	srpK = hashNumber(twosComplement(srpN), twosComplement(srpG))
)

// twosComplement gives the bytes of n, not negative, as Java's
// BigInteger.toByteArray does: a leading zero byte keeps the sign.
func twosComplement(n *big.Int) []byte {
	return n.FillBytes(make([]byte, n.BitLen()/8+1))
}

func hashNumber(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// srpCredential is what a pool knows of a password: salt and verifier. The
// verifier is computed when first needed.
type srpCredential struct {
	group, uid string // the names that enter the hashes, before the colon
	salt       *big.Int
	verifier   func() *big.Int
}

// newCredential makes the credential of a password of the user uid.
func newCredential(group, uid, password string, salt *big.Int) *srpCredential {
	inner := sha256.Sum256([]byte(group + uid + ":" + password))
	return credentialFromExponent(group, uid, salt, hashNumber(twosComplement(salt), inner[:]))
}

func credentialFromExponent(group, uid string, salt, x *big.Int) *srpCredential {
	return &srpCredential{group: group, uid: uid, salt: salt, verifier: sync.OnceValue(func() *big.Int {
		return new(big.Int).Exp(srpG, x, srpN)
	})}
}

func newSalt() *big.Int { return randomNumber(saltBytes) }

func randomNumber(bytes int) *big.Int {
	b := make([]byte, bytes)
	rand.Read(b)
	return new(big.Int).SetBytes(b)
}

// exchange is one SRP exchange that waits for the client's proof.
type exchange struct {
	credential  *srpCredential
	a, b, bPub  *big.Int // A, b and B
	secretBlock string
	issued      time.Time
}

// newExchange answers the client's A, using b.
func newExchange(credential *srpCredential, clientA, b *big.Int) *exchange {
	bPub := new(big.Int).Exp(srpG, b, srpN)
	bPub.Add(bPub, new(big.Int).Mul(srpK, credential.verifier()))
	block := make([]byte, secretBlockBytes)
	rand.Read(block)
	return &exchange{
		credential: credential, a: clientA, b: b, bPub: bPub.Mod(bPub, srpN),
		secretBlock: base64.StdEncoding.EncodeToString(block),
	}
}

const (
	secretBlockBytes = 1280 // as long as recorded ones are
	ephemeralBytes   = 32
	saltBytes        = 16
)

var errZeroScrambler = errors.New("u is zero")

// sessionKey is the key that the client's proof has to be made with.
func (x *exchange) sessionKey() ([]byte, error) {
	return x.keyFor(x.scrambler())
}

// scrambler is u.
func (x *exchange) scrambler() *big.Int {
	return hashNumber(twosComplement(x.a), twosComplement(x.bPub))
}

// secret is S.
func (x *exchange) secret(u *big.Int) *big.Int {
	s := new(big.Int).Exp(x.credential.verifier(), u, srpN)
	s.Mul(s, x.a)
	return s.Exp(s, x.b, srpN)
}

func (x *exchange) keyFor(u *big.Int) ([]byte, error) {
	if u.Sign() == 0 {
		return nil, errZeroScrambler // the password would not enter S
	}
	s := x.secret(u)
	return hkdf.Key(sha256.New, twosComplement(s), twosComplement(u), "Caldera Derived Key", 16)
}

// proof is the signature that the client has to send with that TIMESTAMP.
func (x *exchange) proof(timestamp string) ([]byte, error) {
	key, err := x.sessionKey()
	if err != nil {
		return nil, err
	}
	block, err := base64.StdEncoding.DecodeString(x.secretBlock)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(x.credential.group + x.credential.uid))
	mac.Write(block)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil), nil
}

// wireSalt is the salt as SALT has it.
func (x *exchange) wireSalt(padded bool) string {
	if padded {
		return fmt.Sprintf("0000%0*x", 2*saltBytes, x.credential.salt)
	}
	return x.credential.salt.Text(16)
}

var hexDigits = regexp.MustCompile(`^[0-9a-fA-F]+$`)

const maxHexDigits = 1024

// parseClientA reads SRP_A: hex digits of either case and any number, the
// value not a multiple of N, for which anybody could compute S.
func parseClientA(text string) (*big.Int, error) {
	switch {
	case len(text) > maxHexDigits:
		return nil, invalidParameter("SRP_A has more than %d digits", maxHexDigits)
	case !hexDigits.MatchString(text):
		// The service names the parameter "a" and repeats its value.
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'a' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", text, hexDigits)
	}
	a, _ := new(big.Int).SetString(text, 16)
	if new(big.Int).Mod(a, srpN).Sign() == 0 {
		return nil, invalidParameter("SRP_A is zero modulo N")
	}
	return a, nil
}

// timestampLayout has the day of month without padding.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// timestampForm is what the service can read: names in any case, a day of one
// or two digits, UTC or GMT.
var timestampForm = regexp.MustCompile(`^(?i:mon|tue|wed|thu|fri|sat|sun) ((?i)[a-z]{3} [0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}) (?:UTC|GMT) ([0-9]{4})$`)

// readTimestamp reads TIMESTAMP.
func readTimestamp(text string) (time.Time, error) {
	match := timestampForm.FindStringSubmatch(text)
	if match != nil {
		if t, err := time.Parse("Jan 2 15:04:05 2006", match[1]+" "+match[2]); err == nil {
			return t, nil
		}
	}
	return time.Time{}, invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
}

// checkClaim holds the answer to an SRP challenge against the exchange. It
// reports whether the proof is right; an error says why it was not judged.
func (x *exchange) checkClaim(c *call, responses map[string]string) (bool, error) {
	d, now := c.pool.dialect, c.pool.now()
	t, err := readTimestamp(responses["TIMESTAMP"])
	if err != nil {
		return false, err
	}
	claimed, err := base64.StdEncoding.Strict().DecodeString(responses["PASSWORD_CLAIM_SIGNATURE"])
	switch {
	case err != nil:
		return false, invalidParameter("Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
	case responses["PASSWORD_CLAIM_SECRET_BLOCK"] != x.secretBlock:
		return false, wrongCredentials()
	case !withinSeconds(now.Sub(t).Abs(), d.TimestampSeconds):
		return false, notAuthorized("TIMESTAMP is more than %d seconds from the pool's clock", d.TimestampSeconds)
	case !withinSeconds(now.Sub(x.issued), d.VerifierSeconds):
		return false, notAuthorized("the answer came more than %d seconds after the challenge", d.VerifierSeconds)
	}
	var want []byte
	c.unlocked(func() { want, err = x.proof(t.Format(timestampLayout)) })
	if err != nil {
		return false, invalidParameter("SRP_A cannot be used: %v", err)
	}
	// A text that the service can read and would have written otherwise does
	// not fit the proof that it computes.
	return hmac.Equal(claimed, want) && t.Format(timestampLayout) == responses["TIMESTAMP"], nil
}

// SRPValues are the numbers of one SRP exchange, for [PoolConfig].SRPFilter.
type SRPValues struct {
	// Salt, A, B and U are known to both sides.
	Salt, A, B, U *big.Int
	// S is the secret that both sides compute, if the password is right. It
	// takes some milliseconds.
	S func() *big.Int
}

func (p *Pool) drawExchange(credential *srpCredential, clientA *big.Int) *exchange {
	for {
		x := newExchange(credential, clientA, randomNumber(ephemeralBytes))
		if p.srpFilter == nil || p.srpFilter(SRPValues{
			Salt: credential.salt, A: clientA, B: x.bPub, U: x.scrambler(),
			S: func() *big.Int { return x.secret(x.scrambler()) },
		}) {
			return x
		}
	}
}

// srpChallenge starts an exchange and makes the parameters that announce it.
func (c *call) srpChallenge(credential *srpCredential, clientA *big.Int) (map[string]string, *exchange) {
	var x *exchange
	c.unlocked(func() { x = c.pool.drawExchange(credential, clientA) })
	x.issued = c.pool.now()
	return map[string]string{
		"SALT":         x.wireSalt(c.pool.dialect.PaddedSalt),
		"SRP_B":        x.bPub.Text(16),
		"SECRET_BLOCK": x.secretBlock,
	}, x
}

func ghostNumber(secret []byte, purpose, name string, bytes int) *big.Int {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose + "\x00" + name))
	return new(big.Int).SetBytes(mac.Sum(nil)[:bytes])
}
