package main

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// The pools in the ready event. The event has the password of the demo user, and no other
// password or secret.
type (
	shownPool struct {
		ID      string        `json:"id"`
		Clients []shownClient `json:"clients"`
		Users   []shownUser   `json:"users"`
	}
	shownClient struct {
		ID string `json:"id"`
	}
	shownUser struct {
		Name     string `json:"name"`
		Sub      string `json:"sub"`
		Password string `json:"password,omitempty"`
	}
)

// show describes the pools of a server. The server has made a sub for each user.
func show(server *cognitotest.Server, pools []cognitotest.PoolConfig, passwords bool) []shownPool {
	var all []shownPool
	for _, pool := range pools {
		shown := shownPool{ID: pool.ID, Clients: []shownClient{}, Users: []shownUser{}}
		for _, client := range pool.Clients {
			shown.Clients = append(shown.Clients, shownClient{ID: client.ID})
		}
		for _, user := range pool.Users {
			made := shownUser{Name: user.Name, Sub: server.Pool(pool.ID).Sub(user.Name)}
			if passwords {
				made.Password = user.Password
			}
			shown.Users = append(shown.Users, made)
		}
		all = append(all, shown)
	}
	return all
}

// events writes JSON lines. Requests that run at the same time write codes, so mu guards the
// encoder.
type events struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func newEvents(w io.Writer) *events {
	return &events{encoder: json.NewEncoder(w)}
}

// write ignores errors: the reader has closed the output, and the server goes on.
func (e *events) write(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.encoder.Encode(event)
}

func (e *events) ready(endpoint string, pools []shownPool) {
	e.write(struct {
		Event    string      `json:"event"`
		Endpoint string      `json:"endpoint"`
		Pools    []shownPool `json:"pools"`
	}{"ready", endpoint, pools})
}

func (e *events) code(code cognitotest.Code) {
	e.write(struct {
		Event       string `json:"event"`
		Pool        string `json:"pool"`
		Username    string `json:"username"`
		Medium      string `json:"medium"`
		Destination string `json:"destination"`
		Challenge   string `json:"challenge"`
		Code        string `json:"code"`
	}{"code", code.PoolID, code.Username, code.Medium, code.Masked, code.Challenge, code.Code})
}
