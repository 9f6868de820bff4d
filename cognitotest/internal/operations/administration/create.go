package administration

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

type adminCreateUserInput struct {
	UserPoolId             string `model:"required,UserPoolId"`
	Username               string `model:"required,Username"`
	UserAttributes         []api.Attribute
	ValidationData         []api.Attribute
	TemporaryPassword      string `model:"Password"`
	ForceAliasCreation     bool
	MessageAction          string `model:"MessageAction"`
	DesiredDeliveryMediums []string
	ClientMetadata         map[string]string
}

type adminCreateUserOutput struct{ User api.UserType }

func adminCreateUser(c *api.Call, in *adminCreateUserInput) (*adminCreateUserOutput, error) {
	p := c.Pool
	mediums, err := deliveries(in.DesiredDeliveryMediums)
	if err != nil {
		return nil, err
	}
	var u *directory.User
	if in.MessageAction == "RESEND" {
		u, err = invitedUser(p, in.Username)
	} else {
		u, err = userToCreate(c, in)
	}
	if err != nil {
		return nil, err
	}
	password := in.TemporaryPassword
	if password == "" && !passwordless(p) {
		password = p.TemporaryPassword()
	}
	switch {
	case password != "":
		err = p.SetUserPassword(u, password, true)
	case u.Attributes["email"] == "" && u.Attributes["phone_number"] == "":
		err = exception.InvalidParameter("A user without a password needs an email or a phone_number.")
	}
	if err != nil {
		return nil, err
	}
	if in.MessageAction != "RESEND" {
		if err := p.ClaimNames(u, "User account already exists", in.ForceAliasCreation); err != nil {
			return nil, err
		}
		p.Index(u)
	}
	if password != "" && in.MessageAction != "SUPPRESS" {
		if err := invite(c, u, mediums, password); err != nil {
			return nil, err
		}
	}
	return &adminCreateUserOutput{api.ShowUser(u)}, nil
}

// userToCreate makes the user of the request, and does not add the user to the pool.
func userToCreate(c *api.Call, in *adminCreateUserInput) (*directory.User, error) {
	attributes, err := api.AttributesToSet(in.UserAttributes, directory.CheckAdminWritable)
	if err != nil {
		return nil, err
	}
	p := c.Pool
	u := &directory.User{Name: in.Username, ID: random.UUID(), Attributes: attributes, Created: p.Now(), Modified: p.Now()}
	if err := p.NameNewUser(u); err != nil {
		return nil, err
	}
	if err := directory.CheckVerified(u.Attributes); err != nil {
		return nil, err
	}
	c.Metadata = in.ClientMetadata
	// The trigger may refuse the user. The service ignores the rest of the result.
	_, err = c.PreSignUp("AdminCreateUser", u, in.ValidationData)
	return u, err
}

// invitedUser returns the user for RESEND.
func invitedUser(p *directory.Pool, name string) (*directory.User, error) {
	u := p.LookUp(name)
	switch {
	case u == nil:
		return nil, directory.NoSuchUser()
	case !u.Temporary:
		return nil, exception.New("UnsupportedUserStateException", "The status of the user is %s and not FORCE_CHANGE_PASSWORD.", u.Status())
	}
	return u, nil
}

// passwordless reports whether users of the pool can sign in without a password.
func passwordless(p *directory.Pool) bool {
	return slices.Contains(p.AllowedFirstFactors, "EMAIL_OTP") || slices.Contains(p.AllowedFirstFactors, "SMS_OTP")
}

// deliveries reads DesiredDeliveryMediums. The default is SMS.
func deliveries(mediums []string) ([]directory.Delivery, error) {
	if len(mediums) == 0 {
		return []directory.Delivery{directory.SMS}, nil
	}
	var list []directory.Delivery
	for _, medium := range mediums {
		switch medium {
		case directory.SMS.Medium:
			list = append(list, directory.SMS)
		case directory.Email.Medium:
			list = append(list, directory.Email)
		default:
			return nil, exception.InvalidParameter("DesiredDeliveryMediums: %q is neither SMS nor EMAIL", medium)
		}
	}
	return list, nil
}

// invite sends the temporary password to each address of the user.
func invite(c *api.Call, u *directory.User, mediums []directory.Delivery, password string) error {
	for _, by := range mediums {
		if u.Attributes[by.Attribute] == "" {
			continue
		}
		if _, err := c.Send(u, "AdminCreateUser", by, password); err != nil {
			return err
		}
	}
	return nil
}
