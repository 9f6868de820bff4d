package identitypool

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/smithy-go"

	"github.com/cognitoflow/cognitoflow/secret"
)

// credentialsSource is the Source of aws.Credentials.
const credentialsSource = "CognitoIdentityPool"

func (p *Provider) logins(u user) map[string]string {
	return map[string]string{p.login: u.token.Reveal()}
}

// getID asks the service for the identity ID of a user, and keeps it.
func (p *Provider) getID(ctx context.Context, u user) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, p.options.Timeout)
	defer cancel()
	out, err := p.api.GetId(ctx, &cognitoidentity.GetIdInput{
		IdentityPoolId: aws.String(p.poolID), Logins: p.logins(u),
	}, p.options.APIOptions...)
	if err == nil && aws.ToString(out.IdentityId) == "" {
		err = errors.New("the reply has no identity ID")
	}
	if err != nil {
		return "", &operationError{"GetId", err, u.token}
	}
	p.keep(u, *out.IdentityId)
	return *out.IdentityId, nil
}

// credentials asks the service for the credentials of an identity.
func (p *Provider) credentials(ctx context.Context, u user, id string) (aws.Credentials, error) {
	in := &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: aws.String(id), Logins: p.logins(u)}
	if p.options.CustomRoleARN != "" {
		in.CustomRoleArn = aws.String(p.options.CustomRoleARN)
	}
	ctx, cancel := context.WithTimeout(ctx, p.options.Timeout)
	defer cancel()
	out, err := p.api.GetCredentialsForIdentity(ctx, in, p.options.APIOptions...)
	var c aws.Credentials
	if err == nil {
		c, err = newCredentials(out)
	}
	if err != nil {
		return aws.Credentials{}, &operationError{"GetCredentialsForIdentity", err, u.token}
	}
	if linked := aws.ToString(out.IdentityId); linked != "" {
		p.keep(u, linked) // the service has made one identity of two
	}
	return c, nil
}

func newCredentials(out *cognitoidentity.GetCredentialsForIdentityOutput) (aws.Credentials, error) {
	got := out.Credentials
	if got == nil || got.Expiration == nil || aws.ToString(got.AccessKeyId) == "" || aws.ToString(got.SecretKey) == "" || aws.ToString(got.SessionToken) == "" {
		return aws.Credentials{}, errors.New("the reply has no credentials, or not all of them")
	}
	skew, _ := middleware.GetAttemptSkew(out.ResultMetadata) // of the service's clock, or 0 if the reply has no Date
	return aws.Credentials{
		AccessKeyID: *got.AccessKeyId, SecretAccessKey: *got.SecretKey, SessionToken: *got.SessionToken,
		Source: credentialsSource, CanExpire: true, Expires: got.Expiration.Add(-skew),
	}, nil
}

// operationError is the error of an operation. The text has no token.
type operationError struct {
	operation string
	err       error
	token     secret.String
}

func (e *operationError) Unwrap() error { return e.err }

func (e *operationError) Error() string {
	text := "identitypool: " + e.operation + ": "
	var api smithy.APIError
	var operation *smithy.OperationError
	switch {
	case errors.As(e.err, &api):
		text += fmt.Sprintf("%s: %q", e.clean(api.ErrorCode()), e.clean(api.ErrorMessage()))
	case errors.As(e.err, &operation):
		text += e.clean(operation.Err.Error())
	default:
		text += e.clean(e.err.Error())
	}
	var response interface{ ServiceRequestID() string }
	if errors.As(e.err, &response) && response.ServiceRequestID() != "" {
		text += " [request " + e.clean(response.ServiceRequestID()) + "]"
	}
	return text
}

// words matches tokens and parts of tokens in a text.
var words = regexp.MustCompile(`[\w.-]+`)

// clean makes one short line of a text of the service, without the token and its parts.
func (e *operationError) clean(text string) string {
	const mostRead, most = 4096, 600
	text = words.ReplaceAllStringFunc(text[:min(len(text), mostRead)], func(word string) string {
		if e.isOfToken(word) {
			return "[redacted]"
		}
		return word
	})
	if len(text) > most {
		text = fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// isOfToken reports whether a word contains a piece of the token.
func (e *operationError) isOfToken(word string) bool {
	const piece = 16 // bytes. Fewer bytes can be the same by chance
	for i := 0; i+piece <= len(word); i++ {
		if strings.Contains(e.token.Reveal(), word[i:i+piece]) {
			return true
		}
	}
	return false
}
