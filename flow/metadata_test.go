package flow_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
	"github.com/cognitoflow/cognitoflow/flow"
)

// contextOf sets all options that describe a request to the service. Each value has the mark, so
// that a test can tell the options of one call from those of another.
func contextOf(mark string) func(*flow.Options) {
	return func(o *flow.Options) {
		o.ClientMetadata = map[string]string{"mark": mark}
		o.AnalyticsMetadata = &types.AnalyticsMetadataType{AnalyticsEndpointId: aws.String(mark)}
		o.UserContextData = &types.UserContextDataType{IpAddress: aws.String("192.0.2.1"), EncodedData: aws.String(mark)}
		o.ContextData = &types.ContextDataType{
			IpAddress: aws.String("192.0.2.1"), ServerName: aws.String("login.example.com"), ServerPath: aws.String("/sign-in"),
			HttpHeaders: []types.HttpHeader{{HeaderName: aws.String("user-agent"), HeaderValue: aws.String("Mozilla")}},
			EncodedData: aws.String(mark),
		}
	}
}

// wantContext returns the members that a request of the operation must have.
func wantContext(operation, mark string) map[string]any {
	metadata := map[string]any{"mark": mark}
	analytics := map[string]any{"AnalyticsEndpointId": mark}
	switch strings.TrimPrefix(operation, "Admin") {
	case "InitiateAuth", "RespondToAuthChallenge":
	default:
		return map[string]any{}
	}
	if strings.HasPrefix(operation, "Admin") {
		return map[string]any{"ClientMetadata": metadata, "AnalyticsMetadata": analytics, "ContextData": map[string]any{
			"IpAddress": "192.0.2.1", "ServerName": "login.example.com", "ServerPath": "/sign-in", "EncodedData": mark,
			"HttpHeaders": []any{map[string]any{"headerName": "user-agent", "headerValue": "Mozilla"}},
		}}
	}
	return map[string]any{
		"ClientMetadata": metadata, "AnalyticsMetadata": analytics,
		"UserContextData": map[string]any{"IpAddress": "192.0.2.1", "EncodedData": mark},
	}
}

func checkContext(t *testing.T, requests []cognitotest.Request, mark string) {
	t.Helper()
	if len(requests) == 0 {
		t.Error("no requests")
	}
	for _, q := range requests {
		got := map[string]any{}
		for _, member := range []string{"ClientMetadata", "AnalyticsMetadata", "UserContextData", "ContextData"} {
			if value, ok := q.Body[member]; ok {
				got[member] = value
			}
		}
		if want := wantContext(q.Operation, mark); !reflect.DeepEqual(got, want) {
			t.Errorf("%s %v carries\n     %v\nwant %v", q.Operation, q.Body["ChallengeName"], got, want)
		}
	}
}

// TestContextGoesAlong checks each request of long sign-ins. The options are those of the driver.
func TestContextGoesAlong(t *testing.T) {
	for _, chain := range []string{
		"USER_SRP_AUTH -> PASSWORD_VERIFIER -> NEW_PASSWORD_REQUIRED -> AssociateSoftwareToken -> VerifySoftwareToken -> MFA_SETUP",
		"Admin USER_SRP_AUTH -> PASSWORD_VERIFIER -> SELECT_MFA_TYPE(EMAIL_OTP) -> EMAIL_OTP",
		"USER_AUTH -> SELECT_CHALLENGE(WEB_AUTHN) -> WEB_AUTHN",
		"Admin CUSTOM_AUTH -> CUSTOM_CHALLENGE",
		"REFRESH_TOKEN_AUTH",
		"USER_SRP_AUTH -> PASSWORD_VERIFIER -> DEVICE_SRP_AUTH -> DEVICE_PASSWORD_VERIFIER",
	} {
		t.Run(chain, func(t *testing.T) {
			r, f := newChain(t, chain, "secret")
			start := newDriver
			if r.Admin {
				start = newAdminDriver
			}
			before := len(r.pool.Requests())
			d := start(t, r.pool, "secret", contextOf("driver"), r.clock.use)
			if _, err := d.SignIn(t.Context(), f, challenge.HandlerFunc(r.answer), r.here); err != nil {
				t.Fatal(err)
			}
			checkContext(t, r.pool.Requests()[before:], "driver")
		})
	}
}

func TestContextOfOneCall(t *testing.T) {
	r, f := newChain(t, "USER_SRP_AUTH -> PASSWORD_VERIFIER -> SELECT_MFA_TYPE(SMS_MFA) -> SMS_MFA", "public")
	d := newDriver(t, r.pool, "public", contextOf("driver"))
	seen := 0
	check := func(mark string) {
		t.Helper()
		all := r.pool.Requests()
		checkContext(t, all[seen:], mark)
		seen = len(all)
	}
	step, err := d.Start(t.Context(), f, contextOf("first call"))
	check("first call")
	for mark := range strings.SplitSeq("driver,third call", ",") {
		if err != nil {
			t.Fatal(err)
		}
		answer, err2 := r.answer(t.Context(), step.Prompt.Challenge())
		if err2 != nil {
			t.Fatal(err2)
		}
		if mark == "driver" {
			step, err = d.Respond(t.Context(), step.Prompt, answer)
		} else {
			step, err = d.Respond(t.Context(), step.Prompt, answer, contextOf(mark))
		}
		check(mark)
	}
	if err != nil || step.Tokens == nil {
		t.Error(err)
	}
}

// An option that is not set is not sent, because the service refuses empty members.
func TestNoContext(t *testing.T) {
	r, f := newChain(t, "USER_SRP_AUTH -> PASSWORD_VERIFIER -> SMS_MFA", "secret")
	r.byHandler(f)
	for _, q := range r.pool.Requests() {
		for _, member := range []string{"ClientMetadata", "AnalyticsMetadata", "UserContextData", "ContextData"} {
			if value, ok := q.Body[member]; ok {
				t.Errorf("%s has %s = %v", q.Operation, member, value)
			}
		}
	}
}

// Triggers get the metadata of answers. As with the service, triggers do not get the metadata of
// the first request.
func TestMetadataReachesTriggers(t *testing.T) {
	var defined, created, verified []map[string]string
	r, f := newChain(t, "CUSTOM_AUTH -> CUSTOM_CHALLENGE", "public", func(c *cognitotest.PoolConfig) {
		triggers := c.Triggers
		c.Triggers = trigger.Functions{
			Define: func(e trigger.Event) (trigger.Decision, error) {
				defined = append(defined, e.ClientMetadata)
				return triggers.Define(e)
			},
			Create: func(e trigger.Event) (trigger.Challenge, error) {
				created = append(created, e.ClientMetadata)
				return triggers.Create(e)
			},
			Verify: func(e trigger.Event) (bool, error) {
				verified = append(verified, e.ClientMetadata)
				return triggers.Verify(e)
			},
		}
	})
	if _, err := newDriver(t, r.pool, "public", contextOf("driver")).SignIn(t.Context(), f, challenge.HandlerFunc(r.answer), r.here); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{"mark": "driver"}
	got := [][]map[string]string{defined, created, verified}
	want := [][]map[string]string{{nil, told}, {nil}, {told}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("define, create and verify saw %v, want %v", got, want)
	}
}
