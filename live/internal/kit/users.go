package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// userQuestions are about the operations of administrators on users and groups. The kit does not record
// them, because a conversation is about a user.
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
			Row: "DeleteUserAttributes of an address", Users: 2, ask: addressDeleted,
			setting: func(c *cognitotest.PoolConfig) {
				c.Users[0].Attributes = map[string]string{"email": madeUpEmail, "email_verified": "true"}
			},
		},
		{
			Name: "user-pages", Title: "order and pages of ListUsers", Row: "pages of ListUsers", Users: listed, ask: pagesOfUsers,
		},
		{
			Name: "user-filters", Title: "filters on e-mail addresses in another case", Row: "case in filters", Users: 1, ask: caseInFilters,
			setting: func(c *cognitotest.PoolConfig) { c.Users[0].Attributes = map[string]string{"email": madeUpEmail} },
		},
		{
			Name: "user-empty-required", Title: "an empty value of a required attribute", Row: "an attribute with an empty value", Users: 2,
			ask: emptyValue,
			setting: func(c *cognitotest.PoolConfig) {
				c.RequiredAttributes = []string{"given_name"}
				c.Users[0].Attributes = map[string]string{"given_name": givenName, "family_name": "Lovelace"}
			},
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
			Name: "member-pages", Title: "order and pages of ListUsersInGroup", Row: "pages of groups and members", Users: listed, ask: pagesOfMembers,
		},
		{
			Name: "group-claims", Title: "the order of cognito:groups", Row: "cognito:groups", Users: 1, ask: orderInClaims,
		},
	}
}

func (sc *Scene) makeGroup(ctx context.Context, name string) error {
	_, err := sc.stage.CreateGroup(ctx, &cip.CreateGroupInput{UserPoolId: &sc.poolID, GroupName: &name})
	return err
}

// addressDeleted deletes the address of one user as an administrator. Another user deletes the own address.
func addressDeleted(ctx context.Context, sc *Scene) (string, error) {
	other, err := sc.newPerson(ctx, sc.setting.Users[0])
	if err != nil {
		return "", err
	}
	_, err = sc.stage.AdminDeleteUserAttributes(ctx, &cip.AdminDeleteUserAttributesInput{
		UserPoolId: &sc.poolID, Username: &sc.user.name, UserAttributeNames: []string{"email"},
	})
	byAdmin, err := sc.verifiedAfter(ctx, sc.user, err)
	if err != nil {
		return "", err
	}
	token, err := sc.accessToken(ctx, other)
	if err != nil {
		return "", err
	}
	_, err = sc.stage.DeleteUserAttributes(ctx, &cip.DeleteUserAttributesInput{AccessToken: token, UserAttributeNames: []string{"email"}})
	byUser, err := sc.verifiedAfter(ctx, other, err)
	return joined("by an administrator: "+byAdmin, "by the user: "+byUser), err
}

// verifiedAfter tells whether email_verified stays after an attempt to delete the address.
func (sc *Scene) verifiedAfter(ctx context.Context, p person, attempt error) (string, error) {
	if attempt != nil {
		return sc.describe(attempt), ctx.Err()
	}
	attributes, err := sc.attributes(ctx, p)
	if err != nil {
		return "", err
	}
	_, left := attributes["email_verified"]
	return "email_verified is there: " + yes(left), nil
}

