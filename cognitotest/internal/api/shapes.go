package api

import (
	"maps"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// Nothing is the empty object.
type Nothing struct{}

// UserRequest is the input of an operation of a user that has no other members.
type UserRequest struct {
	AccessToken string `model:"required,AccessToken"`
}

// AdminRequest is the input of an operation about a user that has no other members.
type AdminRequest struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

// AnalyticsMetadata is taken and ignored.
type AnalyticsMetadata struct{ AnalyticsEndpointId string }

// UserContextData is taken and ignored.
type UserContextData struct{ IpAddress, EncodedData string }

// Attribute is an attribute as responses list it.
type Attribute struct{ Name, Value string }

// AttributesOf lists the attributes of a user, sub first.
func AttributesOf(u *directory.User) []Attribute {
	list := []Attribute{{"sub", u.ID}}
	for _, name := range slices.Sorted(maps.Keys(u.Attributes)) {
		list = append(list, Attribute{name, u.Attributes[name]})
	}
	return list
}

// AttributesToSet reads the attributes of a request. check refuses names that the
// caller cannot write.
func AttributesToSet(list []Attribute, check func(name string) error) (map[string]string, error) {
	attributes := make(map[string]string)
	for _, a := range list {
		if err := check(a.Name); err != nil {
			return nil, err
		}
		attributes[a.Name] = a.Value
	}
	return attributes, nil
}

// UserType is a user as responses list one.
type UserType struct {
	Username   string
	Attributes []Attribute
	// Seconds since 1970. The model has both in every list of users too.
	UserCreateDate, UserLastModifiedDate float64
	Enabled                              bool
	UserStatus                           string
}

// ShowUsers makes the UserType of each user.
func ShowUsers(users []*directory.User) []UserType {
	list := []UserType{}
	for _, u := range users {
		list = append(list, ShowUser(u))
	}
	return list
}

// ShowUser makes the UserType of a user.
func ShowUser(u *directory.User) UserType {
	return UserType{
		Username: u.Name, Attributes: AttributesOf(u),
		UserCreateDate: EpochSeconds(u.Created), UserLastModifiedDate: EpochSeconds(u.Modified),
		Enabled: !u.Disabled, UserStatus: u.Status(),
	}
}

// EpochSeconds is a time as the service's JSON has it: seconds since 1970.
func EpochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
