package api

import (
	"maps"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// Nothing is the empty object.
type Nothing struct{}

// UserRequest is the input of an operation with the member AccessToken alone.
type UserRequest struct {
	AccessToken string `model:"required,AccessToken"`
}

// AdminRequest is the input of an operation about a user without further members.
type AdminRequest struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
}

// AnalyticsMetadata has no effect.
type AnalyticsMetadata struct{ AnalyticsEndpointId string }

// UserContextData has no effect.
type UserContextData struct{ IpAddress, EncodedData string }

// Attribute is an attribute in requests and responses.
type Attribute struct{ Name, Value string }

// AttributesOf returns the attributes of a user, sub first.
func AttributesOf(u *directory.User) []Attribute {
	list := []Attribute{{"sub", u.ID}}
	for _, name := range slices.Sorted(maps.Keys(u.Attributes)) {
		list = append(list, Attribute{name, u.Attributes[name]})
	}
	return list
}

// AttributesToSet reads the attributes of a request. The function check refuses names that
// the caller cannot write.
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

// UserType is a user in lists of responses.
type UserType struct {
	Username   string
	Attributes []Attribute
	// Both times are seconds since 1970.
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

// EpochSeconds returns a time in the form of the service: seconds since 1970.
func EpochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
