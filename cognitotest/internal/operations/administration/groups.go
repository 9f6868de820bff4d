package administration

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// groupType is GroupType.
type groupType struct {
	GroupName   string
	UserPoolId  string
	Description string `json:",omitempty"`
	RoleArn     string `json:",omitempty"`
	Precedence  *int   `json:",omitempty"`
	// Both times are seconds since 1970.
	CreationDate, LastModifiedDate float64
}

type groupOutput struct{ Group groupType }

func showGroup(p *directory.Pool, g *directory.Group) groupType {
	return groupType{
		GroupName: g.Name, UserPoolId: p.ID, Description: g.Description, RoleArn: g.RoleARN, Precedence: g.Precedence,
		CreationDate: api.EpochSeconds(g.Created), LastModifiedDate: api.EpochSeconds(g.Modified),
	}
}

func findGroup(p *directory.Pool, name string) (*directory.Group, error) {
	if g := p.Group(name); g != nil {
		return g, nil
	}
	return nil, exception.New("ResourceNotFoundException", "Group not found.")
}

// setGroupInput is the input of CreateGroup and UpdateGroup.
type setGroupInput struct {
	UserPoolId  string `model:"required,UserPoolId"`
	GroupName   string `model:"required,GroupName"`
	Description string `model:"Description"`
	RoleArn     string `model:"Arn"`
	Precedence  *int   `model:"Precedence"`
}

func createGroup(c *api.Call, in *setGroupInput) (*groupOutput, error) {
	g := &directory.Group{Name: in.GroupName, Description: in.Description, RoleARN: in.RoleArn, Precedence: in.Precedence}
	if err := c.Pool.AddGroup(g); err != nil {
		return nil, err
	}
	return &groupOutput{showGroup(c.Pool, g)}, nil
}

// updateGroup changes only the members of the request.
func updateGroup(c *api.Call, in *setGroupInput) (*groupOutput, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	if in.Description != "" {
		g.Description = in.Description
	}
	if in.RoleArn != "" {
		g.RoleARN = in.RoleArn
	}
	if in.Precedence != nil {
		g.Precedence = in.Precedence
	}
	g.Modified = c.Pool.Now()
	return &groupOutput{showGroup(c.Pool, g)}, nil
}

type groupRequest struct {
	UserPoolId string `model:"required,UserPoolId"`
	GroupName  string `model:"required,GroupName"`
}

func getGroup(c *api.Call, in *groupRequest) (*groupOutput, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	return &groupOutput{showGroup(c.Pool, g)}, nil
}

func deleteGroup(c *api.Call, in *groupRequest) (*api.Nothing, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	c.Pool.RemoveGroup(g)
	return &api.Nothing{}, nil
}

type listGroupsInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Limit      *int   `model:"QueryLimit"`
	NextToken  string `model:"Page"`
}

type listGroupsOutput struct {
	Groups    []groupType
	NextToken string `json:",omitempty"`
}

func listGroups(c *api.Call, in *listGroupsInput) (*listGroupsOutput, error) {
	return pageOfGroups(c.Pool, c.Pool.Groups(), in.Limit, in.NextToken)
}

func pageOfGroups(p *directory.Pool, groups []*directory.Group, limit *int, token string) (*listGroupsOutput, error) {
	listed, next, err := api.Page(groups, (*directory.Group).Number, limit, token)
	if err != nil {
		return nil, err
	}
	out := &listGroupsOutput{Groups: []groupType{}, NextToken: next}
	for _, g := range listed {
		out.Groups = append(out.Groups, showGroup(p, g))
	}
	return out, nil
}

type groupsForUserInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
	Limit      *int   `model:"QueryLimit"`
	NextToken  string `model:"Page"`
}

func adminListGroupsForUser(c *api.Call, u *directory.User, in *groupsForUserInput) (*listGroupsOutput, error) {
	mine := slices.DeleteFunc(c.Pool.Groups(), func(g *directory.Group) bool { return !slices.Contains(u.Groups, g) })
	return pageOfGroups(c.Pool, mine, in.Limit, in.NextToken)
}

type membershipInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	Username   string `model:"required,Username"`
	GroupName  string `model:"required,GroupName"`
}

func adminAddUserToGroup(c *api.Call, u *directory.User, in *membershipInput) (*api.Nothing, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	u.Join(g)
	return &api.Nothing{}, nil
}

func adminRemoveUserFromGroup(c *api.Call, u *directory.User, in *membershipInput) (*api.Nothing, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	u.Leave(g)
	return &api.Nothing{}, nil
}

type usersInGroupInput struct {
	UserPoolId string `model:"required,UserPoolId"`
	GroupName  string `model:"required,GroupName"`
	Limit      *int   `model:"QueryLimit"`
	NextToken  string `model:"Page"`
}

type usersInGroupOutput struct {
	Users     []api.UserType
	NextToken string `json:",omitempty"`
}

func listUsersInGroup(c *api.Call, in *usersInGroupInput) (*usersInGroupOutput, error) {
	g, err := findGroup(c.Pool, in.GroupName)
	if err != nil {
		return nil, err
	}
	members := slices.DeleteFunc(c.Pool.Users(), func(u *directory.User) bool { return !slices.Contains(u.Groups, g) })
	listed, next, err := api.Page(members, (*directory.User).Number, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &usersInGroupOutput{Users: api.ShowUsers(listed), NextToken: next}, nil
}
