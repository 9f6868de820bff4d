package setup

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Group is cognitotest.GroupConfig.
type Group struct {
	Name        string
	Description string
	RoleARN     string
	Precedence  *int
}

// AddGroup adds a group to a pool.
func AddGroup(p *directory.Pool, config Group) error {
	if err := Fits("name", config.Name, "GroupName"); err != nil {
		return err
	}
	if config.RoleARN != "" {
		if err := Fits("roleArn", config.RoleARN, "Arn"); err != nil {
			return err
		}
	}
	if config.Precedence != nil && *config.Precedence < 0 {
		return invalid.Field("precedence", "%d is negative", *config.Precedence)
	}
	g := directory.Group{Name: config.Name, Description: config.Description, RoleARN: config.RoleARN, Precedence: config.Precedence}
	if p.AddGroup(&g) != nil {
		return invalid.Field("name", "%q is the name of another group", config.Name)
	}
	return nil
}

func checkGroups(names []string) error {
	for i, name := range names {
		if err := Fits(fmt.Sprintf("groups[%d]", i), name, "GroupName"); err != nil {
			return err
		}
	}
	return nil
}

// joinGroups makes the user a member of these groups alone. A configuration of a few users
// need not list groups, so joinGroups makes a group that the pool does not have.
func joinGroups(p *directory.Pool, u *directory.User, names []string) {
	u.Groups = nil
	for _, name := range names {
		g := p.Group(name)
		if g == nil {
			g = &directory.Group{Name: name}
			p.AddGroup(g) // the name is free
		}
		u.Join(g)
	}
}
