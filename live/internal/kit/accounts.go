package kit

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// accountQuestions are about users who sign up, and about their addresses. The kit does not record
// them, because a replay has one user from the start.
func accountQuestions() []Probe {
	return []Probe{
		{
			Name: "confirmed-addresses", Title: "email_verified after AdminConfirmSignUp", Row: "addresses after AdminConfirmSignUp", Users: 2,
			setting: signingUp, ask: confirmedAddresses,
		},
		{
			Name: "pre-sign-up-address", Title: "PreSignUp that verifies a missing phone number",
			Row: "PreSignUp that verifies an address nobody gave", Needs: []string{Lambda}, Users: 2, setting: signingUpLed,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				_, _, err := sc.signUp(ctx, map[string]string{plan: confirmIt + " " + verifyPhone})
				return sc.exceptionOr(err, "accepted"), ctx.Err()
			},
		},
		{
			Name: "post-confirmation-fails", Title: "PostConfirmation that fails, and the user afterwards",
			Row: "PostConfirmation that fails", Needs: []string{Lambda}, Users: 2, setting: signingUpLed,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				p, _, err := sc.signUp(ctx, map[string]string{plan: confirmIt + " " + failAfter})
				told := sc.exceptionOr(err, "accepted")
				status, err := sc.status(ctx, p)
				return joined(told, "the user is "+status), err
			},
		},
		{
			Name: "verify-wrong-code", Title: "a wrong code in VerifyUserAttribute, and the right one afterwards",
			Row: "a wrong code in VerifyUserAttribute", Needs: []string{Mailbox}, Users: 1, setting: withMailbox, ask: verifyWrongCode,
		},
		{
			Name: "verify-changed", Title: "ConfirmSignUp with a code for an address that has changed since",
			Row: "a code for an address that has changed since", Needs: []string{Mailbox}, Users: 2, setting: signingUp, ask: verifyChanged,
		},
		{
			Name: "verify-again", Title: "GetUserAttributeVerificationCode of a verified address",
			Row: "GetUserAttributeVerificationCode of a verified address", Needs: []string{Mailbox}, Users: 1, setting: withMailbox,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				_, err := sc.askToVerify(ctx)
				return sc.exceptionOr(err, "sends a code"), ctx.Err()
			},
		},
		{
			Name: "level-after-sign-up", Title: "TARGET_ACR_VALUES with the session of ConfirmSignUp",
			Row: "TARGET_ACR_VALUES with the session of ConfirmSignUp", Needs: []string{Mailbox}, Users: 2, setting: signingUp,
			ask: func(ctx context.Context, sc *Scene) (string, error) {
				session, err := sc.signedUp(ctx)
				if err != nil {
					return "the sign-up: " + sc.describe(err), ctx.Err()
				}
				return sc.reached(sc.stage.InitiateAuth(ctx, &cip.InitiateAuthInput{
					ClientId: &sc.clientID, AuthFlow: types.AuthFlowTypeUserAuth, Session: &session,
					AuthParameters: map[string]string{"USERNAME": sc.user.name, "TARGET_ACR_VALUES": flow.Level1},
				})), ctx.Err()
			},
		},
	}
}

// signingUp lets users sign up.
func signingUp(c *cognitotest.PoolConfig) { c.AdminCreatesUsers = false }

// signingUpLed lets users sign up, with triggers.
func signingUpLed(c *cognitotest.PoolConfig) {
	signingUp(c)
	all := Triggers()
	c.Triggers.PreSignUp, c.Triggers.PostConfirmation = all.PreSignUp, all.PostConfirmation
}

// withMailbox gives the user a verified address.
func withMailbox(c *cognitotest.PoolConfig) { withVerified(&c.Users[0], "email", madeUpEmail) }

// signUp signs a new user up, with an address and further attributes.
func (sc *Scene) signUp(ctx context.Context, more map[string]string) (person, *cip.SignUpOutput, error) {
	p := sc.another()
	in := &cip.SignUpInput{ClientId: &sc.clientID, Username: &p.name, Password: &p.password}
	attributes := map[string]string{"email": p.email}
	maps.Copy(attributes, more)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: &name, Value: aws.String(attributes[name])})
	}
	out, err := sc.stage.SignUp(ctx, in)
	if err != nil {
		return p, nil, err
	}
	return p, out, nil
}

