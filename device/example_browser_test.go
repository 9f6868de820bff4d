package device_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/store"
)

const deviceCookie = "__Host-device-id" // another host cannot set a cookie with this prefix

// idOfBrowser returns the ID in the cookie of the browser. A browser without a usable ID
// gets a new one, and its devices are used from the next request on. The cookie outlives a
// browser session: browsers keep a cookie for 400 days at most.
func idOfBrowser(w http.ResponseWriter, r *http.Request) device.ID {
	cookie, err := r.Cookie(deviceCookie)
	if err == nil {
		var id device.ID
		if id, err = device.ParseID(cookie.Value); err == nil {
			setBrowserID(w, id) // for another 400 days
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

// A backend keeps an ID in each browser, and the browser's devices in a store that all
// instances share. Give the holder to each call of a sign-in: flow.ThisBrowser(browser).
func ExampleBrowser() {
	app := flow.App{UserPoolID: "us-east-1_Ab12Cd34E", ClientID: "client"}
	key := make([]byte, seal.KeySize)
	rand.Read(key) // a real backend reads its key from its store of secrets
	sealer, err := seal.New(app, [][]byte{key})
	if err != nil {
		log.Fatal(err)
	}
	var shared store.Memory // a real backend: a store of package store/sqlstore
	devices := sealer.DeviceStore(&shared)

	// In a real sign-in, package flow puts the device into the wallet and finds it.
	first := httptest.NewRecorder()
	browser := device.Browser(devices, idOfBrowser(first, httptest.NewRequest("POST", "/signin", nil)))
	credentials, err := device.New("us-east-1_0a1b2c3d-4e5f-6789-abcd-ef0123456789", "-Ex4mple1")
	if err != nil {
		log.Fatal(err)
	}
	err = browser.Wallet(app.UserPoolID, app.ClientID).Put(context.Background(), "anna", device.Entry{Credentials: credentials})
	if err != nil {
		log.Fatal(err)
	}

	next := httptest.NewRequest("POST", "/signin", nil)
	for _, cookie := range first.Result().Cookies() {
		next.AddCookie(cookie)
	}
	browser = device.Browser(devices, idOfBrowser(httptest.NewRecorder(), next))
	kept, err := browser.Wallet(app.UserPoolID, app.ClientID).Find(context.Background(), "anna")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same device:", kept.Key == credentials.Key)
	// Output: the same device: true
}
