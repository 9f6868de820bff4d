package websession

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"time"

	"github.com/cognitoflow/cognitoflow/seal"
)

// Name returns the name of the record of a web session.
func (m *Manager) Name(id ID) string { return m.sessionName(id) }

// Listed returns how many web sessions the index of a user lists, -1 if it cannot be
// read.
func (m *Manager) Listed(ctx context.Context, user string) int {
	x, err := m.loadIndex(ctx, user)
	if err != nil {
		return -1
	}
	return len(x.Sessions)
}

// Loaded returns the record of a web session in the memory of a process.
func Loaded(m *Manager, id ID) any { return m.cache.get(m.sessionName(id)) }

// The types whose JSON is in records.
var (
	SessionJSON = reflect.TypeFor[state]()
	IndexJSON   = reflect.TypeFor[index]()
)

// Reread returns the type of the JSON in a record and the members of the JSON. after has the
// members after a process has read the record and written it again.
func Reread(s *seal.Sealer, name string, data []byte) (written reflect.Type, before, after map[string]any, err error) {
	var kept any = new(state)
	written = SessionJSON
	purpose := purposeSession
	if err = openRecord(s, purpose, name, data, &before); err != nil {
		kept, written, purpose = new(index), IndexJSON, purposeIndex
		err = openRecord(s, purpose, name, data, &before)
	}
	if err == nil {
		err = openRecord(s, purpose, name, data, kept)
	}
	if err != nil {
		return written, nil, nil, err
	}
	again, err := json.Marshal(kept)
	if err == nil {
		err = json.Unmarshal(again, &after)
	}
	return written, before, after, err
}

// SealRecord makes the data of a record of any JSON.
func SealRecord(s *seal.Sealer, name string, value any) ([]byte, error) {
	return sealRecord(s, purposeSession, name, value, time.Now().Add(time.Hour))
}

// SealText makes the data of a record of any text.
func SealText(s *seal.Sealer, name, plain string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(s.Seal(purposeSession, []byte(plain), []byte(name), time.Now().Add(time.Hour)))
}
