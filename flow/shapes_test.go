package flow_test

import (
	"errors"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/vectors"
	"github.com/cognitoflow/cognitoflow/secret"
)

// verifierParams returns parameters of PASSWORD_VERIFIER with changes.
func verifierParams(change map[string]string) map[string]string {
	params := map[string]string{
		"SALT": "7a", "SRP_B": "5", "SECRET_BLOCK": "c2VjcmV0", "USER_ID_FOR_SRP": userID, "USERNAME": username,
	}
	maps.Copy(params, change)
	return params
}

// TestBadShapes has a service send replies that no sign-in can go on from.
func TestBadShapes(t *testing.T) {
	n := vectors.Load(t).Group.N
	cases := map[string]struct {
		reply fakeReply
		says  []string
	}{
		"neither tokens nor a challenge": {fakeReply{}, []string{"InitiateAuth", "neither tokens nor a challenge"}},
		"no USER_ID_FOR_SRP":             {proofReply("USER_ID_FOR_SRP", ""), []string{"PASSWORD_VERIFIER", "USER_ID_FOR_SRP"}},
		"no SRP_B":                       {proofReply("SRP_B", ""), []string{"SRP_B"}},
		"SRP_B = 0":                      {proofReply("SRP_B", "000"), []string{"SRP_B"}},
		"SRP_B = N":                      {proofReply("SRP_B", n), []string{"SRP_B"}},
		"SRP_B is not hexadecimal":       {proofReply("SRP_B", "0x5"), []string{"SRP_B"}},
		"SRP_B is endless":               {proofReply("SRP_B", strings.Repeat("7", 1<<16)), []string{"SRP_B"}},
		"no SALT":                        {proofReply("SALT", ""), []string{"SALT"}},
		"SALT is not hexadecimal":        {proofReply("SALT", "salty"), []string{"SALT"}},
		"SECRET_BLOCK is not base64":     {proofReply("SECRET_BLOCK", "*"), []string{"SECRET_BLOCK"}},
		"nothing that can be set up": {fakeReply{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": `["SMS_MFA"]`}},
			[]string{"MFA_SETUP", "SMS_MFA"}},
		"no operations to set up an app": {fakeReply{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}},
			[]string{"MFA_SETUP", "AssociateSoftwareToken"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			api := &fakeAPI{replies: []fakeReply{c.reply}}
			step, err := api.driver(t).Start(t.Context(), srpAuth(username))
			var e *flow.Error
			if !errors.As(err, &e) || e.Prompt != nil || step != (flow.Step{}) {
				t.Fatalf("got %v, want a flow.Error", err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if len(err.Error()) > 500 || strings.Contains(err.Error(), password) {
				t.Errorf("the error has %d bytes, or contains the password", len(err.Error()))
			}
		})
	}
}

func proofReply(key, value string) fakeReply {
	return fakeReply{challenge: challenge.PasswordVerifier, params: verifierParams(map[string]string{key: value})}
}

func TestTokensWithoutAccessToken(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{{tokens: true, empty: true}}}
	if _, err := api.driver(t).SignIn(t.Context(), srpAuth(username), nil); err == nil || !strings.Contains(err.Error(), "access token") {
		t.Errorf("got %v", err)
	}
}

// If a parameter is not valid JSON, the method that reads the parameter returns an error with
// its name. The challenge can be answered.
func TestParametersThatAreNoJSON(t *testing.T) {
	read := func(_ any, err error) error { return err }
	cases := []struct {
		name      challenge.Name
		parameter string
		read      func(challenge.Challenge) error
		answer    challenge.Answer
	}{
		{challenge.SelectMFAType, "MFAS_CAN_CHOOSE", func(c challenge.Challenge) error { return read(c.Choices()) }, challenge.Choose(challenge.SMSMFA)},
		{challenge.MFASetup, "MFAS_CAN_SETUP", func(c challenge.Challenge) error { return read(c.Choices()) }, challenge.Email(email)},
		{challenge.NewPasswordRequired, "requiredAttributes", func(c challenge.Challenge) error { return read(c.RequiredAttributes()) }, challenge.NewPassword("n", nil)},
		{challenge.NewPasswordRequired, "userAttributes", func(c challenge.Challenge) error { return read(c.UserAttributes()) }, challenge.NewPassword("n", nil)},
		{challenge.WebAuthn, "CREDENTIAL_REQUEST_OPTIONS", func(c challenge.Challenge) error { return read(c.CredentialRequest()) }, challenge.Credential([]byte("{}"))},
	}
	for _, c := range cases {
		for _, garbage := range []string{`[`, `["SMS_MFA"`, `{"a":`, "SMS_MFA", "\x00", strings.Repeat("[", 1<<14), `[[1]]x`} {
			api := &fakeAPI{replies: []fakeReply{{challenge: c.name, params: map[string]string{c.parameter: garbage}}, {tokens: true}}}
			d := api.driver(t)
			step, err := d.Start(t.Context(), srpAuth(username))
			if err != nil {
				t.Errorf("%s = %.20q: %v", c.parameter, garbage, err)
				continue
			}
			asked := step.Prompt.Challenge()
			if err := c.read(asked); err == nil || !strings.Contains(err.Error(), c.parameter) || len(err.Error()) > 300 {
				t.Errorf("%s = %.20q: got %v", c.parameter, garbage, err)
			}
			if asked.Parameters[c.parameter] != garbage {
				t.Errorf("the raw parameter %s is not kept", c.parameter)
			}
			if step, err := d.Respond(t.Context(), step.Prompt, c.answer); err != nil || step.Tokens == nil {
				t.Errorf("%s = %.20q: the answer: %v", c.parameter, garbage, err)
			}
		}
	}
}

// A sign-in ends at a limit if a pool asks, or a handler answers, without end.
func TestLoopsAreCapped(t *testing.T) {
	custom := fakeReply{challenge: challenge.CustomChallenge}
	answer := answering(challenge.Custom("again"))
	t.Run("answered by a person", func(t *testing.T) {
		api := &fakeAPI{replies: []fakeReply{custom}}
		_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answer)
		if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "500 answers") || len(api.sent) != 501 {
			t.Errorf("%d requests, then %v", len(api.sent), err)
		}
	})
	t.Run("answered by machines", func(t *testing.T) {
		api := &fakeAPI{replies: []fakeReply{custom}}
		d := api.driver(t, func(o *flow.Options) {
			o.Handlers, o.Limits = challenge.Mux{challenge.CustomChallenge: answer}, flow.Limits{Answers: 20}
		})
		_, err := d.Start(t.Context(), srpAuth(username))
		if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "20 answers") || len(api.sent) != 21 {
			t.Errorf("%d requests, then %v", len(api.sent), err)
		}
	})
	t.Run("choices that are not sent", func(t *testing.T) {
		for _, list := range []string{`["EMAIL_OTP"]`, `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`} {
			api := &fakeAPI{replies: []fakeReply{{challenge: challenge.MFASetup, params: map[string]string{"MFAS_CAN_SETUP": list}}}}
			_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), answering(challenge.Choose(challenge.EmailOTP)))
			if !errors.Is(err, flow.LimitReached) || !strings.Contains(err.Error(), "500 answers") || len(api.sent) != 1 {
				t.Errorf("%s: %d requests, then %v", list, len(api.sent), err)
			}
		}
	})
	t.Run("passwords in a sign-in that begins again", func(t *testing.T) {
		verify, choose := proofReply("SALT", "7a"), fakeReply{challenge: challenge.SelectChallenge}
		lost := fakeReply{err: io.ErrUnexpectedEOF}
		api := &fakeAPI{replies: []fakeReply{verify, choose, verify, lost, verify, choose, verify}}
		another := answering(challenge.CurrentPassword(challenge.PasswordSRP, "another password"))
		_, err := api.driver(t).SignIn(t.Context(), srpAuth(username), another)
		proofs := 0
		for _, q := range api.sent {
			if q.challenge == challenge.PasswordVerifier {
				proofs++
			}
		}
		// The first password is proved before and after the restart. The other password is proved
		// once.
		if !errors.Is(err, flow.LimitReached) || proofs != 3 {
			t.Errorf("%d proofs, then %v", proofs, err)
		}
	})
	t.Run("a proof is made once", func(t *testing.T) { // a second proof would let the peer test another password
		api := &fakeAPI{replies: []fakeReply{proofReply("SALT", "7a")}}
		_, err := api.driver(t).Start(t.Context(), srpAuth(username))
		if !errors.Is(err, flow.LimitReached) && !errors.Is(err, flow.NoAnswer) || len(api.sent) != 2 {
			t.Errorf("%d requests, then %v", len(api.sent), err)
		}
	})
}

