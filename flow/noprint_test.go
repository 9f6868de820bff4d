package flow_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/device"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/internal/printing"
	"github.com/cognitoflow/cognitoflow/secret"
)

const hushed = printing.Hushed

// secretive returns a value of each exported type that can hold a secret.
func secretive(t *testing.T) map[string]any {
	t.Helper()
	s := secret.New(hushed)
	app := flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: s}
	api := &echoAPI{}
	driver, err := flow.New(api, app)
	if err != nil {
		t.Fatal(err)
	}
	api.next = challenge.MFASetup
	step, err := driver.Start(t.Context(), flow.UserSRPAuth{Username: username, Password: s})
	if err != nil {
		t.Fatal(err)
	}
	api.next = ""
	_, refused := driver.Respond(t.Context(), step.Prompt, challenge.Code(hushed))
	var e *flow.Error
	if !errors.As(refused, &e) {
		t.Fatalf("got %v", refused)
	}
	tokens := flow.Tokens{AccessToken: s, IDToken: s, RefreshToken: s, Username: username}
	responses, err := step.Prompt.Challenge().Responses(challenge.Code(hushed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := step.Prompt.Challenge().Responses(challenge.Raw(map[string]string{hushed: hushed}))
	if err != nil {
		t.Fatal(err)
	}
	_, misfit := step.Prompt.Challenge().Responses(challenge.NewPassword(hushed, map[string]string{hushed: hushed}))
	return map[string]any{
		"AnswerError": printing.Nest(misfit),
		"Responses":   printing.Nest(responses), "Responses of Raw": printing.Nest(raw),
		"App": printing.Nest(app), "UserSRPAuth": printing.Nest(flow.UserSRPAuth{Password: s}), "UserPasswordAuth": printing.Nest(flow.UserPasswordAuth{Password: s}),
		"AdminUserPasswordAuth": printing.Nest(flow.AdminUserPasswordAuth{Password: s}), "CustomAuth": printing.Nest(flow.CustomAuth{Password: s}),
		"UserAuth": printing.Nest(flow.UserAuth{Password: s, Session: s}), "RefreshTokenAuth": printing.Nest(flow.RefreshTokenAuth{RefreshToken: s}),
		"AuthFlow": printing.Nest[flow.AuthFlow](flow.UserSRPAuth{Password: s}), "Driver": printing.Nest(driver), "DeviceList": printing.Nest(driver.DeviceList(&tokens)),
		"Step": printing.Nest(step), "Prompt": printing.Nest(step.Prompt), "Prompt value": printing.Nest(*step.Prompt), "Error": printing.Nest(e), "Error value": printing.Nest(*e),
		"StepUp": printing.Nest(flow.StepUp{From: &tokens}), "UserAuth with StepUp": printing.Nest(flow.UserAuth{StepUp: &flow.StepUp{From: &tokens}}),
		"Call":    printing.Nest(hiding(t, driver, s)),
		"Outcome": printing.Nest(flow.Outcome{Asked: challenge.MFASetup, Err: e}), "Tokens": printing.Nest(tokens), "TokenSource": printing.Nest(driver.TokenSource(&tokens)),
		"Challenge": printing.Nest(step.Prompt.Challenge()), "Answer": printing.Nest(challenge.Code(hushed)),
		"Answer NewPassword": printing.Nest(challenge.NewPassword(hushed, map[string]string{"name": hushed})),
		"Answer Raw":         printing.Nest(challenge.Raw(map[string]string{hushed: hushed})),
		"Answer Current":     printing.Nest(challenge.CurrentPassword(challenge.Password, hushed)),
		"Answer Custom":      printing.Nest(challenge.Custom(hushed)), "Answer Email": printing.Nest(challenge.Email(hushed)),
		"Answer Credential": printing.Nest(challenge.Credential([]byte(hushed))),
		"Mux":               printing.Nest(challenge.PasswordHandlers(app.UserPoolID, s, nil)),
		"Mux of devices":    printing.Nest(challenge.DeviceHandlers(device.Credentials{Key: "k", GroupKey: "g", Password: s}, nil)),
	}
}

func hiding(t *testing.T, d *flow.Driver, s secret.String) (made *flow.Call) {
	err := d.Call(t.Context(), "GetUser", func(ctx context.Context, c *flow.Call) error {
		made = c
		c.Hide(s)
		_, err := c.SecretHash(ctx, username)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// holdsNothing are the exported types that cannot hold a secret: names, interfaces, functions,
// and settings that the caller sends openly.
var holdsNothing = strings.Fields(`API AdminAPI DeviceAPI AdminDeviceAPI SoftwareTokenAPI TokenAPI Decision DeviceOutcome DeviceState PanicError Remedy Code Hint By Limits Options
	SourceOptions Observer Operation OperationKind Name Delivery Handler HandlerFunc`)

func TestSecretsDoNotPrint(t *testing.T) {
	values := secretive(t)
	for name, v := range values {
		for way, text := range printing.Ways(v) {
			if printing.Leaks(text) {
				t.Errorf("the secret in %s is printed by %s", name, way)
			}
		}
	}
	for _, name := range exportedTypes(t, ".", "../challenge") {
		tested := false
		for value := range values {
			tested = tested || value == name
		}
		for _, other := range holdsNothing {
			tested = tested || other == name
		}
		if !tested {
			t.Errorf("the type %s has no value in secretive, and is not in holdsNothing", name)
		}
	}
}

// exportedTypes returns the exported types in the source of packages.
func exportedTypes(t *testing.T, dirs ...string) []string {
	t.Helper()
	var names []string
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no Go files in %s: %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, declared := range parsed.Decls {
				if d, ok := declared.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, s := range d.Specs {
						if name := s.(*ast.TypeSpec).Name; name.IsExported() {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// echoAPI is a service that repeats the values of a request in its errors.
type echoAPI struct {
	next challenge.Name // the challenge of the next start, "" for an error
}

const echoedSession = hushed + "-session-of-the-echo"

func (a *echoAPI) fail(in ...any) error {
	return &types.InvalidParameterException{Message: aws.String("you sent " + fmt.Sprint(in...))}
}

func (a *echoAPI) InitiateAuth(_ context.Context, in *cip.InitiateAuthInput, _ ...func(*cip.Options)) (*cip.InitiateAuthOutput, error) {
	if a.next == "" {
		return nil, a.fail(in.AuthParameters, aws.ToString(in.Session))
	}
	return &cip.InitiateAuthOutput{
		ChallengeName: types.ChallengeNameType(a.next), Session: aws.String(echoedSession),
		ChallengeParameters: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`},
		AvailableChallenges: []types.ChallengeNameType{"PASSWORD", "PASSWORD_SRP"},
	}, nil
}

func (a *echoAPI) RespondToAuthChallenge(_ context.Context, in *cip.RespondToAuthChallengeInput, _ ...func(*cip.Options)) (*cip.RespondToAuthChallengeOutput, error) {
	return nil, a.fail(in.ChallengeResponses, aws.ToString(in.Session))
}

func (a *echoAPI) AssociateSoftwareToken(context.Context, *cip.AssociateSoftwareTokenInput, ...func(*cip.Options)) (*cip.AssociateSoftwareTokenOutput, error) {
	return &cip.AssociateSoftwareTokenOutput{SecretCode: aws.String(hushed), Session: aws.String(echoedSession)}, nil
}

func (a *echoAPI) VerifySoftwareToken(_ context.Context, in *cip.VerifySoftwareTokenInput, _ ...func(*cip.Options)) (*cip.VerifySoftwareTokenOutput, error) {
	return nil, a.fail(aws.ToString(in.UserCode), aws.ToString(in.Session))
}

// TestErrorsDoNotEcho has the service repeat passwords, codes and sessions. No error may contain
// them.
func TestErrorsDoNotEcho(t *testing.T) {
	api := &echoAPI{}
	driver, err := flow.New(api, flow.App{UserPoolID: "eu-west-1_Fake", ClientID: "app", ClientSecret: secret.New(hushed)})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, err error) {
		t.Helper()
		var e *flow.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "you sent ") {
			t.Errorf("%s: got %v, want the echo", what, err)
			return
		}
		texts := []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), errors.Join(errors.New("a"), err).Error(), fmt.Errorf("b: %w", err).Error()}
		if e.Prompt != nil {
			texts = append(texts, e.Prompt.Challenge().Reason.Error())
		}
		for _, text := range texts {
			if printing.Leaks(text) || strings.Contains(text, "session-of-the-echo") {
				t.Errorf("%s: %q", what, text)
			}
		}
	}
	s := secret.New(hushed)
	for _, f := range []flow.AuthFlow{
		flow.UserPasswordAuth{Username: username, Password: s}, flow.UserAuth{Username: username, Preferred: challenge.Password, Password: s},
		flow.UserAuth{Username: username, Session: s}, flow.RefreshTokenAuth{RefreshToken: s, Username: username},
	} {
		_, err := driver.Start(t.Context(), f)
		check(fmt.Sprintf("%T", f), err)
	}
	answers := map[challenge.Name]challenge.Answer{
		challenge.SMSMFA: challenge.Code(hushed), challenge.EmailOTP: challenge.Code(hushed), challenge.SMSOTP: challenge.Code(hushed),
		challenge.SoftwareTokenMFA: challenge.Code(hushed), challenge.MFASetup: challenge.Code(hushed), challenge.CustomChallenge: challenge.Custom(hushed),
		challenge.NewPasswordRequired: challenge.NewPassword(hushed, map[string]string{"name": hushed}),
		challenge.SelectChallenge:     challenge.CurrentPassword(challenge.Password, hushed),
		challenge.Password:            challenge.CurrentPassword(challenge.Password, hushed), challenge.WebAuthn: challenge.Credential([]byte(`"` + hushed + `"`)),
		"TOMORROW": challenge.Raw(map[string]string{"ANSWER": hushed}),
	}
	for name, answer := range answers {
		api.next = name
		step, err := driver.Start(t.Context(), flow.CustomAuth{Username: username})
		if err != nil {
			t.Fatal(err)
		}
		_, err = driver.Respond(t.Context(), step.Prompt, answer)
		check(string(name), err)
	}
}
