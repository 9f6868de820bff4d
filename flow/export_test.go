package flow

import "reflect"

// The types whose JSON programs store.
var (
	PromptCode = reflect.TypeFor[promptCode]()
	TokensJSON = reflect.TypeFor[tokensJSON]()
)
