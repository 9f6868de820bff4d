package cognitotest

import (
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// attributePrefix goes before attribute names in NEW_PASSWORD_REQUIRED.
const attributePrefix = "userAttributes."

// attributesToSet reads the attributes of a NEW_PASSWORD_REQUIRED answer.
func attributesToSet(p *directory.Pool, u *directory.User, responses map[string]string) (map[string]string, error) {
	given := make(map[string]string)
	for key, value := range responses {
		name, ok := strings.CutPrefix(key, attributePrefix)
		if !ok {
			continue
		}
		if err := directory.CheckWritable(name); err != nil {
			return nil, err
		}
		if u.Attributes[name] != "" {
			return nil, exception.NotAuthorized("Cannot modify an already provided %s", name)
		}
		given[name] = value
	}
	for _, name := range p.RequiredAttributes {
		if u.Attributes[name] == "" && given[name] == "" {
			return nil, exception.InvalidParameter("Invalid attributes given, %s is missing", name)
		}
	}
	return given, nil
}

type getUserInput struct {
	AccessToken string `model:"required,AccessToken"`
}

type getUserOutput struct {
	Username            string
	UserAttributes      []api.Attribute
	PreferredMfaSetting string   `json:",omitempty"`
	UserMFASettingList  []string `json:",omitempty"`
}

func getUser(c *api.Call, u *directory.User, in *getUserInput) (*getUserOutput, error) {
	return &getUserOutput{
		Username: u.Name, UserAttributes: api.AttributesOf(u),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}

type adminGetUserInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

type adminGetUserOutput struct {
	Username       string
	UserAttributes []api.Attribute
	Enabled        bool
	UserStatus     string
	// Seconds since 1970. The model has both in every list of users too.
	UserCreateDate, UserLastModifiedDate float64
	PreferredMfaSetting                  string   `json:",omitempty"`
	UserMFASettingList                   []string `json:",omitempty"`
}

func adminGetUser(_ *api.Call, u *directory.User, _ *adminGetUserInput) (*adminGetUserOutput, error) {
	return &adminGetUserOutput{
		Username: u.Name, UserAttributes: api.AttributesOf(u), Enabled: !u.Disabled, UserStatus: u.Status(),
		UserCreateDate: api.EpochSeconds(u.Created), UserLastModifiedDate: api.EpochSeconds(u.Modified),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}
