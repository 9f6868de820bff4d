package cognitotest

import (
	"maps"
	"slices"
	"strings"
	"time"

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

// listedAttribute is an attribute as responses list it.
type listedAttribute struct{ Name, Value string }

// attributesOf lists the attributes of a user, sub first.
func attributesOf(u *directory.User) []listedAttribute {
	list := []listedAttribute{{"sub", u.ID}}
	for _, name := range slices.Sorted(maps.Keys(u.Attributes)) {
		list = append(list, listedAttribute{name, u.Attributes[name]})
	}
	return list
}

type getUserInput struct {
	AccessToken string `model:"required,AccessToken"`
}

type getUserOutput struct {
	Username            string
	UserAttributes      []listedAttribute
	PreferredMfaSetting string   `json:",omitempty"`
	UserMFASettingList  []string `json:",omitempty"`
}

func getUser(c *call, u *directory.User, in *getUserInput) (*getUserOutput, error) {
	return &getUserOutput{
		Username: u.Name, UserAttributes: attributesOf(u),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}

type adminGetUserInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

type adminGetUserOutput struct {
	Username       string
	UserAttributes []listedAttribute
	Enabled        bool
	UserStatus     string
	// Seconds since 1970. The model has both in every list of users too.
	UserCreateDate, UserLastModifiedDate float64
	PreferredMfaSetting                  string   `json:",omitempty"`
	UserMFASettingList                   []string `json:",omitempty"`
}

func adminGetUser(_ *call, u *directory.User, _ *adminGetUserInput) (*adminGetUserOutput, error) {
	return &adminGetUserOutput{
		Username: u.Name, UserAttributes: attributesOf(u), Enabled: !u.Disabled, UserStatus: u.Status(),
		UserCreateDate: epochSeconds(u.Created), UserLastModifiedDate: epochSeconds(u.Modified),
		PreferredMfaSetting: u.PreferredMFA, UserMFASettingList: u.MFA,
	}, nil
}

// epochSeconds is how the service's JSON has times.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
