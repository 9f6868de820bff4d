package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// clientSecret returns the client secret for one request.
func (o *Options) clientSecret(ctx context.Context, app App) (secret.String, error) {
	if o.ClientSecret == nil {
		return app.ClientSecret, nil
	}
	s, err := o.ClientSecret(ctx)
	switch {
	case err != nil:
	case s.IsZero(): // the service would refuse the request as if a token or a password were wrong
		err = errors.New("the client secret is empty")
	default:
		err = checkClientSecret(s)
	}
	if err != nil {
		return secret.String{}, &secretError{err}
	}
	return s, nil
}

// secretHash returns the SECRET_HASH of a user, "" for an app client without a secret.
func (a App) secretHash(username string, clientSecret secret.String) string {
	if clientSecret.IsZero() {
		return ""
	}
	return secrethash.Compute(username, a.ClientID, clientSecret.Reveal())
}

// hasClientSecret reports whether requests carry a hash or a secret.
func (o *Options) hasClientSecret(app App) bool {
	return o.ClientSecret != nil || !app.ClientSecret.IsZero()
}

func checkClientSecret(s secret.String) error {
	if text := s.Reveal(); strings.TrimSpace(text) != text {
		return errors.New("the client secret begins or ends with white space, such as the line break of a file: trim the text")
	}
	return nil
}

// secretError is an error of Options.ClientSecret. The same call may succeed later.
type secretError struct{ err error }

func (e *secretError) Error() string { return fmt.Sprintf("Options.ClientSecret: %v", e.err) }
func (e *secretError) Unwrap() error { return e.err }

func isSecretUnavailable(err error) bool {
	var unavailable *secretError
	return errors.As(err, &unavailable)
}