// If Start got the password, the answer to SELECT_CHALLENGE carries the password or the proof,
// in the same call only.
func TestPasswordGivenAtTheStart(t *testing.T) {
	choice := fakeReply{challenge: challenge.SelectChallenge, available: []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD"}}
	for _, c := range []struct {
		chosen challenge.Name
		key    string
	}{{challenge.Password, "PASSWORD"}, {challenge.PasswordSRP, "SRP_A"}} {
		api := &fakeAPI{replies: []fakeReply{choice, {tokens: true}}}
		f := flow.UserAuth{Username: username, Password: secret.New(password)}
		if _, err := api.driver(t).SignIn(t.Context(), f, answering(challenge.Choose(c.chosen))); err != nil {
			t.Fatal(err)
		}
		if api.sent[0].params[c.key] != "" || api.sent[1].params[c.key] == "" || api.sent[1].params["ANSWER"] != string(c.chosen) {
			t.Errorf("%s: sent %q", c.chosen, api.sent)
		}
	}
}

// If a reply has no session, the next answer has the session of the reply before.
func TestSessionsAreKept(t *testing.T) {
	api := &fakeAPI{replies: []fakeReply{proofReply("SALT", "7a"), {challenge: challenge.SMSMFA, noSession: true}, {tokens: true}}}
	d := api.driver(t)
	step, err := d.Start(t.Context(), srpAuth(username))
	if err == nil {
		_, err = d.Respond(t.Context(), step.Prompt, challenge.Code("123456"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if first := api.sent[1].session; first == "" || api.sent[2].session != first {
		t.Errorf("sent sessions %q, then %q", first, api.sent[2].session)
	}
}
