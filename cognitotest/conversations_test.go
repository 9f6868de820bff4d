package cognitotest

import (
	"flag"
	"maps"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

var conversations = flag.String("conversations", "../testdata/conversations", "directory of the conversations to replay")

// The pool answers the requests of each recorded conversation as the service
// did. The pool speaks no dialect: its defaults are what was recorded.
func TestConversations(t *testing.T) {
	all, err := conversation.Load(*conversations)
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, c := range all {
		if c.DriverOnly != "" {
			continue
		}
		held++
		t.Run(c.Name, func(t *testing.T) { newPeer(t, c).run() })
	}
	if held == 0 {
		t.Error("no conversation is for the pool")
	}
	t.Logf("%d of %d conversations are the pool's, the others are driver only", held, len(all))
}

// run sends the file's requests and compares what comes back.
func (p *peer) run() {
	for i, e := range p.Sequence() {
		p.clock.Advance(time.Duration(e.Wait))
		status, body := p.send(e.Operation, p.fill(e.Request))
		var err error
		wantStatus := 200
		if e.Error != nil {
			wantStatus = 400
			err = conversation.CheckError(e.Error, body)
		} else {
			err = p.values.CheckResponse(e.Response, body)
		}
		if status != wantStatus {
			p.Fatalf("exchange %d, %s: status %d, want %d: %v", i+1, e.Operation, status, wantStatus, body)
		}
		if err != nil {
			p.Fatalf("exchange %d, %s:\n%v", i+1, e.Operation, err)
		}
		p.keep(body)
	}
}

// poolOf makes the configuration of a conversation.
func poolOf(t *testing.T, c *conversation.Conversation, now func() time.Time) PoolConfig {
	t.Helper()
	var config PoolConfig
	if err := conversation.DecodeStrict(c.Pool, &config); err != nil {
		t.Fatalf("pool: %v", err)
	}
	if len(config.Clients) != 1 || len(config.Users) > 1 {
		t.Fatal("pool: a conversation has one app client and at most one user")
	}
	config.Now = now
	if c.Triggers != nil {
		config.Triggers = triggersFrom(*c.Triggers)
	}
	return config
}

// triggersFrom makes triggers that do what the file says.
func triggersFrom(t conversation.Triggers) trigger.Functions {
	return trigger.Functions{
		Define: func(e trigger.Event) (trigger.Decision, error) {
			answered := 0
			for _, round := range e.Rounds {
				if !round.Passed {
					return trigger.Decision{FailAuthentication: true}, nil
				}
				if round.ChallengeName != "SRP_A" { // the beginning, not an answer
					answered++
				}
			}
			if answered == len(t.Ask) {
				return trigger.Decision{IssueTokens: true}, nil
			}
			return trigger.Decision{ChallengeName: t.Ask[answered]}, nil
		},
		Create: func(trigger.Event) (trigger.Challenge, error) {
			return trigger.Challenge{Public: maps.Clone(t.Public), Private: map[string]string{"answer": t.Answer}}, nil
		},
		Verify: func(e trigger.Event) (bool, error) { return e.Answer == e.Challenge.Private["answer"], nil },
	}
}
