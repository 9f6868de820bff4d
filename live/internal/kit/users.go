package kit

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// userQuestions are about the operations of administrators on users and groups. None is
// recorded: a conversation is that of a user.
func userQuestions() []Probe {
	return []Probe{
		{
			Name: "user-sub", Title: "sub in AdminUpdateUserAttributes", Row: "sub in AdminUpdateUserAttributes", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				_, err := sc.stage.AdminUpdateUserAttributes(ctx, &cip.AdminUpdateUserAttributesInput{
					UserPoolId: &sc.poolID, Username: &sc.user.name,
					UserAttributes: []types.AttributeType{{Name: aws.String("sub"), Value: &sc.user.sub}},
				})
				return sc.exceptionOr(err, "accepted"), ctx.Err()
			},
		},
		{
			Name: "user-address-deleted", Title: "email_verified after the e-mail address was deleted",
			Row: "DeleteUserAttributes of an address", Users: 1, ask: addressDeleted,
			setting: func(c *cognitotest.PoolConfig) {
				c.Users[0].Attributes = map[string]string{"email": madeUpEmail, "email_verified": "true"}
			},
		},
		{
			Name: "user-pages", Title: "order and pages of ListUsers", Row: "pages of ListUsers", Users: 3, ask: pagesOfUsers,
		},
		{
			Name: "group-twice", Title: "CreateGroup twice", Row: "a group of a name in use", Users: 1,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				if err := sc.makeGroup(ctx, "group"); err != nil {
					return "", err
				}
				return sc.exceptionOr(sc.makeGroup(ctx, "group"), "accepted"), ctx.Err()
			},
		},
		{
			Name: "group-join-twice", Title: "joining a group twice, and leaving it twice", Row: "joining twice, leaving twice", Users: 1, ask: joinTwice,
		},
		{
			Name: "group-pages", Title: "order and pages of ListGroups", Row: "pages of groups and members", Users: 1, ask: pagesOfGroups,
		},
		{
			Name: "passkey-verification", Title: "a passkey without user verification, where the pool requires it",
			Row: "UserVerification required, sign-in", Needs: []string{verification},
		},
	}
}

func (sc *Scene) makeGroup(ctx context.Context, name string) error {
	_, err := sc.stage.CreateGroup(ctx, &cip.CreateGroupInput{UserPoolId: &sc.poolID, GroupName: &name})
	return err
}

func addressDeleted(ctx context.Context, sc *Scene) (string, error) {
	_, err := sc.stage.AdminDeleteUserAttributes(ctx, &cip.AdminDeleteUserAttributesInput{
		UserPoolId: &sc.poolID, Username: &sc.user.name, UserAttributeNames: []string{"email"},
	})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	out, err := sc.stage.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: &sc.poolID, Username: &sc.user.name})
	if err != nil {
		return "", err
	}
	left := slices.ContainsFunc(out.UserAttributes, func(a types.AttributeType) bool { return aws.ToString(a.Name) == "email_verified" })
	return "email_verified is there: " + yes(left), nil
}

func joinTwice(ctx context.Context, sc *Scene) (string, error) {
	name := "group"
	if err := sc.makeGroup(ctx, name); err != nil {
		return "", err
	}
	var joined, left error
	for range 2 {
		_, joined = sc.stage.AdminAddUserToGroup(ctx, &cip.AdminAddUserToGroupInput{UserPoolId: &sc.poolID, Username: &sc.user.name, GroupName: &name})
	}
	for range 2 {
		_, left = sc.stage.AdminRemoveUserFromGroup(ctx, &cip.AdminRemoveUserFromGroupInput{UserPoolId: &sc.poolID, Username: &sc.user.name, GroupName: &name})
	}
	return fmt.Sprintf("joining again: %s; leaving again: %s", sc.exceptionOr(joined, "no error"), sc.exceptionOr(left, "no error")), ctx.Err()
}

func pagesOfUsers(ctx context.Context, sc *Scene) (string, error) {
	made := []string{sc.user.name}
	for range 2 {
		p, err := sc.newPerson(ctx, cognitotest.UserConfig{})
		if err != nil {
			return "", err
		}
		made = append(made, p.name)
	}
	return pages(made, func(token *string) (names []string, next *string, err error) {
		out, err := sc.stage.ListUsers(ctx, &cip.ListUsersInput{UserPoolId: &sc.poolID, Limit: aws.Int32(2), PaginationToken: token})
		if err != nil {
			return nil, nil, err
		}
		for _, u := range out.Users {
			names = append(names, aws.ToString(u.Username))
		}
		return names, out.PaginationToken, nil
	})
}

func pagesOfGroups(ctx context.Context, sc *Scene) (string, error) {
	made := []string{"second", "first", "third"} // not in the order of their names
	for _, name := range made {
		if err := sc.makeGroup(ctx, name); err != nil {
			return "", err
		}
	}
	return pages(made, func(token *string) (names []string, next *string, err error) {
		out, err := sc.stage.ListGroups(ctx, &cip.ListGroupsInput{UserPoolId: &sc.poolID, Limit: aws.Int32(2), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		for _, g := range out.Groups {
			names = append(names, aws.ToString(g.GroupName))
		}
		return names, out.NextToken, nil
	})
}

// pages says how a list of three comes in pages of two, and whether the oldest is first.
func pages(made []string, list func(token *string) ([]string, *string, error)) (string, error) {
	first, token, err := list(nil)
	if err != nil {
		return "", err
	}
	all, sizes := first, fmt.Sprint(len(first))
	if token != nil {
		second, _, err := list(token)
		if err != nil {
			return "", err
		}
		all, sizes = append(all, second...), fmt.Sprintf("%d and %d", len(first), len(second))
	}
	return fmt.Sprintf("pages of %s; oldest first: %s", sizes, yes(slices.Equal(all, made))), nil
}
