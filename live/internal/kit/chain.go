package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/secret"
)

// chainProbes has a probe for each chain of the tests of package flow.
func chainProbes() []Probe {
	var all []Probe
	for _, text := range chains.All() {
		p, err := chains.Read(text)
		if err != nil {
			panic(err) // the tests read the same list
		}
		all = append(all, Probe{
			Name: "chain-" + slug(text), Title: text, Needs: needs(text, p), Users: 1, Driver: true,
			setting: func(c *cognitotest.PoolConfig) { configure(c, p) },
			ask:     func(ctx context.Context, sc *Scene) (string, error) { return sc.walk(ctx, p) },
		})
	}
	return all
}

// slug makes a name for a file out of a chain.
func slug(text string) string {
	text = strings.NewReplacer(" -> ", "-", " ", "-", "(", "-", ")", "", "!", "-wrong", "+", "-", "_", "-").Replace(text)
	return strings.ToLower(text)
}

// needs says what a chain needs that the kit does not have, "" for nothing.
func needs(text string, p chains.Plan) string {
	contains := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
	}
	switch {
	case contains("CUSTOM"):
		return Lambda
	case contains("SMS"):
		return SMS
	case contains("EMAIL", "SELECT_MFA_TYPE", "choose(", "+Session"):
		return Email
	case p.Has("PASSWORD", "PASSWORD_SRP"):
		return Unknown
	case p.Has("DEVICE_SRP_AUTH") && !p.ProvesPassword():
		return Passwordless
	case contains("WEB_AUTHN"):
		return Passkey
	}
	return ""
}

// configure makes the setting such that the chain comes about.
func configure(c *cognitotest.PoolConfig, p chains.Plan) {
	user := &c.Users[0]
	if p.Has("NEW_PASSWORD_REQUIRED") {
		user.Password, user.TemporaryPassword = "", madeUpPassword
		c.RequiredAttributes = []string{"given_name"}
	}
	switch {
	case p.Has("MFA_SETUP"):
		c.MFA, c.MFATypes = "ON", []string{"SOFTWARE_TOKEN_MFA"}
	case p.Has("SOFTWARE_TOKEN_MFA"):
		withApp(c)
	}
	if strings.Contains(p.Start.Detail, "WEB_AUTHN") || p.Has("WEB_AUTHN") {
		withPasskeys(c)
	}
	if p.Has("DEVICE_SRP_AUTH") {
		c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: user.TOTPSecret == ""}
	}
}

// withApp gives the user an authenticator app.
func withApp(c *cognitotest.PoolConfig) {
	withApps(c)
	c.Users[0].TOTPSecret = madeUpTOTPSecret
}

// driver makes a driver for the scene's app client.
func (sc *Scene) driver(admin bool, optFns ...func(*flow.Options)) (*flow.Driver, error) {
	app := flow.App{UserPoolID: sc.poolID, ClientID: sc.clientID}
	if sc.clientSecret != "" {
		app.ClientSecret = secret.New(sc.clientSecret)
	}
	all := append([]func(*flow.Options){func(o *flow.Options) {
		o.Now = sc.Now
		o.Trace = func(_ context.Context, e flow.Event) {
			name := string(e.Flow) + string(e.Challenge)
			if e.Err != nil {
				name += "!"
			}
			sc.trace = append(sc.trace, name)
		}
	}}, optFns...)
	if admin {
		return flow.NewAdmin(sc.api, app, all...)
	}
	return flow.New(sc.api, app, all...)
}

// walk signs in along a chain. The answer is the way that the sign-in took.
func (sc *Scene) walk(ctx context.Context, p chains.Plan) (string, error) {
	var options []func(*flow.Options)
	if p.Has("DEVICE_SRP_AUTH") {
		options = append(options, flow.ThisMachine(&device.Memory{}))
	}
	d, err := sc.driver(p.Admin, options...)
	if err != nil {
		return "", err
	}
	if p.Has("WEB_AUTHN") {
		if sc.passkey, err = sc.register(ctx); err != nil {
			return "the registration of a passkey: " + sc.describe(err), ctx.Err()
		}
	}
	var before *flow.Tokens
	if p.Has("DEVICE_SRP_AUTH") || p.Start.Name == "REFRESH_TOKEN_AUTH" {
		if before, err = d.SignIn(ctx, sc.bySRP(), challenge.HandlerFunc(sc.answerer(nil))); err != nil {
			return "the sign-in before: " + sc.describe(err), nil
		}
	}
	sc.trace = nil
	var tokens *flow.Tokens
	if p.Start.Name == "REFRESH_TOKEN_AUTH" {
		tokens, err = d.Refresh(ctx, before, func(o *flow.Options) { o.RefreshByAuthFlow = true })
	} else {
		tokens, err = d.SignIn(ctx, sc.begin(p), challenge.HandlerFunc(sc.answerer(p.Steps)))
	}
	way := strings.Join(sc.trace, " -> ")
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return way + " -> " + sc.describe(err), nil
	case tokens.Device.Err != nil:
		return way + " -> tokens; the device: " + sc.describe(tokens.Device.Err), nil
	case tokens.Username != sc.user.name:
		return way + " -> tokens under another name", nil
	}
	return way + " -> tokens", nil
}

