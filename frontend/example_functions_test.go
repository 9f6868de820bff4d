package frontend_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
	"github.com/cognitoflow/cognitoflow/frontend"
	"github.com/cognitoflow/cognitoflow/seal"
	"github.com/cognitoflow/cognitoflow/secret"
)

// A front end shows a form for the members in answerWith.
func ExampleFromChallenge() {
	shown, err := frontend.FromChallenge(challenge.Challenge{Name: challenge.SelectMFAType, Parameters: map[string]string{
		"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`,
	}}, "Big Corp")
	if err != nil {
		log.Fatal(err) // answer with frontend.FromError(err)
	}
	fmt.Println(shown.AnswerWith, shown.Choices)
	// Output: [choice] [SMS_MFA SOFTWARE_TOKEN_MFA]
}

// An answer that does not fit spends no attempt.
func ExampleReadAnswer() {
	c := challenge.Challenge{Name: challenge.EmailOTP} // in a program: prompt.Challenge()

	for _, body := range []string{`{"version":1,"choice":"SMS_MFA"}`, `{"version":1,"code":"123456"}`} {
		answer, err := frontend.ReadAnswer(c, []byte(body))
		if err != nil {
			problem := frontend.FromError(err)
			fmt.Println(problem.Status(), problem.Code, problem.Field)
			continue
		}
		fmt.Println(answer) // for Driver.Respond
	}
	// Output:
	// 422 answer_not_usable choice
	// Code answer
}

// FromError takes any error of a sign-in. Log the error itself.
func ExampleFromError() {
	for _, err := range []error{seal.ErrExpired, seal.ErrForeign, errors.New("the database is down")} {
		problem := frontend.FromError(err)
		body, err := json.Marshal(problem)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(problem.Status(), string(body))
	}
	// Output:
	// 403 {"version":1,"code":"session_ended","remedy":"start_again","answerable":false}
	// 403 {"version":1,"code":"seal_refused","remedy":"start_again","answerable":false}
	// 500 {"version":1,"code":"internal","answerable":false}
}

// The first request of a sign-in. The reply has the challenge and the sealed prompt.
func ExampleNewReply() {
	driver, stop := exampleDriver()
	defer stop()
	sealer, err := seal.New(driver.App(), [][]byte{make([]byte, seal.KeySize)}, // a real key is random
		func(o *seal.Options) { o.Now = driver.Now })
	if err != nil {
		log.Fatal(err)
	}
	signIn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		step, err := driver.Start(r.Context(), flow.UserSRPAuth{Username: "ada", Password: secret.New(r.FormValue("password"))})
		reply, err := frontend.NewReply(step, err, "Big Corp", func(p *flow.Prompt) (string, error) {
			return sealer.Prompt(p, []byte("ID of this browser session"))
		})
		if err != nil {
			fmt.Println("for the log:", errors.Is(err, flow.WrongCredentials))
		}
		w.WriteHeader(reply.Status())
		if err := json.NewEncoder(w).Encode(reply); err != nil {
			log.Print(err)
		}
	})

	for _, password := range []string{"wrong", "Correct-Horse-7!"} {
		w := httptest.NewRecorder()
		signIn.ServeHTTP(w, httptest.NewRequest("POST", "/?password="+password, nil))
		var reply struct {
			Prompt           string
			Challenge, Error *struct{ Name, Code string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
			log.Fatal(err)
		}
		if reply.Error != nil {
			fmt.Println(w.Code, reply.Error.Code)
			continue
		}
		fmt.Println(w.Code, reply.Challenge.Name, reply.Prompt != "")
	}
	// Output:
	// for the log: true
	// 403 wrong_credentials
	// 200 SOFTWARE_TOKEN_MFA true
}

// exampleDriver replaces a real pool, with the user ada.
func exampleDriver() (driver *flow.Driver, stop func()) {
	server, err := cognitotest.NewServer(cognitotest.PoolConfig{
		MFA: "OPTIONAL", Clients: []cognitotest.ClientConfig{{ID: "app"}},
		Users: []cognitotest.UserConfig{{Name: "ada", Password: "Correct-Horse-7!", TOTPSecret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool := httptest.NewServer(server)
	client := cip.New(cip.Options{Region: "local-1", BaseEndpoint: &pool.URL, Credentials: aws.AnonymousCredentials{}})
	if driver, err = flow.New(client, flow.App{UserPoolID: "local-1_cognitotest", ClientID: "app"}); err != nil {
		log.Fatal(err)
	}
	return driver, pool.Close
}

// A front end validates its requests with the schema.
func ExampleSchema() {
	var schema struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(frontend.Schema(), &schema); err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"challenge", "answer", "error", "reply"} {
		fmt.Println(name, schema.Defs[name] != nil)
	}
	// Output:
	// challenge true
	// answer true
	// error true
	// reply true
}

// A backend serves the schema to the programmers of its front ends.
func ExampleServeSchema() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /schema.json", frontend.ServeSchema)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), "GET", "/schema.json", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 application/schema+json
}
