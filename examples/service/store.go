package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// tokenStore keeps the tokens of one user of one app client in a file. Only this user of the
// machine can read the file: the file has mode 0600, in a directory with mode 0700.
// device.Dir replaces a file in one step. A program that is killed during save therefore
// leaves the old tokens or the new tokens.
//
// Run one program at a time. If two programs refresh the same tokens under rotation, the
// service refuses one of the programs.
type tokenStore struct {
	dir  device.Dir
	name string
}

// newTokenStore names the file after -username, because the pool tells its name for the user
// after the sign-in only.
func newTokenStore(s settings) tokenStore {
	return tokenStore{device.Dir(s.dir), "tokens/" + s.userPoolID + "/" + s.clientID + "/" + s.username}
}

// errDamaged is the error if the file holds no tokens.
var errDamaged = errors.New("damaged tokens")

// load returns device.ErrNotFound if there is no file, and errDamaged if the file holds no
// tokens.
func (s tokenStore) load(ctx context.Context) (*flow.Tokens, error) {
	data, err := s.dir.Get(ctx, s.name)
	if err != nil {
		return nil, err
	}
	t := new(flow.Tokens)
	if err := json.Unmarshal(data, t); err != nil {
		return nil, fmt.Errorf("%w in -dir %q: %w", errDamaged, string(s.dir), err)
	}
	return t, nil
}

func (s tokenStore) save(ctx context.Context, t *flow.Tokens) error {
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.dir.Put(ctx, s.name, data)
}

func (s tokenStore) clear(ctx context.Context) error { return s.dir.Delete(ctx, s.name) }
