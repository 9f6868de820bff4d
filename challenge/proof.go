package challenge

import (
	"fmt"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/srp"
)

// proof is an SRP handshake of a user or a device: open sends A, and claim proves the
// password for the reply.
type proof struct {
	now func() time.Time

	mu        sync.Mutex
	ephemeral *srp.Ephemeral
}

func (p *proof) open() Answer {
	e := srp.NewEphemeral()
	p.mu.Lock()
	p.ephemeral = e
	p.mu.Unlock()
	return raw(map[string]string{"SRP_A": e.A()})
}

func (p *proof) claim(c Challenge, identity func(Challenge) (srp.Identity, error)) (Answer, error) {
	p.mu.Lock()
	e := p.ephemeral
	p.ephemeral = nil // a second proof with the same A would help a guesser
	p.mu.Unlock()
	if e == nil {
		return Answer{}, ErrNoAnswer
	}
	id, err := identity(c)
	if err != nil {
		return Answer{}, err
	}
	now := p.now
	if now == nil {
		now = time.Now
	}
	claim, err := e.Claim(id, srp.Challenge{
		Salt:        c.Parameters["SALT"],
		B:           c.Parameters["SRP_B"],
		SecretBlock: c.Parameters["SECRET_BLOCK"],
	}, now())
	if err != nil {
		return Answer{}, fmt.Errorf("challenge: %s: %w", c.Name, err)
	}
	return raw(map[string]string{
		"PASSWORD_CLAIM_SIGNATURE":    claim.Signature,
		"PASSWORD_CLAIM_SECRET_BLOCK": claim.SecretBlock,
		"TIMESTAMP":                   claim.Timestamp,
	}), nil
}
