package dynamostore_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/cognitoflow/cognitoflow/internal/engines"
	"github.com/cognitoflow/cognitoflow/store/dynamostore"
	"github.com/cognitoflow/cognitoflow/store/dynamostore/internal/emulator"
)

// startEmulator starts an emulator for one test, and creates the table.
func startEmulator(t testing.TB) (engines.Engine, *dynamodb.Client) {
	t.Helper()
	e := engines.DynamoDB(t)
	client := emulator.NewClient(e.DataSource)
	if err := emulator.CreateTable(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	return e, client
}

func newStore(t testing.TB, api dynamostore.API, optFns ...func(*dynamostore.Options)) *dynamostore.Store {
	t.Helper()
	s, err := dynamostore.New(api, emulator.Table, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line is an HTTP client that loses responses. A line is not for concurrent use.
type line struct {
	http.Client
	lose bool // the next response
}

func (l *line) loseReply()    { l.lose = true }
func (l *line) wasLost() bool { return !l.lose }

func (l *line) Do(r *http.Request) (*http.Response, error) {
	response, err := l.Client.Do(r)
	if err == nil && l.lose {
		l.lose = false
		response.Body.Close()
		return nil, errLost
	}
	return response, err
}
