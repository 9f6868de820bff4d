package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/golden"
)

// Another process goes on with the sign-up.
func TestStoredSignUp(t *testing.T) {
	forEach(t, func(t *testing.T, r *rig) {
		data, err := r.signUp().MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var read account.SignUp
		if err := read.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		confirmed, err := r.accounts.Confirm(t.Context(), &read, r.pool.LastCode(r.newName).Code)
		if err != nil {
			t.Fatal(err)
		}
		if data, err = confirmed.MarshalBinary(); err != nil {
			t.Fatal(err)
		}
		if err := read.UnmarshalBinary(data); err != nil || !read.Confirmed() {
			t.Fatalf("%v, %v", &read, err)
		}
		if _, err := r.driver.SignIn(t.Context(), read.SignIn(), nil); err != nil {
			t.Error(err)
		}
	})
}

const signUpFormat = "sign-up-v1"

// A sign-up that the first release of its version stored is read, confirmed and signed in with.
func TestGoldenSignUp(t *testing.T) {
	const name = "waits-for-a-code"
	data := golden.Data(t, signUpFormat, name, func(t *testing.T) []byte {
		data, err := account.NewSignUp(new(scripted).client(t), "bea", keptSession).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return data
	})
	golden.Covered(t, signUpFormat, name, "confirmed")
	golden.Members(t, signUpFormat, account.SignUpCode, golden.Packed)
	var s account.SignUp
	if err := s.UnmarshalBinary(data); err != nil {
		golden.Broke(t, signUpFormat, name, "it is not read: %v", err)
		return
	}
	if s.Username() != "bea" || s.Subject() != "a-subject" || s.Confirmed() || s.Delivery() != (challenge.Delivery{Medium: "EMAIL", Destination: "b***@e***"}) || !s.Issued().Equal(time.Unix(1_700_000_000, 0)) {
		golden.Broke(t, signUpFormat, name, "it is read as %q, %q, %+v, %v", s.Username(), s.Subject(), s.Delivery(), s.Issued())
	}
	service := new(confirms)
	d, err := flow.New(service, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	confirmed, err := account.For(d).Confirm(t.Context(), &s, "123456")
	if err != nil {
		golden.Broke(t, signUpFormat, name, "it is not confirmed: %v", err)
		return
	}
	in := service.in
	if aws.ToString(in.Username) != "bea" || aws.ToString(in.ConfirmationCode) != "123456" || aws.ToString(in.Session) != keptSession {
		golden.Broke(t, signUpFormat, name, "the confirmation sends the user %q", aws.ToString(in.Username))
	}
	if start := confirmed.SignIn(); start.Username != "bea" || start.Session.Reveal() != "after-the-code" {
		golden.Broke(t, signUpFormat, name, "the sign-in begins with %+v", start)
	}
}

// A sign-up that was confirmed before it was stored is signed in with.
func TestGoldenConfirmedSignUp(t *testing.T) {
	const name = "confirmed"
	data := golden.Data(t, signUpFormat, name, func(t *testing.T) []byte {
		d, err := flow.New(new(confirms), flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app"})
		if err != nil {
			t.Fatal(err)
		}
		c := account.For(d)
		s, err := c.Confirm(t.Context(), account.NewSignUp(c, "bea", keptSession), "123456")
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return data
	})
	var s account.SignUp
	if err := s.UnmarshalBinary(data); err != nil || !s.Confirmed() || s.SignIn().Session.Reveal() != "after-the-code" {
		golden.Broke(t, signUpFormat, name, "it is read as %v, %v", &s, err)
	}
}

// confirms is a service that confirms every sign-up.
type confirms struct {
	flow.API
	in *cip.ConfirmSignUpInput
}

func (c *confirms) ConfirmSignUp(_ context.Context, in *cip.ConfirmSignUpInput, _ ...func(*cip.Options)) (*cip.ConfirmSignUpOutput, error) {
	c.in = in
	return &cip.ConfirmSignUpOutput{Session: aws.String("after-the-code")}, nil
}

func TestWhatIsNoSignUp(t *testing.T) {
	data, err := account.NewSignUp(new(scripted).client(t), "bea", keptSession).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var none flow.Prompt
	for name, test := range map[string]struct {
		data []byte
		says string
	}{
		"nothing": {nil, "no data"}, "half": {data[:len(data)/2], "damaged"}, "a text": {[]byte("hello"), "newer release"},
		"version 0": {append([]byte{0}, data[1:]...), "damaged"}, "version 2": {append([]byte{2}, data[1:]...), "newer release"},
	} {
		s := account.NewSignUp(new(scripted).client(t), "before", "")
		err := s.UnmarshalBinary(test.data)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), keptSession) || s.Username() != "before" {
			t.Errorf("%s: %v, %q", name, err, s.Username())
		}
		if errors.Is(err, account.ErrSignUpVersion) != (test.says == "newer release") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := none.UnmarshalBinary(data); err == nil {
		t.Error("a sign-up was read as a prompt")
	}
	if _, err := (account.SignUp{}).MarshalBinary(); err == nil {
		t.Error("an empty sign-up was written")
	}
	if _, err := json.Marshal(account.NewSignUp(new(scripted).client(t), "bea", keptSession)); err == nil || strings.Contains(fmt.Sprint(err), keptSession) {
		t.Errorf("as JSON: %v", err)
	}
}

func FuzzUnmarshalSignUp(f *testing.F) {
	for _, name := range golden.Names(f, signUpFormat) {
		data, err := os.ReadFile(filepath.Join("testdata", signUpFormat, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		var s account.SignUp
		if err := s.UnmarshalBinary(data); err != nil {
			if s.Username() != "" {
				t.Error("half a sign-up")
			}
			return
		}
		again, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var read account.SignUp
		if err := read.UnmarshalBinary(again); err != nil || read.Username() != s.Username() || read.Delivery() != s.Delivery() || !read.Issued().Equal(s.Issued()) {
			t.Errorf("%v, %v", &read, err)
		}
	})
}
