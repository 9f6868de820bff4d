package seal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

// signsUp is a service that lets everybody sign up.
type signsUp struct {
	asks
	session string
}

func (s signsUp) SignUp(context.Context, *cip.SignUpInput, ...func(*cip.Options)) (*cip.SignUpOutput, error) {
	return &cip.SignUpOutput{UserConfirmed: true, UserSub: aws.String("a-subject"), Session: &s.session}, nil
}

func signUp(t testing.TB, session string, now time.Time) *account.SignUp {
	t.Helper()
	d, err := flow.New(signsUp{session: session}, app, func(o *flow.Options) { o.Now = func() time.Time { return now } })
	if err != nil {
		t.Fatal(err)
	}
	s, err := account.For(d).SignUp(t.Context(), account.NewUser{Username: "bea@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignUpsAreSealed(t *testing.T) {
	const session = goldenSession
	now := goldenTime
	sealer := newSealer(t, app, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)}, func(o *seal.Options) { o.Now = func() time.Time { return now } })
	text, err := sealer.SignUp(signUp(t, session, now), binding)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(text); err != nil || bytes.Contains(raw, []byte(session)) {
		t.Errorf("the session can be read, or %v", err)
	}
	now = goldenTime.Add(24*time.Hour - time.Second)
	s, err := sealer.OpenSignUp(text, binding)
	if err != nil || s.SignIn().Session.Reveal() != session || s.Username() != "bea@example.com" || !s.Issued().Equal(goldenTime) {
		t.Errorf("got %v, %v", s, err)
	}
	prompt, err := sealer.Prompt(prompt(t, asks{name: "EMAIL_OTP", session: session}), binding)
	if err != nil {
		t.Fatal(err)
	}
	data, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	soon := now.Add(time.Minute)
	other := newSealer(t, flow.App{UserPoolID: app.UserPoolID, ClientID: "other"}, [][]byte{bytes.Repeat([]byte{7}, seal.KeySize)})
	for name, test := range map[string]struct {
		sealer        *seal.Sealer
		text, browser string
		want          error
	}{
		"another browser":      {sealer, text, "browser session 2", seal.ErrForeign},
		"another app client":   {other, text, string(binding), seal.ErrForeign},
		"a prompt":             {sealer, prompt, string(binding), seal.ErrForeign},
		"data of the caller's": {sealer, sealer.Seal("sign-up", data, binding, soon), string(binding), seal.ErrForeign},
		"another text":         {sealer, "!", string(binding), seal.ErrForm},
		"another key":          {newSealer(t, app, [][]byte{newKey()}), text, string(binding), seal.ErrKey},
	} {
		if opened, err := test.sealer.OpenSignUp(test.text, []byte(test.browser)); opened != nil || !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %v", name, opened, err)
		}
	}
	now = goldenTime.Add(24 * time.Hour)
	if _, err := sealer.OpenSignUp(text, binding); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("after a day: %v", err)
	}
	for _, empty := range []*account.SignUp{nil, new(account.SignUp)} {
		if _, err := sealer.SignUp(empty, binding); err == nil {
			t.Error("an empty sign-up was sealed")
		}
	}
	short := newSealer(t, app, [][]byte{newKey()}, func(o *seal.Options) {
		o.Now, o.SignUpLifetime = func() time.Time { return now }, time.Hour
	})
	if text, err = short.SignUp(signUp(t, session, now), binding); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if _, err := short.OpenSignUp(text, binding); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("after the lifetime: %v", err)
	}
}

func TestSignUpsFitACookie(t *testing.T) {
	random := make([]byte, 1500)
	rand.Read(random)
	s := signUp(t, base64.StdEncoding.EncodeToString(random), goldenTime) // 2,000 bytes
	text, err := goldenSealer(t).SignUp(s, binding)
	if err != nil || len(text) > 2600 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	t.Logf("%d bytes", len(text))
}
