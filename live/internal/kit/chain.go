package kit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/chains"
	"github.com/cognitoflow/cognitoflow/live/internal/record"
	"github.com/cognitoflow/cognitoflow/secret"
)

// chainProbes returns a probe for each chain of the tests of package flow.
func chainProbes() []Probe {
	var all []Probe
	for _, text := range chains.All() {
		p, err := chains.Read(text)
		if err != nil {
			panic(err) // the tests read the same list
		}
		all = append(all, Probe{
			Name: "chain-" + slug(text), Title: text, Needs: needs(p), Users: 1, Driver: true,
			setting: func(c *cognitotest.PoolConfig) { configure(c, p) },
			ask:     func(ctx context.Context, sc *Scene) (string, error) { return sc.walk(ctx, p) },
		})
	}
	return all
}

// slug makes the name of a file from a chain.
func slug(text string) string {
	text = strings.NewReplacer(" -> ", "-", " ", "-", "(", "-", ")", "", "!", "-wrong", "+", "-", "_", "-").Replace(text)
	return strings.ToLower(text)
}

// needs returns the needs of a chain beside AWS credentials.
func needs(p chains.Plan) (all []string) {
	sms := p.Has("SMS_MFA", "SMS_OTP") || p.Start.Detail == "SMS_OTP"
	otp := p.Has("EMAIL_OTP", "choose") || p.First("SELECT_MFA_TYPE").Detail == "SOFTWARE_TOKEN_MFA"
	for need, it := range map[string]bool{
		Lambda: p.Start.Name == "CUSTOM_AUTH", SMS: sms, OTP: otp, Mailbox: p.Start.Detail == "Session",
		Passkey:      p.Has("WEB_AUTHN") || p.Start.Detail == "WEB_AUTHN",
		unknown:      p.Has("PASSWORD", "PASSWORD_SRP"),
		passwordless: p.Has("DEVICE_SRP_AUTH") && !p.ProvesPassword() && p.Start.Name != "CUSTOM_AUTH",
	} {
		if it {
			all = append(all, need)
		}
	}
	slices.Sort(all)
	return all
}

// configure changes the setting so that a sign-in follows the chain.
func configure(c *cognitotest.PoolConfig, p chains.Plan) {
	user := &c.Users[0]
	asFirst := !p.ProvesPassword() && p.Start.Name == "USER_AUTH"
	selected := p.First("SELECT_MFA_TYPE").Detail
	app := p.Has("SOFTWARE_TOKEN_MFA") || selected != ""
	email := p.Has("EMAIL_OTP") && p.First("MFA_SETUP").Detail != "EMAIL" || selected == "SOFTWARE_TOKEN_MFA"
	sms := p.Has("SMS_MFA", "SMS_OTP")
	if email {
		withVerified(user, "email", madeUpEmail)
	}
	if sms {
		withVerified(user, "phone_number", record.MadeUpPhone(""))
	}
	if app {
		user.TOTPSecret = madeUpTOTPSecret
	}
	// The order is that of the service.
	for _, factor := range []struct {
		name string
		it   bool
	}{{"SMS_MFA", sms && !asFirst}, {"EMAIL_OTP", email && !asFirst}, {"SOFTWARE_TOKEN_MFA", app}} {
		if factor.it {
			c.MFA, user.MFA = "OPTIONAL", append(user.MFA, factor.name)
		}
	}
	c.MFATypes = user.MFA
	if p.Has("MFA_SETUP") {
		c.MFA, c.MFATypes = "ON", []string{"SOFTWARE_TOKEN_MFA"}
		if p.First("MFA_SETUP").Detail == "EMAIL" || p.Has("choose") {
			c.MFATypes = []string{"EMAIL_OTP", "SOFTWARE_TOKEN_MFA"}
		}
	}
	first := []string{"PASSWORD"}
	if asFirst && email {
		first = append(first, "EMAIL_OTP")
	}
	if asFirst && sms || p.Start.Detail == "SMS_OTP" {
		first = append(first, "SMS_OTP")
	}
	if p.Has("NEW_PASSWORD_REQUIRED") {
		user.Password, user.TemporaryPassword = "", madeUpPassword
		c.RequiredAttributes = []string{"given_name"}
	}
	if p.Start.Detail == "WEB_AUTHN" || p.Has("WEB_AUTHN") {
		first = append(first, "WEB_AUTHN")
		withPasskeys(c)
	}
	if len(first) > 1 {
		c.AllowedFirstFactors = first
	}
	if p.Has("DEVICE_SRP_AUTH") {
		c.DeviceConfiguration = &cognitotest.DeviceConfiguration{ChallengeRequiredOnNewDevice: len(user.MFA) == 0}
	}
	if p.Start.Name == "CUSTOM_AUTH" {
		withTriggers(c, Triggers(), ledThrough(p))
	}
	if p.Start.Detail == "Session" {
		c.AdminCreatesUsers = false
	}
}

// withVerified gives a user a verified address.
func withVerified(user *cognitotest.UserConfig, attribute, address string) {
	withAttribute(user, attribute, address)
	withAttribute(user, attribute+"_verified", "true")
}

