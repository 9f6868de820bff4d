//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"
)

// The tests do not judge the figures, which depend on the machine.

func TestBurst(t *testing.T) {
	const users = 20
	s := newStub(0)
	server := httptest.NewUnstartedServer(s)
	server.Config.ConnState = s.connected
	server.Start()
	defer server.Close()
	job, err := json.Marshal(burst{Endpoint: server.URL, Users: users, Idle: users})
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := runBurst(string(job), &answer); err != nil {
		t.Fatal(err)
	}
	var burst burstCost
	if err := json.Unmarshal(answer.Bytes(), &burst); err != nil {
		t.Fatal(err)
	}
	if burst.CPU <= 0 || burst.Wall <= 0 {
		t.Errorf("the burst took %v of CPU time and %v by the clock", burst.CPU, burst.Wall)
	}
	if seen := s.take(); seen.Proofs != users || seen.Longest <= 0 || seen.Connections < 1 {
		t.Errorf("the stub counted %+v, want %d sign-ins", seen, users)
	}
	if seen := s.take(); seen.Proofs != 0 {
		t.Errorf("the stub counted %+v twice", seen)
	}
}

func TestParts(t *testing.T) {
	s := newStub(0)
	server := httptest.NewServer(s)
	defer server.Close()
	all, err := partsAt(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := partsBeside(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range append(all, beside...) {
		if err := part.run(t.Context()); err != nil {
			t.Errorf("%s: %v", part.name, err)
		}
	}
	if seen := s.take(); seen.Proofs != 2 {
		t.Errorf("the stub received %d proofs, want those of two parts", seen.Proofs)
	}
}

func TestBurstFails(t *testing.T) {
	server := httptest.NewServer(nil) // has no operation
	defer server.Close()
	job, err := json.Marshal(burst{Endpoint: server.URL, Users: 2})
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := runBurst(string(job), &answer); err == nil || answer.Len() > 0 {
		t.Errorf("error %v, answer %q", err, &answer)
	}
}
