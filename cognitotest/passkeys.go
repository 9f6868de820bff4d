package cognitotest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// passkey is a credential that a user has registered.
type passkey struct {
	webauthn.Credential
	created time.Time
}

// passkeyUser is a user as the WebAuthn library wants to see one.
type passkeyUser struct{ *user }

func (u passkeyUser) WebAuthnID() []byte { return []byte(u.id) }

func (u passkeyUser) WebAuthnName() string { return u.name }

func (u passkeyUser) WebAuthnDisplayName() string { return u.name }

func (u passkeyUser) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, k := range u.passkeys {
		list = append(list, k.Credential)
	}
	return list
}

// passkeyTimeout is what the options for the browser say.
var passkeyTimeout = webauthn.TimeoutConfig{Timeout: 3 * time.Minute, TimeoutUVD: 3 * time.Minute}

// newWebAuthn makes the relying party of passkeys. An error says what is wrong
// with the ID or with the origins.
func newWebAuthn(rpID string, origins []string) (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: rpID, RPDisplayName: rpID, RPOrigins: origins,
		Timeouts: webauthn.TimeoutsConfig{Login: passkeyTimeout, Registration: passkeyTimeout},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationPreferred,
		},
	})
}

// webAuthnChallenge has a passkey sign.
var webAuthnChallenge = challenge{
	required: []string{"CREDENTIAL"},
	choices:  firstFactorChoices,
	present: func(c *call, si *signIn) (map[string]string, any, error) {
		if c.pool.webauthn == nil {
			return nil, nil, webAuthnMissing()
		}
		options, expected, err := c.pool.webauthn.BeginLogin(passkeyUser{si.user})
		if err != nil {
			return nil, nil, err
		}
		si.user.assertion = expected
		text, err := json.Marshal(options.Response)
		return map[string]string{"CREDENTIAL_REQUEST_OPTIONS": string(text)}, expected, err
	},
	answer: func(c *call, si *signIn, given any, responses map[string]string) (string, error) {
		return "", c.judgeCredential(si, given.(*webauthn.SessionData), responses["CREDENTIAL"])
	},
}

// beginPasskey takes a credential that came along with the choice of
// WEB_AUTHN. It has to sign the options last sent to the user.
func beginPasskey(c *call, si *signIn, parameters map[string]string) (string, error) {
	if !c.pool.dialect.CredentialInChoice || si.user.assertion == nil {
		return "", exception.InvalidParameter("CREDENTIAL answers the options of WEB_AUTHN, which come first")
	}
	return "", c.judgeCredential(si, si.user.assertion, parameters["CREDENTIAL"])
}

func (c *call) judgeCredential(si *signIn, expected *webauthn.SessionData, credential string) error {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(credential))
	if err != nil {
		return exception.InvalidParameter("CREDENTIAL is not an AuthenticationResponseJSON: %s", explained(err))
	}
	used, err := c.pool.webauthn.ValidateLogin(passkeyUser{si.user}, *expected, parsed)
	if err != nil {
		return exception.NotAuthorized("CREDENTIAL: %s", explained(err))
	}
	if used.Authenticator.CloneWarning {
		return exception.NotAuthorized("CREDENTIAL: the signature counter has gone back")
	}
	si.user.passkeys[si.user.findPasskey(used.ID)].Credential = *used // with the new counter
	si.user.assertion = nil
	si.passed("WEB_AUTHN")
	return nil
}

// explained is the text of an error of the WebAuthn library, which keeps most
// of it aside.
func explained(err error) string {
	if e, ok := err.(*protocol.Error); ok {
		return e.Details + " " + e.DevInfo
	}
	return err.Error()
}

func (u *user) findPasskey(id []byte) int {
	return slices.IndexFunc(u.passkeys, func(k passkey) bool { return bytes.Equal(k.ID, id) })
}

// hasPasskey says whether a user of the pool has the credential.
func (p *userPool) hasPasskey(id []byte) bool {
	for _, u := range p.subs {
		if u.findPasskey(id) >= 0 {
			return true
		}
	}
	return false
}

func webAuthnMissing() error {
	return exception.New("WebAuthnConfigurationMissingException", "the user pool has no relying party ID")
}

// maxPasskeys is the service's quota for one user.
const maxPasskeys = 20

type accessTokenInput struct {
	AccessToken string `model:"required,AccessToken"`
}

type startRegistrationOutput struct {
	CredentialCreationOptions protocol.PublicKeyCredentialCreationOptions
}

