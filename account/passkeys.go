package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/pages"
	"github.com/cognitoflow/cognitoflow/secret"
)

// Passkey is a passkey that a user has registered.
type Passkey struct {
	ID           string // of the credential, in base64url without padding
	Name         string // made by the service
	RelyingParty string // the domain
	Attachment   string // "platform" or "cross-platform", or "" if the service does not tell
	Transports   []string
	Created      time.Time
}

// StartPasskey begins the registration of a passkey (StartWebAuthnRegistration). The result
// is PublicKeyCredentialCreationOptionsJSON (Web Authentication Level 3). Give it to
// PublicKeyCredential.parseCreationOptionsFromJSON in the browser.
//
// [flow.NotAllowed]: the user has as many passkeys as the service allows.
func (u *User) StartPasskey(ctx context.Context) (json.RawMessage, error) {
	var options json.RawMessage
	err := u.call(ctx, "StartWebAuthnRegistration", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			StartWebAuthnRegistration(context.Context, *cip.StartWebAuthnRegistrationInput, ...func(*cip.Options)) (*cip.StartWebAuthnRegistrationOutput, error)
		}](call)
		if err != nil {
			return err
		}
		call.Means(limitExceeded, flow.NotAllowed)
		out, err := api.StartWebAuthnRegistration(ctx, &cip.StartWebAuthnRegistrationInput{AccessToken: token}, call.Repeatable()...)
		if err != nil {
			return err
		}
		if out.CredentialCreationOptions == nil {
			return broken("the response has no CredentialCreationOptions")
		}
		options, err = out.CredentialCreationOptions.MarshalSmithyDocument()
		return err
	})
	return options, err
}

// FinishPasskey registers a passkey (CompleteWebAuthnRegistration). The credential is the
// RegistrationResponseJSON of PublicKeyCredential.toJSON in the browser. The user can sign
// in with the passkey at once.
//
// [flow.PasskeyRefused]: call StartPasskey again. [flow.NotAllowed]: the user has as many
// passkeys as the service allows. After [flow.NetworkFault] the passkey may be registered:
// call Passkeys.
func (u *User) FinishPasskey(ctx context.Context, credential json.RawMessage) error {
	return u.call(ctx, "CompleteWebAuthnRegistration", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			CompleteWebAuthnRegistration(context.Context, *cip.CompleteWebAuthnRegistrationInput, ...func(*cip.Options)) (*cip.CompleteWebAuthnRegistrationOutput, error)
		}](call)
		if err != nil {
			return err
		}
		var made map[string]any
		if json.Unmarshal(credential, &made) != nil || len(made) == 0 { // the error would quote the credential
			return call.Refuse(flow.PasskeyRefused, "", "the credential is not a JSON object with members: give the result of PublicKeyCredential.toJSON")
		}
		hideTexts(call, made)
		for _, exception := range []string{
			invalidParameter, "WebAuthnChallengeNotFoundException", "WebAuthnClientMismatchException", "WebAuthnCredentialNotSupportedException",
		} {
			call.Means(exception, flow.PasskeyRefused)
		}
		call.Means(limitExceeded, flow.NotAllowed)
		_, err = api.CompleteWebAuthnRegistration(ctx, &cip.CompleteWebAuthnRegistrationInput{
			AccessToken: token, Credential: document.NewLazyDocument(made),
		}, call.Once()...)
		return err
	})
}

// hideTexts keeps the texts of a JSON value out of errors. Short texts stay, because they
// are words of the protocol, such as "public-key".
func hideTexts(call *flow.Call, value any) {
	const shortest = 16
	switch value := value.(type) {
	case string:
		if len(value) >= shortest {
			call.Hide(secret.New(value))
		}
	case []any:
		for _, member := range value {
			hideTexts(call, member)
		}
	case map[string]any:
		for _, member := range value {
			hideTexts(call, member)
		}
	}
}

// passkeysPerPage is the largest page of ListWebAuthnCredentials, in the service model.
const passkeysPerPage = 20

// Passkeys returns all passkeys of the user (ListWebAuthnCredentials). Passkeys reads all
// pages of the list. If there are more than a hundred pages, the error has the code
// [flow.UnexpectedReply].
func (u *User) Passkeys(ctx context.Context) ([]Passkey, error) {
	var all []Passkey
	err := u.call(ctx, "ListWebAuthnCredentials", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			ListWebAuthnCredentials(context.Context, *cip.ListWebAuthnCredentialsInput, ...func(*cip.Options)) (*cip.ListWebAuthnCredentialsOutput, error)
		}](call)
		if err != nil {
			return err
		}
		listed, err := pages.All(func(page *string) ([]types.WebAuthnCredentialDescription, *string, error) {
			out, err := api.ListWebAuthnCredentials(ctx, &cip.ListWebAuthnCredentialsInput{
				AccessToken: token, MaxResults: aws.Int32(passkeysPerPage), NextToken: page,
			}, call.Repeatable()...)
			if err != nil {
				return nil, nil, err
			}
			return out.Credentials, out.NextToken, nil
		})
		for _, k := range listed {
			all = append(all, Passkey{
				ID: aws.ToString(k.CredentialId), Name: aws.ToString(k.FriendlyCredentialName), RelyingParty: aws.ToString(k.RelyingPartyId),
				Attachment: aws.ToString(k.AuthenticatorAttachment), Transports: k.AuthenticatorTransports, Created: aws.ToTime(k.CreatedAt),
			})
		}
		return err
	})
	return all, err
}

// DeletePasskey deletes a passkey, by Passkey.ID (DeleteWebAuthnCredential). DeletePasskey
// succeeds if the service does not have the passkey.
func (u *User) DeletePasskey(ctx context.Context, id string) error {
	return u.call(ctx, "DeleteWebAuthnCredential", func(ctx context.Context, call *flow.Call, token *string) error {
		api, err := flow.APIOf[interface {
			DeleteWebAuthnCredential(context.Context, *cip.DeleteWebAuthnCredentialInput, ...func(*cip.Options)) (*cip.DeleteWebAuthnCredentialOutput, error)
		}](call)
		if err != nil {
			return err
		}
		if id == "" {
			return call.Refuse(flow.InputRefused, "", "id is empty: give Passkey.ID")
		}
		_, err = api.DeleteWebAuthnCredential(ctx, &cip.DeleteWebAuthnCredentialInput{AccessToken: token, CredentialId: &id}, call.Repeatable()...)
		if isError(err, "ResourceNotFoundException") {
			return nil // perhaps a reply was lost, and the SDK client has repeated the request
		}
		return err
	})
}
