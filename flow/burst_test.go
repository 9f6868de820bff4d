package flow_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/byname"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
)

// srpService asks each user for a proof of the password, and takes any. With CUSTOM_AUTH
// it asks for the proof of a device, and with USER_AUTH for a choice.
type srpService struct {
	app    flow.App
	vector vectors.User
	start  func(username string) // SRP_A has come
	answer func(username string) // the proof has come
}

func (s *srpService) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	out := &cip.InitiateAuthOutput{Session: aws.String("session")}
	switch in.AuthFlow {
	case types.AuthFlowTypeCustomAuth:
		out.ChallengeName = "DEVICE_SRP_AUTH"
	case types.AuthFlowTypeUserAuth:
		out.ChallengeName, out.AvailableChallenges = "SELECT_CHALLENGE", []types.ChallengeNameType{"PASSWORD_SRP"}
	default:
		out.ChallengeName, out.ChallengeParameters = "PASSWORD_VERIFIER", s.challenge(in.AuthParameters)
	}
	return out, nil
}

func (s *srpService) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	out := &cip.RespondToAuthChallengeOutput{Session: in.Session}
	switch in.ChallengeName {
	case "DEVICE_SRP_AUTH":
		out.ChallengeName, out.ChallengeParameters = "DEVICE_PASSWORD_VERIFIER", s.challenge(in.ChallengeResponses)
	case "SELECT_CHALLENGE":
		out.ChallengeName, out.ChallengeParameters = "PASSWORD_VERIFIER", s.challenge(in.ChallengeResponses)
	default:
		s.answer(in.ChallengeResponses["USERNAME"])
		out.AuthenticationResult = someTokens
	}
	return out, nil
}

func (s *srpService) challenge(sent map[string]string) map[string]string {
	username := sent["USERNAME"]
	s.start(username)
	return map[string]string{
		"USERNAME": username, "USER_ID_FOR_SRP": username, "SALT": s.vector.SaltWire, "SRP_B": s.vector.PublicBWire, "SECRET_BLOCK": s.vector.SecretBlock,
	}
}

func (s *srpService) driver(t testing.TB, optFns ...func(*flow.Options)) *flow.Driver {
	t.Helper()
	s.vector = vectors.Load(t).User[0]
	if s.app.ClientID == "" {
		s.app = flow.App{UserPoolID: s.vector.UserPoolID, ClientID: "client"}
	}
	d, err := flow.New(s, s.app, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBurst signs in many users at once. The service takes a proof for a limited time
// after the challenge, so the time between the two must not grow with the number of
// users. The number is the full one if the test is asked for by name.
func TestBurst(t *testing.T) {
	const roundTrip, most = 50 * time.Millisecond, 3 * time.Second
	users := 20_000
	if !byname.Asked(t) {
		users = 250
	}
	var mu sync.Mutex
	asked, waits := make(map[string]time.Time, users), make([]time.Duration, 0, users)
	service := &srpService{
		start: func(username string) {
			time.Sleep(roundTrip)
			mu.Lock()
			defer mu.Unlock()
			asked[username] = time.Now()
		},
		answer: func(username string) {
			mu.Lock()
			waits = append(waits, time.Since(asked[username]))
			mu.Unlock()
			time.Sleep(roundTrip)
		},
	}
	d := service.driver(t)
	var together sync.WaitGroup
	started := time.Now()
	for n := range users {
		together.Go(func() {
			if _, err := d.SignIn(t.Context(), srpAuth(fmt.Sprint("user-", n)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	took := time.Since(started)
	slices.Sort(waits)
	longest := waits[len(waits)-1]
	t.Logf("%d sign-ins in %v, %.0f in a second; from challenge to answer %v at most, %v for half of them",
		users, took, float64(users)/took.Seconds(), longest, waits[len(waits)/2])
	if longest > most {
		t.Errorf("from challenge to answer it took %v, want %v at most", longest, most)
	}
}
