package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

func forgotPassword(c *api.Call, in *codeRequest) (*codeOutput, error) {
	if err := c.Client.CheckSecretHash(in.SecretHash, in.Username); err != nil {
		return nil, err
	}
	c.Metadata = in.ClientMetadata
	if err := c.Migrate("ForgotPassword", in.Username, "", nil); err != nil {
		return nil, err
	}
	u, err := findForCode(c, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if err := u.CheckReset(); err != nil {
		return nil, err
	}
	details, err := sendResetCode(c, u)
	return &codeOutput{details}, err
}

type confirmForgotPasswordInput struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	ConfirmationCode  string `model:"required"`
	Password          string `model:"required,Password"`
	SecretHash        string
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	UserContextData   *api.UserContextData
}

func confirmForgotPassword(c *api.Call, in *confirmForgotPasswordInput) (*api.Nothing, error) {
	u, err := findForCode(c, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if err := c.Pool.CheckNewPassword(u, in.Password); err != nil {
		return nil, err
	}
	if err := u.PurposeCode(directory.PurposeForgotPassword, "").Use(in.ConfirmationCode, wrongVerificationCode, c.Pool.Now()); err != nil {
		return nil, err
	}
	c.Pool.SetPassword(u, in.Password, false, srp.NewSalt())
	u.ResetRequired = false
	c.Pool.ForgiveFailures(u)
	c.Metadata = in.ClientMetadata
	return &api.Nothing{}, c.PostConfirmation("ConfirmForgotPassword", u)
}

type changePasswordInput struct {
	AccessToken      string `model:"required,AccessToken"`
	PreviousPassword string `model:"Password"`
	ProposedPassword string `model:"required,Password"`
}

// changePassword judges the previous password before the new one. The tokens of
// the user stay valid.
func changePassword(c *api.Call, u *directory.User, in *changePasswordInput) (*api.Nothing, error) {
	if u.HasAnyPassword() {
		if in.PreviousPassword == "" {
			return nil, exception.MissingParameter("OldPassword") // the text of the service has another name for PreviousPassword
		}
		if err := c.Pool.JudgePreviousPassword(u, u.HasPassword(in.PreviousPassword)); err != nil {
			return nil, err
		}
	}
	if err := c.Pool.CheckNewPassword(u, in.ProposedPassword); err != nil {
		return nil, err
	}
	c.Pool.SetPassword(u, in.ProposedPassword, false, srp.NewSalt())
	return &api.Nothing{}, nil
}

type adminSetUserPasswordInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
	Password   string `model:"required,Password"`
	Permanent  bool
}

func adminSetUserPassword(c *api.Call, u *directory.User, in *adminSetUserPasswordInput) (*api.Nothing, error) {
	return &api.Nothing{}, c.Pool.SetUserPassword(u, in.Password, !in.Permanent)
}

type adminResetUserPasswordInput struct {
	UserPoolId     string `model:"required,UserPoolId"`
	Username       string `model:"required,Username"`
	ClientMetadata map[string]string
}

// adminResetUserPassword sends the code for ConfirmForgotPassword.
func adminResetUserPassword(c *api.Call, u *directory.User, _ *adminResetUserPasswordInput) (*api.Nothing, error) {
	if err := u.CheckReset(); err != nil {
		return nil, err
	}
	if _, err := sendResetCode(c, u); err != nil {
		return nil, err
	}
	u.ResetRequired, u.Modified = true, c.Pool.Now()
	return &api.Nothing{}, nil
}
