package main

import (
	"strings"
	"testing"
)

// No error has the password of a URL, whatever is wrong with the URL or with the server.
func TestErrorsOfURLs(t *testing.T) {
	const password = "Tr0ub4dor"
	for _, address := range []string{
		"postgres://u:" + password + "@127.0.0.1:1/db", // nobody listens on the port
		"postgres://u:" + password + "@127.0.0.1:port/db",
		"postgres://u:" + password + "@127.0.0.1:1/db?sslmode=nonsense",
		"postgres://127.0.0.1:1/db?user=u&password=" + password,
		"postgres://127.0.0.1:1/db?sslmode=nonsense&password=" + password,
		"redis://:" + password + "@127.0.0.1:1",
		"redis://:" + password + "@127.0.0.1:port",
		"redis://:" + password + "@127.0.0.1:1/no-number",
		"rediss://:" + password + "@127.0.0.1:1/?nonsense=1",
	} {
		scheme, _, _ := strings.Cut(address, "://")
		_, _, err := openers[scheme](t.Context(), address)
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%s: the error is %v", strings.ReplaceAll(address, password, "..."), err)
		}
	}
}
