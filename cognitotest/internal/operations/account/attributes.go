package account

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type updateAttributesInput struct {
	AccessToken    string          `model:"required,AccessToken"`
	UserAttributes []api.Attribute `model:"required"`
	ClientMetadata map[string]string
}

type updateAttributesOutput struct{ CodeDeliveryDetailsList []deliveryDetails }

func updateUserAttributes(c *api.Call, u *directory.User, in *updateAttributesInput) (*updateAttributesOutput, error) {
	attributes, err := api.AttributesToSet(in.UserAttributes, directory.CheckWritable)
	if err != nil {
		return nil, err
	}
	sent, err := setAttributes(c, u, attributes, c.Pool.SetAttributes)
	return &updateAttributesOutput{sent}, err
}

type adminUpdateAttributesInput struct {
	UserPoolId     string          `model:"required,UserPoolId"`
	Username       string          `model:"required,Username"`
	UserAttributes []api.Attribute `model:"required"`
	ClientMetadata map[string]string
}

func adminUpdateUserAttributes(c *api.Call, u *directory.User, in *adminUpdateAttributesInput) (*api.Nothing, error) {
	attributes, err := api.AttributesToSet(in.UserAttributes, directory.CheckAdminWritable)
	if err != nil {
		return nil, err
	}
	_, err = setAttributes(c, u, attributes, c.Pool.AdminSetAttributes)
	return &api.Nothing{}, err
}

// setAttributes changes attributes with the function set. Each new address gets a code, unless
// the change makes the address verified.
func setAttributes(
	c *api.Call, u *directory.User, attributes map[string]string, set func(*directory.User, map[string]string) error,
) ([]deliveryDetails, error) {
	changed := u.ChangedAddresses(attributes)
	if err := set(u, attributes); err != nil {
		return nil, err
	}
	list := []deliveryDetails{}
	for _, by := range changed {
		if u.IsVerified(by.Attribute) {
			continue
		}
		details, err := sendVerification(c, u, by)
		if err != nil {
			return nil, err
		}
		list = append(list, *details)
	}
	return list, nil
}

type deleteAttributesInput struct {
	AccessToken        string   `model:"required,AccessToken"`
	UserAttributeNames []string `model:"required"`
}

func deleteUserAttributes(c *api.Call, u *directory.User, in *deleteAttributesInput) (*api.Nothing, error) {
	return &api.Nothing{}, c.Pool.DeleteAttributes(u, in.UserAttributeNames, directory.CheckWritable)
}

type adminDeleteAttributesInput struct {
	UserPoolId         string   `model:"required,UserPoolId"`
	Username           string   `model:"required,Username"`
	UserAttributeNames []string `model:"required"`
}

func adminDeleteUserAttributes(c *api.Call, u *directory.User, in *adminDeleteAttributesInput) (*api.Nothing, error) {
	return &api.Nothing{}, c.Pool.DeleteAttributes(u, in.UserAttributeNames, directory.CheckAdminWritable)
}

type verificationCodeInput struct {
	AccessToken    string `model:"required,AccessToken"`
	AttributeName  string `model:"required,AttributeName"`
	ClientMetadata map[string]string
}

func getUserAttributeVerificationCode(c *api.Call, u *directory.User, in *verificationCodeInput) (*codeOutput, error) {
	by, err := verifiable(in.AttributeName)
	if err != nil {
		return nil, err
	}
	details, err := sendVerification(c, u, by)
	return &codeOutput{details}, err
}

type verifyAttributeInput struct {
	AccessToken   string `model:"required,AccessToken"`
	AttributeName string `model:"required,AttributeName"`
	Code          string `model:"required,ConfirmationCode"`
}

func verifyUserAttribute(c *api.Call, u *directory.User, in *verifyAttributeInput) (*api.Nothing, error) {
	by, err := verifiable(in.AttributeName)
	if err != nil {
		return nil, err
	}
	sent := u.PurposeCode(directory.PurposeVerify, by.Attribute)
	if err := sent.Use(in.Code, wrongVerificationCode, c.Pool.Now()); err != nil {
		return nil, err
	}
	return &api.Nothing{}, c.Pool.VerifyAddress(u, sent, wrongVerificationCode, false)
}

func verifiable(attribute string) (directory.Delivery, error) {
	by, ok := directory.DeliveryTo(attribute)
	if !ok {
		return by, exception.InvalidParameter("AttributeName %q is neither email nor phone_number, which alone are verified.", attribute)
	}
	return by, nil
}
