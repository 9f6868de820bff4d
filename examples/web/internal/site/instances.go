package site

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// instances are processes of this program behind a proxy that takes them in
// turn. One that dies is started again.
//
// They inherit their sockets from here, where the sockets stay open: what
// arrives while an instance is away waits for the next one instead of being
// refused. That takes a Unix system.
type instances struct {
	proxy  http.Handler
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// startInstances starts the instances that s wants, and starts them again until
// ctx ends.
func startInstances(ctx context.Context, s settings, stdout, stderr io.Writer) (*instances, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &instances{}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	var upstreams []*url.URL
	for n := range s.instances {
		socket, at, err := newSocket()
		if err != nil {
			p.stop()
			return nil, err
		}
		upstreams = append(upstreams, at)
		p.done.Go(func() {
			defer socket.Close()
			for ctx.Err() == nil && running.Err() == nil {
				c := exec.CommandContext(running, program, s.instanceArgs()...)
				c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
				c.Env = append(os.Environ(), envSealingKeys+"="+s.sealingKeys.Reveal(), envSessions+"="+s.sessionsIn.Reveal())
				c.ExtraFiles, c.Stderr = []*os.File{socket}, stderr
				err := c.Start()
				if err == nil {
					fmt.Fprintf(stdout, "Instance %d is process %d\n", n+1, c.Process.Pid)
					err = c.Wait()
				}
				if ctx.Err() == nil {
					fmt.Fprintf(stderr, "web: instance %d has ended (%v) and is started again\n", n+1, err)
					time.Sleep(restartPause)
				}
			}
		})
	}
	p.proxy = s.newProxy(upstreams, stderr)
	return p, nil
}

// restartPause keeps an instance that cannot start from being tried all the time.
const restartPause = 50 * time.Millisecond

// stop ends the instances.
func (p *instances) stop() {
	p.cancel()
	p.done.Wait()
}

func newSocket() (*os.File, *url.URL, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close() // the file is a socket of its own
	socket, err := listener.File()
	return socket, &url.URL{Scheme: "http", Host: listener.Addr().String()}, err
}

// inherited as -listen stands for the socket that the process was started with.
const inherited = "inherited"

// openListener opens the socket that -listen says.
func (s settings) openListener() (net.Listener, error) {
	if s.listen != inherited {
		return net.Listen("tcp", s.listen)
	}
	socket := os.NewFile(3, "socket") // the first of Cmd.ExtraFiles
	defer socket.Close()
	return net.FileListener(socket)
}

// instanceArgs is the command line of an instance: that of the whole, on a
// socket of its own. Secrets are in the environment.
func (s settings) instanceArgs() []string {
	return []string{
		"-listen", inherited, "-user-pool-id", s.userPoolID, "-client-id", s.clientID,
		"-region", s.region, "-endpoint", s.endpoint, "-flows", s.flows.String(), "-sign-up", s.signUp.String(),
		fmt.Sprintf("-remember=%t", s.remember), "-prompt-lifetime", s.promptLifetime.String(),
		fmt.Sprintf("-insecure-cookies=%t", s.insecureCookies), fmt.Sprintf("-tls-proxy=%t", s.tlsProxy),
		fmt.Sprintf("-threat-protection=%t", s.threatProtected),
	}
}

// newProxy makes a proxy that takes upstreams in turn. It sends no request
// twice: one that was lost on the way may have used up a prompt.
func (s settings) newProxy(upstreams []*url.URL, stderr io.Writer) http.Handler {
	var turn atomic.Uint64
	return &httputil.ReverseProxy{
		// A connection per request: one kept from before may be to a process that
		// has died meanwhile.
		Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: 2 * callTimeout},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstreams[turn.Add(1)%uint64(len(upstreams))])
			r.Out.Host = r.In.Host // CSRF protection compares it
			r.Out.Header.Set(forwardedFor, s.browserAddress(r.In))
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			fmt.Fprintf(stderr, "web: proxy: %v\n", err)
			http.Error(w, "The answer of the server was lost. Start again.", http.StatusBadGateway)
		},
	}
}
