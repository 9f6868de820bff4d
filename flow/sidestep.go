package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/secret"
)

// sideStep is what a challenge needs besides its one request.
type sideStep struct {
	// received runs when the challenge has come, before anyone is asked.
	received func(context.Context, *signIn, *challenge.Challenge) error

	// answering runs before the answer is sent and may change it. A reply
	// takes the place of sending it.
	answering func(context.Context, *signIn, *request) (*reply, error)
}

var sideSteps map[challenge.Name]sideStep

func init() { // a variable's own initializer may not refer to itself through signIn
	sideSteps = map[challenge.Name]sideStep{
		challenge.SelectChallenge: {answering: addChosen},
		challenge.PasswordSRP:     {answering: addPublic},
		challenge.MFASetup:        {received: associate, answering: verify},
	}
}

// addChosen sends along with a choice what the chosen challenge would ask for
// next, where it is a password and a handler knows it.
func addChosen(ctx context.Context, s *signIn, r *request) (*reply, error) {
	switch chosen := challenge.Name(r.params["ANSWER"]); chosen {
	case challenge.Password, challenge.PasswordSRP:
		if chosen == challenge.Password {
			s.allowPassword()
		}
		if err := s.addResponses(ctx, r, chosen); err != nil && !errors.Is(err, challenge.ErrNoAnswer) {
			return nil, err
		}
	}
	return nil, nil
}

// addPublic sends what begins the proof of a password that was given as the
// answer to PASSWORD_SRP.
func addPublic(ctx context.Context, s *signIn, r *request) (*reply, error) {
	if r.params["SRP_A"] != "" {
		return nil, nil
	}
	return nil, s.addResponses(ctx, r, challenge.PasswordSRP)
}

// associate gets the secret for the user's authenticator app, unless the user
// has a choice to make first.
func associate(ctx context.Context, s *signIn, c *challenge.Challenge) error {
	choices, err := c.Choices()
	if err != nil || choices == nil {
		return nil // what the user can set up is not known: ask
	}
	app := slices.Contains(choices, challenge.SoftwareTokenMFA)
	email := slices.Contains(choices, challenge.EmailOTP)
	switch {
	case !app && !email:
		return fmt.Errorf("the choices %q have neither an authenticator app nor an e-mail address, and a sign-in cannot set up SMS_MFA; set the phone number of the user, or allow an authenticator app", choices)
	case email:
		return nil
	}
	api, err := softwareToken(s)
	if err != nil {
		return err
	}
	out, err := api.AssociateSoftwareToken(ctx, &cip.AssociateSoftwareTokenInput{Session: optional(s.session)}, s.options.APIOptions...)
	if err != nil {
		return err
	}
	c.TOTPSecret = secret.New(aws.ToString(out.SecretCode))
	s.keepSession(out.Session)
	return nil
}

// verify turns an answer to MFA_SETUP into what the service is to be told.
func verify(ctx context.Context, s *signIn, r *request) (*reply, error) {
	params := maps.Clone(r.params)
	r.params = params
	if choice, ok := params["ANSWER"]; ok {
		// Only the user and the driver know of the choice: the same challenge
		// comes again, for the chosen method alone.
		list, err := json.Marshal([]string{choice})
		return &reply{
			challenge: types.ChallengeNameType(r.challenge),
			params:    map[string]string{"MFAS_CAN_SETUP": string(list)},
		}, err
	}
	code, ok := params["UserCode"]
	if !ok {
		return nil, nil
	}
	delete(params, "UserCode")
	api, err := softwareToken(s)
	if err != nil {
		return nil, err
	}
	out, err := api.VerifySoftwareToken(ctx, &cip.VerifySoftwareTokenInput{
		Session: optional(s.session), UserCode: aws.String(code),
	}, s.options.answerOptions()...)
	if err != nil {
		return nil, err
	}
	if out.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		return nil, &types.EnableSoftwareTokenMFAException{
			Message: aws.String(fmt.Sprintf("VerifySoftwareToken ended with status %q", out.Status)),
		}
	}
	s.keepSession(out.Session)
	return nil, nil
}

func softwareToken(s *signIn) (SoftwareTokenAPI, error) {
	api, ok := s.api.(SoftwareTokenAPI)
	if !ok {
		return nil, fmt.Errorf("it needs AssociateSoftwareToken and VerifySoftwareToken, which %T does not have", s.api)
	}
	return api, nil
}
