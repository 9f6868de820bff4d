package cognitotest

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/webauthn"
)

// user is one user of a pool. Its fields are guarded by the pool's lock; a
// credential is replaced, not changed.
type user struct {
	name, id   string
	ghost      bool // made up for a name that nobody has
	attributes map[string]string
	groups     []string

	passwords  []string // the present one first; none: cannot use a password
	temporary  bool
	credential *srpCredential

	mfa          []string
	preferredMFA string
	totp         *totp
	totpSetup    totpSetup // by the user's own access token
	passkeys     []passkey
	registration *webauthn.SessionData // of a passkey, under way
	assertion    *webauthn.SessionData // last asked of a passkey
	purposeCodes map[string]*sentCode  // by the operation that takes them
	lastCode     Code
	devices      []*device // oldest first, those not confirmed included
	lastDevice   int       // the number of the newest

	signOuts int // how often all tokens were taken back

	disabled, unconfirmed, resetRequired bool
}

// checkStatus says whether a user who has proved a factor may go on.
func (u *user) checkStatus() error {
	switch {
	case u.ghost:
		return wrongCredentials()
	case u.disabled:
		return notAuthorized("User is disabled.")
	case u.unconfirmed:
		return exception("UserNotConfirmedException", "User is not confirmed.")
	}
	return nil
}

// names gives what finds a user: name, sub, and the attributes that are
// aliases.
func (u *user) names() []string {
	names := []string{u.name, u.id}
	for alias, verified := range aliasAttributes {
		if value := u.attributes[alias]; value != "" && (verified == "" || u.attributes[verified] == "true") {
			names = append(names, value)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// aliasAttributes has the attributes to sign in with, and those that have to
// be "true" for it.
var aliasAttributes = map[string]string{
	"preferred_username": "",
	"email":              "email_verified",
	"phone_number":       "phone_number_verified",
}

// taken returns the first of u's names that finds another user.
func (p *Pool) taken(u *user) (string, bool) {
	for _, name := range u.names() {
		if other := p.users[name]; other != nil && other != u {
			return name, true
		}
	}
	return "", false
}

func (p *Pool) index(u *user) {
	for _, name := range u.names() {
		p.users[name] = u
	}
}

// ghost makes up a user for a name that nobody has: the same each time, and
// with a verifier that belongs to no password.
func (p *Pool) ghost(name string) *user {
	var b [16]byte
	ghostNumber(p.secret, "id", name, len(b)).FillBytes(b[:])
	id := formatUUID(b)
	shown := name
	if strings.ContainsAny(name, "@+") {
		shown = id // an existing alias would not come back either
	}
	return &user{name: shown, id: id, ghost: true, credential: p.ghostCredential(id)}
}

func (p *Pool) ghostCredential(id string) *srpCredential {
	number := func(purpose string, bytes int) *big.Int { return ghostNumber(p.secret, purpose, id, bytes) }
	return credentialFromExponent(p.name(), id, number("salt", saltBytes), number("exponent", 32))
}

// factorsOf gives the second factors that the user has and the pool offers.
func (p *Pool) factorsOf(u *user) []string {
	var factors []string
	for _, factor := range u.mfa {
		if slices.Contains(p.mfaTypes, factor) {
			factors = append(factors, factor)
		}
	}
	return factors
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
		return invalidParameter("%s is not the client's to write", name)
	case !knownAttribute(name):
		return invalidParameter("Attributes did not conform to the schema: %q: Attribute does not exist in schema.", name)
	}
	return nil
}

// attributesToSet reads the attributes of a NEW_PASSWORD_REQUIRED answer.
func (p *Pool) attributesToSet(u *user, responses map[string]string) (map[string]string, error) {
	given := make(map[string]string)
	for key, value := range responses {
		name, ok := strings.CutPrefix(key, attributePrefix)
		if !ok {
			continue
		}
		if err := checkWritable(name); err != nil {
			return nil, err
		}
		if slices.Contains(p.requiredAttributes, name) && u.attributes[name] != "" {
			return nil, invalidParameter("Cannot modify an already provided %s", name)
		}
		given[name] = value
	}
	for _, name := range p.requiredAttributes {
		if u.attributes[name] == "" && given[name] == "" {
			return nil, invalidParameter("Invalid attributes given, %s is missing", name)
		}
	}
	return given, nil
}

// setAttributes changes attributes. A new address is not a verified one.
func (p *Pool) setAttributes(u *user, set map[string]string) error {
	attributes := maps.Clone(u.attributes)
	for name, value := range set {
		if verified := aliasAttributes[name]; verified != "" && attributes[name] != value {
			attributes[verified] = "false"
		}
		attributes[name] = value
	}
	return p.replaceAttributes(u, attributes)
}

// replaceAttributes gives the user all new attributes, and with them aliases.
func (p *Pool) replaceAttributes(u *user, attributes map[string]string) error {
	changed := *u
	changed.attributes = attributes
	for _, name := range changed.names() {
		if other := p.users[name]; other != nil && other != u {
			return exception("AliasExistsException", "An account with the given alias already exists.")
		}
	}
	for _, name := range u.names() {
		delete(p.users, name)
	}
	u.attributes = attributes
	p.index(u)
	return nil
}

// listedAttribute is an attribute as responses list it.
type listedAttribute struct{ Name, Value string }

func (u *user) listAttributes() []listedAttribute {
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

func getUser(c *call, in *getUserInput) (*getUserOutput, error) {
	g, err := c.authorize(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return &getUserOutput{
		Username: g.user.name, UserAttributes: g.user.listAttributes(),
		PreferredMfaSetting: g.user.preferredMFA, UserMFASettingList: g.user.mfa,
	}, nil
}

type adminGetUserInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

type adminGetUserOutput struct {
	Username            string
	UserAttributes      []listedAttribute
	Enabled             bool
	UserStatus          string
	PreferredMfaSetting string   `json:",omitempty"`
	UserMFASettingList  []string `json:",omitempty"`
}

func adminGetUser(c *call, in *adminGetUserInput) (*adminGetUserOutput, error) {
	u := c.pool.users[in.Username]
	if u == nil {
		return nil, exception("UserNotFoundException", "User does not exist.")
	}
	return &adminGetUserOutput{
		Username: u.name, UserAttributes: u.listAttributes(), Enabled: !u.disabled, UserStatus: u.status(),
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
