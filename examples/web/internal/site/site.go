package site

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/logging"

	"github.com/cognitoflow/cognitoflow/account"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
)

// serviceName is what authenticator apps call this service.
const serviceName = "cognitoflow example"

// callTimeout bounds what one request of a browser takes at the pool.
const callTimeout = 15 * time.Second

// maxBody is more than any form here has: a sealed prompt, a credential.
const maxBody = 64 << 10

// site is the web application.
type site struct {
	settings
	api    *cip.Client
	driver *flow.Driver
	sealer *seal.Sealer
	log    *slog.Logger

	accounts *account.Client
	keeping  sessionKeeping
}

func newSite(ctx context.Context, s settings, log *slog.Logger) (*site, error) {
	api, err := newClient(ctx, s)
	if err != nil {
		return nil, err
	}
	driver, err := flow.New(api, s.app(), func(o *flow.Options) { o.Observe, o.Now = logOperations(log), s.now })
	if err != nil {
		return nil, err
	}
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	sealer, err := seal.New(s.app(), keys, func(o *seal.Options) {
		o.PromptLifetime = s.promptLifetime
		o.Insecure = s.insecureCookies
		o.Now = driver.Now // the age of a prompt counts by the service's clock
	})
	if err != nil {
		return nil, err
	}
	site := &site{settings: s, api: api, driver: driver, sealer: sealer, log: log, accounts: account.For(driver)}
	site.keeping, err = site.newKeeping(ctx)
	return site, err
}

// close ends the site when no request is left.
func (s *site) close() {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if err := s.keeping.close(ctx); err != nil {
		s.log.Warn("close", "error", err)
	}
}

// newClient returns an SDK client. None of the operations used is signed, so no
// AWS credentials are needed.
func newClient(ctx context.Context, s settings) (*cip.Client, error) {
	c, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(s.region),
		config.WithCredentialsProvider(aws.AnonymousCredentials{}),
		config.WithLogger(logging.Nop{}),
	)
	if err != nil {
		return nil, err
	}
	return cip.NewFromConfig(c, func(o *cip.Options) {
		if s.endpoint != "" {
			o.BaseEndpoint = aws.String(s.endpoint)
		}
	}), nil
}

//go:embed assets
var assets embed.FS

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.account)
	mux.HandleFunc("GET /signin", s.signInPage)
	mux.HandleFunc("POST /signin", s.signIn)
	mux.HandleFunc("POST "+s.keeping.special.path, s.do)
	mux.HandleFunc("POST /signout", s.signOut)
	mux.HandleFunc("GET /forgot", s.forgotPage)
	mux.HandleFunc("POST /forgot", s.forgotAnswer)
	mux.HandleFunc("GET /password", s.changePage)
	mux.HandleFunc("POST /password", s.changePassword)
	mux.HandleFunc("GET /factors", s.factorsPage)
	mux.HandleFunc("POST /factors", s.changeFactors)
	mux.HandleFunc("POST /authenticator", s.setUpAuthenticator)
	if s.offers("USER_AUTH") { // without it there are no passkeys, and no step-up
		mux.HandleFunc("POST /passkey", s.addPasskey)
		mux.HandleFunc("POST /confirm", s.confirmUser)
		for path, serve := range sensitive {
			mux.HandleFunc("GET "+path, s.afterStepUp(path, serve))
		}
	}
	if len(s.signUp) > 0 {
		mux.HandleFunc("GET /signup", s.signUpPage)
		mux.HandleFunc("POST /signup", s.signUpAnswer)
	}
	static, err := fs.Sub(assets, "assets/static")
	if err != nil {
		panic(err) // the embedded files are there or the program is not built
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(http.FileServerFS(static))))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.message(w, http.StatusNotFound, "Page not found", "There is nothing at this address.")
	})

	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.message(w, http.StatusForbidden, "Not accepted", "This request came from a page of another site.")
	}))
	return s.logged(s.secured(crossOrigin.Handler(http.MaxBytesHandler(limited(s.keeping.within(mux)), maxBody))))
}

// limited gives a request callTimeout. It does not end with the browser's
// connection: an answer that has gone to the pool has used up the session.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, holderKey{}, new(device.Holder))))
	})
}

// securityPolicy lets pages of this site load what is its own and nothing be
// loaded from elsewhere or framed. The picture of the QR code is in its page.
const securityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// strictTransport has browsers come back over TLS alone for a year. Other names of the domain
// are not for this site to decide about.
const strictTransport = "max-age=31536000"

func (s *site) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", securityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer, forms would post with the origin "null"
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self)")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil || s.tlsProxy { // browsers ignore the header over plain HTTP (RFC 6797, section 8.1)
			h.Set("Strict-Transport-Security", strictTransport)
		}
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		next.ServeHTTP(w, r)
	})
}

// logged writes a line per request: no query, no form, no cookie.
func (s *site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, status := time.Now(), &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, r)
		s.log.Info("request", "method", r.Method, "path", r.URL.Path, "status", status.status,
			"duration", time.Since(started).Round(time.Millisecond))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// logOperations writes a line for each operation of the driver.
func logOperations(log *slog.Logger) flow.Observer {
	return flow.OnEnd(func(ctx context.Context, op flow.Operation, out flow.Outcome) {
		log.InfoContext(ctx, "cognito", "operation", op, "outcome", out)
	})
}
