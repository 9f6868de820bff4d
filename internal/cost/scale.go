//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/cost/usage"
)

// burst is a number of sign-ins that begin at once, in a separate process.
type burst struct {
	Endpoint   string
	Users      int
	Handshakes int // Options.Handshakes
	Idle       int // MaxIdleConnsPerHost of the HTTP transport, or 0 for the default of the SDK
}

type burstCost struct {
	CPU, Wall  time.Duration
	PeakMemory int64 // of the whole process, in bytes

	stubCounts
}

// scale prints the cost of bursts, from 1 sign-in to most.
func scale(out io.Writer, rounds, most int) error {
	const roundTrip = 50 * time.Millisecond
	s, err := startService(roundTrip)
	if err != nil {
		return err
	}
	defer s.stop()
	// Each exchange under way needs a connection, and each proof on its way needs another.
	idle := 2 * 128 * runtime.GOMAXPROCS(0)
	var bursts []burst
	for users := 1; users <= most; users *= 10 {
		bursts = append(bursts, burst{Users: users, Idle: idle})
	}
	bursts = append(bursts, burst{Users: most}, burst{Users: most, Idle: idle, Handshakes: -1})
	all := make([][]burstCost, len(bursts))
	for range rounds {
		for i, b := range bursts {
			b.Endpoint = s.endpoint
			t, err := b.start(s)
			if err != nil {
				return fmt.Errorf("%d sign-ins at once: %w", b.Users, err)
			}
			all[i] = append(all[i], t)
		}
	}
	fmt.Fprint(out, "| sign-ins at once | `Handshakes` | `MaxIdleConnsPerHost` | seconds | in a second | CPU of each, ms | peak memory, MB | from challenge to proof, at most, s | connections opened |\n",
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for i, b := range bursts {
		of := func(figure func(burstCost) float64) float64 {
			var values []float64
			for _, t := range all[i] {
				values = append(values, figure(t))
			}
			return median(values)
		}
		wall := of(func(t burstCost) float64 { return t.Wall.Seconds() })
		fmt.Fprintf(out, "| %d | %s | %s | %.2f | %.0f | %.2f | %.0f | %.2f | %.0f |\n",
			b.Users, setting(b.Handshakes), setting(b.Idle), wall, float64(b.Users)/wall,
			of(func(t burstCost) float64 { return milliseconds(t.CPU) / float64(b.Users) }),
			of(func(t burstCost) float64 { return float64(t.PeakMemory) / 1e6 }),
			of(func(t burstCost) float64 { return t.Longest.Seconds() }),
			of(func(t burstCost) float64 { return float64(t.Connections) }))
	}
	return nil
}

func setting(n int) string {
	switch {
	case n < 0:
		return "no bound"
	case n == 0:
		return "default"
	}
	return fmt.Sprint(n)
}

// start runs the burst in a new process, against the stub.
func (b burst) start(s *service) (t burstCost, err error) {
	job, err := json.Marshal(b)
	if err != nil {
		return t, err
	}
	command, err := itself("-burst", string(job))
	if err != nil {
		return t, err
	}
	if _, err := s.seen(); err != nil {
		return t, err
	}
	answer, err := command.Output()
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(answer, &t); err != nil {
		return t, err
	}
	t.stubCounts, err = s.seen()
	if err == nil && t.Proofs != b.Users {
		err = fmt.Errorf("the stub received %d proofs", t.Proofs)
	}
	return t, err
}

// runBurst makes the sign-ins of a burst, in the process of the burst.
func runBurst(job string, out io.Writer) error {
	var b burst
	if err := json.Unmarshal([]byte(job), &b); err != nil {
		return err
	}
	driver, err := flow.New(newClient(b.Endpoint, b.Idle), app, func(o *flow.Options) { o.Handshakes = b.Handshakes })
	if err != nil {
		return err
	}
	var together sync.WaitGroup
	failures := make(chan error, b.Users)
	cpu, start := usage.CPU(), time.Now()
	for n := range b.Users {
		together.Go(func() {
			how := flow.UserSRPAuth{Username: fmt.Sprint("user-", n), Password: password}
			if _, err := driver.SignIn(context.Background(), how, nil); err != nil {
				failures <- err
			}
		})
	}
	together.Wait()
	t := burstCost{CPU: usage.CPU() - cpu, Wall: time.Since(start), PeakMemory: usage.PeakMemory()}
	select {
	case err := <-failures:
		return fmt.Errorf("%d sign-ins failed: %w", 1+len(failures), err)
	default:
		return json.NewEncoder(out).Encode(t)
	}
}
