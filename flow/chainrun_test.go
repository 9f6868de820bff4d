package flow_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/secret"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// chainRun is a sign-in that follows a chain.
type chainRun struct {
	*testing.T
	plan
	pool    *cognitotest.Pool
	client  string
	devices device.Store // of the browser, nil for no holder
	id      device.ID
	passkey *passkey
	before  *flow.Tokens  // from an earlier sign-in
	session secret.String // from a sign-up
	clock   *clock        // of the pool and the drivers
	trace   []string
	left    []chains.Step // not answered yet
	last    chains.Step   // answered last
	config  cognitotest.UserConfig
	user    string // the user's name in the pool
	typed   string // the alias that the user gives, "" for the name

	tellsMore bool // the pool sends optional parameters too

	more func(*flow.Options) // for every driver
}

// runChain prepares a pool and signs in by the mode. Then runChain compares the requests, the
// observed exchanges and the user of the tokens with the chain.
func runChain(t *testing.T, text string, dialect cognitotest.Dialect, client, typed string, mode func(*chainRun, flow.AuthFlow) *flow.Tokens) {
	t.Helper()
	r, f := newChain(t, text, client, func(c *cognitotest.PoolConfig) {
		// The chain decides these two members of the dialect.
		dialect.PasswordChallenges, dialect.DeviceAfterPasswordless = c.Dialect.PasswordChallenges, c.Dialect.DeviceAfterPasswordless
		c.Dialect = dialect
	})
	if r.config.Attributes["email"] == typed && !r.Has("DEVICE_SRP_AUTH") { // the driver finds a device under the name
		r.typed, f = typed, r.begin(typed)
	}
	before := len(r.pool.Requests())

	tokens := mode(r, f)

	if tokens.Username != r.user || tokens.AccessToken.IsZero() || tokens.RefreshToken.IsZero() {
		t.Errorf("%s: the tokens are %q's or not complete", client, tokens.Username)
	}
	if got := r.log(r.pool.Requests()[before:]); !slices.Equal(got, r.Plan.Requests()) {
		t.Errorf("%s: the pool was asked\n     %q\nwant %q", client, got, r.Plan.Requests())
	}
	if !slices.Equal(r.trace, r.Events()) {
		t.Errorf("%s: the driver told\n     %q\nwant %q", client, r.trace, r.Events())
	}
}

// newChain makes the pool for a chain, and returns the auth flow that the chain begins with.
func newChain(t *testing.T, text, client string, changes ...func(*cognitotest.PoolConfig)) (*chainRun, flow.AuthFlow) {
	t.Helper()
	r := &chainRun{T: t, plan: readChain(t, text), client: client, user: username, id: anID(), clock: newClock()}
	r.pool = newPool(t, func(c *cognitotest.PoolConfig) {
		r.configure(c, &r.config)
		c.Users = []cognitotest.UserConfig{r.config}
		c.Now = r.clock.Now
		for _, change := range changes {
			change(c)
		}
		r.tellsMore = c.Dialect.Parameters != "NONE"
	})
	r.prepare()
	r.left = r.Steps
	return r, r.begin(username)
}

// driver returns a new driver, which knows nothing of earlier calls.
func (r *chainRun) driver() *flow.Driver {
	settings := func(o *flow.Options) {
		o.Now = r.clock.Now
		o.Observe = onExchange(func(op flow.Operation, out flow.Outcome) {
			name := cmp.Or(string(op.Challenge), string(op.Flow))
			if out.Err != nil {
				name += "!"
			}
			r.trace = append(r.trace, name)
		})
		if r.more != nil {
			r.more(o)
		}
	}
	if r.Admin {
		return newAdminDriver(r, r.pool, r.client, settings)
	}
	return newDriver(r, r.pool, r.client, settings)
}

// here gives a call the devices of the browser.
func (r *chainRun) here(o *flow.Options) {
	if r.devices != nil {
		flow.ThisBrowser(device.Browser(r.devices, r.id))(o)
	}
}

// byHandler signs in with one call.
func (r *chainRun) byHandler(f flow.AuthFlow) *flow.Tokens {
	tokens, err := r.driver().SignIn(r.Context(), f, challenge.HandlerFunc(r.answer), r.here)
	if err != nil {
		r.Fatalf("%s, by a handler: %v", r.client, err)
	}
	return tokens
}

// stepByStep signs in with a new driver for each step.
func (r *chainRun) stepByStep(f flow.AuthFlow) *flow.Tokens {
	step, err := r.driver().Start(r.Context(), f, r.here)
	for range 2 * (len(r.Steps) + 1) {
		var refused *flow.Error
		if errors.As(err, &refused) && refused.Remedy() == flow.AnswerPrompt {
			step.Prompt = refused.Prompt
		} else if err != nil {
			r.Fatalf("%s, step by step: %v", r.client, err)
		}
		if step.Tokens != nil {
			return step.Tokens
		}
		prompt := reread(r, step.Prompt)
		answer, err2 := r.answer(r.Context(), prompt.Challenge())
		if err2 != nil {
			r.Fatalf("%s, step by step: %v", r.client, err2)
		}
		step, err = r.driver().Respond(r.Context(), prompt, answer, r.here)
	}
	r.Fatalf("%s, step by step: the pool asked more often than the chain has steps", r.client)
	return nil
}

