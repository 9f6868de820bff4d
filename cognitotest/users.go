package cognitotest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

// user is one user of a pool. Its fields are guarded by the pool's lock; a
// credential is replaced, not changed.
type user struct {
	name, id   string
	ghost      bool   // made up for a name that nobody has
	soughtName string // that name
	attributes map[string]string
	groups     []string

	passwords   []string // the present one first; none: cannot use a password
	temporary   bool
	passwordSet time.Time
	credential  *srp.Credential

	mfa          []string
	preferredMFA string
	totp         *totp.App
	totpSetup    totpSetup // by the user's own access token
	passkeys     []passkey
	registration *webauthn.SessionData // of a passkey, under way
	assertion    *webauthn.SessionData // last asked of a passkey
	purposeCodes map[string]*sentCode  // by the operation that takes them
	lastCode     poolCode
	devices      []*device // oldest first, those not confirmed included
	lastDevice   int       // the number of the newest

	signOuts int // how often all tokens were taken back

	disabled, unconfirmed, resetRequired bool

	created, modified time.Time
}

// checkStatus says whether a user may sign in, or go on to do so. The service
// asks before it judges a password.
func (u *user) checkStatus() error {
	switch {
	case u.ghost:
		return exception.WrongCredentials()
	case u.disabled:
		return exception.NotAuthorized("User is disabled.")
	case u.unconfirmed:
		return exception.New("UserNotConfirmedException", "User is not confirmed.")
	}
	return nil
}

// userName is something that finds a user at sign-in, and the field of the
// user's configuration that has it.
type userName struct{ field, text string }

// namesOf gives what finds a user at sign-in: the name, and the attributes
// that the pool takes in its place.
func (p *userPool) namesOf(u *user) []userName {
	names := []userName{{"name", u.name}}
	for _, attribute := range p.usernameAttributes {
		names = append(names, userName{"name", u.attributes[attribute]})
	}
	for _, alias := range p.aliasAttributes {
		if verified := verifiedAttribute(alias); verified == "" || u.attributes[verified] == "true" {
			names = append(names, userName{"attributes." + alias, u.attributes[alias]})
		}
	}
	return slices.DeleteFunc(names, func(name userName) bool { return name.text == "" })
}

// verifiedAttribute is the attribute that says whether an address is the
// user's own; "" for attributes that are no addresses.
func verifiedAttribute(attribute string) string {
	if attribute == "email" || attribute == "phone_number" {
		return attribute + "_verified"
	}
	return ""
}

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	phoneForm = regexp.MustCompile(`^\+[0-9]+$`)
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// addressAttribute says which attribute a name has the form of, "" for none.
func addressAttribute(name string) string {
	switch {
	case emailForm.MatchString(name):
		return "email"
	case phoneForm.MatchString(name):
		return "phone_number"
	}
	return ""
}

// key is how names are compared.
func (p *userPool) key(name string) string {
	if p.caseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// userNamed finds the user who signs in by that name or alias, nil if nobody
// does. The sub is no name.
func (p *userPool) userNamed(name string) *user { return p.users[p.key(name)] }

// lookUp finds a user as administrators do: also by sub.
func (p *userPool) lookUp(name string) *user {
	if u := p.userNamed(name); u != nil {
		return u
	}
	return p.subs[p.key(name)]
}

// taken returns the first of u's names that is another user's. Names and subs
// are one set: administrators give either, and SubForSRP sends subs as names.
func (p *userPool) taken(u *user) (userName, bool) {
	for _, name := range append([]userName{{"id", u.id}}, p.namesOf(u)...) {
		if other := p.lookUp(name.text); other != nil && other != u {
			return name, true
		}
	}
	return userName{}, false
}

func (p *userPool) index(u *user) {
	p.subs[p.key(u.id)] = u
	for _, name := range p.namesOf(u) {
		p.users[p.key(name.text)] = u
	}
}

// ghost makes up a user for a name that nobody has: the same each time, and
// with a verifier that belongs to no password.
func (p *userPool) ghost(name string) *user {
	var b [16]byte
	ghostNumber(p.secret, "id", p.key(name), len(b)).FillBytes(b[:])
	id := random.FormatUUID(b)
	// An existing user's name comes back, in lower case and not the alias.
	shown := p.key(name)
	if form := addressAttribute(name); slices.Contains(p.aliasAttributes, form) || slices.Contains(p.usernameAttributes, form) {
		shown = id
	}
	return &user{name: shown, id: id, ghost: true, soughtName: name, credential: p.ghostCredential(id)}
}

func (p *userPool) ghostCredential(id string) *srp.Credential {
	number := func(purpose string, bytes int) *big.Int { return ghostNumber(p.secret, purpose, id, bytes) }
	return srp.CredentialFromExponent(p.name(), id, number("salt", srp.SaltBytes), number("exponent", 32))
}

func ghostNumber(secret []byte, purpose, name string, bytes int) *big.Int {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose + "\x00" + name))
	return new(big.Int).SetBytes(mac.Sum(nil)[:bytes])
}

