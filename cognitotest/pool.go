package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/setup"
)

// Pool is one user pool of a [Server]. A Pool is safe for concurrent use.
type Pool struct {
	server *Server
	state  *directory.Pool
}

// AddUser adds a user. An error names the wrong field, and the pool is as before.
func (p *Pool) AddUser(config UserConfig) error {
	return setup.AddUser(p.state, setup.User(config))
}

// UpdateUser changes a user. The function change gets the present configuration of the
// user and edits the configuration:
//
//	pool.UpdateUser("alice", func(u *cognitotest.UserConfig) { u.Disabled = true })
//
// The parameter username is any name of the user, as for [Pool.LastCode]. UpdateUser
// panics if there is no such user. The user keeps passkeys, devices and tokens. The
// policy does not judge a new password. Name and ID cannot change. An error names the
// wrong field, and the user is as before.
//
// The function change must not call methods of the pool: they would wait for the lock
// that UpdateUser holds.
func (p *Pool) UpdateUser(username string, change func(*UserConfig)) error {
	p.state.Lock()
	defer p.state.Unlock()
	return setup.UpdateUser(p.state, p.mustLookUp("UpdateUser", username), func(u *setup.User) {
		config := UserConfig(*u)
		change(&config)
		*u = setup.User(config)
	})
}

// DeleteUser deletes a user, as AdminDeleteUser does. The parameter username is any name
// of the user, as for [Pool.LastCode]. The result is false if there was no such user.
func (p *Pool) DeleteUser(username string) bool {
	p.state.Lock()
	defer p.state.Unlock()
	u := p.state.LookUp(username)
	if u == nil {
		return false
	}
	p.state.Remove(u)
	return true
}

// ID returns the user pool ID.
func (p *Pool) ID() string { return p.state.ID }

// Sub returns the sub of a user. In a pool with UsernameAttributes the sub is the user
// name too. The parameter username is any name of the user, as for [Pool.LastCode]. Sub
// panics if there is no such user.
func (p *Pool) Sub(username string) string {
	p.state.Lock()
	defer p.state.Unlock()
	return p.mustLookUp("Sub", username).ID
}

// Server returns the server of the pool.
func (p *Pool) Server() *Server { return p.server }

// Format prints the ID alone, because test logs must not show secrets.
func (p *Pool) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "cognitotest.Pool(%s)", p.state.ID)
}

// Code is a code that the pool delivered.
type Code struct {
	// PoolID is the ID of the pool.
	PoolID string
	// Username is the user name, not an alias.
	Username string
	// Medium is "SMS" or "EMAIL".
	Medium string
	// Destination is the address or the number.
	Destination string
	// Masked is the destination as the client sees it.
	Masked string
	// Challenge is the challenge that the code answers, or the operation that takes the
	// code: "ConfirmSignUp", "ConfirmForgotPassword" or "VerifyUserAttribute". An
	// invitation has "AdminCreateUser".
	Challenge string
	// Code has six digits, or eight if EMAIL_OTP is the first factor of a sign-in. The
	// Code of an invitation is the temporary password.
	Code string
}

// Mailbox returns the last hundred codes of a user, the oldest first. The parameter
// username is any name of the user, as for [Pool.LastCode]. Mailbox panics if there is
// no such user.
func (p *Pool) Mailbox(username string) []Code {
	p.state.Lock()
	defer p.state.Unlock()
	var codes []Code
	for _, c := range p.mustLookUp("Mailbox", username).Sent {
		codes = append(codes, Code(c))
	}
	return codes
}

// LastCode returns the newest code of a user, or the zero Code. The pool delivers a code
// before it sends the response that announces the code.
//
// The parameter username is the user name, an alias, the sub, or the address in a pool
// with UsernameAttributes. LastCode panics if there is no such user.
func (p *Pool) LastCode(username string) Code {
	p.state.Lock()
	defer p.state.Unlock()
	sent := p.mustLookUp("LastCode", username).Sent
	if len(sent) == 0 {
		return Code{}
	}
	return Code(sent[len(sent)-1])
}

// mustLookUp finds the user that a test asks for.
func (p *Pool) mustLookUp(method, username string) *directory.User {
	u := p.state.LookUp(username)
	if u == nil {
		panic(fmt.Sprintf("cognitotest: %s: no user %q", method, username))
	}
	return u
}

// TOTP returns the code that the authenticator app of a user shows at the time of the
// pool. A code works once: move the clock by 30 seconds between two sign-ins. The set-up
// of an app needs a code of the new key, which GenerateCode of
// github.com/pquerna/otp/totp computes.
//
// The parameter username is any name of the user, as for [Pool.LastCode]. TOTP panics if
// there is no such user, or if the user has no app.
func (p *Pool) TOTP(username string) string {
	p.state.Lock()
	defer p.state.Unlock()
	u := p.mustLookUp("TOTP", username)
	if u.TOTP == nil {
		panic(fmt.Sprintf("cognitotest: TOTP: user %q has no TOTP secret", username))
	}
	return u.TOTP.Shown(p.state.Now())
}

// ForgetDevice makes the pool forget a device, as AdminForgetDevice does. The parameter
// username is any name of the user, as for [Pool.LastCode]. The result is false if there
// was no such device.
func (p *Pool) ForgetDevice(username, deviceKey string) bool {
	p.state.Lock()
	defer p.state.Unlock()
	u := p.state.LookUp(username)
	if u == nil {
		return false
	}
	d := u.FindDevice(deviceKey)
	if d == nil {
		return false
	}
	u.ForgetDevice(d)
	return true
}

// ExpireSessions ends all sign-ins under way: an answer gets NotAuthorizedException.
func (p *Pool) ExpireSessions() {
	p.state.Lock()
	defer p.state.Unlock()
	p.state.Sessions.Expire(p.state.Now())
}
