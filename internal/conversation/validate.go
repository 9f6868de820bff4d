package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	date   = `20\d\d(-\d\d(-\d\d)?)?`
	dates  = regexp.MustCompile(`^(` + date + `( to ` + date + `)?|unknown)$`)
	region = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

// validate returns an error that lists each rule of the format that c breaks.
func (c *Conversation) validate() error {
	var wrong []error
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for member, text := range map[string]string{
		"title": c.Title, "source": c.Source, "recorded": c.Recorded, "evidence": c.Evidence, "pool": string(c.Pool),
	} {
		if strings.TrimSpace(text) == "" {
			report("%s is missing", member)
		}
	}
	for member, text := range map[string]*string{"pool only": &c.PoolOnly, "driver only": &c.DriverOnly, "changed": &c.Changed} {
		if *text != "" && len(strings.Fields(*text)) < 3 {
			report("%s does not give a reason", member)
		}
	}
	if c.PoolOnly != "" && c.DriverOnly != "" {
		report("no test reads a file that is pool only and driver only")
	}
	if c.Triggers != nil && (len(c.Triggers.Ask) == 0 || c.Triggers.Answer == "") {
		report("triggers need ask and answer")
	}
	var pool struct {
		Dialect any `json:"dialect"`
	}
	switch err := json.Unmarshal(c.Pool, &pool); {
	case err != nil:
		report("pool: %w", err)
	case pool.Dialect != nil:
		report("pool: no recording has a dialect")
	}
	c.Origin.validate(report)
	if len(c.Exchanges) == 0 {
		report("there are no exchanges")
	}
	known, proves := map[string]bool{}, false
	for i, e := range c.Exchanges {
		e.validate(known, func(format string, args ...any) {
			report("exchange %d: %w", i+1, fmt.Errorf(format, args...))
		})
		proves = proves || e.provesPassword()
	}
	switch {
	case proves && c.Password == "":
		report("password is missing, a request has the user's SRP_A")
	case !proves && c.Password != "":
		report("password is of no use, no request has the user's SRP_A")
	}
	return errors.Join(wrong...)
}

func (o Origin) validate(report func(string, ...any)) {
	if o.Recorded != "" && !dates.MatchString(o.Recorded) {
		report("recorded: %q is no date", o.Recorded)
	}
	if o.Evidence != "" && !slices.Contains([]string{"R", "C", "D", "T"}, o.Evidence) {
		report("evidence: %q is none of R, C, D, T", o.Evidence)
	}
	if o.Region != "" && !region.MatchString(o.Region) {
		report("region: %q is no region", o.Region)
	}
}

// validate checks an exchange. The set known has the placeholders of earlier responses. validate
// adds the placeholders of this response.
func (e Exchange) validate(known map[string]bool, report func(string, ...any)) {
	e.Origin.validate(report)
	if e.Origin != (Origin{}) && (e.Source == "" || e.Recorded == "" || e.Evidence == "") {
		report("an origin of its own needs source, recorded and evidence")
	}
	if (e.Response == nil) == (e.Error == nil) {
		report("it needs either response or error")
	}
	if e.Error != nil && (e.Error.Exception == "" || e.Error.Message == "") {
		report("error needs __type and message")
	}
	if e.Wait < 0 || e.Times < 0 {
		report("wait and times are not negative")
	}
	if err := fitsSDK(e.Operation, e.Request, e.Response); err != nil {
		report("%w", err)
	}
	for _, p := range placeholders(e.Request) {
		switch f, ok := forms[p]; {
		case !ok:
			report("request: %s is no placeholder", p)
		case (f.by == service || f.by == before) && !known[p]:
			report("request: no earlier response has %s", p)
		}
	}
	for _, p := range placeholders(e.Response) {
		if f, ok := forms[p]; !ok || f.by != service {
			report("response: %s is no placeholder of a response", p)
		}
		if p == refreshToken {
			known[formerRefreshToken] = known[p]
		}
		known[p] = true
	}
}

// provesPassword reports whether the request begins an SRP exchange of the
// user, rather than of a device.
func (e Exchange) provesPassword() bool {
	return slices.Contains(placeholders(e.Request), "<srp a>") && e.Request["ChallengeName"] != "DEVICE_SRP_AUTH"
}

var inBrackets = regexp.MustCompile(`^<[^<>]*>$`)

// placeholders returns the strings in angle brackets in a body, each once. Keys do not count.
func placeholders(body any) []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if key != otherKeys {
					walk(inner)
				}
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case string:
			if inBrackets.MatchString(v) {
				found[v] = true
			}
		}
	}
	walk(body)
	return slices.Sorted(maps.Keys(found))
}
