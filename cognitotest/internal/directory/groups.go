package directory

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Group is one group of a pool. The lock of the pool guards the fields.
type Group struct {
	Name, Description, RoleARN string
	Precedence                 *int // nil: after all other groups
	Created, Modified          time.Time
	number                     int
}

// Number is the constant place of a group in the list of groups.
func (g *Group) Number() int { return g.number }

// rank is the precedence as a number.
func (g *Group) rank() int {
	if g.Precedence == nil {
		return math.MaxInt
	}
	return *g.Precedence
}

// Group returns the group with this name, or nil.
func (p *Pool) Group(name string) *Group { return p.groups[name] }

// Groups returns all groups, the oldest first.
func (p *Pool) Groups() []*Group {
	return slices.SortedFunc(maps.Values(p.groups), func(a, b *Group) int { return a.number - b.number })
}

// AddGroup adds a group and sets its dates. The error of a known name is
// GroupExistsException.
func (p *Pool) AddGroup(g *Group) error {
	if p.groups[g.Name] != nil {
		return exception.New("GroupExistsException", "A group with the name %s already exists.", g.Name)
	}
	p.lastGroup++
	g.number, g.Created, g.Modified = p.lastGroup, p.Now(), p.Now()
	p.groups[g.Name] = g
	return nil
}

// RemoveGroup deletes a group and all its memberships.
func (p *Pool) RemoveGroup(g *Group) {
	for _, u := range p.subs {
		u.Leave(g)
	}
	delete(p.groups, g.Name)
}

// Join makes the user a member of a group.
func (u *User) Join(g *Group) {
	if !slices.Contains(u.Groups, g) {
		u.Groups = append(u.Groups, g)
	}
}

// Leave ends the membership of a group.
func (u *User) Leave(g *Group) {
	u.Groups = slices.DeleteFunc(u.Groups, func(other *Group) bool { return other == g })
}

// GroupClaims makes the claims about the groups of a user. The group with the lowest
// precedence comes first, and its role is preferred. If groups of this precedence have
// different roles, no role is preferred.
func (u *User) GroupClaims() trigger.Groups {
	groups := slices.SortedStableFunc(slices.Values(u.Groups), func(a, b *Group) int { return cmp.Compare(a.rank(), b.rank()) })
	var claims trigger.Groups
	var preferred *Group
	for _, g := range groups {
		claims.Names = append(claims.Names, g.Name)
		if g.RoleARN == "" {
			continue
		}
		if !slices.Contains(claims.Roles, g.RoleARN) {
			claims.Roles = append(claims.Roles, g.RoleARN)
		}
		switch {
		case preferred == nil:
			preferred, claims.PreferredRole = g, g.RoleARN
		case g.rank() == preferred.rank() && g.RoleARN != preferred.RoleARN:
			claims.PreferredRole = ""
		}
	}
	return claims
}
