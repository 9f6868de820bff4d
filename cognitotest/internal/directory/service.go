package directory

import (
	"fmt"
	"slices"
	"sync"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/invalid"
)

// Service is any number of pools, each with its app clients. A caller of a method may hold
// the lock of a pool.
type Service struct {
	mu      sync.RWMutex
	pools   []*Pool   // the oldest first
	clients []*Client // of all pools, the oldest first
}

// Add adds a pool with its app clients. An error names the wrong field.
func (s *Service) Add(p *Pool, clients []*Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(p.ID) != nil {
		return invalid.Field("id", "%q is the ID of another pool", p.ID)
	}
	for i, cl := range clients {
		if s.findClient(cl.ID) != nil {
			return invalid.Field(fmt.Sprintf("clients[%d].id", i), "%q is the ID of another app client", cl.ID)
		}
	}
	s.pools = append(s.pools, p)
	s.clients = append(s.clients, clients...)
	return nil
}

// AddClient adds an app client with a new ID.
func (s *Service) AddClient(cl *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, cl)
}

// Remove forgets a pool and its app clients.
func (s *Service) Remove(p *Pool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pools = slices.DeleteFunc(s.pools, func(other *Pool) bool { return other == p })
	s.clients = slices.DeleteFunc(s.clients, func(cl *Client) bool { return cl.Pool == p })
}

// RemoveClient forgets an app client.
func (s *Service) RemoveClient(cl *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = slices.DeleteFunc(s.clients, func(other *Client) bool { return other == cl })
}

// Pool returns the pool with this ID, or nil.
func (s *Service) Pool(id string) *Pool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.find(id)
}

func (s *Service) find(id string) *Pool {
	for _, p := range s.pools {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Pools returns all pools, the oldest first.
func (s *Service) Pools() []*Pool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.pools)
}

// Client returns the app client with this ID, or nil.
func (s *Service) Client(id string) *Client {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.findClient(id)
}

func (s *Service) findClient(id string) *Client {
	for _, cl := range s.clients {
		if cl.ID == id {
			return cl
		}
	}
	return nil
}

// ClientsOf returns the app clients of a pool, the oldest first.
func (s *Service) ClientsOf(p *Pool) []*Client {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(s.clients), func(cl *Client) bool { return cl.Pool != p })
}

// PoolOfSession returns the pool that has the session, or nil. The caller must not hold the
// lock of a pool.
func (s *Service) PoolOfSession(token string) *Pool {
	for _, p := range s.Pools() {
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
