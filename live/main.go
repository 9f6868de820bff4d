// Command live asks the real service what no recording settles, and leaves recordings behind.
//
//	go run ./live -region eu-west-1
//
// It says what it will create and what that costs, and asks. Then it makes user pools, app
// clients and users of its own, runs the probes, deletes all of it, and prints a table: the
// answer of the service to each probe, and the default of package cognitotest where the two
// differ. The AWS credentials are those of the SDK. docs/live.md says which rights they need.
//
//	-region REGION   where; required
//	-endpoint URL    another server in place of AWS, which gets made-up credentials
//	-access-key KEY  the access key of that server, ID and secret: emulators have test and test
//	-yes             do not ask
//	-keep            leave the pools there; -clean deletes them later
//	-clean           delete what runs have left, and do nothing else
//	-only REGEXP     the probes whose names match
//	-list            list the probes, and do nothing else
//	-json            the results as JSON
//	-record DIR      write the conversations to this directory, one file each: "recordings" unless
//	                 there is an -endpoint; "" writes none
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
// The exit code is 0 if all answers are the defaults, 1 if some are not, and 2 after an error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/kit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	agreed = iota
	differed
	failed
)

type settings struct {
	region, endpoint, accessKey, only, record string
	yes, keep, clean, list, asJSON            bool
	parallel                                  int
	given                                     kit.Given
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.region, "region", "", "AWS region, such as eu-west-1")
	flags.StringVar(&s.endpoint, "endpoint", "", "URL of another server in place of AWS; it gets made-up credentials")
	flags.StringVar(&s.accessKey, "access-key", "AKIDMADEUP0000000000", "ID and secret of the access key of the server at -endpoint")
	flags.BoolVar(&s.yes, "yes", false, "do not ask")
	flags.BoolVar(&s.keep, "keep", false, "leave the pools there")
	flags.BoolVar(&s.clean, "clean", false, "delete what runs have left, and do nothing else")
	flags.StringVar(&s.only, "only", "", "regular expression: the probes whose names match")
	flags.BoolVar(&s.list, "list", false, "list the probes, and do nothing else")
	flags.BoolVar(&s.asJSON, "json", false, "print the results as JSON")
	flags.StringVar(&s.record, "record", "", "directory to write the conversations to (default \"recordings\", none with -endpoint)")
	flags.IntVar(&s.parallel, "parallel", 6, "how many probes at a time")
	flags.StringVar(&s.given.RelyingParty, "relying-party", "", "domain of yours for passkeys")
	flags.StringVar(&s.given.Email, "email", "", "address of yours for codes")
	flags.StringVar(&s.given.Identity, "ses-identity", "", "ARN of an address of Amazon SES, for EMAIL_OTP")
	flags.StringVar(&s.given.Phone, "phone", "", "phone number of yours for codes, such as +15555550123")
	flags.StringVar(&s.given.SMSRole, "sms-role", "", "ARN of a role with which the service sends SMS")
	flags.StringVar(&s.given.ExternalID, "external-id", "", "external ID of -sms-role")
	flags.StringVar(&s.given.Triggers, "triggers", "", "ARN of the Lambda function in live/triggers")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	recordGiven := false
	flags.Visit(func(f *flag.Flag) { recordGiven = recordGiven || f.Name == "record" })
	if !recordGiven && s.endpoint == "" {
		s.record = "recordings"
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("%q is no flag; -only selects probes", flags.Arg(0))
	case s.region == "" && !s.list:
		return s, errors.New("-region is missing; give a region such as eu-west-1")
	case s.parallel < 1:
		return s, errors.New("-parallel is less than 1")
	case s.given.Email != "" && !address.MatchString(s.given.Email):
		return s, fmt.Errorf("-email: %q is no address, such as you@example.com", s.given.Email)
	case s.given.Phone != "" && !number.MatchString(s.given.Phone):
		return s, fmt.Errorf("-phone: %q is no number in the form +15555550123", s.given.Phone)
	}
	return s, nil
}

var (
	address = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	number  = regexp.MustCompile(`^\+[0-9]{7,15}$`)
)

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
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
	probes, err := selected(s.only)
	if err != nil {
		return failed, err
	}
	if s.list {
		return agreed, list(stdout, probes)
	}
	service, err := s.service(ctx)
	if err != nil {
		return failed, err
	}
	desk := &desk{answers: stdin, questions: stderr}
	if s.given.Code = service.Code; s.given.Code == nil {
		s.given.Code = desk.code
	}
	service.Given = s.given
	if s.clean {
		n, err := service.Clean(ctx, "")
		fmt.Fprintf(stdout, "%d pools deleted\n", n)
		return agreed, err
	}
	if !s.yes {
		if err := s.ask(ctx, desk, service, probes); err != nil {
			return failed, err
		}
	}
	if err := service.Reach(ctx); err != nil {
		return failed, fmt.Errorf("nothing was created: %w", err)
	}
	if s.record != "" {
		if err := os.MkdirAll(s.record, 0o755); err != nil {
			return failed, err
		}
	}
	done := 0
	results, err := service.Ask(ctx, probes, kit.Options{
		Parallel: s.parallel, Keep: s.keep, Double: kit.Double, Source: s.source(),
		Done: func(r kit.Result) {
			done++
			if r.Skipped == "" {
				fmt.Fprintf(stderr, "%d/%d %s\n", done, len(probes), r.Name)
			}
		},
	})
	if err != nil {
		err = fmt.Errorf("%w\nlive: pools may be left; -clean deletes them", err)
	}
	err = errors.Join(err, s.write(results, stderr))
	if s.asJSON {
		err = errors.Join(err, writeJSON(stdout, results))
	} else {
		table(stdout, results)
	}
	return verdict(results), err
}

