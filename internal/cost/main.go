//go:build unix

// Command cost measures sign-ins by this module, and prints two tables of
// docs/performance.md: the parts of one sign-in, and bursts of many.
//
//	go run ./internal/cost [-rounds 3] [-most 10000]
//
// A stub in another process stands in for the service. The stub accepts any proof of a
// password, so that it needs little of the CPU. Each figure is a median over the rounds.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 3, "`number` of rounds")
	most := flag.Int("most", 10_000, "the largest `number` of sign-ins that begin at once")
	stub := flag.Duration("stub", -1, "run as the stub, which waits for this `time` before each answer")
	burst := flag.String("burst", "", "run as a client, with this `job` in JSON")
	flag.Parse()
	if err := run(*rounds, *most, *stub, *burst); err != nil {
		log.Fatal(err)
	}
}

func run(rounds, most int, stub time.Duration, job string) error {
	switch {
	case stub >= 0:
		return serve(stub, os.Stdin, os.Stdout)
	case job != "":
		return runBurst(job, os.Stdout)
	case rounds < 1 || most < 1:
		return errors.New("-rounds and -most must be at least 1")
	}
	if err := parts(os.Stdout, rounds); err != nil {
		return err
	}
	fmt.Println()
	return scale(os.Stdout, rounds, most)
}

// service is a stub in another process.
type service struct {
	endpoint string
	command  *exec.Cmd
	asks     io.WriteCloser
	answers  *bufio.Scanner
}

// startService starts this program in another process, as the stub.
func startService(roundTrip time.Duration) (*service, error) {
	command, err := itself("-stub", roundTrip.String())
	if err != nil {
		return nil, err
	}
	asks, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &service{command: command, asks: asks, answers: bufio.NewScanner(answers)}
	if !s.answers.Scan() {
		return nil, errors.Join(errors.New("the stub did not start"), s.stop())
	}
	s.endpoint = s.answers.Text()
	return s, nil
}

// seen returns the counts of the stub since the last call.
func (s *service) seen() (seen stubCounts, err error) {
	if _, err := fmt.Fprintln(s.asks); err != nil {
		return seen, err
	}
	if !s.answers.Scan() {
		return seen, errors.New("the stub does not answer")
	}
	return seen, json.Unmarshal(s.answers.Bytes(), &seen)
}

// stop closes the standard input of the stub, which ends the stub.
func (s *service) stop() error {
	s.asks.Close()
	return s.command.Wait()
}

func itself(args ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, args...)
	command.Stderr = os.Stderr
	return command, nil
}

// newClient returns an SDK client for a stub. If idle is 0, the SDK decides how many idle
// connections it keeps.
func newClient(endpoint string, idle int) *cip.Client {
	options := cip.Options{Region: "local-1", BaseEndpoint: &endpoint, Credentials: aws.AnonymousCredentials{}}
	if idle > 0 {
		options.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = idle, idle
		})
	}
	return cip.New(options)
}

func median[T int | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
