// Package fragment declares the names that the blocks of the documentation use
// and do not declare.
package fragment

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
)

var (
	err                        error
	ctx                        context.Context
	w                          http.ResponseWriter
	handler                    http.Handler
	r, request                 *http.Request
	cfg                        aws.Config
	client                     *cognitoidentityprovider.Client
	app                        flow.App
	driver                     *flow.Driver
	step                       flow.Step
	prompt                     *flow.Prompt
	answer                     challenge.Answer
	tokens, kept               *flow.Tokens
	source                     *flow.TokenSource
	keys                       [][]byte
	sealer                     *seal.Sealer
	shared                     store.Store
	id                         device.ID
	browserSession             []byte
	name, password, code, text string
	configDir, identityPoolID  string
)

func askUser(string) string                        { return "" }
func pick([]challenge.Name) challenge.Name         { return "" }
func tell(error)                                   {}
func show(challenge.Challenge)                     {}
func signIn(context.Context) (*flow.Tokens, error) { return nil, nil }
func keep(*flow.Tokens) error                      { return nil }
func drop() error                                  { return nil }