func (sc *Scene) bySRP() flow.AuthFlow {
	return flow.UserSRPAuth{Username: sc.user.name, Password: secret.New(sc.user.password)}
}

// begin is how the chain begins.
func (sc *Scene) begin(p chains.Plan) flow.AuthFlow {
	name, password := sc.user.name, secret.New(sc.user.password)
	switch p.Start.Name {
	case "USER_PASSWORD_AUTH":
		return flow.UserPasswordAuth{Username: name, Password: password}
	case "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		return flow.AdminUserPasswordAuth{Username: name, Password: password, LegacyName: p.Start.Name == "ADMIN_NO_SRP_AUTH"}
	case "USER_AUTH":
		f := flow.UserAuth{Username: name, Preferred: challenge.Name(p.Start.Detail)}
		if strings.HasPrefix(p.Start.Detail, "PASSWORD") {
			f.Password = password
		}
		return f
	}
	return sc.bySRP()
}

// answerer returns the person who takes the steps of a chain. Without steps the person
// gives right answers.
func (sc *Scene) answerer(steps []chains.Step) func(context.Context, challenge.Challenge) (challenge.Answer, error) {
	left := slices.Clone(steps)
	return func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		step := chains.Step{Name: string(c.Name)}
		if i := slices.IndexFunc(left, func(s chains.Step) bool { return s.Asked() == string(c.Name) }); i >= 0 {
			step, left = left[i], left[i+1:]
		} else if steps != nil {
			return challenge.Answer{}, fmt.Errorf("the service asks %s, which is not on the way", c.Name)
		}
		switch c.Name {
		case challenge.SoftwareTokenMFA:
			code, err := sc.code(ctx, step.Wrong)
			return challenge.Code(code), err
		case challenge.MFASetup:
			sc.user.totpSecret = c.TOTPSecret.Reveal()
			code, err := sc.code(ctx, step.Wrong)
			return challenge.Code(code), err
		case challenge.WebAuthn:
			options, err := c.CredentialRequest()
			if err != nil {
				return challenge.Answer{}, err
			}
			signed, err := sc.passkey.sign(string(options))
			return challenge.Credential([]byte(signed)), err
		case challenge.SelectChallenge:
			if step.Detail == "WEB_AUTHN" {
				return challenge.Choose(challenge.WebAuthn), nil
			}
			return challenge.CurrentPassword(challenge.Name(step.Detail), sc.user.password), nil
		case challenge.NewPasswordRequired:
			if step.Wrong {
				return challenge.NewPassword(weakPassword, map[string]string{"given_name": givenName}), nil
			}
			return challenge.NewPassword(sc.next, map[string]string{"given_name": givenName}), nil
		}
		return challenge.Answer{}, challenge.ErrNoAnswer
	}
}

// finding is an error that is an answer, in words of the kit.
type finding string

func (f finding) Error() string { return string(f) }

// describe says which exception an error is, without a secret.
func (sc *Scene) describe(err error) string {
	var exception interface {
		ErrorCode() string
		ErrorMessage() string
	}
	if !errors.As(err, &exception) {
		var f finding
		if errors.As(err, &f) {
			return string(f)
		}
		var e *flow.Error
		if errors.As(err, &e) {
			return "an error of the driver, " + string(e.Code())
		}
		return "an error of the client" // its text can have anything in it
	}
	name := strings.TrimSuffix(exception.ErrorCode(), "Exception")
	if text := sc.recorder.Message(exception.ErrorMessage()); text != conversation.NotRecorded {
		return fmt.Sprintf("%s %q", name, text)
	}
	return name
}