// srpID is the user's USER_ID_FOR_SRP.
func (p *userPool) srpID(u *user) string {
	if u.ghost || p.dialect.SubForSRP {
		return u.id
	}
	return u.name
}

// attributePrefix goes before attribute names in NEW_PASSWORD_REQUIRED.
const attributePrefix = "userAttributes."

var standardAttributes = []string{
	"address", "birthdate", "email", "family_name", "gender", "given_name",
	"locale", "middle_name", "name", "nickname", "phone_number", "picture",
	"preferred_username", "profile", "updated_at", "website", "zoneinfo",
}

// serviceAttributes are written by the service alone.
var serviceAttributes = []string{"sub", "identities", "email_verified", "phone_number_verified"}

func knownAttribute(name string) bool {
	return slices.Contains(standardAttributes, name) ||
		strings.HasPrefix(name, "custom:") && len(name) > len("custom:")
}

func checkWritable(name string) error {
	switch {
	case slices.Contains(serviceAttributes, name):
		return exception.InvalidParameter("%s is not the client's to write", name)
	case !knownAttribute(name):
		return exception.InvalidParameter("Attributes did not conform to the schema: %q: Attribute does not exist in schema.", name)
	}
	return nil
}

// attributesToSet reads the attributes of a NEW_PASSWORD_REQUIRED answer.
func (p *userPool) attributesToSet(u *user, responses map[string]string) (map[string]string, error) {
	given := make(map[string]string)
	for key, value := range responses {
		name, ok := strings.CutPrefix(key, attributePrefix)
		if !ok {
			continue
		}
		if err := checkWritable(name); err != nil {
			return nil, err
		}
		if u.attributes[name] != "" {
			return nil, exception.NotAuthorized("Cannot modify an already provided %s", name)
		}
		given[name] = value
	}
	for _, name := range p.requiredAttributes {
		if u.attributes[name] == "" && given[name] == "" {
			return nil, exception.InvalidParameter("Invalid attributes given, %s is missing", name)
		}
	}
	return given, nil
}

// setAttributes changes attributes. A new address is not a verified one.
func (p *userPool) setAttributes(u *user, set map[string]string) error {
	attributes := maps.Clone(u.attributes)
	for name, value := range set {
		if verified := verifiedAttribute(name); verified != "" && attributes[name] != value {
			attributes[verified] = "false"
		}
		attributes[name] = value
	}
	return p.replaceAttributes(u, attributes)
}

// replaceAttributes gives the user all new attributes, and with them aliases.
func (p *userPool) replaceAttributes(u *user, attributes map[string]string) error {
	changed := *u
	changed.attributes = attributes
	for _, name := range p.namesOf(&changed) {
		if other := p.lookUp(name.text); other != nil && other != u {
			return exception.New("AliasExistsException", "An account with the given %s already exists.", cmp.Or(addressAttribute(name.text), "preferred_username"))
		}
	}
	for _, name := range p.namesOf(u) {
		delete(p.users, p.key(name.text))
	}
	u.attributes, u.modified = attributes, p.now()
	p.index(u)
	return nil
}

// listedAttribute is an attribute as responses list it.
type listedAttribute struct{ Name, Value string }

// attributesOf lists the attributes of a user, sub first.
func attributesOf(u *user) []listedAttribute {
	list := []listedAttribute{{"sub", u.id}}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		list = append(list, listedAttribute{name, u.attributes[name]})
	}
	return list
}

type getUserInput struct {
	AccessToken string `model:"required,AccessToken"`
}

type getUserOutput struct {
	Username            string
	UserAttributes      []listedAttribute
	PreferredMfaSetting string   `json:",omitempty"`
	UserMFASettingList  []string `json:",omitempty"`
}

func getUser(c *call, u *user, in *getUserInput) (*getUserOutput, error) {
	return &getUserOutput{
		Username: u.name, UserAttributes: attributesOf(u),
		PreferredMfaSetting: u.preferredMFA, UserMFASettingList: u.mfa,
	}, nil
}

type adminGetUserInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

type adminGetUserOutput struct {
	Username       string
	UserAttributes []listedAttribute
	Enabled        bool
	UserStatus     string
	// Seconds since 1970. The model has both in every list of users too.
	UserCreateDate, UserLastModifiedDate float64
	PreferredMfaSetting                  string   `json:",omitempty"`
	UserMFASettingList                   []string `json:",omitempty"`
}

func adminGetUser(_ *call, u *user, _ *adminGetUserInput) (*adminGetUserOutput, error) {
	return &adminGetUserOutput{
		Username: u.name, UserAttributes: attributesOf(u), Enabled: !u.disabled, UserStatus: u.status(),
		UserCreateDate: epochSeconds(u.created), UserLastModifiedDate: epochSeconds(u.modified),
		PreferredMfaSetting: u.preferredMFA, UserMFASettingList: u.mfa,
	}, nil
}

func (u *user) status() string {
	switch {
	case u.unconfirmed:
		return "UNCONFIRMED"
	case u.resetRequired:
		return "RESET_REQUIRED"
	case u.temporary:
		return "FORCE_CHANGE_PASSWORD"
	}
	return "CONFIRMED"
}

// epochSeconds is how the service's JSON has times.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