func withAttribute(user *cognitotest.UserConfig, name, value string) {
	if user.Attributes == nil {
		user.Attributes = map[string]string{}
	}
	user.Attributes[name] = value
}

// withApp gives the user an authenticator app.
func withApp(c *cognitotest.PoolConfig) {
	withApps(c)
	c.Users[0].TOTPSecret = madeUpTOTPSecret
}

// driver makes a driver for the app client of the scene.
func (sc *Scene) driver(admin bool, optFns ...func(*flow.Options)) (*flow.Driver, error) {
	app := flow.App{UserPoolID: sc.poolID, ClientID: sc.clientID}
	if sc.clientSecret != "" {
		app.ClientSecret = secret.New(sc.clientSecret)
	}
	all := append([]func(*flow.Options){func(o *flow.Options) {
		o.Now = sc.Now
		o.Observe = flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
			if op.Kind != flow.ServiceOperation || op.By == "" {
				return // the request is no part of the sign-in
			}
			name := cmp.Or(string(op.Challenge), string(op.Flow))
			if out.Err != nil {
				name += "!"
			}
			sc.trace = append(sc.trace, name)
		})
	}}, optFns...)
	if admin {
		return flow.NewAdmin(sc.api, app, all...)
	}
	return flow.New(sc.api, app, all...)
}

// walk signs in along a chain, and returns the real course of the sign-in.
func (sc *Scene) walk(ctx context.Context, p chains.Plan) (string, error) {
	var options []func(*flow.Options)
	if p.Has("DEVICE_SRP_AUTH") {
		options = append(options, flow.ThisMachine(&device.Memory{}))
	}
	d, err := sc.driver(p.Admin, options...)
	if err != nil {
		return "", err
	}
	sc.replayTriggers(p)
	if p.Start.Detail == "Session" {
		if sc.session, err = sc.signedUp(ctx); err != nil {
			return "the sign-up: " + sc.describe(err), ctx.Err()
		}
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

// begin returns the auth flow of the chain.
func (sc *Scene) begin(p chains.Plan) flow.AuthFlow {
	name, password := sc.user.name, secret.New(sc.user.password)
	switch p.Start.Name {
	case "USER_PASSWORD_AUTH":
		return flow.UserPasswordAuth{Username: name, Password: password}
	case "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		return flow.AdminUserPasswordAuth{Username: name, Password: password, LegacyName: p.Start.Name == "ADMIN_NO_SRP_AUTH"}
	case "CUSTOM_AUTH":
		if p.Start.Detail == "SRP" {
			return flow.CustomAuth{Username: name, Password: password}
		}
		return flow.CustomAuth{Username: name}
	case "USER_AUTH":
		if p.Start.Detail == "Session" {
			return flow.UserAuth{Username: name, Session: secret.New(sc.session)}
		}
		f := flow.UserAuth{Username: name, Preferred: challenge.Name(p.Start.Detail)}
		if strings.HasPrefix(p.Start.Detail, "PASSWORD") {
			f.Password = password
		}
		return f
	}
	return sc.bySRP()
}

// The handler takes the steps of a chain. Without steps the handler gives right answers.
func (sc *Scene) answerer(steps []chains.Step) func(context.Context, challenge.Challenge) (challenge.Answer, error) {
	left := slices.Clone(steps)
	spoiled := false // the last code was wrong on purpose, and the right code follows
	return func(ctx context.Context, c challenge.Challenge) (challenge.Answer, error) {
		step := chains.Step{Name: string(c.Name)}
		if i := slices.IndexFunc(left, func(s chains.Step) bool { return s.Asked() == string(c.Name) }); i >= 0 {
			step, left = left[i], left[i+1:]
		} else if steps != nil {
			sc.doubted = sc.typed // perhaps somebody mistyped the last code
			return challenge.Answer{}, finding(fmt.Sprintf("the service asks %s, which is not on the way", record.Word(string(c.Name))))
		}
		switch c.Name {
		case challenge.SoftwareTokenMFA:
			code, err := sc.code(ctx, step.Wrong)
			return challenge.Code(code), err
		case challenge.SMSMFA, challenge.SMSOTP, challenge.EmailOTP:
			to := sc.user.email
			if c.Name != challenge.EmailOTP {
				to = sc.user.phone
			}
			code, err := sc.delivered(ctx, to, step.Wrong, spoiled)
			spoiled = step.Wrong
			return challenge.Code(code), err
		case challenge.SelectMFAType:
			if step.Detail == "" { // the sign-in before enrolled the device
				return challenge.Choose(challenge.SoftwareTokenMFA), nil
			}
			return challenge.Choose(challenge.Name(step.Detail)), nil
		case challenge.CustomChallenge:
			if step.Wrong {
				return challenge.Custom(wrongAnswer), nil
			}
			return challenge.Custom(rightAnswer), nil
		case challenge.MFASetup:
			switch {
			case step.Name == "choose":
				return challenge.Choose(challenge.Name(step.Detail)), nil
			case step.Detail == "EMAIL":
				return challenge.Email(sc.user.email), nil
			}
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
			if by := challenge.Name(step.Detail); by != challenge.Password && by != challenge.PasswordSRP {
				return challenge.Choose(by), nil
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
