package device_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// childEndpoint is the variable with the address of the parent process's pool. If it is
// set, the child signs users in and does not write records itself.
const childEndpoint = "DEVICE_TEST_CHILD_ENDPOINT"

const (
	poolID      = "local-1_processes"
	signInUsers = 3 // of each process: a wallet has room for 8
	pass        = "Correct-Horse-7!"
)

// signIn signs a user in with the devices of a directory. signIn returns the key of the
// device, and whether the device is an old one that has proved its password.
func signIn(ctx context.Context, client *cip.Client, dir device.Store, user string) (key string, proved bool, err error) {
	d, err := flow.New(client, flow.App{UserPoolID: poolID, ClientID: "app"}, flow.ThisMachine(dir), func(o *flow.Options) {
		o.Observe = flow.OnEnd(func(_ context.Context, op flow.Operation, out flow.Outcome) {
			proved = proved || op.Challenge == challenge.DevicePasswordVerifier && out.Err == nil
		})
	})
	if err != nil {
		return "", false, err
	}
	tokens, err := d.SignIn(ctx, flow.UserPasswordAuth{Username: user, Password: secret.New(pass)}, nil)
	if err != nil {
		return "", false, err
	}
	return tokens.Device.Key, proved, tokens.Device.Err
}

// signInChild signs in its own users and one user that both processes sign in. Each user
// signs in twice in a row. signInChild reports the device of each sign-in.
func signInChild(ctx context.Context, dir device.Store, self string) error {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	client := cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(os.Getenv(childEndpoint)), Credentials: aws.AnonymousCredentials{},
	})
	for n := range signInUsers {
		for _, user := range []string{fmt.Sprintf("%s-%d", self, n), "both"} {
			for range 2 {
				key, proved, err := signIn(ctx, client, dir, user)
				if err != nil {
					return fmt.Errorf("%s: %w", user, err)
				}
				fmt.Println(user, key, proved)
			}
		}
	}
	return nil
}

// Two processes enrol and sign in through one directory at the same time.
func TestTwoProcessesSignIn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	users := []cognitotest.UserConfig{{Name: "both", Password: pass}}
	for _, self := range []string{"anna", "ben"} {
		for n := range signInUsers {
			users = append(users, cognitotest.UserConfig{Name: fmt.Sprintf("%s-%d", self, n), Password: pass})
		}
	}
	pool := cognitotest.Start(t, cognitotest.PoolConfig{
		ID: poolID, Users: users,
		Clients:             []cognitotest.ClientConfig{{ID: "app", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"}}},
		DeviceConfiguration: &cognitotest.DeviceConfiguration{},
	})
	dir := newDir(t)
	endpoint := childEndpoint + "=" + pool.Endpoint()
	processes := map[string]*process{"anna": start(ctx, t, dir, "anna", endpoint), "ben": start(ctx, t, dir, "ben", endpoint)}
	for _, p := range processes {
		p.stdin.Close()
	}

	enrolledBy := make(map[string]string) // process by device key
	var provedBy [][2]string              // process and device key, of "both"
	last := map[string]string{}           // device key by user
	for self, p := range processes {
		output, err := io.ReadAll(p.stdout)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Fatalf("process %s: %v; %s", self, err, &p.stderr)
		}
		for line := range strings.Lines(string(output)) {
			var user, key string
			var proved bool
			if _, err := fmt.Sscan(line, &user, &key, &proved); err != nil {
				t.Fatalf("process %s said %q", self, line)
			}
			switch {
			case !proved:
				enrolledBy[key] = self
			case user == "both":
				provedBy = append(provedBy, [2]string{self, key})
			case key != last[user]:
				t.Errorf("%s: the second sign-in is at device %q, the first was at %q", user, key, last[user])
			}
			if user != "both" && proved != (last[user] != "") {
				t.Errorf("%s: a device proved itself: %v; last one was %q", user, proved, last[user])
			}
			last[user] = key
		}
	}

	shared := 0
	for _, use := range provedBy {
		if enrolledBy[use[1]] != use[0] {
			shared++
		}
	}
	if shared == 0 {
		t.Error("neither process used a device that the other had enrolled")
	}
	if len(last) != len(users) {
		t.Errorf("%d users signed in, want %d", len(last), len(users))
	}
	for user, want := range last {
		key, proved, err := signIn(ctx, pool.Client(), dir, user)
		switch {
		case err != nil:
			t.Errorf("%s: %v", user, err)
		case !proved:
			t.Errorf("%s: the record is lost", user)
		case user != "both" && key != want:
			t.Errorf("%s: the record is that of %q, want %q", user, key, want)
		}
	}
	t.Logf("%d devices enrolled, %d times a process used a device of the other", len(enrolledBy), shared)
}