// newService makes the service. Tests put one with another clock in its place.
var newService = kit.New

// service is AWS with the credentials of the SDK, or another server with made-up ones.
func (s settings) service(ctx context.Context) (*kit.Service, error) {
	if s.endpoint != "" {
		return newService(s.region, s.endpoint, madeUp(s.accessKey)), nil
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.region))
	if err != nil {
		return nil, err
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("there are no AWS credentials; set AWS_PROFILE, or sign in with aws login: %w", err)
	}
	return newService(s.region, "", loaded.Credentials), nil
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

func selected(only string) ([]kit.Probe, error) {
	matches, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	probes := slices.DeleteFunc(kit.Probes(), func(p kit.Probe) bool { return !matches.MatchString(p.Name) })
	if len(probes) == 0 {
		return nil, fmt.Errorf("-only: no probe matches %q; -list lists them", only)
	}
	return probes, nil
}

func list(w io.Writer, probes []kit.Probe) error {
	for _, p := range probes {
		needs := ""
		if len(p.Needs) > 0 {
			needs = " (needs " + strings.Join(p.Needs, ", and ") + ")"
		}
		if _, err := fmt.Fprintf(w, "%s: %s%s\n", p.Name, p.Title, needs); err != nil {
			return err
		}
	}
	return nil
}

// pricePerUser is what AWS asked for a user who is active in a month, in US dollars, on the feature
// plan Essentials beyond the free 10,000.
const pricePerUser = 0.015

// ask says what will be created, and asks.
func (s settings) ask(ctx context.Context, desk *desk, service *kit.Service, probes []kit.Probe) error {
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
	messages := "and sends no message to anybody"
	if asking > 0 {
		messages = fmt.Sprintf("and sends you messages in %d probes, whose codes it asks you for", asking)
	}
	where := "your AWS account in " + s.region
	if s.endpoint != "" {
		where = s.endpoint
	}
	question := fmt.Sprintf(`In %s this program
  - creates %d user pools with names that begin with %q and the tag %q, %d at a time,
  - creates an app client and at least one user in each, %d users at most, %s,
  - signs these users in, and deletes the pools with all that is in them%s.
AWS counts each user as active this month. The first 10,000 are free; beyond, %d users cost %.2f US dollars at most.
See https://aws.amazon.com/cognito/pricing for the price of today.
Go on? [y/N] `, where, pools, kit.Prefix, kit.Tag, s.parallel, users, messages, kept(s.keep), users, float64(users)*pricePerUser)
	answer, err := desk.ask(ctx, question)
	if errors.Is(err, io.EOF) {
		return errors.New("nobody answered; use -yes where nobody can")
	}
	if answer = strings.ToLower(answer); err == nil && answer != "y" && answer != "yes" {
		return errors.New("nothing was created")
	}
	return err
}

func kept(keep bool) string {
	if keep {
		return " when you call it with -clean"
	}
	return ""
}

// write writes the conversations.
func (s settings) write(results []kit.Result, stderr io.Writer) error {
	if s.record == "" {
		return nil
	}
	for _, r := range results {
		if r.Recording == nil {
			continue
		}
		text, err := encode(r.Recording)
		if err != nil {
			return err
		}
		name := filepath.Join(s.record, r.Name+".json")
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return err
		}
		if _, err := conversation.Parse(text); err != nil {
			fmt.Fprintf(stderr, "%s cannot be replayed as it is: %s\n", name, strings.Join(append(r.Unrecorded, err.Error()), "; "))
		}
	}
	return nil
}

func encode(c *conversation.Conversation) ([]byte, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // placeholders stand in angle brackets
	encoder.SetIndent("", "\t")
	err := encoder.Encode(c)
	return []byte(b.String()), err
}

func writeJSON(w io.Writer, results []kit.Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "\t")
	return encoder.Encode(results)
}

// table prints the results: the skipped ones by reason, and the others one by one.
func table(w io.Writer, results []kit.Result) {
	skipped := map[string]int{}
	var reasons []string
	counts := map[string]int{}
	for _, r := range results {
		switch {
		case r.Skipped != "":
			if skipped[r.Skipped]++; skipped[r.Skipped] == 1 {
				reasons = append(reasons, r.Skipped)
			}
			continue
		case r.Failed != "":
			counts["failed"]++
			fmt.Fprintf(w, "FAILED   %s\n         %s\n", r.Name, r.Failed)
		case r.Agree:
			counts["same"]++
			fmt.Fprintf(w, "same     %s\n         %s\n", r.Name, r.Answer)
		default:
			counts["differ"]++
			fmt.Fprintf(w, "DIFFERS  %s: %s\n         the service: %s\n         the default: %s\n", r.Name, r.Title, r.Answer, r.Default)
			if r.Row != "" {
				fmt.Fprintf(w, "         the row:     %s\n", r.Row)
			}
		}
		if len(r.Unrecorded) > 0 {
			fmt.Fprintf(w, "         the recording: %s\n", strings.Join(r.Unrecorded, "; "))
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "skipped  %d probes: %s\n", skipped[reason], reason)
	}
	fmt.Fprintf(w, "%d same, %d differ, %d failed\n", counts["same"], counts["differ"], counts["failed"])
}

func verdict(results []kit.Result) int {
	code := agreed
	for _, r := range results {
		switch {
		case r.Failed != "":
			return failed
		case r.Skipped == "" && !r.Agree:
			code = differed
		}
	}
	return code
}
