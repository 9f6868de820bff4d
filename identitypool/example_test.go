package identitypool_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/identitypool"
	"github.com/cognitoflow/cognitoflow/secret"
)

// The user ada signs in to the user pool, and the program gets AWS credentials for ada. A pool
// of package cognitotest and a small server replace the two services.
func Example() {
	ctx := context.Background()
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		ID: userPoolID, Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	users := httptest.NewServer(server)
	defer users.Close()
	identities, err := newIdentities(users.URL + "/" + userPoolID)
	if err != nil {
		log.Fatal(err)
	}
	defer identities.Close()

	driver, err := flow.New(cip.New(cip.Options{Region: "eu-central-1", BaseEndpoint: &users.URL}), app)
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := driver.SignIn(ctx, flow.UserSRPAuth{Username: "ada", Password: secret.New("Correct-Horse-7!")}, nil)
	if err != nil {
		log.Fatal(err)
	}
	source := driver.TokenSource(tokens)
	defer source.Wait(ctx)

	// In a real program: cognitoidentity.NewFromConfig(cfg).
	client := cognitoidentity.New(cognitoidentity.Options{Region: "eu-central-1", BaseEndpoint: &identities.URL})
	provider, err := identitypool.New(client, poolID, app, source)
	if err != nil {
		log.Fatal(err)
	}
	cfg := aws.Config{Region: "eu-central-1"}
	cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = 5 * time.Minute })

	credentials, err := cfg.Credentials.Retrieve(ctx) // each request to AWS does so
	if err != nil {
		log.Fatal(err)
	}
	id, err := provider.IdentityID(ctx)
	fmt.Println("temporary credentials:", strings.HasPrefix(credentials.AccessKeyID, "ASIA"), credentials.CanExpire)
	fmt.Println("identity in", id[:strings.Index(id, ":")], err)
	// Output:
	// temporary credentials: true true
	// identity in eu-central-1 <nil>
}
