package account

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// maxPasskeys is the quota of the service for one user.
const maxPasskeys = 20

type startRegistrationOutput struct {
	CredentialCreationOptions protocol.PublicKeyCredentialCreationOptions
}

func startWebAuthnRegistration(c *api.Call, u *directory.User, _ *api.UserRequest) (*startRegistrationOutput, error) {
	if err := checkPasskeys(c.Pool); err != nil {
		return nil, err
	}
	if len(u.Passkeys) >= maxPasskeys {
		return nil, exception.New("LimitExceededException", "a user can have %d passkeys", maxPasskeys)
	}
	var known []protocol.CredentialDescriptor
	for _, k := range u.Passkeys {
		known = append(known, k.Descriptor())
	}
	options, expected, err := c.Pool.WebAuthn.BeginRegistration(directory.PasskeyOwner{User: u}, webauthn.WithExclusions(known))
	if err != nil {
		return nil, err
	}
	u.Registration = &directory.PasskeyRegistration{SessionData: expected, Client: c.Client, Until: c.Pool.RegistrationUntil()}
	return &startRegistrationOutput{options.Response}, nil
}

type completeRegistrationInput struct {
	AccessToken string          `model:"required,AccessToken"`
	Credential  json.RawMessage `model:"required"`
}

func completeWebAuthnRegistration(c *api.Call, u *directory.User, in *completeRegistrationInput) (*api.Nothing, error) {
	if err := checkPasskeys(c.Pool); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(in.Credential)
	if err != nil {
		return nil, exception.InvalidParameter("Credential is not a RegistrationResponseJSON: %s", directory.Explained(err))
	}
	relyingParty := sha256.Sum256([]byte(c.Pool.WebAuthn.Config.RPID))
	client, attested := parsed.Response.CollectedClientData, parsed.Response.AttestationObject.AuthData
	switch {
	case u.Registration == nil || client.Challenge != u.Registration.Challenge || !c.Pool.Now().Before(u.Registration.Until):
		return nil, exception.New("WebAuthnChallengeNotFoundException", "no registration with this challenge is under way")
	case u.Registration.Client != c.Client:
		return nil, exception.New("WebAuthnClientMismatchException", "the registration was begun in another app client")
	case !slices.Contains(c.Pool.WebAuthn.Config.RPOrigins, client.Origin):
		return nil, exception.New("WebAuthnOriginNotAllowedException", "origin %q is not allowed", client.Origin)
	case !bytes.Equal(attested.RPIDHash, relyingParty[:]):
		return nil, exception.New("WebAuthnRelyingPartyMismatchException", "the credential is for another relying party")
	}
	made, err := c.Pool.WebAuthn.CreateCredential(directory.PasskeyOwner{User: u}, *u.Registration.SessionData, parsed)
	if err != nil {
		return nil, exception.New("WebAuthnCredentialNotSupportedException", "%s", directory.Explained(err))
	}
	if c.Pool.HasPasskey(made.ID) { // WebAuthn Level 3, section 7.1
		return nil, exception.InvalidParameter("the credential is registered already")
	}
	u.Registration = nil
	u.AddPasskey(*made, c.Pool.Now())
	return &api.Nothing{}, nil
}

type listCredentialsInput struct {
	AccessToken string `model:"required,AccessToken"`
	MaxResults  *int   `model:"WebAuthnCredentialsQueryLimit"`
	NextToken   string `model:"Page"`
}

type listedCredential struct {
	CredentialId            string
	FriendlyCredentialName  string
	RelyingPartyId          string
	AuthenticatorAttachment string `json:",omitempty"`
	AuthenticatorTransports []string
	CreatedAt               int64 // seconds since 1970
}

type listCredentialsOutput struct {
	Credentials []listedCredential
	NextToken   string `json:",omitempty"`
}

func listWebAuthnCredentials(c *api.Call, u *directory.User, in *listCredentialsInput) (*listCredentialsOutput, error) {
	listed, next, err := api.Page(u.Passkeys, func(k directory.Passkey) int { return k.Number }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listCredentialsOutput{Credentials: []listedCredential{}, NextToken: next}
	for _, k := range listed {
		transports := []string{}
		for _, t := range k.Transport {
			transports = append(transports, string(t))
		}
		out.Credentials = append(out.Credentials, listedCredential{
			CredentialId: base64.RawURLEncoding.EncodeToString(k.ID), FriendlyCredentialName: "Passkey",
			RelyingPartyId: c.Pool.WebAuthn.Config.RPID, AuthenticatorAttachment: string(k.Authenticator.Attachment),
			AuthenticatorTransports: transports, CreatedAt: k.Created.Unix(),
		})
	}
	return out, nil
}

type deleteCredentialInput struct {
	AccessToken  string `model:"required,AccessToken"`
	CredentialId string `model:"required"`
}

func deleteWebAuthnCredential(c *api.Call, u *directory.User, in *deleteCredentialInput) (*api.Nothing, error) {
	id, err := base64.RawURLEncoding.DecodeString(in.CredentialId)
	i := u.FindPasskey(id)
	if err != nil || i < 0 {
		return nil, exception.New("ResourceNotFoundException", "no such credential")
	}
	u.Passkeys = slices.Delete(slices.Clone(u.Passkeys), i, i+1)
	return &api.Nothing{}, nil
}

// checkPasskeys refuses a registration in a pool without passkeys.
func checkPasskeys(p *directory.Pool) error {
	switch {
	case !slices.Contains(p.AllowedFirstFactors, "WEB_AUTHN"):
		return exception.New("WebAuthnNotEnabledException", "WEB_AUTHN is no first factor of the pool")
	case p.WebAuthn == nil:
		return directory.WebAuthnMissing()
	}
	return nil
}