// log writes the requests that the pool has got in the notation of chains.
func (r *chainRun) log(requests []cognitotest.Request) []string {
	var log []string
	for _, q := range requests {
		operation, admin := strings.CutPrefix(q.Operation, "Admin")
		params, _ := q.Body["AuthParameters"].(map[string]any)
		responses, _ := q.Body["ChallengeResponses"].(map[string]any)
		text := func(v any) string { s, _ := v.(string); return s }
		e := chains.Step{Name: operation}
		switch {
		case operation == "InitiateAuth":
			e.Name, e.Detail = text(q.Body["AuthFlow"]), text(params["PREFERRED_CHALLENGE"])
			if params["CHALLENGE_NAME"] == "SRP_A" {
				e.Detail = "SRP"
			}
			if q.Body["Session"] != nil {
				e.Detail = "Session"
			}
		case operation == "RespondToAuthChallenge":
			e.Name = text(q.Body["ChallengeName"])
			if strings.HasPrefix(e.Name, "SELECT_") {
				e.Detail = text(responses["ANSWER"])
			}
			if responses["EMAIL"] != nil {
				e.Detail = "EMAIL"
			}
		case !strings.Contains(operation, "SoftwareToken"):
			r.Errorf("the chain called %s", q.Operation)
		}
		if signIn := params != nil || responses != nil; signIn && admin != r.Admin {
			r.Errorf("a sign-in with NewAdmin=%v called %s", r.Admin, q.Operation)
		}
		log = append(log, e.Text())
	}
	return log
}

// prepare signs the user in or up before, and registers a passkey, if the chain needs that.
func (r *chainRun) prepare() {
	if r.Has("DEVICE_SRP_AUTH") {
		r.devices = &device.Memory{}
	}
	if r.Has("DEVICE_SRP_AUTH", "WEB_AUTHN") || r.Start.Name == "REFRESH_TOKEN_AUTH" {
		r.before = r.signInBefore()
	}
	if r.Has("WEB_AUTHN") {
		r.passkey = registerPasskey(r, r.pool, r.before)
	}
	if r.Start.Detail == "Session" {
		r.user, r.session = signedUp, signUp(r, r.pool, r.client)
	}
}

// begin returns the first auth flow of the chain for a user who gives this name.
func (r *chainRun) begin(username string) flow.AuthFlow {
	pass := secret.New(password)
	switch r.Start.Name {
	case "USER_SRP_AUTH":
		return flow.UserSRPAuth{Username: username, Password: pass}
	case "USER_PASSWORD_AUTH":
		return flow.UserPasswordAuth{Username: username, Password: pass}
	case "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		return flow.AdminUserPasswordAuth{Username: username, Password: pass, LegacyName: r.Start.Name == "ADMIN_NO_SRP_AUTH"}
	case "REFRESH_TOKEN_AUTH":
		return flow.RefreshTokenAuth{RefreshToken: r.before.RefreshToken, Username: r.before.Username}
	case "CUSTOM_AUTH":
		if r.Start.Detail == "SRP" {
			return flow.CustomAuth{Username: username, Password: pass}
		}
		return flow.CustomAuth{Username: username}
	case "USER_AUTH":
		if r.Start.Detail == "Session" {
			return flow.UserAuth{Username: signedUp, Session: r.session}
		}
		f := flow.UserAuth{Username: username, Preferred: challenge.Name(r.Start.Detail)}
		if strings.HasPrefix(r.Start.Detail, "PASSWORD") {
			f.Password = pass
		}
		return f
	}
	r.Fatalf("no chain can start with %s", r.Start.Name)
	return nil
}

// signInBefore signs the same user in before the chain begins.
func (r *chainRun) signInBefore() *flow.Tokens {
	codes := challenge.HandlerFunc(func(_ context.Context, c challenge.Challenge) (challenge.Answer, error) {
		switch c.Name {
		case challenge.SoftwareTokenMFA:
			return challenge.Code(r.pool.TOTP(username)), nil
		case challenge.SelectMFAType:
			return challenge.Choose(challenge.EmailOTP), nil
		}
		return challenge.Code(r.pool.LastCode(username).Code), nil
	})
	d := newDriver(r, r.pool, r.client, r.clock.use)
	tokens, err := d.SignIn(r.Context(), srpAuth(username), codes, r.here)
	if err != nil {
		r.Fatalf("an earlier sign-in: %v", err)
	}
	if r.devices != nil && tokens.Device.Key == "" {
		r.Fatalf("an earlier sign-in enrolled no device: %v", tokens.Device.Err)
	}
	r.clock.Advance(time.Minute) // so that the authenticator app shows another code
	return tokens
}

// signUp signs a new user up, and returns the session that signs the user in.
func signUp(t testing.TB, pool *cognitotest.Pool, client string) secret.String {
	t.Helper()
	app := appOf(pool, client)
	var hash *string
	if !app.ClientSecret.IsZero() {
		hash = aws.String(secrethash.Compute(signedUp, client, app.ClientSecret.Reveal()))
	}
	made, err := pool.Client().SignUp(t.Context(), &cip.SignUpInput{
		ClientId: &client, Username: aws.String(signedUp), Password: aws.String(password), SecretHash: hash,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("grace@example.com")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	confirmed, err := pool.Client().ConfirmSignUp(t.Context(), &cip.ConfirmSignUpInput{
		ClientId: &client, Username: aws.String(signedUp), SecretHash: hash, Session: made.Session,
		ConfirmationCode: aws.String(pool.LastCode(signedUp).Code),
	})
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(aws.ToString(confirmed.Session))
}

// next returns the next step that answers a challenge of this name, and drops the steps
// before it.
func (r *chainRun) next(name challenge.Name) (chains.Step, error) {
	for i, e := range r.left {
		if e.Asked() == string(name) {
			r.left, r.last = r.left[i+1:], e
			return e, nil
		}
	}
	return chains.Step{}, fmt.Errorf("the pool asked %s, and the chain does not have that challenge here", name)
}

func (r *chainRun) followed(name string) bool { return len(r.left) > 0 && r.left[0].Name == name }

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