// attributes returns the attributes of a user.
func (sc *Scene) attributes(ctx context.Context, p person) (map[string]string, error) {
	out, err := sc.stage.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: &sc.poolID, Username: &p.name})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, a := range out.UserAttributes {
		all[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return all, nil
}

// emptyValue sets a required attribute and another attribute to an empty value. An administrator changes
// one user, and another user changes the own attributes.
func emptyValue(ctx context.Context, sc *Scene) (string, error) {
	other, err := sc.newPerson(ctx, sc.setting.Users[0])
	if err != nil {
		return "", err
	}
	token, err := sc.accessToken(ctx, other)
	if err != nil {
		return "", err
	}
	var told []string
	for _, name := range []string{"given_name", "family_name"} {
		empty := []types.AttributeType{{Name: &name, Value: aws.String("")}}
		_, err := sc.stage.AdminUpdateUserAttributes(ctx, &cip.AdminUpdateUserAttributesInput{
			UserPoolId: &sc.poolID, Username: &sc.user.name, UserAttributes: empty,
		})
		byAdmin, err := sc.valueAfter(ctx, sc.user, name, err)
		if err != nil {
			return "", err
		}
		_, err = sc.stage.UpdateUserAttributes(ctx, &cip.UpdateUserAttributesInput{AccessToken: token, UserAttributes: empty})
		byUser, err := sc.valueAfter(ctx, other, name, err)
		if err != nil {
			return "", err
		}
		told = append(told, fmt.Sprintf("%s by an administrator: %s; by the user: %s", name, byAdmin, byUser))
	}
	return joined(told...), ctx.Err()
}

// valueAfter returns the state of an attribute after an attempt to set an empty value.
func (sc *Scene) valueAfter(ctx context.Context, p person, name string, attempt error) (string, error) {
	if attempt != nil {
		return sc.describe(attempt), ctx.Err()
	}
	attributes, err := sc.attributes(ctx, p)
	if err != nil {
		return "", err
	}
	switch value, ok := attributes[name]; {
	case !ok:
		return "deleted", nil
	case value == "":
		return "empty", nil
	}
	return "as before", nil
}

// caseInFilters searches the user by the address in upper case.
func caseInFilters(ctx context.Context, sc *Scene) (string, error) {
	find := func(operator, value string) func() ([]string, error) {
		return func() ([]string, error) {
			names, _, err := sc.users(ctx, &cip.ListUsersInput{Filter: aws.String(fmt.Sprintf("email %s %q", operator, value))})
			return names, err
		}
	}
	if err := sc.until(ctx, 1, find("=", sc.user.email)); err != nil {
		return "the address as it is: " + sc.describe(err), ctx.Err()
	}
	upper := strings.ToUpper(sc.user.email)
	var told []string
	for _, operator := range []string{"=", "^="} {
		names, err := find(operator, upper)()
		told = append(told, fmt.Sprintf("upper case after %s: %s", operator, sc.exceptionOr(err, fmt.Sprintf("%d found", len(names)))))
	}
	return joined(told...), ctx.Err()
}

// orderInClaims makes the user a member of groups. The orders of names, of creation, of joining and of
// precedence all differ.
func orderInClaims(ctx context.Context, sc *Scene) (string, error) {
	for _, g := range []struct {
		name       string
		precedence *int32
	}{{"d_third", aws.Int32(3)}, {"a_second", aws.Int32(2)}, {"c_without", nil}, {"b_first", aws.Int32(1)}} {
		if _, err := sc.stage.CreateGroup(ctx, &cip.CreateGroupInput{UserPoolId: &sc.poolID, GroupName: &g.name, Precedence: g.precedence}); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"c_without", "d_third", "b_first", "a_second"} {
		if err := sc.join(ctx, sc.user, name); err != nil {
			return "", err
		}
	}
	t, err := sc.aside().byPassword(ctx)
	if err != nil {
		return "", err
	}
	tokens := &flow.Tokens{AccessToken: secret.New(aws.ToString(t.AccessToken)), IDToken: secret.New(aws.ToString(t.IdToken))}
	var access, id struct {
		Groups []string `json:"cognito:groups"`
	}
	if err := errors.Join(tokens.AccessClaims(&access), tokens.IDClaims(&id)); err != nil {
		return "tokens that cannot be read", nil
	}
	return fmt.Sprintf("in the access token %s; in the ID token %s", strings.Join(access.Groups, ", "), strings.Join(id.Groups, ", ")), nil
}

func (sc *Scene) join(ctx context.Context, p person, group string) error {
	_, err := sc.stage.AdminAddUserToGroup(ctx, &cip.AdminAddUserToGroupInput{UserPoolId: &sc.poolID, Username: &p.name, GroupName: &group})
	return err
}

func joinTwice(ctx context.Context, sc *Scene) (string, error) {
	name := "group"
	if err := sc.makeGroup(ctx, name); err != nil {
		return "", err
	}
	var joined, left error
	for range 2 {
		joined = sc.join(ctx, sc.user, name)
	}
	for range 2 {
		_, left = sc.stage.AdminRemoveUserFromGroup(ctx, &cip.AdminRemoveUserFromGroupInput{UserPoolId: &sc.poolID, Username: &sc.user.name, GroupName: &name})
	}
	return fmt.Sprintf("joining again: %s; leaving again: %s", sc.exceptionOr(joined, "no error"), sc.exceptionOr(left, "no error")), ctx.Err()
}

const (
	listed  = 5  // the entries of a list, which a random order sorts once in 120 times
	perPage = 3  // the size of a page
	most    = 60 // the largest size of a page
)

// five makes users until the pool has five. The oldest user is the first one.
func (sc *Scene) five(ctx context.Context) ([]person, error) {
	all := []person{sc.user}
	for len(all) < listed {
		p, err := sc.newPerson(ctx, cognitotest.UserConfig{})
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func namesOf(people []person) (names []string) {
	for _, p := range people {
		names = append(names, p.name)
	}
	return names
}

// users calls ListUsers.
func (sc *Scene) users(ctx context.Context, in *cip.ListUsersInput) (names []string, next *string, err error) {
	in.UserPoolId = &sc.poolID
	out, err := sc.stage.ListUsers(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	return usernames(out.Users), out.PaginationToken, nil
}

func usernames(users []types.UserType) (names []string) {
	for _, u := range users {
		names = append(names, aws.ToString(u.Username))
	}
	return names
}

// until waits until a list has n entries, because a list of the service can be late.
func (sc *Scene) until(ctx context.Context, n int, list func() ([]string, error)) error {
	for range 20 {
		names, err := list()
		if err != nil {
			return err
		}
		if len(names) >= n {
			return nil
		}
		if err := sc.pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return finding("the list lacks entries that the probe made")
}

func pagesOfUsers(ctx context.Context, sc *Scene) (string, error) {
	people, err := sc.five(ctx)
	if err != nil {
		return "", err
	}
	return sc.pages(ctx, namesOf(people), nil, most, func(limit *int32, token *string) ([]string, *string, error) {
		return sc.users(ctx, &cip.ListUsersInput{Limit: limit, PaginationToken: token})
	})
}

// pagesOfMembers makes users members of a group. The newest user joins first.
func pagesOfMembers(ctx context.Context, sc *Scene) (string, error) {
	people, err := sc.five(ctx)
	if err != nil {
		return "", err
	}
	if err := sc.makeGroup(ctx, "group"); err != nil {
		return "", err
	}
	for _, p := range slices.Backward(people) {
		if err := sc.join(ctx, p, "group"); err != nil {
			return "", err
		}
	}
	made := namesOf(people)
	byJoining := slices.Clone(made)
	slices.Reverse(byJoining)
	return sc.pages(ctx, made, byJoining, most, func(limit *int32, token *string) ([]string, *string, error) {
		out, err := sc.stage.ListUsersInGroup(ctx, &cip.ListUsersInGroupInput{
			UserPoolId: &sc.poolID, GroupName: aws.String("group"), Limit: limit, NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return usernames(out.Users), out.NextToken, nil
	})
}

func pagesOfGroups(ctx context.Context, sc *Scene) (string, error) {
	made := []string{"second", "first", "fourth", "third", "fifth"} // the order of creation is not the order of the names
	for _, name := range made {
		if err := sc.makeGroup(ctx, name); err != nil {
			return "", err
		}
	}
	return sc.pages(ctx, made, nil, most, func(limit *int32, token *string) (names []string, next *string, err error) {
		out, err := sc.stage.ListGroups(ctx, &cip.ListGroupsInput{UserPoolId: &sc.poolID, Limit: limit, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		for _, g := range out.Groups {
			names = append(names, aws.ToString(g.GroupName))
		}
		return names, out.NextToken, nil
	})
}

// pages describes the reply to a limit that is too high. Then pages describes the pages and the order of
// a list of five with a limit of three. The slice made begins with the oldest name, and joined with the
// first member.
func (sc *Scene) pages(
	ctx context.Context, made, joined []string, longest int32, list func(limit *int32, token *string) ([]string, *string, error),
) (string, error) {
	if err := sc.until(ctx, len(made), func() ([]string, error) {
		all, _, err := list(&longest, nil)
		return all, err
	}); err != nil {
		return fmt.Sprintf("pages of %d: %s", longest, sc.describe(err)), ctx.Err()
	}
	_, _, err := list(aws.Int32(longest+1), nil)
	told := fmt.Sprintf("pages of %d: %s", longest+1, sc.exceptionOr(err, "accepted"))
	var all []string
	var sizes []string
	for token := (*string)(nil); len(sizes) == 0 || token != nil && len(sizes) < listed; {
		var page []string
		if page, token, err = list(aws.Int32(perPage), token); err != nil {
			return fmt.Sprintf("%s; pages of %d: %s", told, perPage, sc.describe(err)), ctx.Err()
		}
		all, sizes = append(all, page...), append(sizes, fmt.Sprint(len(page)))
	}
	order := "of another kind"
	switch {
	case slices.Equal(all, made):
		order = "the oldest first"
	case slices.Equal(all, joined):
		order = "the first to join first"
	case slices.IsSorted(all):
		order = "by name"
	}
	return fmt.Sprintf("%s; pages of %s; order: %s", told, strings.Join(sizes, " and "), order), ctx.Err()
}
