package dynamostore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/websession"
)

// BenchmarkTokens compares Tokens for a valid token with one GetItem by hand. Both take
// turns, so that a busy machine slows both. The metric ratio is the median time of Tokens
// by the median time of GetItem.
// The emulator is slower than a database, which makes the ratio look better.
func BenchmarkTokens(b *testing.B) {
	const count = 100
	app := flow.App{UserPoolID: "local-1_benchmark", ClientID: "app"}
	driver, err := flow.New(cip.New(cip.Options{Region: "local-1"}), app) // nothing is refreshed
	if err != nil {
		b.Fatal(err)
	}
	sealer, err := seal.New(app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)})
	if err != nil {
		b.Fatal(err)
	}
	client := newClient(startEmulator(b))
	table := newTable(b, client)
	m, err := websession.New(driver, newStore(b, client, table), sealer)
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]websession.ID, count)
	for i := range ids {
		if ids[i], err = m.Create(b.Context(), &flow.Tokens{
			AccessToken:  secret.New(strings.Repeat("a", 1_000)),
			IDToken:      secret.New(strings.Repeat("i", 1_000)),
			RefreshToken: secret.New(strings.Repeat("r", 1_800)),
			TokenType:    "Bearer", Subject: fmt.Sprint("user ", i), Expiry: time.Now().Add(24 * time.Hour),
		}); err != nil {
			b.Fatal(err)
		}
	}
	var tokens, byHand []time.Duration
	for b.Loop() {
		// Two records: the second read of one finds it in the caches of the processor.
		id, other := ids[rand.N(count)], ids[rand.N(count)]
		name := store.Name("web session", app.UserPoolID, app.ClientID, other.Reveal())
		started := time.Now()
		if _, err := m.Tokens(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if out, err := client.GetItem(b.Context(), &dynamodb.GetItemInput{
			TableName: &table, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: name}},
		}); err != nil || len(out.Item) == 0 {
			b.Fatalf("GetItem returned %v, %v", out, err)
		}
		tokens = append(tokens, between.Sub(started))
		byHand = append(byHand, time.Since(between))
	}
	b.ReportMetric(median(tokens)/median(byHand), "ratio")
	b.ReportMetric(median(tokens), "ns/Tokens")
	b.ReportMetric(median(byHand), "ns/GetItem")
}

// median returns the median in nanoseconds. A mean would count the moments in which the
// machine did something else.
func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds())
}
