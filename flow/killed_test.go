package flow_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/secret"
)

// TestKilledDuringRotation starts its own test binary as the program that it kills. These
// variables of the environment tell the binary what to do.
const (
	victimDo       = "FLOW_TEST_DO" // has one of the values below
	victimEndpoint = "FLOW_TEST_ENDPOINT"
	victimDir      = "FLOW_TEST_DIR"

	doRotate = "rotate until killed"
	doHold   = "wait to be killed with new tokens that are not saved"
	doOnce   = "get new tokens once"
)

const victimPool, victimRecord = "local-1_killed", "tokens"

// victim is the program. victim reads its tokens, and gets and saves new tokens each time that the
// tokens have expired. By the program's clock, tokens expire at once. The program prints a line
// for each set of tokens.
func victim(ctx context.Context) error {
	store := device.Dir(os.Getenv(victimDir))
	kept, err := store.Get(ctx, victimRecord)
	if err != nil {
		return err
	}
	tokens := new(flow.Tokens)
	if err := json.Unmarshal(kept, tokens); err != nil {
		return err
	}
	client := cip.New(cip.Options{
		Region: "local-1", BaseEndpoint: aws.String(os.Getenv(victimEndpoint)), Credentials: aws.AnonymousCredentials{},
	})
	var passed time.Duration
	d, err := flow.New(client, victimApp(), func(o *flow.Options) {
		o.Now = func() time.Time { return time.Now().Add(passed) }
	})
	if err != nil {
		return err
	}
	source := d.TokenSource(tokens, func(o *flow.SourceOptions) {
		o.Save = func(ctx context.Context, t *flow.Tokens) error {
			if os.Getenv(victimDo) == doHold {
				fmt.Println("received")
				select {} // the tokens are not saved
			}
			data, err := json.Marshal(t)
			if err != nil {
				return err
			}
			return store.Put(ctx, victimRecord, data)
		}
	})
	for {
		passed = time.Until(tokens.Expiry)
		if tokens, err = source.Tokens(ctx); err != nil {
			return err
		}
		fmt.Println("saved")
		if os.Getenv(victimDo) == doOnce {
			return nil
		}
	}
}

func victimApp() flow.App {
	return flow.App{UserPoolID: victimPool, ClientID: "secret", ClientSecret: secret.New(clientSecret)}
}

// killing is a pool, and the directory in which the program keeps its tokens.
type killing struct {
	pool *cognitotest.Pool
	dir  string
}

// newKilling signs in, and stores the tokens for the program.
func newKilling(t *testing.T, graceSeconds int) *killing {
	t.Helper()
	k := &killing{dir: t.TempDir()}
	k.pool = newPool(t, func(c *cognitotest.PoolConfig) {
		rotating(graceSeconds)(c)
		c.ID = victimPool
	}, ada)
	data, err := json.Marshal(byAlias(t, newDriver(t, k.pool, "secret")))
	if err != nil {
		t.Fatal(err)
	}
	if err := device.Dir(k.dir).Put(t.Context(), victimRecord, data); err != nil {
		t.Fatal(err)
	}
	return k
}

// program returns a command that runs the program.
func (k *killing) program(t *testing.T, do string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestKilledDuringRotation$")
	cmd.Env = append(os.Environ(), victimDo+"="+do, victimEndpoint+"="+k.pool.Endpoint(), victimDir+"="+k.dir,
		"GORACE=atexit_sleep_ms=0") // the race detector makes each process wait for a second otherwise
	return cmd
}

// kill starts the program, and waits for its first line and then a time. Then kill ends the
// program by a signal.
func (k *killing) kill(t *testing.T, do, line string, wait time.Duration) {
	t.Helper()
	cmd := k.program(t, do)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || strings.TrimSpace(first) != line {
		t.Fatalf("the program printed %q, %v; want %s", first, err, line)
	}
	<-time.After(wait)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill
}

// restart runs the program again until the program has one set of new tokens.
func (k *killing) restart(t *testing.T) (string, error) {
	t.Helper()
	out, err := k.program(t, doOnce).CombinedOutput()
	return string(out), err
}

func TestKilledDuringRotation(t *testing.T) {
	t.Parallel()
	if os.Getenv(victimDo) != "" {
		if err := victim(t.Context()); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Run("between received and saved", func(t *testing.T) {
		k := newKilling(t, 60)
		for range 3 {
			k.kill(t, doHold, "received", 0)
			if out, err := k.restart(t); err != nil {
				t.Fatalf("the tokens are lost: %v\n%s", err, out)
			}
		}
	})
	t.Run("at random points", func(t *testing.T) {
		k := newKilling(t, 60)
		for range 10 {
			wait := rand.N(40 * time.Millisecond) // a few rotations
			k.kill(t, doRotate, "saved", wait)
			if out, err := k.restart(t); err != nil {
				t.Fatalf("killed after %v, and the tokens are lost: %v\n%s", wait, err, out)
			}
		}
		t.Logf("%d rotations", len(calls(k.pool, "GetTokensFromRefreshToken")))
	})
	// Without a grace period, the service refuses the replaced token that the program has kept.
	t.Run("without a grace period", func(t *testing.T) {
		k := newKilling(t, 0)
		k.kill(t, doHold, "received", 0)
		out, err := k.restart(t)
		if err == nil || !strings.Contains(out, "RefreshTokenReuseException") || !strings.Contains(out, string(flow.TokenReused)) {
			t.Errorf("got %v\n%s", err, out)
		}
	})
}
