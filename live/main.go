// Command live asks the real service what no recording settles, and leaves recordings behind.
//
//	go run ./live -region eu-west-1
//
// It says what it will create and what that costs, and asks. Then it makes user pools, app
// clients and users of its own, runs the probes, deletes all of it, and prints a table: the
// answer of the service to each probe, and the answer of package cognitotest where the two
// differ. The AWS credentials are those of the SDK. docs/live.md says which rights they need.
//
//	-region REGION   where; without it AWS_REGION
//	-endpoint URL    another server in place of AWS, which gets made-up credentials
//	-access-key KEY  the access key of that server, ID and secret: emulators have test and test
//	-yes             do not ask
//	-run NAME        a name for the run, in the names and tags of its pools; else a random one
//	-keep            leave the pools there; -clean deletes them later
//	-clean           show what runs have left, ask, and delete it; with -run that of one run
//	-only REGEXP     the probes whose names match
//	-skip REGEXP     without the probes whose names match: ^chain- leaves the open questions
//	-list            list the probes, and do nothing else
//	-json            the results as JSON
//	-record DIR      write the conversations to this directory, one file each: "recordings" and the
//	                 name of the run, unless there is an -endpoint; "" writes none
//	-parallel N      how many probes at a time
//
// These flags give what some probes need. Without them the program leaves these probes out:
//
//	-relying-party D  a domain of yours: passkeys, with a virtual authenticator
//	-email ADDRESS    a mailbox of yours: the program asks you for the codes that come there
//	-ses-identity ARN an address of Amazon SES that may send, for codes of EMAIL_OTP
//	-phone NUMBER     a phone of yours, such as +15555550123: the program asks you for the codes
//	-sms-role ARN     a role with which the service sends SMS
//	-external-id ID   what the trust policy of that role asks for
//	-triggers ARN     the Lambda function in live/triggers
//
// The exit code is 0 if all answers are those of package cognitotest, 1 if some are not, and 2 after
// an error, also if a probe failed or no probe was asked.
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
		fmt.Fprintln(os.Stderr, "live: interrupted; the pools are being deleted, which takes a minute at most. Interrupt again to leave them there.")
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
	stderr = &inTurns{w: stderr} // probes ask for codes while others tell that they have ended
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
		return failed, fmt.Errorf("none of the probes can be asked: %s", service.Lacks(probes[0]))
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
		return failed, nil // printEnd has told
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

// newService makes the service. Tests put one with another clock in its place.
var newService = kit.New

// service is AWS with the credentials of the SDK, or another server with made-up ones. The text
// says where that is.
func (s settings) service(ctx context.Context) (service *kit.Service, where string, err error) {
	if s.endpoint != "" {
		service, where = newService(s.region, s.endpoint, madeUp(s.accessKey)), "At "+s.endpoint
	} else {
		loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.region), config.WithLogger(logging.Nop{}))
		if err != nil {
			return nil, "", err
		}
		if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
			return nil, "", fmt.Errorf("there are no AWS credentials; set AWS_PROFILE, or sign in with aws login (%w)", err)
		}
		who, err := sts.NewFromConfig(loaded).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return nil, "", fmt.Errorf("AWS does not take the credentials: %w", err)
		}
		service = newService(s.region, "", loaded.Credentials)
		where = fmt.Sprintf("In the AWS account %s, as %s, in %s", aws.ToString(who.Account), aws.ToString(who.Arn), s.region)
	}
	if s.runName != "" {
		service.Run = s.runName
	}
	return service, where, nil
}

// madeUp keeps the user's credentials of AWS away from other servers.
func madeUp(key string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: key}, nil
	})
}

// doubleSource begins the source of recordings that are not of the service. No file in
// testdata/conversations may have it.
const doubleSource = "the program live, at another server than the service"

func (s settings) source() string {
	if s.endpoint != "" {
		return doubleSource
	}
	return "the program live"
}

// pricePerUser is what AWS asked for a user who is active in a month, in US dollars, on the feature
// plan Essentials beyond the free 10,000.
const pricePerUser = 0.015

// plan says what the program will do.
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
		fmt.Fprint(&b, "  - sign the users in, and leave all that it has made; -clean deletes it.\n")
	} else {
		fmt.Fprint(&b, "  - sign the users in, and delete all that it has made.\n")
	}
	if s.endpoint == "" {
		fmt.Fprintf(&b, "AWS counts each user as active this month. The first 10,000 are free. Beyond them the users cost %.2f US dollars at most.\n", float64(users)*pricePerUser)
		if asking > 0 {
			fmt.Fprint(&b, "SMS, and e-mail by Amazon SES, cost extra.\n")
		}
		fmt.Fprint(&b, "The prices of today: https://aws.amazon.com/cognito/pricing\n")
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// consent asks whether the program may do what it plans, unless the user has said so before.
func (s settings) consent(ctx context.Context, desk *desk, plan string) error {
	if s.yes {
		return nil
	}
	ok, err := desk.agrees(ctx, plan+"Go on? [y/N] ")
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("nobody answered; use -yes where nobody can")
	case err == nil && !ok:
		return errors.New("nothing was done")
	}
	return err
}

// cleanUp deletes what runs have left.
func (s settings) cleanUp(ctx context.Context, desk *desk, stdout io.Writer, service *kit.Service, where string) (int, error) {
	if err := service.Reach(ctx); err != nil {
		return failed, err
	}
	left, wrong := service.Left(ctx, s.runName)
	if len(left) > 0 {
		var b strings.Builder
		fmt.Fprintf(&b, "%s, runs have left %s:\n", where, count(len(left), "pool"))
		for _, pool := range left {
			fmt.Fprintf(&b, "  %s, %v old\n", pool.Name, service.Now().Sub(pool.Created).Round(time.Minute))
		}
		fmt.Fprint(&b, "They will be deleted with all that is in them. A run that is under way fails then.\n")
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
