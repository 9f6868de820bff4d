package identitypool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	poolID     = "eu-central-1:01234567-89ab-cdef-0123-456789abcdef"
	userPoolID = "eu-central-1_Ab12Cd34E"
	login      = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E"
)

// identities replaces the two operations of Cognito identity pools, in AWS's JSON protocol
// 1.1. identities verifies ID tokens with the keys of the user pool, and gives each sub
// another identity.
type identities struct {
	*httptest.Server
	verifier *oidc.IDTokenVerifier

	mu     sync.Mutex
	subs   map[string]string // by identity ID
	made   int               // identities and credentials
	calls  []call
	fail   func(call) *problem // the exception for a call, or nil
	adjust func(reply map[string]any)

	lifetime time.Duration // of credentials
	ahead    time.Duration // by which its clock is ahead of this machine's
}

// call is a request that came in.
type call struct {
	operation string
	header    http.Header
	input     struct {
		IdentityPoolId string
		IdentityId     string
		CustomRoleArn  string
		Logins         map[string]string
	}
}

func (c call) token() string { return c.input.Logins[login] }

// problem is an exception of the service.
type problem struct {
	status       int
	code, detail string
}

func newIdentities(issuer string) (*identities, error) {
	provider, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		return nil, err
	}
	s := &identities{
		verifier: provider.Verifier(&oidc.Config{ClientID: "app"}),
		subs:     map[string]string{}, lifetime: time.Hour,
	}
	s.Server = httptest.NewServer(s)
	return s, nil
}

func (s *identities) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{header: r.Header}
	target, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.operation = name
	if err := json.NewDecoder(r.Body).Decode(&c.input); err != nil || target != "AWSCognitoIdentityService" {
		http.Error(w, "not a request of AWS's JSON protocol", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	reply, p := s.answer(r.Context(), c)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", "request-1")
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if p != nil {
		w.WriteHeader(p.status)
		reply = map[string]any{"__type": p.code, "message": p.detail}
	}
	json.NewEncoder(w).Encode(reply)
}

func (s *identities) now() time.Time { return time.Now().Add(s.ahead) }

func (s *identities) answer(ctx context.Context, c call) (map[string]any, *problem) {
	if s.fail != nil {
		if p := s.fail(c); p != nil {
			return nil, p
		}
	}
	token, err := s.verifier.Verify(ctx, c.token())
	if err != nil || len(c.input.Logins) != 1 {
		return nil, &problem{400, "NotAuthorizedException", "Invalid login token."}
	}
	reply := map[string]any{}
	switch c.operation {
	case "GetId":
		reply["IdentityId"] = s.identityOf(token.Subject)
	case "GetCredentialsForIdentity":
		switch owner := s.subs[c.input.IdentityId]; owner {
		case "":
			return nil, &problem{400, "ResourceNotFoundException", "Identity '" + c.input.IdentityId + "' not found."}
		case token.Subject:
		default:
			return nil, &problem{400, "NotAuthorizedException", "Logins don't match. Please include at least one valid login for this identity or identity pool."}
		}
		s.made++
		reply["IdentityId"] = c.input.IdentityId
		reply["Credentials"] = map[string]any{
			"AccessKeyId": fmt.Sprintf("ASIA%d", s.made), "SecretKey": "the-secret-key", "SessionToken": "session of " + c.input.IdentityId,
			"Expiration": s.now().Add(s.lifetime).Unix(),
		}
	default:
		return nil, &problem{400, "UnknownOperationException", ""}
	}
	if s.adjust != nil {
		s.adjust(reply)
	}
	return reply, nil
}

func (s *identities) identityOf(sub string) string {
	for id, owner := range s.subs {
		if owner == sub {
			return id
		}
	}
	s.made++
	id := fmt.Sprintf("eu-central-1:00000000-0000-4000-8000-%012d", s.made)
	s.subs[id] = sub
	return id
}

// set changes the behaviour of the service.
func (s *identities) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// sent returns the calls of one operation.
func (s *identities) sent(operation string) (list []call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.operation == operation {
			list = append(list, c)
		}
	}
	return list
}

// refuse makes the service refuse ID tokens.
func refuse(refused func(token string) bool) func(call) *problem {
	return func(c call) *problem {
		if !refused(c.token()) {
			return nil
		}
		return &problem{400, "NotAuthorizedException", "Invalid login token. Token expired: 1 >= 0"}
	}
}

var errUnsigned = errors.New("the operations are not signed, and must not ask for credentials")
