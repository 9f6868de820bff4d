// Package administration has the operations of administrators on users and groups.
package administration

import "github.com/cognitoflow/cognitoflow/cognitotest/internal/api"

// Operations are the operations of this family, by name.
var Operations = map[string]api.Operation{
	"AdminCreateUser":  api.Signed(adminCreateUser),
	"AdminGetUser":     api.ByAdmin(adminGetUser),
	"AdminEnableUser":  api.ByAdmin(adminEnableUser),
	"AdminDisableUser": api.ByAdmin(adminDisableUser),
	"ListUsers":        api.Signed(listUsers),

	"CreateGroup":              api.Signed(createGroup),
	"GetGroup":                 api.Signed(getGroup),
	"UpdateGroup":              api.Signed(updateGroup),
	"DeleteGroup":              api.Signed(deleteGroup),
	"ListGroups":               api.Signed(listGroups),
	"ListUsersInGroup":         api.Signed(listUsersInGroup),
	"AdminAddUserToGroup":      api.ByAdmin(adminAddUserToGroup),
	"AdminRemoveUserFromGroup": api.ByAdmin(adminRemoveUserFromGroup),
	"AdminListGroupsForUser":   api.ByAdmin(adminListGroupsForUser),
}
