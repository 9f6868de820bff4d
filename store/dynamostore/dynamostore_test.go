package dynamostore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/dynamostore"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

// These variables make the test binary one of several processes.
const (
	childAddress = "DYNAMOSTORE_CHILD"
	childTable   = "DYNAMOSTORE_CHILD_TABLE"
)

func TestMain(m *testing.M) {
	address := os.Getenv(childAddress)
	if address == "" {
		m.Run()
		return
	}
	if err := child(context.Background(), address, os.Getenv(childTable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var (
	never   time.Time
	errLost = syscall.ECONNRESET
)

func TestStore(t *testing.T) {
	client := newClient(startEmulator(t))
	s := newStore(t, client, newTable(t, client))
	storetest.TestStore(t, func(*testing.T) store.Store { return s })
}

func TestNew(t *testing.T) {
	if _, err := dynamostore.New(nil, "t"); err == nil {
		t.Error("New took a client that is nil")
	}
	if _, err := dynamostore.New(newClient(""), ""); err == nil {
		t.Error("New took a table without a name")
	}
}

func mustPut(t testing.TB, s store.Store, name, data, version string, expires time.Time) string {
	t.Helper()
	next, err := s.Put(t.Context(), name, []byte(data), version, expires)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func wantRecord(t testing.TB, s store.Store, name, data, version string) {
	t.Helper()
	if got, err := s.Get(t.Context(), name); err != nil || string(got.Data) != data || got.Version != version {
		t.Fatalf("Get returned %q in version %q, %v, want %q in version %q", got.Data, got.Version, err, data, version)
	}
}

// The emulator keeps expired items, as DynamoDB does for days.
func TestExpiredItemsAreAbsent(t *testing.T) {
	client := newClient(startEmulator(t))
	table := newTable(t, client)
	now := time.Unix(2_000_000_000, 0)
	s := newStore(t, client, table, func(o *dynamostore.Options) { o.Now = func() time.Time { return now } })
	name := store.Name("a")
	version := mustPut(t, s, name, "x", "", now.Add(time.Hour+time.Millisecond))
	item, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: name}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, expire := dynamostore.Schema(table); *expire.TimeToLiveSpecification.AttributeName != "expires" {
		t.Errorf("DynamoDB would delete by the attribute %s", *expire.TimeToLiveSpecification.AttributeName)
	}
	if n, ok := item.Item["expires"].(*types.AttributeValueMemberN); !ok || n.Value != "2000003601" {
		t.Errorf("the attribute expires is %v, want the seconds since 1970, rounded up", item.Item["expires"])
	}

	now = now.Add(time.Hour)
	wantRecord(t, s, name, "x", version) // up to the full second
	if _, err := s.Put(t.Context(), name, []byte("y"), "", never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("over a record that has not expired Put returned %v, want store.ErrConflict", err)
	}
	now = now.Add(time.Second)
	if _, err := s.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of an expired record Get returned %v, want store.ErrNotFound", err)
	}
	if _, err := s.Put(t.Context(), name, []byte("y"), version, never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("with the version of an expired record Put returned %v, want store.ErrConflict", err)
	}
	if err := s.Delete(t.Context(), name, version); !errors.Is(err, store.ErrConflict) {
		t.Errorf("with the version of an expired record Delete returned %v, want store.ErrConflict", err)
	}
	version = mustPut(t, s, name, "z", "", never)
	now = now.Add(1000 * time.Hour)
	wantRecord(t, s, name, "z", version) // nothing is left of the former expiry
}

func TestLostResponses(t *testing.T) {
	address := startEmulator(t)
	table := newTable(t, newClient(address))
	for name, repeats := range map[string]bool{"the client repeats": true, "the client does not repeat": false} {
		t.Run(name, func(t *testing.T) {
			var l line
			s := newStore(t, newClient(address, func(o *dynamodb.Options) {
				o.HTTPClient = &l
				if !repeats {
					o.Retryer = aws.NopRetryer{}
				}
			}), table)
			direct := newStore(t, newClient(address), table)
			name, version := store.Name(name), ""
			for _, data := range []string{"created", "replaced"} {
				l.lose = 1
				next, err := s.Put(t.Context(), name, []byte(data), version, never)
				if repeats != (err == nil) || errors.Is(err, store.ErrConflict) {
					t.Fatalf("%s: Put returned %v", data, err)
				}
				got, err := direct.Get(t.Context(), name)
				if err != nil || string(got.Data) != data || repeats && got.Version != next {
					t.Fatalf("%s: Get returned %q in version %q, %v", data, got.Data, got.Version, err)
				}
				version = got.Version
			}
			l.lose = 1
			next, err := store.Write(t.Context(), s, name, []byte("written"), version, never)
			if err != nil {
				t.Fatalf("Write returned %v", err)
			}
			wantRecord(t, direct, name, "written", next)

			l.lose = 1
			if err := s.Delete(t.Context(), name, next); err == nil || repeats != errors.Is(err, store.ErrConflict) {
				t.Errorf("Delete returned %v", err)
			}
			if _, err := direct.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("after Delete Get returned %v", err)
			}
			if l.lost != 4 {
				t.Errorf("%d responses were lost, want 4", l.lost)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	client := newClient(startEmulator(t))
	table := newTable(t, client)
	s, name := newStore(t, client, "no-such-table"), store.Name("a")
	_, getErr := s.Get(t.Context(), name)
	_, putErr := s.Put(t.Context(), name, []byte("hush-7Fq"), "", never)
	for operation, err := range map[string]error{"get": getErr, "put": putErr, "delete": s.Delete(t.Context(), name, "v")} {
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || !strings.HasPrefix(err.Error(), "dynamostore: "+operation+" in table no-such-table: ") {
			t.Errorf("%s returned %v", operation, err)
		}
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || strings.Contains(fmt.Sprint(err), "hush-7Fq") {
			t.Errorf("%s returned %v", operation, err)
		}
	}
	foreign := store.Name("foreign")
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"name": &types.AttributeValueMemberS{Value: foreign}, "colour": &types.AttributeValueMemberS{Value: "red"},
	}}); err != nil {
		t.Fatal(err)
	}
	s = newStore(t, client, table)
	if _, err := s.Get(t.Context(), foreign); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("of an item that is no record Get returned %v", err)
	}
	if _, err := s.Put(t.Context(), foreign, []byte("y"), "", never); !errors.Is(err, store.ErrConflict) {
		t.Errorf("over an item that is no record Put returned %v, want store.ErrConflict", err)
	}
}

// gets records what a Store asks for.
type gets struct {
	dynamostore.API
	inputs []*dynamodb.GetItemInput
}

func (g *gets) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	g.inputs = append(g.inputs, in)
	return new(dynamodb.GetItemOutput), nil
}

