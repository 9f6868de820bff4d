// Command live asks the real service the open questions of docs/evidence.md, and writes recordings.
//
//	go run ./live -region eu-west-1
//
// The program prints its plan with the costs, and asks for your consent. Then it makes pools, app
// clients and users, runs the probes, and deletes the pools. The result is a table: the answer of
// the service to each probe, and the answer of package cognitotest if the two differ. The SDK finds
// the AWS credentials. docs/live.md lists the rights that the credentials need.
//
//	-region REGION   the AWS region, AWS_REGION by default
//	-endpoint URL    another server instead of AWS, which gets invented credentials
//	-access-key KEY  the access key of that server, ID and secret: many emulators have test and test
//	-yes             do not ask
//	-run NAME        the name of the run, in the names and tags of its pools, by default a random name
//	-keep            do not delete the pools: -clean deletes them later
//	-clean           list pools of earlier runs, ask, and delete them, with -run those of one run
//	-only REGEXP     only the probes whose names match
//	-skip REGEXP     only the probes whose names do not match: ^chain- leaves the open questions
//	-list            list the probes, and do nothing else
//	-json            the results as JSON
//	-record DIR      the directory for recordings, one file each. The default is recordings/NAME, and
//	                 none with -endpoint. An empty DIR writes none
//	-parallel N      the number of probes at a time
//
// Some probes need these flags. Without a flag the program skips its probes:
//
//	-relying-party D  your domain: passkeys, with a virtual authenticator
//	-email ADDRESS    your mailbox: the program asks you for the codes
//	-ses-identity ARN an address of Amazon SES that may send, for codes of EMAIL_OTP
//	-phone NUMBER     your phone, such as +15555550123: the program asks you for the codes
//	-sms-role ARN     a role with which the service sends SMS
//	-external-id ID   the external ID of that role
//	-triggers ARN     the Lambda function in live/triggers
//
// The exit code is 0 if all answers are the same, 1 if some differ, and 2 after an error. A failed
// probe is an error, and a run without a probe is one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/cognitoflow/cognitoflow/live/internal/kit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	quiet := context.AfterFunc(ctx, func() {
		stop() // the next signal ends the program
		fmt.Fprintln(os.Stderr, "live: interrupted. The program deletes its pools now, for a minute at most. Interrupt again to keep the pools.")
	})
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	quiet()
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	agreed = iota
	differed
	failed
)

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stderr = &inTurns{w: stderr} // one probe asks for a code while another one reports its end
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return agreed
	}
	code := failed
	if err == nil {
		code, err = s.do(ctx, stdin, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "live:", err)
		return failed
	}
	return code
}

func (s settings) do(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	probes, err := s.selected()
	if err != nil {
		return failed, err
	}
	if s.list {
		return agreed, s.printList(stdout, probes)
	}
	service, where, err := s.service(ctx)
	if err != nil {
		return failed, err
	}
	desk := &desk{answers: stdin, questions: stderr}
	if s.given.Code, s.given.Sure = service.Code, service.Sure; s.given.Code == nil {
		s.given.Code, s.given.Sure = desk.code, desk.sure
	}
	service.Given = s.given
	if s.clean {
		return s.cleanUp(ctx, desk, stdout, service, where)
	}
	if !slices.ContainsFunc(probes, func(p kit.Probe) bool { return service.Lacks(p) == "" }) {
		return failed, fmt.Errorf("no probe can run: %s", service.Lacks(probes[0]))
	}
	if err := s.consent(ctx, desk, s.plan(service, where, probes)); err != nil {
		return failed, err
	}
	if err := service.Reach(ctx); err != nil {
		return failed, fmt.Errorf("nothing was created: %w", err)
	}
	files, err := newFiles(s.record, service.Run)
	if err != nil {
		return failed, fmt.Errorf("nothing was created: %w", err)
	}
	done := 0
	results, err := service.Ask(ctx, probes, kit.Options{
		Parallel: s.parallel, Keep: s.keep, Double: kit.Double, Source: s.source(),
		Done: func(r kit.Result) {
			done++
			if r.Outcome != kit.Skipped {
				fmt.Fprintf(stderr, "%d/%d %s: %s\n", done, len(probes), r.Name, r.Outcome)
				files.write(r)
			}
		},
	})
	s.printEnd(stderr, service, files, results, err)
	if err == nil {
		err = files.err
	}
	if s.asJSON {
		err = errors.Join(err, printJSON(stdout, results))
	} else {
		printTable(stdout, results)
	}
	if err != nil {
		return failed, nil // printEnd has printed the error
	}
	return verdict(results), nil
}

func verdict(results []kit.Result) int {
	code := agreed
	for _, r := range results {
		switch r.Outcome {
		case kit.Failed:
			return failed
		case kit.Differs:
			code = differed
		}
	}
	return code
}

