package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
)

// tokenStore keeps the tokens of one user of one app client in a file that
// only this user of the machine can read (0600, in a directory of 0700). The
// store for device records does what tokens need too: it replaces the file in
// one step, so that a program that is killed leaves the old tokens or the new.
//
// One program at a time: two that refresh the same tokens under rotation take
// them away from each other.
type tokenStore struct {
	dir  device.Dir
	name string
}

// newTokenStore names the file after what was given on the command line: the
// pool's own name for the user is known only after the sign-in.
func newTokenStore(s settings) tokenStore {
	return tokenStore{device.Dir(s.dir), "tokens/" + s.userPoolID + "/" + s.clientID + "/" + s.username}
}

// errDamaged is the error when what is kept cannot be read.
var errDamaged = errors.New("damaged tokens")

// load returns device.ErrNotFound if there are none, and errDamaged.
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
