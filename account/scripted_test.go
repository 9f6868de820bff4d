package account_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// scripted is a service with replies that the pool of cognitotest does not give.
type scripted struct {
	flow.API
	signedUp *cip.SignUpInput

	secretCode string
	status     types.VerifySoftwareTokenResponseType
	named      *string // FriendlyDeviceName

	pages int
	mfa   *cip.SetUserMFAPreferenceInput
	user  *cip.GetUserOutput
}

func (a *scripted) client(t *testing.T, optFns ...func(*flow.Options)) *account.Client {
	t.Helper()
	d, err := flow.New(a, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"}, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return account.For(d)
}

func (a *scripted) asUser(t *testing.T, optFns ...func(*flow.Options)) *account.User {
	t.Helper()
	return a.client(t, optFns...).User(&flow.Tokens{AccessToken: secret.New("an-access-token")})
}

func (a *scripted) SignUp(_ context.Context, in *cip.SignUpInput, _ ...func(*cip.Options)) (*cip.SignUpOutput, error) {
	a.signedUp = in
	return &cip.SignUpOutput{UserConfirmed: true, UserSub: aws.String("a-subject"), Session: aws.String("session-of-a-script")}, nil
}

func (a *scripted) AssociateSoftwareToken(context.Context, *cip.AssociateSoftwareTokenInput, ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error) {
	return &cip.AssociateSoftwareTokenOutput{SecretCode: aws.String(a.secretCode)}, nil
}

func (a *scripted) VerifySoftwareToken(_ context.Context, in *cip.VerifySoftwareTokenInput, _ ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error) {
	a.named = in.FriendlyDeviceName
	return &cip.VerifySoftwareTokenOutput{Status: a.status}, nil
}

func (a *scripted) StartWebAuthnRegistration(context.Context, *cip.StartWebAuthnRegistrationInput, ...func(*cip.Options)) (*cip.StartWebAuthnRegistrationOutput, error) {
	return &cip.StartWebAuthnRegistrationOutput{}, nil
}

func (a *scripted) SetUserMFAPreference(_ context.Context, in *cip.SetUserMFAPreferenceInput, _ ...func(*cip.Options)) (*cip.SetUserMFAPreferenceOutput, error) {
	a.mfa = in
	return &cip.SetUserMFAPreferenceOutput{}, nil
}

func (a *scripted) GetUser(context.Context, *cip.GetUserInput, ...func(*cip.Options)) (*cip.GetUserOutput, error) {
	if a.user == nil {
		return nil, &types.InternalErrorException{}
	}
	return a.user, nil
}

func (a *scripted) ListWebAuthnCredentials(_ context.Context, in *cip.ListWebAuthnCredentialsInput, _ ...func(*cip.Options)) (*cip.ListWebAuthnCredentialsOutput, error) {
	page, _ := strconv.Atoi(aws.ToString(in.NextToken))
	page++
	out := &cip.ListWebAuthnCredentialsOutput{Credentials: []types.WebAuthnCredentialDescription{{CredentialId: aws.String(strconv.Itoa(page))}}}
	if page < a.pages {
		out.NextToken = aws.String(strconv.Itoa(page))
	}
	return out, nil
}
