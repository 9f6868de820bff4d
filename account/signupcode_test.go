package account_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
)

var update = flag.Bool("update", false, "write the golden file of the present version; do so for a new version only")

const goldenFile = "testdata/sign-up-v1"

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

func TestSignUpsOfEveryReleaseAreRead(t *testing.T) {
	c := new(scripted).client(t)
	if *update {
		data, err := account.NewSignUp(c, "bea", keptSession).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var s account.SignUp
	if err := s.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if s.Username() != "bea" || s.Subject() != "a-subject" || s.Confirmed() || s.Delivery() != (challenge.Delivery{Medium: "EMAIL", Destination: "b***@e***"}) || !s.Issued().Equal(time.Unix(1_700_000_000, 0)) {
		t.Errorf("got %q, %q, %+v, %v", s.Username(), s.Subject(), s.Delivery(), s.Issued())
	}
	again, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if other, err := account.NewSignUp(c, "bea", keptSession).MarshalBinary(); err != nil || !bytes.Equal(again, other) {
		t.Errorf("the session is lost: %v", err)
	}
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
	data, err := os.ReadFile(goldenFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
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
