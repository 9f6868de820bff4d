package cognitotest

import (
	"slices"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

type deliveryDetails struct{ Destination, DeliveryMedium, AttributeName string }

type signUpInput struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	Password          string `model:"Password"`
	SecretHash        string
	UserAttributes    []listedAttribute
	ValidationData    []listedAttribute
	ClientMetadata    map[string]string
	AnalyticsMetadata *analyticsMetadata
	UserContextData   *userContextData
}

type signUpOutput struct {
	UserConfirmed       bool
	UserSub             string
	CodeDeliveryDetails *deliveryDetails `json:",omitempty"`
	Session             string
}

// The names by which codes and sessions of the sign-up and of the change of a
// forgotten password are known; those of sign-ins are named after challenges.
const (
	purposeSignUp         = "ConfirmSignUp"
	purposeSignedUp       = "InitiateAuth after ConfirmSignUp"
	purposeForgotPassword = "ConfirmForgotPassword"
)

func signUp(c *call, in *signUpInput) (*signUpOutput, error) {
	p := c.pool
	if err := c.client.checkSecretHash(in.SecretHash, in.Username); err != nil {
		return nil, err
	}
	attributes := make(map[string]string)
	for _, a := range in.UserAttributes {
		if err := checkWritable(a.Name); err != nil {
			return nil, err
		}
		attributes[a.Name] = a.Value
	}
	for _, name := range p.requiredAttributes {
		if attributes[name] == "" {
			return nil, exception.InvalidParameter("Attributes did not conform to the schema: %s: The attribute is required", name)
		}
	}
	u := &user{name: in.Username, id: random.UUID(), attributes: attributes, unconfirmed: true, created: p.now(), modified: p.now()}
	if err := p.nameSignUp(u); err != nil {
		return nil, err
	}
	if in.Password == "" && !slices.ContainsFunc(p.allowedFirstFactors, func(f string) bool { return f != "PASSWORD" }) {
		return nil, exception.MissingParameter("Password") // there is nothing else to sign in with
	}
	if in.Password != "" {
		if err := p.checkNewPassword(u, in.Password); err != nil {
			return nil, err
		}
		p.setPassword(u, in.Password, false, srp.NewSalt())
	}
	p.index(u)
	details, err := c.sendPurposeCode(u, purposeSignUp)
	if err != nil {
		details = nil // without an address only an administrator can confirm
	}
	return &signUpOutput{
		UserSub: u.id, CodeDeliveryDetails: details,
		Session: c.pool.openSession(session{challenge: purposeSignUp, signIn: signIn{client: c.client, user: u, typed: in.Username}}),
	}, nil
}

// nameSignUp settles the name of a new user. Where addresses are aliases, a name
// may not have the form of one. Where addresses are user names, it must.
func (p *userPool) nameSignUp(u *user) error {
	form := addressAttribute(u.name)
	switch {
	case len(p.usernameAttributes) > 0 && !slices.Contains(p.usernameAttributes, form):
		return exception.InvalidParameter("Username should be %s.", addressForms(p.usernameAttributes))
	case form != "" && slices.Contains(p.aliasAttributes, form):
		return exception.InvalidParameter("Username cannot be of %s format, since user pool is configured for %s alias.", form, form)
	}
	if len(p.usernameAttributes) > 0 {
		if other := u.attributes[form]; other != "" && other != u.name {
			return exception.InvalidParameter("Attribute %s is not the username.", form)
		}
		u.attributes[form], u.name = u.name, u.id
	}
	name, ok := p.taken(u)
	switch {
	case !ok:
		return nil
	case len(p.usernameAttributes) > 0:
		return exception.New("UsernameExistsException", "An account with the given %s already exists.", addressAttribute(name.text))
	}
	return exception.New("UsernameExistsException", "User already exists")
}

func addressForms(attributes []string) string {
	switch {
	case len(attributes) > 1:
		return "either an email or a phone number"
	case attributes[0] == "email":
		return "an email"
	}
	return "a phone number"
}

type confirmSignUpInput struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	ConfirmationCode  string `model:"required"`
	SecretHash        string
	Session           string `model:"Session"`
	ClientMetadata    map[string]string
	AnalyticsMetadata *analyticsMetadata
	UserContextData   *userContextData
}

type confirmSignUpOutput struct {
	Session string `json:",omitempty"`
}

