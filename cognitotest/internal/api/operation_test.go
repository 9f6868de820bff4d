package api

import (
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// ByUser and ByAdmin panic at the start of the program if the input lacks their member.
func TestInputsThatCannotBe(t *testing.T) {
	type noToken struct{ UserPoolId string }
	type misspelt struct {
		AccessToken string `model:"required,Accesstoken"`
	}
	type number struct {
		Limit int `model:"Page"`
	}
	ofUser := func(*Call, *directory.User, *noToken) (*Nothing, error) { return nil, nil }
	for name, make := range map[string]func(){
		"ByUser without AccessToken": func() { ByUser(ofUser) },
		"ByAdmin without Username":   func() { ByAdmin(ofUser) },
		"no such shape":              func() { ByAnyone(func(*Call, *misspelt) (*Nothing, error) { return nil, nil }) },
		"a shape of a number":        func() { Signed(func(*Call, *number) (*Nothing, error) { return nil, nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			make()
		})
	}
}
