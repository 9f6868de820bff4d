//go:build unix

package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// stubCounts are the counts of the stub since the last time that the stub was asked.
type stubCounts struct {
	Connections int           // opened by clients
	Proofs      int           // received
	Longest     time.Duration // the longest time from a challenge to its proof
}

// stub asks each user for the proof of a password, and accepts any proof. With USER_AUTH the
// stub asks for a code.
type stub struct {
	roundTrip time.Duration // before each answer
	challenge map[string]string
	tokens    map[string]any

	mu    sync.Mutex
	asked map[string]time.Time // by session
	seen  stubCounts
}

func newStub(roundTrip time.Duration) *stub {
	B, salt, block := make([]byte, 384), make([]byte, 16), make([]byte, 1200)
	rand.Read(B[1:]) // below the prime
	rand.Read(salt)
	rand.Read(block)
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1","username":"ada","cognito:username":"ada","iat":1,"exp":3601}`))
	token := "e30." + claims + "." + strings.Repeat("s", 342)
	return &stub{
		roundTrip: roundTrip,
		challenge: map[string]string{
			"SALT": hex.EncodeToString(salt), "SRP_B": hex.EncodeToString(B[1:]), "SECRET_BLOCK": base64.StdEncoding.EncodeToString(block),
		},
		tokens: map[string]any{
			"AccessToken": token, "IdToken": token, "RefreshToken": strings.Repeat("r", 1700), "TokenType": "Bearer", "ExpiresIn": 3600,
		},
		asked: map[string]time.Time{},
	}
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AuthFlow, Session string
		AuthParameters    map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	came := time.Now()
	time.Sleep(s.roundTrip)
	out := map[string]any{}
	switch {
	case in.AuthFlow == "USER_SRP_AUTH":
		out = s.ask(in.AuthParameters["USERNAME"])
	case in.AuthFlow == "USER_AUTH":
		out = map[string]any{"ChallengeName": "EMAIL_OTP", "Session": newSession(), "ChallengeParameters": map[string]string{
			"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***",
		}}
	case in.AuthFlow == "":
		s.proved(in.Session, came)
		fallthrough
	default:
		out["AuthenticationResult"] = s.tokens
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(out)
}

func (s *stub) ask(username string) map[string]any {
	session := newSession()
	parameters := map[string]string{"USERNAME": username, "USER_ID_FOR_SRP": username}
	for name, value := range s.challenge {
		parameters[name] = value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[session] = time.Now()
	return map[string]any{"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters, "Session": session}
}

// newSession returns a session that is as long as a session of the service.
func newSession() string {
	session := make([]byte, 900)
	rand.Read(session)
	return base64.StdEncoding.EncodeToString(session)
}

func (s *stub) proved(session string, came time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked, ok := s.asked[session]; ok {
		s.seen.Proofs++
		s.seen.Longest = max(s.seen.Longest, came.Sub(asked))
		delete(s.asked, session)
	}
}

func (s *stub) connected(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.mu.Lock()
		s.seen.Connections++
		s.mu.Unlock()
	}
}

// take returns the counts since the last call of take.
func (s *stub) take() stubCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.seen
	s.seen = stubCounts{}
	return taken
}

// serve runs the stub and prints its endpoint. For each line of input, serve prints the
// counts in JSON. serve returns at the end of the input.
func serve(roundTrip time.Duration, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := newStub(roundTrip)
	server := http.Server{Handler: s, ConnState: s.connected}
	go server.Serve(listener)
	defer server.Close()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := json.NewEncoder(out).Encode(s.take()); err != nil {
			return err
		}
	}
	return nil
}
