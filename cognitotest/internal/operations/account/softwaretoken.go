package account

import (
	"crypto/rand"
	"encoding/base32"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/totp"
)

const totpSecretBytes = 20 // RFC 4226 section 4 recommends 160 bits

type associateInput struct {
	AccessToken string `model:"AccessToken"`
	Session     string `model:"Session"`
}

type associateOutput struct {
	SecretCode string
	Session    string `json:",omitempty"`
}

func associateSoftwareToken(c *api.Call, in *associateInput) (*associateOutput, error) {
	if !slices.Contains(c.Pool.MFATypes, "SOFTWARE_TOKEN_MFA") {
		return nil, exception.New("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the user pool.")
	}
	key := make([]byte, totpSecretBytes)
	rand.Read(key)
	made := &totp.App{Secret: base32.StdEncoding.EncodeToString(key)}
	session, err := setUpTOTP(c, in.AccessToken, in.Session, func(setup *directory.TOTPSetup) error {
		*setup = directory.TOTPSetup{TOTP: made}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &associateOutput{SecretCode: made.Secret, Session: session}, nil
}

type verifyInput struct {
	AccessToken        string `model:"AccessToken"`
	Session            string `model:"Session"`
	UserCode           string `model:"required,UserCode"`
	FriendlyDeviceName string
}

type verifyOutput struct {
	Status  string
	Session string `json:",omitempty"`
}

func verifySoftwareToken(c *api.Call, in *verifyInput) (*verifyOutput, error) {
	session, err := setUpTOTP(c, in.AccessToken, in.Session, func(setup *directory.TOTPSetup) error {
		if setup.TOTP == nil {
			return exception.New("SoftwareTokenMFANotFoundException", "no software token is associated")
		}
		tried := *setup.TOTP
		if tried.Use(in.UserCode, c.Pool.Now()) != nil {
			// The service has one text for all wrong codes.
			return exception.New("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
		}
		tried.Name = in.FriendlyDeviceName
		*setup = directory.TOTPSetup{TOTP: &tried, Verified: true}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &verifyOutput{Status: "SUCCESS", Session: session}, nil
}

// setUpTOTP does one step of the set-up of an authenticator app, for a signed-in user or for
// a sign-in. A sign-in has a session, and the result is the next session. After an error the
// session is as before.
func setUpTOTP(c *api.Call, accessToken, session string, step func(*directory.TOTPSetup) error) (string, error) {
	switch {
	case (accessToken == "") == (session == ""):
		return "", exception.InvalidParameter("either AccessToken or Session is needed")
	case accessToken != "":
		g, err := c.Pool.Authorize(accessToken)
		if err != nil {
			return "", err
		}
		if err := step(&g.User.TOTPSetup); err != nil {
			return "", err
		}
		if g.User.TOTPSetup.Verified {
			g.User.TOTP, g.User.TOTPSetup = g.User.TOTPSetup.TOTP, directory.TOTPSetup{}
		}
		return "", nil
	}
	taken, err := c.Pool.OpenedSession(session, "MFA_SETUP")
	if err != nil {
		return "", err
	}
	setup := taken.Value.Given.(directory.TOTPSetup)
	if err := step(&setup); err != nil {
		return "", err
	}
	c.Pool.SpendSession(session)
	taken.Value.Given = setup
	return c.Pool.OpenSession(taken.Value), nil
}
