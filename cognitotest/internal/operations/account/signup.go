package account

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

type signUpInput struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	Password          string `model:"Password"`
	SecretHash        string
	UserAttributes    []api.Attribute
	ValidationData    []api.Attribute
	ClientMetadata    map[string]string
	AnalyticsMetadata *api.AnalyticsMetadata
	UserContextData   *api.UserContextData
}

type signUpOutput struct {
	UserConfirmed       bool
	UserSub             string
	CodeDeliveryDetails *deliveryDetails `json:",omitempty"`
	Session             string           `json:",omitempty"`
}

func signUp(c *api.Call, in *signUpInput) (*signUpOutput, error) {
	p := c.Pool
	if p.AdminCreatesUsers {
		return nil, exception.NotAuthorized("SignUp is not permitted for this user pool")
	}
	if err := c.Client.CheckSecretHash(in.SecretHash, in.Username); err != nil {
		return nil, err
	}
	attributes, err := api.AttributesToSet(in.UserAttributes, directory.CheckWritable)
	if err != nil {
		return nil, err
	}
	for _, name := range p.RequiredAttributes {
		if attributes[name] == "" {
			return nil, exception.InvalidParameter("Attributes did not conform to the schema: %s: The attribute is required", name)
		}
	}
	u := &directory.User{Name: in.Username, ID: random.UUID(), Attributes: attributes, Unconfirmed: true, Created: p.Now(), Modified: p.Now()}
	if err := p.NameNewUser(u); err != nil {
		return nil, err
	}
	if in.Password == "" && !slices.ContainsFunc(p.AllowedFirstFactors, func(f string) bool { return f != "PASSWORD" }) {
		return nil, exception.MissingParameter("Password") // without another first factor a user needs a password
	}
	if in.Password != "" {
		if err := p.CheckFirstPassword(in.Password); err != nil {
			return nil, err
		}
	}
	c.Metadata = in.ClientMetadata
	decided, err := c.PreSignUp("SignUp", u, in.ValidationData)
	if err != nil {
		return nil, err
	}
	u.DoubtAddresses()
	for by, verify := range map[string]bool{"email": decided.AutoVerifyEmail, "phone_number": decided.AutoVerifyPhone} {
		if !verify {
			continue
		}
		if u.Attributes[by] == "" {
			return nil, exception.New("InvalidLambdaResponseException", "PreSignUp verifies the %s, which the user does not have.", by)
		}
		u.Attributes[by+"_verified"] = "true"
	}
	// An alias that the trigger verifies moves to the new user.
	if err := p.ClaimNames(u, "User already exists", decided.AutoVerifyEmail || decided.AutoVerifyPhone); err != nil {
		return nil, err
	}
	if in.Password != "" {
		p.SetPassword(u, in.Password, false, srp.NewSalt())
	}
	p.Index(u)
	purpose := directory.PurposeSignUp
	if decided.AutoConfirm {
		u.Unconfirmed, purpose = false, directory.PurposeSignedUp
		if err := c.PostConfirmation("ConfirmSignUp", u); err != nil {
			return nil, err
		}
	}
	out := &signUpOutput{UserConfirmed: decided.AutoConfirm, UserSub: u.ID}
	out.Session = signUpSession(c, u, purpose, in.Username)
	if decided.AutoConfirm {
		return out, nil
	}
	// Without an address only an administrator can confirm the user.
	if details, err := sendSignUpCode(c, u); err == nil {
		out.CodeDeliveryDetails = details
	}
	return out, nil
}

type confirmSignUpInput struct {
	ClientId           string `model:"required,ClientId"`
	Username           string `model:"required,Username"`
	ConfirmationCode   string `model:"required"`
	ForceAliasCreation bool
	SecretHash         string
	Session            string `model:"Session"`
	ClientMetadata     map[string]string
	AnalyticsMetadata  *api.AnalyticsMetadata
	UserContextData    *api.UserContextData
}

type confirmSignUpOutput struct {
	Session string `json:",omitempty"`
}

func confirmSignUp(c *api.Call, in *confirmSignUpInput) (*confirmSignUpOutput, error) {
	p := c.Pool
	u, err := findForCode(c, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if !u.Ghost && !u.Unconfirmed {
		return nil, exception.NotAuthorized("User cannot be confirmed. Current status is %s", u.Status())
	}
	if in.Session != "" {
		opened, err := p.OpenedSession(in.Session, directory.PurposeSignUp)
		if err != nil {
			return nil, err
		}
		if opened.Value.SignIn.User != u || opened.Value.SignIn.Client != c.Client {
			return nil, exception.InvalidSession()
		}
	}
	sent := u.PurposeCode(directory.PurposeSignUp, "")
	if err := sent.Use(in.ConfirmationCode, wrongVerificationCode, p.Now()); err != nil {
		return nil, err
	}
	if err := p.VerifyAddress(u, sent, wrongVerificationCode, in.ForceAliasCreation); err != nil {
		sent.Used = false
		return nil, err
	}
	u.Unconfirmed = false
	if in.Session != "" {
		p.SpendSession(in.Session)
	}
	c.Metadata = in.ClientMetadata
	if err := c.PostConfirmation("ConfirmSignUp", u); err != nil {
		return nil, err
	}
	return &confirmSignUpOutput{signUpSession(c, u, directory.PurposeSignedUp, in.Username)}, nil
}

// signUpSession opens a session that starts USER_AUTH. The result is empty if the app client
// may not use USER_AUTH.
func signUpSession(c *api.Call, u *directory.User, purpose, typed string) string {
	if !slices.Contains(c.Client.AuthFlows, "ALLOW_USER_AUTH") {
		return ""
	}
	return c.Pool.OpenSession(directory.Session{Challenge: purpose, SignIn: directory.SignIn{Client: c.Client, User: u, Typed: typed}})
}

func resendConfirmationCode(c *api.Call, in *codeRequest) (*codeOutput, error) {
	u, err := findForCode(c, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if !u.Ghost && !u.Unconfirmed {
		return nil, exception.InvalidParameter("User is already confirmed.")
	}
	details, err := sendSignUpCode(c, u)
	return &codeOutput{details}, err
}

type adminConfirmSignUpInput struct {
	UserPoolId     string `model:"required,UserPoolId"`
	Username       string `model:"required,Username"`
	ClientMetadata map[string]string
}

// adminConfirmSignUp does not verify addresses, because no code came back.
func adminConfirmSignUp(c *api.Call, u *directory.User, in *adminConfirmSignUpInput) (*api.Nothing, error) {
	if !u.Unconfirmed {
		return nil, exception.NotAuthorized("User cannot be confirmed. Current status is %s", u.Status())
	}
	u.Unconfirmed, u.Modified = false, c.Pool.Now()
	c.Metadata = in.ClientMetadata
	return &api.Nothing{}, c.PostConfirmation("ConfirmSignUp", u)
}
