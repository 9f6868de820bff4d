package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"

	"github.com/cognitoflow/cognitoflow/live/internal/kit"
)

// settings are the values of the flags.
type settings struct {
	region, endpoint, accessKey, runName, only, skip, record string
	yes, keep, clean, list, asJSON                           bool
	parallel                                                 int
	given                                                    kit.Given
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.region, "region", os.Getenv("AWS_REGION"), "AWS `region`, such as eu-west-1")
	flags.StringVar(&s.endpoint, "endpoint", "", "`URL` of another server instead of AWS, which gets invented credentials")
	flags.StringVar(&s.accessKey, "access-key", "AKIDMADEUP0000000000", "ID and secret of the access `key` of the server at -endpoint")
	flags.BoolVar(&s.yes, "yes", false, "do not ask")
	flags.StringVar(&s.runName, "run", "", "`name` of the run (default a random name), or with -clean the run whose pools are deleted")
	flags.BoolVar(&s.keep, "keep", false, "do not delete the pools")
	flags.BoolVar(&s.clean, "clean", false, "delete pools of earlier runs, and do nothing else")
	flags.StringVar(&s.only, "only", "", "regular `expression`: the probes whose names match")
	flags.StringVar(&s.skip, "skip", "", "regular `expression`: without the probes whose names match")
	flags.BoolVar(&s.list, "list", false, "list the probes, and do nothing else")
	flags.BoolVar(&s.asJSON, "json", false, "print the results as JSON")
	flags.StringVar(&s.record, "record", "", "`directory` to write the conversations to (default recordings/RUN, none with -endpoint)")
	flags.IntVar(&s.parallel, "parallel", 6, "`number` of probes at a time")
	flags.StringVar(&s.given.RelyingParty, "relying-party", "", "`domain` of yours for passkeys")
	flags.StringVar(&s.given.Email, "email", "", "`address` of yours for codes")
	flags.StringVar(&s.given.Identity, "ses-identity", "", "`ARN` of an address of Amazon SES, for EMAIL_OTP")
	flags.StringVar(&s.given.Phone, "phone", "", "phone `number` of yours for codes, such as +15555550123")
	flags.StringVar(&s.given.SMSRole, "sms-role", "", "`ARN` of a role with which the service sends SMS")
	flags.StringVar(&s.given.ExternalID, "external-id", "", "external `ID` of -sms-role")
	flags.StringVar(&s.given.Triggers, "triggers", "", "`ARN` of the Lambda function in live/triggers")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "usage: go run ./live -region REGION [flags]\nThe manual is docs/live.md.")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return s, err
	} else if err != nil {
		return s, fmt.Errorf("%w (-help lists the flags)", err)
	}
	recordGiven := false
	flags.Visit(func(f *flag.Flag) { recordGiven = recordGiven || f.Name == "record" })
	if !recordGiven && s.endpoint == "" {
		s.record = defaultRecord
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is no flag (-only selects probes)", flags.Arg(0))
	}
	return s, s.check()
}

// defaultRecord is the directory for recordings. Each run has a subdirectory.
const defaultRecord = "recordings"

// forms has the form of each flag with a text.
var forms = map[string]struct {
	form *regexp.Regexp
	like string
}{
	"region":        {regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`), "a region, such as eu-west-1"},
	"run":           {regexp.MustCompile(`^[a-z0-9-]{1,30}$`), "a name of small letters, digits and hyphens"},
	"relying-party": {regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`), "a domain without https://, such as login.example.com"},
	"email":         {regexp.MustCompile(`^[^@\s]+@[^@\s]+$`), "an address, such as you@example.com"},
	"phone":         {regexp.MustCompile(`^\+[0-9]{7,15}$`), "a number in the form +15555550123"},
	"ses-identity":  {regexp.MustCompile(`^arn:[a-z-]+:ses:`), "the ARN of an identity of Amazon SES"},
	"sms-role":      {regexp.MustCompile(`^arn:[a-z-]+:iam:`), "the ARN of a role"},
	"triggers":      {regexp.MustCompile(`^arn:[a-z-]+:lambda:`), "the ARN of a Lambda function"},
}

// check refuses wrong flags before the program creates a pool.
func (s settings) check() error {
	texts := map[string]string{
		"region": s.region, "run": s.runName, "relying-party": s.given.RelyingParty, "email": s.given.Email, "phone": s.given.Phone,
		"ses-identity": s.given.Identity, "sms-role": s.given.SMSRole, "triggers": s.given.Triggers,
	}
	for name, text := range texts {
		if text != "" && !forms[name].form.MatchString(text) {
			return fmt.Errorf("-%s: %q is not %s", name, text, forms[name].like)
		}
	}
	for name, other := range map[string]string{"ses-identity": "email", "phone": "sms-role", "sms-role": "phone"} {
		if texts[name] != "" && texts[other] == "" {
			return fmt.Errorf("-%s needs -%s, too", name, other)
		}
	}
	endpoint, err := url.Parse(cmp.Or(s.endpoint, "https://aws"))
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https":
		return fmt.Errorf("-endpoint: %q is no URL such as http://127.0.0.1:8080", s.endpoint)
	case s.region == "" && !s.list:
		return errors.New("-region is missing: give a region such as eu-west-1")
	case s.parallel < 1:
		return errors.New("-parallel is less than 1")
	case s.clean && (s.keep || s.list || s.asJSON), s.list && (s.keep || s.asJSON):
		return errors.New("-clean, -list, -keep and -json: give one of them, or -keep with -json")
	}
	return nil
}

// selected returns the probes that -only and -skip leave.
func (s settings) selected() ([]kit.Probe, error) {
	only, err := regexp.Compile(s.only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	skip, err := regexp.Compile(cmp.Or(s.skip, "^$"))
	if err != nil {
		return nil, fmt.Errorf("-skip: %w", err)
	}
	probes := slices.DeleteFunc(kit.Probes(), func(p kit.Probe) bool { return !only.MatchString(p.Name) || skip.MatchString(p.Name) })
	if len(probes) == 0 {
		return nil, errors.New("-only and -skip leave no probe (-list lists all probes)")
	}
	return probes, nil
}
