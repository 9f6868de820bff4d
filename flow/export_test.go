package flow

import "reflect"

// PromptCode and TokensJSON are the types of stored prompts and tokens.
var (
	PromptCode = reflect.TypeFor[promptCode]()
	TokensJSON = reflect.TypeFor[tokensJSON]()
)
