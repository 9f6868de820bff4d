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

// serviceName is the name of this site in authenticator apps.
const serviceName = "cognitoflow example"

// callTimeout bounds the calls to the pool for one request of a browser.
const callTimeout = 15 * time.Second

// maxBody is the most bytes of a form. The longest fields are a sealed prompt and a credential.
const maxBody = 64 << 10

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
		o.Now = driver.Now // the clock of the service decides when a prompt expires
	})
	if err != nil {
		return nil, err
	}
	site := &site{settings: s, api: api, driver: driver, sealer: sealer, log: log, accounts: account.For(driver)}
	site.keeping, err = site.newKeeping(ctx)
	return site, err
}

// close ends the site. Call close after the last request.
func (s *site) close() {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if err := s.keeping.close(ctx); err != nil {
		s.log.Warn("close", "error", err)
	}
}

// newClient returns an SDK client without AWS credentials, because the site calls only
// operations without a signature.
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
	if s.offers("USER_AUTH") { // passkeys and step-up need USER_AUTH
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
		panic(err) // a build without the embedded files fails
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

// limited bounds a request by callTimeout. The request goes on if the browser goes away,
// because the pool accepts an answer once.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, holderKey{}, new(device.Holder))))
	})
}

// securityPolicy lets a page load files of this site only, and lets no page frame this site.
// The QR code is a picture in the page, so the policy allows data URLs for pictures.
const securityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// strictTransport tells browsers to use TLS only, for a year. The header does not include
// subdomains, because this site does not serve them.
const strictTransport = "max-age=31536000"

func (s *site) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", securityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send Origin: null with forms
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

// logged writes a line for each request, without the query, the form and the cookies.
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