func confirmSignUp(c *call, in *confirmSignUpInput) (*confirmSignUpOutput, error) {
	p := c.pool
	u, err := c.findForCode(in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if !u.ghost && !u.unconfirmed {
		return nil, exception.NotAuthorized("User cannot be confirmed. Current status is CONFIRMED")
	}
	if in.Session != "" {
		opened, err := p.openedSession(in.Session, purposeSignUp)
		if err != nil {
			return nil, err
		}
		if opened.Value.signIn.user != u || opened.Value.signIn.client != c.client {
			return nil, exception.InvalidSession()
		}
	}
	sent := u.purposeCodes[purposeSignUp]
	if err := sent.use(in.ConfirmationCode, wrongVerificationCode); err != nil {
		return nil, err
	}
	if err := p.verifyAddress(u, sent.by); err != nil {
		sent.used = false
		return nil, err
	}
	u.unconfirmed = false
	if in.Session == "" {
		return &confirmSignUpOutput{}, nil
	}
	p.spendSession(in.Session)
	return &confirmSignUpOutput{
		Session: c.pool.openSession(session{challenge: purposeSignedUp, signIn: signIn{client: c.client, user: u, typed: in.Username}}),
	}, nil
}

// enterFromSignUp lets a user sign in with the session that ConfirmSignUp
// returned, once.
func (c *call) enterFromSignUp(si *signIn) error {
	opened, err := c.pool.openedSession(si.opened, purposeSignedUp)
	if err != nil {
		return err
	}
	if opened.Value.signIn.user != si.user || opened.Value.signIn.client != c.client {
		return exception.InvalidSession()
	}
	c.pool.spendSession(si.opened)
	si.passed(purposeSignUp)
	return nil
}

// codeRequest has the members of the operations that send a code to a user
// who is not signed in.
type codeRequest struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	SecretHash        string
	ClientMetadata    map[string]string
	AnalyticsMetadata *analyticsMetadata
	UserContextData   *userContextData
}

type codeOutput struct{ CodeDeliveryDetails *deliveryDetails }

func resendConfirmationCode(c *call, in *codeRequest) (*codeOutput, error) {
	u, err := c.findForCode(in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if !u.ghost && !u.unconfirmed {
		return nil, exception.InvalidParameter("User is already confirmed.")
	}
	details, err := c.sendPurposeCode(u, purposeSignUp)
	return &codeOutput{details}, err
}

func forgotPassword(c *call, in *codeRequest) (*codeOutput, error) {
	u, err := c.findForCode(in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if u.disabled {
		return nil, exception.NotAuthorized("User is disabled.")
	}
	details, err := c.sendPurposeCode(u, purposeForgotPassword)
	return &codeOutput{details}, err
}

type confirmForgotPasswordInput struct {
	ClientId          string `model:"required,ClientId"`
	Username          string `model:"required,Username"`
	ConfirmationCode  string `model:"required"`
	Password          string `model:"required,Password"`
	SecretHash        string
	ClientMetadata    map[string]string
	AnalyticsMetadata *analyticsMetadata
	UserContextData   *userContextData
}

func confirmForgotPassword(c *call, in *confirmForgotPasswordInput) (*noOutput, error) {
	u, err := c.findForCode(in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	if err := c.pool.checkNewPassword(u, in.Password); err != nil {
		return nil, err
	}
	if err := u.purposeCodes[purposeForgotPassword].use(in.ConfirmationCode, wrongVerificationCode); err != nil {
		return nil, err
	}
	c.pool.setPassword(u, in.Password, false, srp.NewSalt())
	u.resetRequired = false
	c.pool.forgiveFailures(u)
	return &noOutput{}, nil
}

// findForCode finds the user of an operation outside of a sign-in. A made-up
// user gets no code, and so knows none.
func (c *call) findForCode(name, hash string) (*user, error) {
	if err := c.client.checkSecretHash(hash, name); err != nil {
		return nil, err
	}
	return c.findUser(name, "Username/client id combination not found.")
}

// wrongVerificationCode is what is said of a code outside of a sign-in.
const wrongVerificationCode = "Invalid verification code provided, please try again."

// sendPurposeCode sends a code for an operation outside of a sign-in, to the
// first address that the user has. Only the last such code is good.
func (c *call) sendPurposeCode(u *user, purpose string) (*deliveryDetails, error) {
	by := emailDelivery
	if u.attributes["email"] == "" && !u.ghost {
		by = smsDelivery
	}
	sent, err := c.deliver(u, purpose, by, codeDigits)
	if err != nil {
		return nil, err
	}
	if u.purposeCodes == nil {
		u.purposeCodes = make(map[string]*sentCode)
	}
	u.purposeCodes[purpose] = &sentCode{code: sent.Code, by: by} // a made-up user is gone with the call
	return &deliveryDetails{Destination: sent.Masked, DeliveryMedium: sent.Medium, AttributeName: by.attribute}, nil
}