// newService makes the service. Tests replace the function to set another clock.
var newService = kit.New

// service returns AWS with the credentials of the SDK, or another server with invented credentials.
// The text names the account and the region, or the server.
func (s settings) service(ctx context.Context) (service *kit.Service, where string, err error) {
	if s.endpoint != "" {
		service, where = newService(s.region, s.endpoint, madeUp(s.accessKey)), "At "+s.endpoint
	} else {
		loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.region), config.WithLogger(logging.Nop{}))
		if err != nil {
			return nil, "", err
		}
		if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
			return nil, "", fmt.Errorf("there are no AWS credentials (%w): set AWS_PROFILE, or sign in with aws login", err)
		}
		who, err := sts.NewFromConfig(loaded).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return nil, "", fmt.Errorf("AWS refuses the credentials: %w", err)
		}
		service = newService(s.region, "", loaded.Credentials)
		where = fmt.Sprintf("In the AWS account %s, as %s, in %s", aws.ToString(who.Account), aws.ToString(who.Arn), s.region)
	}
	if s.runName != "" {
		service.Run = s.runName
	}
	return service, where, nil
}

// madeUp returns invented credentials, so that other servers do not get AWS credentials.
func madeUp(key string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: key}, nil
	})
}

// doubleSource is the beginning of the member source in recordings of other servers. No file in
// testdata/conversations may have this source.
const doubleSource = "the program live, at another server than the service"

func (s settings) source() string {
	if s.endpoint != "" {
		return doubleSource
	}
	return "the program live"
}

// pricePerUser is the price of an active user in a month, in US dollars: the plan Essentials, beyond
// the free 10,000 users.
const pricePerUser = 0.015

// plan returns the plan of the program.
func (s settings) plan(service *kit.Service, where string, probes []kit.Probe) string {
	pools, users, asking := 0, 0, 0
	for _, p := range probes {
		if service.Lacks(p) != "" {
			continue
		}
		pools, users = pools+1, users+p.Users
		if p.AsksForCodes() {
			asking++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, this program will\n", where)
	fmt.Fprintf(&b, "  - create %s, %d at a time, with names that begin with %q and the tag %q,\n", count(pools, "user pool"), min(pools, s.parallel), kit.Prefix+service.Run, kit.Tag)
	fmt.Fprintf(&b, "  - create an app client in each, and %s at most,\n", count(users, "user"))
	if asking > 0 {
		fmt.Fprintf(&b, "  - send you messages for %s, and ask you for the codes,\n", count(asking, "probe"))
	} else {
		fmt.Fprint(&b, "  - send no message to anybody,\n")
	}
	if s.keep {
		fmt.Fprint(&b, "  - sign the users in, and keep its pools (-clean deletes them).\n")
	} else {
		fmt.Fprint(&b, "  - sign the users in, and delete its pools.\n")
	}
	if s.endpoint == "" {
		fmt.Fprintf(&b, "AWS counts each user as active this month. The first 10,000 are free. Beyond them the users cost %.2f US dollars at most.\n", float64(users)*pricePerUser)
		if asking > 0 {
			fmt.Fprint(&b, "SMS, and e-mail by Amazon SES, cost extra.\n")
		}
		fmt.Fprint(&b, "Present prices: https://aws.amazon.com/cognito/pricing\n")
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// consent prints the plan and asks for consent, unless -yes is set.
func (s settings) consent(ctx context.Context, desk *desk, plan string) error {
	if s.yes {
		return nil
	}
	ok, err := desk.agrees(ctx, plan+"Go on? [y/N] ")
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("nobody answered: use -yes if nobody can answer")
	case err == nil && !ok:
		return errors.New("nothing was done")
	}
	return err
}

// cleanUp deletes the pools of earlier runs, after consent.
func (s settings) cleanUp(ctx context.Context, desk *desk, stdout io.Writer, service *kit.Service, where string) (int, error) {
	if err := service.Reach(ctx); err != nil {
		return failed, err
	}
	left, wrong := service.Left(ctx, s.runName)
	if len(left) > 0 {
		var b strings.Builder
		fmt.Fprintf(&b, "%s, earlier runs have left %s:\n", where, count(len(left), "pool"))
		for _, pool := range left {
			fmt.Fprintf(&b, "  %s, %v old\n", pool.Name, service.Now().Sub(pool.Created).Round(time.Minute))
		}
		fmt.Fprint(&b, "The program will delete these pools with all their users. A run that uses them now will fail.\n")
		if err := s.consent(ctx, desk, b.String()); err != nil {
			return failed, err
		}
	}
	err := service.Delete(ctx, left)
	if wrong = errors.Join(wrong, err); wrong != nil {
		return failed, errors.New(kit.Tell(wrong, nil))
	}
	fmt.Fprintf(stdout, "%s deleted\n", count(len(left), "pool"))
	return agreed, nil
}