// signedUp signs a new user up and confirms the user, who becomes the user of the scene. The
// session is for a sign-in.
func (sc *Scene) signedUp(ctx context.Context) (string, error) {
	sc.unrecordable("the user of a replay is there from the start")
	p, out, err := sc.signUp(ctx, nil)
	if err != nil {
		return "", err
	}
	code, err := sc.delivered(ctx, p.email, false, false)
	if err != nil {
		return "", err
	}
	done, err := sc.stage.ConfirmSignUp(ctx, &cip.ConfirmSignUpInput{
		ClientId: &sc.clientID, Username: &p.name, ConfirmationCode: &code, Session: out.Session,
	})
	if err != nil {
		return "", err
	}
	sc.user = p
	return aws.ToString(done.Session), nil
}

// status returns the status of a user, or a text that there is no such user.
func (sc *Scene) status(ctx context.Context, p person) (string, error) {
	out, err := sc.stage.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: &sc.poolID, Username: &p.name})
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	return string(out.UserStatus), nil
}

func confirmedAddresses(ctx context.Context, sc *Scene) (string, error) {
	p, _, err := sc.signUp(ctx, nil)
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	if _, err := sc.stage.AdminConfirmSignUp(ctx, &cip.AdminConfirmSignUpInput{UserPoolId: &sc.poolID, Username: &p.name}); err != nil {
		return sc.describe(err), ctx.Err()
	}
	out, err := sc.stage.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: &sc.poolID, Username: &p.name})
	if err != nil {
		return "", err
	}
	verified := slices.ContainsFunc(out.UserAttributes, func(a types.AttributeType) bool {
		return aws.ToString(a.Name) == "email_verified" && aws.ToString(a.Value) == "true"
	})
	return "the address is verified: " + yes(verified), nil
}

// askToVerify makes the service send a code to the address of the user, and returns the access token.
func (sc *Scene) askToVerify(ctx context.Context) (*string, error) {
	t, err := sc.byPassword(ctx)
	if err != nil {
		return nil, err
	}
	sc.unrecordable("no replay verifies addresses")
	_, err = sc.stage.GetUserAttributeVerificationCode(ctx, &cip.GetUserAttributeVerificationCodeInput{
		AccessToken: t.AccessToken, AttributeName: aws.String("email"),
	})
	return t.AccessToken, err
}

func verifyWrongCode(ctx context.Context, sc *Scene) (string, error) {
	token, err := sc.askToVerify(ctx)
	if err != nil {
		return "the code: " + sc.describe(err), ctx.Err()
	}
	var told [2]string
	for i, wrong := range []bool{true, false} {
		code, err := sc.delivered(ctx, sc.user.email, wrong, i > 0)
		if err != nil {
			return "", err
		}
		_, err = sc.stage.VerifyUserAttribute(ctx, &cip.VerifyUserAttributeInput{AccessToken: token, AttributeName: aws.String("email"), Code: &code})
		told[i] = sc.exceptionOr(err, "accepted")
	}
	return joined(told[0], "then the right code: "+told[1]), ctx.Err()
}

func verifyChanged(ctx context.Context, sc *Scene) (string, error) {
	p, _, err := sc.signUp(ctx, nil)
	if err != nil {
		return sc.describe(err), ctx.Err()
	}
	code, err := sc.delivered(ctx, p.email, false, false)
	if err != nil {
		return "", err
	}
	if _, err := sc.stage.AdminUpdateUserAttributes(ctx, &cip.AdminUpdateUserAttributesInput{
		UserPoolId: &sc.poolID, Username: &p.name,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(p.name + "@example.com")}},
	}); err != nil {
		return "", err
	}
	_, err = sc.stage.ConfirmSignUp(ctx, &cip.ConfirmSignUpInput{ClientId: &sc.clientID, Username: &p.name, ConfirmationCode: &code})
	return sc.exceptionOr(err, "accepted"), ctx.Err()
}