func startWebAuthnRegistration(c *call, u *user, in *accessTokenInput) (*startRegistrationOutput, error) {
	if err := checkPasskeys(c.pool); err != nil {
		return nil, err
	}
	if len(u.passkeys) >= maxPasskeys {
		return nil, exception.New("LimitExceededException", "a user can have %d passkeys", maxPasskeys)
	}
	var known []protocol.CredentialDescriptor
	for _, k := range u.passkeys {
		known = append(known, k.Descriptor())
	}
	options, expected, err := c.pool.webauthn.BeginRegistration(passkeyUser{u}, webauthn.WithExclusions(known))
	if err != nil {
		return nil, err
	}
	u.registration = expected
	return &startRegistrationOutput{options.Response}, nil
}

type completeRegistrationInput struct {
	AccessToken string          `model:"required,AccessToken"`
	Credential  json.RawMessage `model:"required"`
}

func completeWebAuthnRegistration(c *call, u *user, in *completeRegistrationInput) (*noOutput, error) {
	if err := checkPasskeys(c.pool); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(in.Credential)
	if err != nil {
		return nil, exception.InvalidParameter("Credential is not a RegistrationResponseJSON: %s", explained(err))
	}
	relyingParty := sha256.Sum256([]byte(c.pool.webauthn.Config.RPID))
	client, attested := parsed.Response.CollectedClientData, parsed.Response.AttestationObject.AuthData
	switch {
	case u.registration == nil || client.Challenge != u.registration.Challenge:
		return nil, exception.New("WebAuthnChallengeNotFoundException", "no registration with this challenge is under way")
	case !slices.Contains(c.pool.webauthn.Config.RPOrigins, client.Origin):
		return nil, exception.New("WebAuthnOriginNotAllowedException", "origin %q is not allowed", client.Origin)
	case !bytes.Equal(attested.RPIDHash, relyingParty[:]):
		return nil, exception.New("WebAuthnRelyingPartyMismatchException", "the credential is for another relying party")
	}
	made, err := c.pool.webauthn.CreateCredential(passkeyUser{u}, *u.registration, parsed)
	if err != nil {
		return nil, exception.New("WebAuthnCredentialNotSupportedException", "%s", explained(err))
	}
	if c.pool.hasPasskey(made.ID) { // WebAuthn Level 3, section 7.1
		return nil, exception.InvalidParameter("the credential is registered already")
	}
	u.registration = nil
	u.passkeys = append(u.passkeys, passkey{*made, c.pool.now()})
	return &noOutput{}, nil
}

type listCredentialsInput struct {
	AccessToken string `model:"required,AccessToken"`
	MaxResults  int
	NextToken   string
}

type listedCredential struct {
	CredentialId            string
	FriendlyCredentialName  string
	RelyingPartyId          string
	AuthenticatorAttachment string `json:",omitempty"`
	AuthenticatorTransports []string
	CreatedAt               int64 // seconds since 1970
}

type listCredentialsOutput struct{ Credentials []listedCredential }

// listWebAuthnCredentials gives all on one page: they are at most maxPasskeys.
func listWebAuthnCredentials(c *call, u *user, in *listCredentialsInput) (*listCredentialsOutput, error) {
	out := &listCredentialsOutput{Credentials: []listedCredential{}}
	for _, k := range u.passkeys {
		transports := []string{}
		for _, t := range k.Transport {
			transports = append(transports, string(t))
		}
		out.Credentials = append(out.Credentials, listedCredential{
			CredentialId: base64.RawURLEncoding.EncodeToString(k.ID), FriendlyCredentialName: "Passkey",
			RelyingPartyId: c.pool.webauthn.Config.RPID, AuthenticatorAttachment: string(k.Authenticator.Attachment),
			AuthenticatorTransports: transports, CreatedAt: k.created.Unix(),
		})
	}
	return out, nil
}

type deleteCredentialInput struct {
	AccessToken  string `model:"required,AccessToken"`
	CredentialId string `model:"required"`
}

func deleteWebAuthnCredential(c *call, u *user, in *deleteCredentialInput) (*noOutput, error) {
	id, err := base64.RawURLEncoding.DecodeString(in.CredentialId)
	i := u.findPasskey(id)
	if err != nil || i < 0 {
		return nil, exception.New("ResourceNotFoundException", "no such credential")
	}
	u.passkeys = slices.Delete(slices.Clone(u.passkeys), i, i+1)
	return &noOutput{}, nil
}

// checkPasskeys refuses a registration in a pool that has no passkeys.
func checkPasskeys(p *userPool) error {
	switch {
	case !slices.Contains(p.allowedFirstFactors, "WEB_AUTHN"):
		return exception.New("WebAuthnNotEnabledException", "WEB_AUTHN is not among the pool's first factors")
	case p.webauthn == nil:
		return webAuthnMissing()
	}
	return nil
}