// An emulator cannot show a read that is behind.
func TestReadsAreConsistent(t *testing.T) {
	var g gets
	if _, err := newStore(t, &g, "t").Get(t.Context(), store.Name("a")); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if len(g.inputs) != 1 || !aws.ToBool(g.inputs[0].ConsistentRead) {
		t.Errorf("Get did not ask for a consistent read: %+v", g.inputs)
	}
}

const (
	processes  = 3
	goroutines = 4
	increments = 10
)

// TestProcesses has processes increment one number. A lost write makes it too small.
func TestProcesses(t *testing.T) {
	address := startEmulator(t)
	client := newClient(address)
	table := newTable(t, client)
	s := newStore(t, client, table)
	mustPut(t, s, counter, "n", "", never)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range processes {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), executable)
			cmd.Env = append(os.Environ(), childAddress+"="+address, childTable+"="+table)
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	group.Wait()
	got, err := s.Get(t.Context(), counter)
	if err != nil {
		t.Fatal(err)
	}
	if want := processes * goroutines * increments; len(got.Data)-1 != want {
		t.Errorf("%d increments that succeeded made %d", want, len(got.Data)-1)
	}
}

var counter = store.Name("counter") // its length is the number

func child(ctx context.Context, address, table string) error {
	s, err := dynamostore.New(newClient(address), table)
	if err != nil {
		return err
	}
	errs := make([]error, goroutines)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = increment(ctx, s) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func increment(ctx context.Context, s *dynamostore.Store) error {
	for done := 0; done < increments; {
		got, err := s.Get(ctx, counter)
		if err != nil {
			return err
		}
		_, err = s.Put(ctx, counter, append(got.Data, '.'), got.Version, never)
		switch {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrConflict):
			return err
		}
	}
	return nil
}
