package cognitotest

import (
	"fmt"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
)

// Pool is one user pool of a [Server]. It is safe for concurrent use.
type Pool struct {
	server *Server
	state  *directory.Pool
}

// AddUser adds a user. An error names the field that is wrong.
func (p *Pool) AddUser(config UserConfig) error {
	return addUser(p.state, config)
}

// UpdateUser changes a user, who is known by the same names as in [Pool.LastCode].
// The function change gets the present configuration of the user and changes it:
//
//	pool.UpdateUser("alice", func(u *cognitotest.UserConfig) { u.Disabled = true })
//
// The user keeps passkeys, devices and tokens. A new password need not be one that
// the policy takes. Name and ID do not change. The error names the field that is
// wrong; nothing has changed then. UpdateUser panics if there is no such user. The
// function change must not call methods of the pool, which is locked meanwhile.
func (p *Pool) UpdateUser(username string, change func(*UserConfig)) error {
	p.state.Lock()
	defer p.state.Unlock()
	return updateUser(p.state, p.mustLookUp("UpdateUser", username), change)
}

// DeleteUser deletes a user, who is known by the same names as in [Pool.LastCode], as
// an administrator would. It says whether there was such a user.
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

// Sub returns the sub of a user, who is known by the same names as in
// [Pool.LastCode]. In a pool with UsernameAttributes the sub is the user name too.
// Sub panics if there is no such user.
func (p *Pool) Sub(username string) string {
	p.state.Lock()
	defer p.state.Unlock()
	return p.mustLookUp("Sub", username).ID
}

// Server returns the server that the pool belongs to.
func (p *Pool) Server() *Server { return p.server }

// Format keeps a pool's secrets out of test logs.
func (p *Pool) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "cognitotest.Pool(%s)", p.state.ID)
}

// Code is a code that the pool delivered.
type Code struct {
	// PoolID is the ID of the pool.
	PoolID string
	// Username is the user's name, not an alias.
	Username string
	// Medium is "SMS" or "EMAIL".
	Medium string
	// Destination is where the code went, Masked what the client was shown.
	Destination, Masked string
	// Challenge is the challenge that the code answers, or the operation that
	// takes it: "ConfirmSignUp" or "ConfirmForgotPassword". An invitation has
	// "AdminCreateUser".
	Challenge string
	// Code is the code itself: six digits, or eight where EMAIL_OTP is the
	// first factor of a sign-in. In an invitation it is the temporary password.
	Code string
}

// Mailbox returns the codes that were delivered to a user, the oldest first: the last
// hundred. The user is known by the same names as in [Pool.LastCode]. Mailbox panics if
// there is no such user.
func (p *Pool) Mailbox(username string) []Code {
	p.state.Lock()
	defer p.state.Unlock()
	var codes []Code
	for _, c := range p.mustLookUp("Mailbox", username).Sent {
		codes = append(codes, Code(c))
	}
	return codes
}

// LastCode returns the code last delivered to a user, the zero Code if there
// was none. The user is known by what the user signs in with (the name, an
// alias, the address in a pool with UsernameAttributes) and by the sub.
// LastCode panics if there is no such user. Delivery is synchronous: the code
// is there before the response that announces it.
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

// TOTP returns what the user's authenticator app shows at the pool's time. The
// user is known by the same names as in [Pool.LastCode]. TOTP panics if there
// is no such user, and if the user has no app. A code works once: between two
// sign-ins the clock has to move on by 30 seconds. While an app is being set up, its
// code comes from the new key: GenerateCode of github.com/pquerna/otp/totp makes it.
func (p *Pool) TOTP(username string) string {
	p.state.Lock()
	defer p.state.Unlock()
	u := p.mustLookUp("TOTP", username)
	if u.TOTP == nil {
		panic(fmt.Sprintf("cognitotest: TOTP: user %q has no TOTP secret", username))
	}
	return u.TOTP.Shown(p.state.Now())
}

// ForgetDevice makes the pool forget a device of the user of that name (or
// alias), as an administrator would. It says whether there was such a device.
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

// ExpireSessions ends every sign-in under way: answers get NotAuthorized.
func (p *Pool) ExpireSessions() {
	p.state.Lock()
	defer p.state.Unlock()
	p.state.Sessions.Expire(p.state.Now())
}
