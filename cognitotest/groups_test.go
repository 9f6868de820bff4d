package cognitotest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	staffRole = "arn:aws:iam::123456789012:role/staff"
	adminRole = "arn:aws:iam::123456789012:role/admins"
)

func (a administrator) createGroup(name string, adjust func(*cip.CreateGroupInput)) (*types.GroupType, error) {
	in := &cip.CreateGroupInput{UserPoolId: a.pool, GroupName: aws.String(name)}
	if adjust != nil {
		adjust(in)
	}
	out, err := a.sdk.CreateGroup(a.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.Group, nil
}

func (a administrator) mustCreateGroup(name, role string, precedence ...int32) {
	a.t.Helper()
	if _, err := a.createGroup(name, func(in *cip.CreateGroupInput) {
		if role != "" {
			in.RoleArn = aws.String(role)
		}
		if len(precedence) > 0 {
			in.Precedence = aws.Int32(precedence[0])
		}
	}); err != nil {
		a.t.Fatal(err)
	}
}

func (a administrator) join(username string, groups ...string) error {
	for _, name := range groups {
		if _, err := a.sdk.AdminAddUserToGroup(a.t.Context(), &cip.AdminAddUserToGroupInput{
			UserPoolId: a.pool, Username: aws.String(username), GroupName: aws.String(name),
		}); err != nil {
			return err
		}
	}
	return nil
}

func (a administrator) leave(username, group string) error {
	_, err := a.sdk.AdminRemoveUserFromGroup(a.t.Context(), &cip.AdminRemoveUserFromGroupInput{
		UserPoolId: a.pool, Username: aws.String(username), GroupName: aws.String(group),
	})
	return err
}

func (a administrator) groupsOf(username string) []string {
	a.t.Helper()
	out, err := a.sdk.AdminListGroupsForUser(a.t.Context(), &cip.AdminListGroupsForUserInput{UserPoolId: a.pool, Username: aws.String(username)})
	if err != nil {
		a.t.Fatal(err)
	}
	return groupNames(out.Groups)
}

func groupNames(groups []types.GroupType) (names []string) {
	for _, g := range groups {
		names = append(names, aws.ToString(g.GroupName))
	}
	return names
}

// claimsIn decodes the claims of a token.
func claimsIn(t *testing.T, token *string) map[string]any {
	t.Helper()
	parts := strings.Split(aws.ToString(token), ".")
	if len(parts) != 3 {
		t.Fatal("no token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func wantClaim(t *testing.T, claims map[string]any, name string, want any) {
	t.Helper()
	if got := claims[name]; !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
}

// NewServer refuses a group that the service would not take, and names the field.
func TestGroupConfig(t *testing.T) {
	for want, adjust := range map[string]func(*PoolConfig){
		"groups[0].name":       func(c *PoolConfig) { c.Groups = []GroupConfig{{Name: ""}} },
		"groups[1].name":       func(c *PoolConfig) { c.Groups = []GroupConfig{{Name: "staff"}, {Name: "staff"}} },
		"groups[0].roleArn":    func(c *PoolConfig) { c.Groups = []GroupConfig{{Name: "staff", RoleARN: "staff"}} },
		"groups[0].precedence": func(c *PoolConfig) { c.Groups = []GroupConfig{{Name: "staff", Precedence: aws.Int(-1)}} },
		"users[0].groups[1]: ": func(c *PoolConfig) { c.Users = []UserConfig{{Name: "alice", Groups: []string{"staff", "two words"}}} },
	} {
		config := PoolConfig{Clients: []ClientConfig{{ID: "app"}}}
		adjust(&config)
		if _, err := NewServer(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

var evidenceOfGroups = map[string]func(*testing.T){
	"a group without Precedence, Description or RoleArn": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		made, err := a.createGroup("staff", nil)
		if err != nil {
			t.Fatal(err)
		}
		now := aws.Time(a.clock.Now())
		if want := (types.GroupType{GroupName: aws.String("staff"), UserPoolId: a.pool, CreationDate: now, LastModifiedDate: now}); !reflect.DeepEqual(*made, want) {
			t.Errorf("%+v, want %+v", *made, want)
		}
		got, err := a.sdk.GetGroup(t.Context(), &cip.GetGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")})
		if err != nil || !reflect.DeepEqual(got.Group, made) {
			t.Errorf("%v, %v", got, err)
		}
		for name, adjust := range map[string]func(*cip.CreateGroupInput){
			"groupName":  func(in *cip.CreateGroupInput) { in.GroupName = aws.String("two words") },
			"roleArn":    func(in *cip.CreateGroupInput) { in.RoleArn = aws.String("a role of twenty letters") },
			"precedence": func(in *cip.CreateGroupInput) { in.Precedence = aws.Int32(-1) },
		} {
			_, err := a.createGroup("other", adjust)
			wantError(t, err, "InvalidParameterException", name)
		}
	},
	"a group of a name in use": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		a.mustCreateGroup("staff", "")
		_, err := a.createGroup("staff", nil)
		wantError(t, err, "GroupExistsException", "staff")
	},
	"a group that does not exist": func(t *testing.T) {
		const text = "Group not found."
		a := newRig(t, nil).administrator()
		wantError(t, a.join("alice", "staff"), "ResourceNotFoundException", text)
		wantError(t, a.leave("alice", "staff"), "ResourceNotFoundException", text)
		_, err := a.sdk.GetGroup(t.Context(), &cip.GetGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")})
		wantError(t, err, "ResourceNotFoundException", text)
		_, err = a.sdk.UpdateGroup(t.Context(), &cip.UpdateGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")})
		wantError(t, err, "ResourceNotFoundException", text)
		_, err = a.sdk.DeleteGroup(t.Context(), &cip.DeleteGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")})
		wantError(t, err, "ResourceNotFoundException", text)
		_, err = a.sdk.ListUsersInGroup(t.Context(), &cip.ListUsersInGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")})
		wantError(t, err, "ResourceNotFoundException", text)
	},
	"UpdateGroup": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		a.mustCreateGroup("staff", staffRole, 3)
		created := a.clock.Now()
		a.clock.Advance(time.Hour)
		out, err := a.sdk.UpdateGroup(t.Context(), &cip.UpdateGroupInput{
			UserPoolId: a.pool, GroupName: aws.String("staff"), Description: aws.String("The staff"), Precedence: aws.Int32(0),
		})
		if err != nil {
			t.Fatal(err)
		}
		want := types.GroupType{
			GroupName: aws.String("staff"), UserPoolId: a.pool, Description: aws.String("The staff"), RoleArn: aws.String(staffRole),
			Precedence: aws.Int32(0), CreationDate: aws.Time(created), LastModifiedDate: aws.Time(a.clock.Now()),
		}
		if !reflect.DeepEqual(*out.Group, want) {
			t.Errorf("%+v, want %+v", *out.Group, want)
		}
	},
	"joining twice, leaving twice": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		a.mustCreateGroup("staff", "")
		if err := a.join(aliceEmail, "staff", "staff"); err != nil {
			t.Fatal(err)
		}
		if got := a.groupsOf("alice"); !slices.Equal(got, []string{"staff"}) {
			t.Errorf("groups %q", got)
		}
		for range 2 {
			if err := a.leave("alice", "staff"); err != nil {
				t.Fatal(err)
			}
		}
		if got := a.groupsOf("alice"); got != nil {
			t.Errorf("groups %q", got)
		}
		wantError(t, a.join("nobody", "staff"), "UserNotFoundException", "User does not exist.")
	},
	"members of a deleted group": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) { c.Users[0].Groups = []string{"staff", "admins"} }).administrator()
		if _, err := a.sdk.DeleteGroup(t.Context(), &cip.DeleteGroupInput{UserPoolId: a.pool, GroupName: aws.String("staff")}); err != nil {
			t.Fatal(err)
		}
		a.mustCreateGroup("staff", "")
		if got := a.groupsOf("alice"); !slices.Equal(got, []string{"admins"}) {
			t.Errorf("groups %q", got)
		}
		wantClaim(t, claimsIn(t, a.tokens().IdToken), "cognito:groups", []any{"admins"})
	},
	"cognito:groups": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		a.mustCreateGroup("last", "")
		a.mustCreateGroup("second", "", 2)
		a.mustCreateGroup("first", "", 0)
		if err := a.join("alice", "last", "second", "first"); err != nil {
			t.Fatal(err)
		}
		tokens := a.tokens()
		for _, token := range []*string{tokens.AccessToken, tokens.IdToken} {
			wantClaim(t, claimsIn(t, token), "cognito:groups", []any{"first", "second", "last"})
		}
		if err := a.leave("alice", "second"); err != nil {
			t.Fatal(err)
		}
		refreshed, err := a.refresh(tokens.RefreshToken, nil)
		wantClaim(t, claimsIn(t, wantTokens(t, refreshed, err).AccessToken), "cognito:groups", []any{"first", "last"})
	},
	"cognito:roles, cognito:preferred_role": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) {
			c.Groups = []GroupConfig{{Name: "staff", RoleARN: staffRole, Precedence: aws.Int(5)}, {Name: "admins", RoleARN: adminRole, Precedence: aws.Int(1)}}
			c.Users[0].Groups = []string{"staff", "admins", "readers"}
		}).administrator()
		tokens := a.tokens()
		id, access := claimsIn(t, tokens.IdToken), claimsIn(t, tokens.AccessToken)
		wantClaim(t, id, "cognito:roles", []any{adminRole, staffRole})
		wantClaim(t, id, "cognito:preferred_role", adminRole)
		wantClaim(t, access, "cognito:roles", nil)
		wantClaim(t, access, "cognito:preferred_role", nil)
	},
	"groups of the same precedence with other roles": func(t *testing.T) {
		a := newRig(t, nil).administrator()
		a.mustCreateGroup("one", staffRole, 1)
		a.mustCreateGroup("same", staffRole, 1)
		a.mustCreateGroup("other", adminRole, 1)
		if err := a.join("alice", "one", "same"); err != nil {
			t.Fatal(err)
		}
		wantClaim(t, claimsIn(t, a.tokens().IdToken), "cognito:preferred_role", staffRole)
		if err := a.join("alice", "other"); err != nil {
			t.Fatal(err)
		}
		id := claimsIn(t, a.tokens().IdToken)
		wantClaim(t, id, "cognito:preferred_role", nil)
		wantClaim(t, id, "cognito:roles", []any{staffRole, adminRole})
	},
	"pages of groups and members": func(t *testing.T) {
		a := newRig(t, func(c *PoolConfig) {
			for i := range 3 {
				name := fmt.Sprintf("g%d", i)
				c.Users = append(c.Users, UserConfig{Name: "u" + name, Groups: []string{name, "all"}})
			}
		}).administrator()
		first, err := a.sdk.ListGroups(t.Context(), &cip.ListGroupsInput{UserPoolId: a.pool, Limit: aws.Int32(3)})
		if err != nil {
			t.Fatal(err)
		}
		second, err := a.sdk.ListGroups(t.Context(), &cip.ListGroupsInput{UserPoolId: a.pool, NextToken: first.NextToken})
		if err != nil || second.NextToken != nil {
			t.Fatalf("%v, %v", second, err)
		}
		if got := append(groupNames(first.Groups), groupNames(second.Groups)...); !slices.Equal(got, []string{"g0", "all", "g1", "g2"}) {
			t.Errorf("groups %q", got)
		}
		var members []string
		p := cip.NewListUsersInGroupPaginator(a.sdk, &cip.ListUsersInGroupInput{UserPoolId: a.pool, GroupName: aws.String("all"), Limit: aws.Int32(2)})
		for p.HasMorePages() {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page.Users {
				members = append(members, *u.Username)
			}
		}
		if !slices.Equal(members, []string{"ug0", "ug1", "ug2"}) {
			t.Errorf("members %q", members)
		}
	},
}
