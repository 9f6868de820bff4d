//go:build unix

// Package rounds measures repeated sign-ins of one user, for the clients in Go of "npm run
// bench".
package rounds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/internal/cost/usage"
)

// Job says which sign-ins to measure. bench.js gives a client one argument: a Job in JSON.
type Job struct {
	Endpoint, UserPoolID, ClientID, Username, Password string

	Times int // the number of sign-ins to measure after the first sign-in
}

// Report is the cost of the sign-ins. A client prints a Report in JSON. The times are in
// milliseconds. CPU, Wall, Allocations and Bytes are means over Job.Times sign-ins.
type Report struct {
	StartCPU    float64 `json:"startCPU"` // of the process, until newSignIn returns
	FirstCPU    float64 `json:"firstCPU"`
	CPU         float64 `json:"cpu"`
	Wall        float64 `json:"wall"`
	Allocations float64 `json:"allocations"`
	Bytes       float64 `json:"bytes"`
}

// Main runs a client, and exits with code 1 if a sign-in fails. newSignIn returns a function
// that signs the user in once.
func Main(newSignIn func(Job, *cip.Client) (func(context.Context) error, error)) {
	if err := run(newSignIn); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(newSignIn func(Job, *cip.Client) (func(context.Context) error, error)) error {
	if len(os.Args) != 2 {
		return errors.New("want one argument: a job in JSON")
	}
	var job Job
	if err := json.Unmarshal([]byte(os.Args[1]), &job); err != nil {
		return err
	}
	if job.Times < 1 {
		return fmt.Errorf("the job has %d sign-ins, want at least 1", job.Times)
	}
	signIn, err := newSignIn(job, cip.New(cip.Options{
		Region: "eu-central-1", BaseEndpoint: &job.Endpoint, Credentials: aws.AnonymousCredentials{},
	}))
	if err != nil {
		return err
	}
	report, ctx := Report{StartCPU: milliseconds(usage.CPU())}, context.Background()

	cpu := usage.CPU()
	if err := signIn(ctx); err != nil {
		return err
	}
	report.FirstCPU = milliseconds(usage.CPU() - cpu)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := usage.CPU(), time.Now()
	for range job.Times {
		if err := signIn(ctx); err != nil {
			return err
		}
	}
	wall := time.Since(start)
	cpu = usage.CPU() - cpu
	runtime.ReadMemStats(&after)

	times := float64(job.Times)
	report.CPU, report.Wall = milliseconds(cpu)/times, milliseconds(wall)/times
	report.Allocations = float64(after.Mallocs-before.Mallocs) / times
	report.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / times
	return json.NewEncoder(os.Stdout).Encode(report)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
