package srp

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/modp"
	"github.com/cognitoflow/cognitoflow/secret"
)

// An Identity is a user or a device, with the password that is proved. Make an
// Identity with [User] or [Device]. You can use an Identity for any number of exchanges.
type Identity struct {
	group    string // pool name or device group key
	id       string // USER_ID_FOR_SRP or device key
	password secret.String
}

// User returns the identity of a user. The userPoolID is the whole ID, such as
// "eu-west-1_aB3dE5fG7". The userIDForSRP is USER_ID_FOR_SRP of the
// PASSWORD_VERIFIER challenge. If the user typed an alias, the typed text is another
// one: do not pass it. The password is hashed as its UTF-8 bytes, without
// normalization. If an argument is empty or malformed, the error is a [*ParameterError].
func User(userPoolID, userIDForSRP, password string) (Identity, error) {
	region, name, _ := strings.Cut(userPoolID, "_")
	if region == "" || name == "" {
		return Identity{}, refuse("UserPoolId", userPoolID, "is not of the form <region>_<name>")
	}
	return newIdentity(name, "USER_ID_FOR_SRP", userIDForSRP, "PASSWORD", password)
}

// Device returns the identity of a remembered device: the DeviceGroupKey and
// DeviceKey of NewDeviceMetadata, and the password made when the device was
// enrolled. The group key is used whole, with any underscore in it. If an argument
// is empty, the error is a [*ParameterError].
func Device(groupKey, deviceKey, password string) (Identity, error) {
	if groupKey == "" {
		return Identity{}, missing("DeviceGroupKey")
	}
	return newIdentity(groupKey, "DeviceKey", deviceKey, "device password", password)
}

func newIdentity(group, idParameter, id, passwordParameter, password string) (Identity, error) {
	if id == "" {
		return Identity{}, missing(idParameter)
	}
	if password == "" {
		return Identity{}, missing(passwordParameter)
	}
	return Identity{group, id, secret.New(password)}, nil
}

// x returns H(P(salt) || H(group || id || ":" || password)).
func (id Identity) x(saltP []byte) [sha256.Size]byte {
	inner := hash([]byte(id.group), []byte(id.id), []byte(":"), []byte(id.password.Reveal()))
	return hash(saltP, inner[:])
}

// errZero is the caller's mistake, not the peer's.
var errZero = errors.New("srp: identity not made by User or Device, or ephemeral not made by NewEphemeral")

// An Ephemeral is the client's key pair of one SRP exchange: the private a and the
// public A = g^a mod N. Make a new Ephemeral for each exchange. The exchange of a
// device after the exchange of a user needs a second Ephemeral.
type Ephemeral struct {
	private secret.String // the bytes of a, big-endian
	public  []byte        // A, modp.Size bytes
}

// privateBits is the length of a, and the minimum of RFC 5054, section 2.5.4. NIST SP
// 800-57 part 1, table 2, pairs this length with a group of 3072 bits. A longer a is
// not harder to find, because the group is then the weaker part.
const privateBits = 256

// NewEphemeral returns a new pair, made of random bytes.
func NewEphemeral() *Ephemeral {
	var a [privateBits / 8]byte
	rand.Read(a[:])
	return newEphemeral(a[:])
}

func newEphemeral(a []byte) *Ephemeral {
	var A modp.Element
	A.PowG(modp.NewExponent(a))
	return &Ephemeral{secret.New(string(a)), A.Bytes()}
}

// A returns the value of SRP_A: A in lower-case hexadecimal. The only leading zero is
// one that makes the number of digits even. Some servers of other makers than AWS cut a
// text of odd length.
func (e *Ephemeral) A() string {
	return hex.EncodeToString(trim(e.public))
}

// A Challenge holds the parameters of PASSWORD_VERIFIER or
// DEVICE_PASSWORD_VERIFIER that the arithmetic needs, as received.
type Challenge struct {
	Salt        string // SALT: hexadecimal
	B           string // SRP_B: hexadecimal
	SecretBlock string // SECRET_BLOCK: standard base64
}

// A Claim holds the responses that prove the password.
type Claim struct {
	Signature   string // PASSWORD_CLAIM_SIGNATURE: standard base64
	SecretBlock string // PASSWORD_CLAIM_SECRET_BLOCK: the text received as SECRET_BLOCK
	Timestamp   string // TIMESTAMP: covered by Signature, such as "Tue Feb 1 03:04:05 UTC 2000"
}

// timestampLayout has the day without padding and the hour in 24.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

const keyInfo = "Caldera Derived Key"

// Claim returns the answer to a challenge. The answer proves to the pool that the
// client knows the password of id. Pass the present time of the service's clock as now:
// the claim contains that time.
//
// If a parameter is missing, malformed, too long or out of range, the error is a
// [*ParameterError]. Claim also refuses an SRP_B that lets the peer control the result:
// 0 modulo N, or a B for which u is 0. Claim cannot tell that the password is wrong.
// Only the pool can tell.
func (e *Ephemeral) Claim(id Identity, c Challenge, now time.Time) (Claim, error) {
	if e.private.IsZero() || id.group == "" {
		return Claim{}, errZero
	}
	salt, err := parseHex("SALT", c.Salt, maxSalt)
	if err != nil {
		return Claim{}, err
	}
	serverPublic, err := parseHex("SRP_B", c.B, modp.Size)
	if err != nil {
		return Claim{}, err
	}
	var B modp.Element
	if len(serverPublic) == 0 || !B.SetBytes(serverPublic) {
		return Claim{}, refuse("SRP_B", c.B, "is 0 or not below N")
	}
	block, err := parseBase64("SECRET_BLOCK", c.SecretBlock)
	if err != nil {
		return Claim{}, err
	}
	u := e.u(serverPublic)
	x := id.x(padded(salt))
	S, err := e.premaster(&B, u[:], x[:])
	if err != nil {
		return Claim{}, err
	}
	key, err := sessionKey(S, u[:])
	if err != nil {
		return Claim{}, err
	}
	claim := Claim{SecretBlock: c.SecretBlock, Timestamp: now.UTC().Format(timestampLayout)}
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(id.group), []byte(id.id), block, []byte(claim.Timestamp)} {
		mac.Write(part)
	}
	claim.Signature = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return claim, nil
}

// u returns H(P(A) || P(B)) of the server's B, big-endian.
func (e *Ephemeral) u(serverPublic []byte) [sha256.Size]byte {
	return hash(padded(e.public), padded(serverPublic))
}

// sessionKey returns the key that signs the claim.
func sessionKey(S, u []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, padded(S), padded(u), keyInfo, 16)
}

// premaster returns S = (B - k * g^x)^(a + u*x) mod N.
func (e *Ephemeral) premaster(B *modp.Element, u, x []byte) ([]byte, error) {
	if len(trim(u)) == 0 {
		return nil, &ParameterError{"SRP_B", "makes u = H(A, B) zero"}
	}
	exponentX := modp.NewExponent(x)
	exponent := modp.NewExponent([]byte(e.private.Reveal())).AddMul(modp.NewExponent(u), exponentX)
	var S modp.Element
	S.PowG(exponentX)
	S.Mul(&S, multiplier())
	S.Sub(B, &S)
	S.Exp(&S, exponent)
	return S.Bytes(), nil
}
