package websession_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/golden"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

const webSessionFormat = "web-session-v1"

var goldenTime = time.Unix(1_700_000_000, 0).UTC()

// goldenFile is a web session and all of the store: its record, and the index of its user.
type goldenFile struct {
	ID      string            `json:"id"`
	Records map[string][]byte `json:"records"` // by name
}

// keeping is a store that shows all records to a test.
type keeping struct {
	store.Memory
	mu      sync.Mutex
	records map[string][]byte
}

func (k *keeping) Put(ctx context.Context, name string, data []byte, version string, expires time.Time) (string, error) {
	written, err := k.Memory.Put(ctx, name, data, version, time.Time{})
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.records[name] = data
	}
	return written, err
}

func (k *keeping) snapshot(id websession.ID) goldenFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	file := goldenFile{ID: id.Reveal(), Records: map[string][]byte{}}
	for name, data := range k.records {
		file.Records[name] = data
	}
	return file
}

// undeletable is a store that deletes nothing.
type undeletable struct{ *keeping }

func (undeletable) Delete(context.Context, string, string) error { return errDown }

// refreshing is a service that refreshes, after it has called before.
type refreshing struct {
	flow.API
	flow.TokenAPI
	before func() error
	sent   []string // refresh tokens
}

func (r *refreshing) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	if err := r.before(); err != nil {
		return nil, err
	}
	r.sent = append(r.sent, in.AuthParameters["REFRESH_TOKEN"])
	return &cip.InitiateAuthOutput{AuthenticationResult: &types.AuthenticationResultType{AccessToken: aws.String("renewed-access-token"), ExpiresIn: 3600}}, nil
}

func (r *refreshing) RevokeToken(context.Context, *cip.RevokeTokenInput, ...func(*cip.Options)) (*cip.RevokeTokenOutput, error) {
	return new(cip.RevokeTokenOutput), nil
}

// goldenManager has a clock that begins at start and goes on.
func goldenManager(t testing.TB, service *refreshing, s store.Store, start time.Time) *websession.Manager {
	t.Helper()
	began := time.Now()
	now := func() time.Time { return start.Add(time.Since(began)) }
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}
	d, err := flow.New(service, app, func(o *flow.Options) { o.Now, o.RefreshByAuthFlow = now, true })
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(app, [][]byte{key}, func(o *seal.Options) { o.Now = now })
	if err != nil {
		t.Fatal(err)
	}
	m, err := websession.New(d, s, sealer, func(o *websession.Options) { o.Now, o.Lease = now, 200*time.Millisecond })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func goldenTokens() *flow.Tokens {
	return &flow.Tokens{
		AccessToken: secret.New("golden-access-token"), RefreshToken: secret.New("golden-refresh-token"), TokenType: "Bearer",
		Expiry: goldenTime.Add(time.Hour), Username: "ada", Subject: "5d6f3c1e-0000-4000-8000-000000000001",
	}
}

// The states in which a web session is stored. Each makes a file with the manager of the
// present release.
var goldenSessions = map[string]func(t *testing.T) goldenFile{
	"fresh.json": func(t *testing.T) goldenFile {
		k := &keeping{records: map[string][]byte{}}
		id, err := goldenManager(t, &refreshing{}, k, goldenTime).Create(t.Context(), goldenTokens())
		if err != nil {
			t.Fatal(err)
		}
		return k.snapshot(id)
	},
	"an-instance-died-in-a-refresh.json": func(t *testing.T) (leased goldenFile) {
		refreshAfterExpiry(t, func(k *keeping, id websession.ID) error {
			leased = k.snapshot(id)
			return errDown
		})
		return leased
	},
	"a-refresh-has-failed.json": func(t *testing.T) goldenFile {
		k, id := refreshAfterExpiry(t, func(*keeping, websession.ID) error { return errDown })
		return k.snapshot(id)
	},
	"the-service-refused-a-refresh.json": func(t *testing.T) goldenFile {
		k, id := refreshAfterExpiry(t, func(*keeping, websession.ID) error {
			return &types.NotAuthorizedException{Message: aws.String("Refresh Token has been revoked")}
		})
		return k.snapshot(id)
	},
	"an-instance-died-in-a-sign-out.json": func(t *testing.T) goldenFile {
		k := &keeping{records: map[string][]byte{}}
		m := goldenManager(t, &refreshing{}, undeletable{k}, goldenTime)
		id, err := m.Create(t.Context(), goldenTokens())
		if err != nil {
			t.Fatal(err)
		}
		if err := m.SignOutUser(t.Context(), goldenTokens().Subject); !errors.Is(err, websession.ErrStore) {
			t.Fatalf("SignOutUser with a store that deletes nothing: %v", err)
		}
		return k.snapshot(id)
	},
}

// refreshAfterExpiry makes a web session whose tokens expire, and whose refresh fails.
func refreshAfterExpiry(t *testing.T, before func(*keeping, websession.ID) error) (*keeping, websession.ID) {
	t.Helper()
	k := &keeping{records: map[string][]byte{}}
	id, err := goldenManager(t, &refreshing{}, k, goldenTime).Create(t.Context(), goldenTokens())
	if err != nil {
		t.Fatal(err)
	}
	m := goldenManager(t, &refreshing{before: func() error { return before(k, id) }}, k, goldenTime.Add(2*time.Hour))
	if _, err := m.Tokens(t.Context(), id); err == nil {
		t.Fatal("the refresh has not failed")
	}
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k, id
}

