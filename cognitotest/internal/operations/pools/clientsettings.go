package pools

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// clientMembers are the members of CreateUserPoolClient and UpdateUserPoolClient with an
// effect on the pool. All has every member.
type clientMembers struct {
	All                        wire.Members
	ExplicitAuthFlows          []string
	AccessTokenValidity        int
	IdTokenValidity            int
	RefreshTokenValidity       int
	TokenValidityUnits         struct{ AccessToken, IdToken, RefreshToken string }
	AuthSessionValidity        int
	PreventUserExistenceErrors string
	EnableTokenRevocation      *bool
	// The pool refuses PublishSecretsInAWSSecretsManager.
	PublishSecretsInAWSSecretsManager bool
	RefreshTokenRotation              struct {
		Feature                 string
		RetryGracePeriodSeconds int
	}
}

type createClientInput struct {
	UserPoolId     string `model:"required,UserPoolId"`
	ClientName     string `model:"required,ClientName"`
	GenerateSecret bool
	ClientSecret   string `model:"ClientSecret"`
	clientMembers
}

type updateClientInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	ClientId   string `model:"required,ClientId"`
	ClientName string `model:"ClientName"`
	clientMembers
}

const day = 24 * time.Hour

// units are the values of TokenValidityUnits.
var units = map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": day}

func (in *clientMembers) settings() (directory.ClientSettings, error) {
	s := directory.ClientSettings{
		AuthFlows: in.ExplicitAuthFlows, PreventUserExistenceErrors: in.PreventUserExistenceErrors,
		RefreshTokenRotation: in.RefreshTokenRotation.Feature, RetryGraceSeconds: in.RefreshTokenRotation.RetryGracePeriodSeconds,
	}
	if in.EnableTokenRevocation != nil && !*in.EnableTokenRevocation {
		s.TokenRevocation = "DISABLED"
	}
	if in.PublishSecretsInAWSSecretsManager {
		return s, exception.InvalidParameter("PublishSecretsInAWSSecretsManager: the pool has no Secrets Manager. Leave the member out.")
	}
	given := in.TokenValidityUnits
	for _, validity := range []struct {
		name      string
		value     int
		unit      string
		from, to  time.Duration
		inSeconds *int
	}{
		{"AccessTokenValidity", in.AccessTokenValidity, cmp.Or(given.AccessToken, "hours"), 5 * time.Minute, day, &s.AccessTokenSeconds},
		{"IdTokenValidity", in.IdTokenValidity, cmp.Or(given.IdToken, "hours"), 5 * time.Minute, day, &s.IDTokenSeconds},
		{"RefreshTokenValidity", in.RefreshTokenValidity, cmp.Or(given.RefreshToken, "days"), time.Hour, 3650 * day, &s.RefreshTokenSeconds},
		{"AuthSessionValidity", in.AuthSessionValidity, "minutes", 3 * time.Minute, 15 * time.Minute, &s.AuthSessionSeconds},
	} {
		unit, ok := units[validity.unit]
		if !ok {
			return s, exception.InvalidParameter("TokenValidityUnits: %q is none of seconds, minutes, hours, days", validity.unit)
		}
		life := time.Duration(validity.value) * unit
		if validity.value != 0 && (life < validity.from || life > validity.to) {
			return s, exception.InvalidParameter("Invalid range for %s: %v is not between %v and %v.", validity.name, life, validity.from, validity.to)
		}
		*validity.inSeconds = int(life / time.Second)
	}
	return s, nil
}

// configured returns the members that describe an app client of a configuration.
func configured(cl *directory.Client) directory.Members {
	s := cl.Settings
	members := directory.Members{"ClientName": quoted(cl.ID), "EnableTokenRevocation": quoted(cl.Revocation)}
	inSeconds := map[string]string{}
	for name, seconds := range map[string]int{"AccessToken": s.AccessTokenSeconds, "IdToken": s.IDTokenSeconds, "RefreshToken": s.RefreshTokenSeconds} {
		if seconds != 0 {
			members[name+"Validity"], inSeconds[name] = quoted(seconds), "seconds"
		}
	}
	members["TokenValidityUnits"] = quoted(inSeconds)
	if len(s.AuthFlows) > 0 {
		members["ExplicitAuthFlows"] = quoted(s.AuthFlows)
	}
	if s.AuthSessionSeconds != 0 { // the unit of the API model is minutes
		members["AuthSessionValidity"] = quoted(max(1, s.AuthSessionSeconds/60))
	}
	if s.PreventUserExistenceErrors != "" {
		members["PreventUserExistenceErrors"] = quoted(s.PreventUserExistenceErrors)
	}
	if cl.Rotation {
		members["RefreshTokenRotation"] = quoted(shown{"Feature": "ENABLED", "RetryGracePeriodSeconds": s.RetryGraceSeconds})
	}
	return members
}

// quoted returns a value as JSON.
func quoted(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are texts, numbers, and maps of them
	}
	return text
}
