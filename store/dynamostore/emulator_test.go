package dynamostore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/cognitoflow/cognitoflow/store/dynamostore"
)

// startEmulator starts an emulator of DynamoDB on loopback and returns its address. It
// is not the service: it deletes no expired items, and it shows nothing of throttling.
func startEmulator(t testing.TB) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here; install Node 20 or later to run this test")
	}
	dir := filepath.Join("testdata", "emulator")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "dynalite")); err != nil {
		t.Skipf("the emulator is not installed; run npm ci in %s to run this test", dir)
	}
	cmd := exec.Command(node, "run.cjs")
	cmd.Dir = dir
	var log bytes.Buffer
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // the emulator ends
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("the emulator ended (%v)\n%s", err, &log)
		}
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the emulator has not started: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

func newClient(address string, optFns ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "local-1", BaseEndpoint: &address,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}, optFns...)
}

// newTable creates a table with a random name and returns the name.
func newTable(t testing.TB, client *dynamodb.Client) string {
	t.Helper()
	table := "t-" + rand.Text()
	create, _ := dynamostore.Schema(table) // the emulator does not know TTL
	if _, err := client.CreateTable(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 10 * time.Millisecond })
	if err := waiter.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &table}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return table
}

func newStore(t testing.TB, api dynamostore.API, table string, optFns ...func(*dynamostore.Options)) *dynamostore.Store {
	t.Helper()
	s, err := dynamostore.New(api, table, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line is an HTTP client that loses responses.
type line struct {
	http.Client
	lose, lost int // not for concurrent use
}

func (l *line) Do(r *http.Request) (*http.Response, error) {
	response, err := l.Client.Do(r)
	if err == nil && l.lose > 0 {
		l.lose--
		l.lost++
		response.Body.Close()
		return nil, errLost
	}
	return response, err
}
