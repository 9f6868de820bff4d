package pools

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// shown is an object of the API model, by member.
type shown map[string]any

// kept are the members of a request but for the ones named, which the pool has in
// another form or does not show.
func kept(all wire.Members, but ...string) directory.Members {
	members := directory.Members(maps.Clone(all))
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return slices.Contains(but, name) })
	return members
}

// with puts members in the place of others.
func (s shown) with(members directory.Members) shown {
	for name, raw := range members {
		s[name] = raw
	}
	return s
}
