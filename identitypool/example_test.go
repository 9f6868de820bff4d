package identitypool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
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

// New sends nothing. An identity pool of another region than the client's is refused.
func ExampleNew() {
	client := cognitoidentity.New(cognitoidentity.Options{Region: "us-east-1"}) // a real program: cognitoidentity.NewFromConfig(cfg)
	_, err := identitypool.New(client, poolID, app, new(flow.TokenSource), func(o *identitypool.Options) {
		o.CustomRoleARN = "arn:aws:iam::123456789012:role/reader"
	})
	fmt.Println(err)
	// Output: identitypool: the SDK client is for region "us-east-1", and the identity pool is of region "eu-central-1": set Region or BaseEndpoint of the client
}

// signedOut is a source whose user has signed out.
type signedOut struct{}

func (signedOut) Tokens(context.Context) (*flow.Tokens, error) { return nil, flow.SignedOut }
func (signedOut) Invalidate(string)                            {}

// The error has the reason of the source or of the service.
func ExampleProvider_Retrieve() {
	client := cognitoidentity.New(cognitoidentity.Options{Region: "eu-central-1"})
	provider, err := identitypool.New(client, poolID, app, signedOut{})
	if err != nil {
		log.Fatal(err)
	}

	_, err = provider.Retrieve(context.Background())
	var refused *types.NotAuthorizedException
	switch {
	case errors.Is(err, flow.SignedOut):
		fmt.Println("sign in")
	case errors.As(err, &refused):
		fmt.Println("the identity pool refuses the user pool, or there is no role")
	case err != nil:
		log.Fatal(err)
	}
	// Output: sign in
}

// The identity ID is the folder of the user in a bucket. The error is as that of Retrieve.
func ExampleProvider_IdentityID() {
	client := cognitoidentity.New(cognitoidentity.Options{Region: "eu-central-1"})
	provider, err := identitypool.New(client, poolID, app, signedOut{})
	if err != nil {
		log.Fatal(err)
	}

	id, err := provider.IdentityID(context.Background())
	if errors.Is(err, flow.SignedOut) {
		fmt.Println("sign in")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("private/" + id + "/notes.txt")
	// Output: sign in
}
