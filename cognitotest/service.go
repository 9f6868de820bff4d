package cognitotest

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// service is any number of pools, each with its app clients.
type service struct {
	mu      sync.RWMutex
	pools   map[string]*userPool
	clients map[string]*client // of all pools, by ID
}

func newService() *service {
	return &service{pools: make(map[string]*userPool), clients: make(map[string]*client)}
}

// add adds a pool with its app clients. An error names the field that is wrong.
func (s *service) add(p *userPool, clients []*client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools[p.id] != nil {
		return invalid.Field("id", "%q is another pool's", p.id)
	}
	for i, cl := range clients {
		if s.clients[cl.id] != nil {
			return invalid.Field(fmt.Sprintf("clients[%d].id", i), "%q is another client's", cl.id)
		}
	}
	s.pools[p.id] = p
	for _, cl := range clients {
		s.clients[cl.id] = cl
	}
	return nil
}

// pool returns the pool with that ID, nil if there is none.
func (s *service) pool(id string) *userPool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pools[id]
}

// poolIDs returns the IDs of all pools, sorted.
func (s *service) poolIDs() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.pools))
}

// client returns the app client with that ID, nil if there is none.
func (s *service) client(id string) *client {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.clients[id]
}

// poolOfSession returns the pool that has the session, nil if none does.
func (s *service) poolOfSession(token string) *userPool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.pools {
		if p.hasSession(token) {
			return p
		}
	}
	return nil
}

func (p *userPool) hasSession(token string) bool {
	p.Lock()
	defer p.Unlock()
	_, ok := p.sessions.Get(token)
	return ok
}
