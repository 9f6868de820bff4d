package flow_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// If the refresh fails, the caller of the example gets the answer 401, and the server gets the
// refused token once for each request.
func TestRoundTripperKeepsTheRefusal(t *testing.T) {
	pool := newPool(t, nil, cognitotest.UserConfig{Name: username, Password: password})
	driver := newDriver(t, pool, "public")
	tokens, err := driver.SignIn(t.Context(), srpAuth(username), nil)
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.Error(w, "refused", http.StatusUnauthorized)
	}))
	defer server.Close()
	failures := make(chan error, 10)
	source := driver.TokenSource(tokens, func(o *flow.SourceOptions) { o.OnError = func(err error) { failures <- err } })
	defer source.Wait(t.Context())
	pool.Fail(cognitotest.Fault{Operation: "GetTokensFromRefreshToken", Error: "TooManyRequestsException", Times: 10})
	client := &http.Client{Transport: bearer{source, http.DefaultTransport}}
	for range 2 {
		response, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("status %s", response.Status)
		}
	}
	if n := requests.Load(); n != 2 {
		t.Errorf("the server got %d requests, want 2", n)
	}
	if err := <-failures; err == nil {
		t.Error("OnError got no error")
	}
}
