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

// srpService asks each user for a proof of the password, and accepts any proof. In CUSTOM_AUTH
// srpService asks for the proof of a device, and in USER_AUTH for a choice.
type srpService struct {
	app    flow.App
	vector vectors.User
	start  func(username string) // called at SRP_A
	answer func(username string) // called at the proof
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

// signInAll begins the sign-ins of this number of users at once. The function wait waits until
// all sign-ins have ended.
func signInAll(t *testing.T, d *flow.Driver, users int) (wait func()) {
	var together sync.WaitGroup
	for n := range users {
		together.Go(func() {
			if _, err := d.SignIn(t.Context(), srpAuth(fmt.Sprint("user-", n)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	return together.Wait
}

// TestBurst signs in many users at once. The service accepts a proof for a limited time
// after the challenge. So the time between the two must not grow with the number of users.
// There are fewer users if the test is not asked for by name.
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
	started := time.Now()
	signInAll(t, d, users)()
	took := time.Since(started)
	slices.Sort(waits)
	longest := waits[len(waits)-1]
	t.Logf("%d sign-ins in %v, %.0f in a second, with %v at most from a challenge to its answer, and %v for half of them",
		users, took, float64(users)/took.Seconds(), longest, waits[len(waits)/2])
	if longest > most {
		t.Errorf("an answer came %v after its challenge, want %v at most", longest, most)
	}
}
