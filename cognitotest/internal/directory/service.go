package directory

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Service is any number of pools, each with its app clients.
type Service struct {
	mu      sync.RWMutex
	pools   map[string]*Pool
	clients map[string]*Client // of all pools, by ID
}

// NewService makes a service without pools.
func NewService() *Service {
	return &Service{pools: make(map[string]*Pool), clients: make(map[string]*Client)}
}

// Add adds a pool with its app clients. An error names the field that is wrong.
func (s *Service) Add(p *Pool, clients []*Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools[p.ID] != nil {
		return invalid.Field("id", "%q is another pool's", p.ID)
	}
	for i, cl := range clients {
		if s.clients[cl.ID] != nil {
			return invalid.Field(fmt.Sprintf("clients[%d].id", i), "%q is another client's", cl.ID)
		}
	}
	s.pools[p.ID] = p
	for _, cl := range clients {
		s.clients[cl.ID] = cl
	}
	return nil
}

// Pool returns the pool with that ID, nil if there is none.
func (s *Service) Pool(id string) *Pool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pools[id]
}

// PoolIDs returns the IDs of all pools, sorted.
func (s *Service) PoolIDs() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.pools))
}

// Client returns the app client with that ID, nil if there is none.
func (s *Service) Client(id string) *Client {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.clients[id]
}

// PoolOfSession returns the pool that has the session, nil if none does.
func (s *Service) PoolOfSession(token string) *Pool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.pools {
		if p.hasSession(token) {
			return p
		}
	}
	return nil
}

func (p *Pool) hasSession(token string) bool {
	p.Lock()
	defer p.Unlock()
	_, ok := p.Sessions.Get(token)
	return ok
}
