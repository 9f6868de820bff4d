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

// EpochSeconds is a time as the service's JSON has it: seconds since 1970.
func EpochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
