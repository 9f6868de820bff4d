package device_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cognitoflow/cognitoflow/device"
)

const deviceCookie = "__Host-device-id" // so that no other host can set it

// idOfBrowser returns the ID that the browser has brought. A browser without a usable
// one gets a new ID, of which devices are used from the next request on. The cookie
// outlives the cookie of a login: 400 days are the most that browsers grant.
func idOfBrowser(w http.ResponseWriter, r *http.Request) device.ID {
	cookie, err := r.Cookie(deviceCookie)
	if err == nil {
		var id device.ID
		if id, err = device.ParseID(cookie.Value); err == nil {
			setBrowserID(w, id) // begins its lifetime anew
			return id
		}
	}
	id := device.NewID()
	setBrowserID(w, id)
	return id
}

func setBrowserID(w http.ResponseWriter, id device.ID) {
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: id.Reveal(), Path: "/", MaxAge: 400 * 24 * 60 * 60,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// A backend keeps an ID in each browser, and the browser's devices in a store. Give
// the holder to each call of a sign-in: flow.ThisBrowser(device.Browser(store, id)).
func ExampleBrowser() {
	first := httptest.NewRecorder()
	made := idOfBrowser(first, httptest.NewRequest("POST", "/signin", nil))

	next := httptest.NewRequest("POST", "/signin", nil)
	for _, cookie := range first.Result().Cookies() {
		next.AddCookie(cookie)
	}
	brought := idOfBrowser(httptest.NewRecorder(), next)
	fmt.Println("the same browser:", brought.Reveal() == made.Reveal())
	// Output: the same browser: true
}