// A web session of the first release of its version has its tokens, is refreshed, and ends
// when its user is signed out.
func TestGoldenWebSessions(t *testing.T) {
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}
	sealer, err := seal.New(app, [][]byte{key}, func(o *seal.Options) { o.Now = func() time.Time { return goldenTime } })
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, made := range goldenSessions {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			data := golden.Data(t, webSessionFormat, name, func(t *testing.T) []byte {
				data, err := json.MarshalIndent(made(t), "", "\t")
				if err != nil {
					t.Fatal(err)
				}
				return append(data, '\n')
			})
			var file goldenFile
			if err := json.Unmarshal(data, &file); err != nil {
				t.Fatal(err)
			}
			k := &keeping{records: map[string][]byte{}}
			for name, data := range file.Records {
				if _, err := k.Put(t.Context(), name, data, "", time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
			for record, data := range file.Records {
				_, before, after, err := websession.Reread(sealer, record, data)
				if err != nil {
					golden.Broke(t, webSessionFormat, name, "a record is not read: %v", err)
				}
				for member, value := range before {
					if !reflect.DeepEqual(after[member], value) {
						golden.Broke(t, webSessionFormat, name, "the member %q was %v, and is %v", member, value, after[member])
					}
				}
			}
			id, err := websession.ParseID(file.ID)
			if err != nil {
				golden.Broke(t, webSessionFormat, name, "the ID is not read: %v", err)
				return
			}
			early := goldenManager(t, &refreshing{before: func() error { return errDown }}, k, goldenTime.Add(time.Minute))
			if tokens, err := early.Tokens(t.Context(), id); err != nil || tokens.AccessToken.Reveal() != "golden-access-token" || tokens.Username != "ada" {
				golden.Broke(t, webSessionFormat, name, "its tokens are %+v, %v", tokens, err)
			}
			if err := early.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			service := &refreshing{before: func() error { return nil }}
			late := goldenManager(t, service, k, goldenTime.Add(3*time.Hour))
			tokens, err := late.Tokens(t.Context(), id)
			if err != nil || tokens.AccessToken.Reveal() != "renewed-access-token" || len(service.sent) != 1 || service.sent[0] != "golden-refresh-token" {
				golden.Broke(t, webSessionFormat, name, "its refresh gives %+v, %v", tokens, err)
			}
			if n := late.Listed(t.Context(), goldenTokens().Subject); n != 1 {
				golden.Broke(t, webSessionFormat, name, "the index of its user lists %d web sessions, and listed 1", n)
			}
			if err := late.SignOutUser(t.Context(), goldenTokens().Subject); err != nil {
				golden.Broke(t, webSessionFormat, name, "its user is not signed out: %v", err)
			}
			if _, err := late.Tokens(t.Context(), id); !errors.Is(err, websession.ErrNoSession) {
				golden.Broke(t, webSessionFormat, name, "it has not ended: %v", err)
			}
		})
	}
	golden.Covered(t, webSessionFormat, names...)
	for _, wanted := range []reflect.Type{websession.SessionJSON, websession.IndexJSON} {
		golden.Members(t, webSessionFormat, wanted, func(data []byte) (values []any, err error) {
			var file goldenFile
			if err := json.Unmarshal(data, &file); err != nil {
				return nil, err
			}
			for name, data := range file.Records {
				written, members, _, err := websession.Reread(sealer, name, data)
				if err != nil {
					return nil, err
				}
				if written == wanted {
					values = append(values, members)
				}
			}
			return values, nil
		})
	}
}

// FuzzRecord has the store return any data for a web session, and any JSON in a sealed record.
func FuzzRecord(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", webSessionFormat, "fresh.json"))
	if err != nil {
		f.Fatal(err)
	}
	var file goldenFile
	if err := json.Unmarshal(data, &file); err != nil {
		f.Fatal(err)
	}
	id, err := websession.ParseID(file.ID)
	if err != nil {
		f.Fatal(err)
	}
	app := flow.App{UserPoolID: "eu-central-1_Ab12Cd34E", ClientID: "client"}
	sealer := newSealer(f, app, key)
	for _, record := range file.Records {
		f.Add(record, false)
	}
	f.Add([]byte(`{"form":1,"tokens":{"accessToken":"hush-7Fq","expiresAt":"2099-01-01T00:00:00Z"},"created":"2023-11-14T22:13:20Z","seen":"2023-11-14T22:13:20Z","over":"2099-01-01T00:00:00Z","due":"2099-01-01T00:00:00Z"}`), true)
	f.Add([]byte(`{"form":2}`), true)
	f.Add([]byte(`{"form":1,"lease":-1,"failure":{}}`), true)
	f.Fuzz(func(t *testing.T, data []byte, isJSON bool) {
		k := &keeping{records: map[string][]byte{}}
		service := &refreshing{before: func() error { return errDown }}
		m := goldenManager(t, service, k, goldenTime.Add(time.Minute))
		if isJSON {
			sealed, err := websession.SealText(sealer, m.Name(id), string(data))
			if err != nil {
				t.Fatal(err)
			}
			data = sealed
		}
		if _, err := k.Put(t.Context(), m.Name(id), data, "", time.Time{}); err != nil {
			return // a store does not have such a record
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		tokens, err := m.Tokens(ctx, id)
		if (tokens == nil) == (err == nil) {
			t.Fatalf("got %v and %v", tokens, err)
		}
		if err := m.Wait(ctx); err != nil {
			t.Fatalf("a refresh does not end: %v", err)
		}
	})
}

// FuzzParseID reads any text of a cookie or a header.
func FuzzParseID(f *testing.F) {
	f.Add("ABCDEFGHIJKLMNOPQRSTUVWXY2")
	f.Add("abcdefghijklmnopqrstuvwxy2")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := websession.ParseID(text); (err != nil) != id.IsZero() || err == nil && id.Reveal() != text {
			t.Fatalf("ParseID(%q) = %q, %v", text, id.Reveal(), err)
		}
	})
}
