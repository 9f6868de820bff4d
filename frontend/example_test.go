package frontend_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/frontend"
)

// The service asks for a code. The front end gets the challenge, and sends a malformed answer
// and a right one. In a program the challenge is step.Prompt.Challenge().
func Example() {
	c := challenge.Challenge{Name: challenge.EmailOTP, Parameters: map[string]string{
		"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***",
	}}
	shown, err := frontend.FromChallenge(c, "Big Corp")
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(shown)
	fmt.Println(string(text), err)

	_, err = frontend.ReadAnswer(c, []byte(`{"version":1,"code":123456}`))
	problem := frontend.FromError(err)
	text, err = json.Marshal(problem)
	fmt.Println(problem.Status(), string(text), err)

	answer, err := frontend.ReadAnswer(c, []byte(`{"version":1,"code":"123456"}`))
	fmt.Println(answer, err) // for Driver.Respond

	// Output:
	// {"version":1,"name":"EMAIL_OTP","answerWith":["code"],"attempt":0,"delivery":{"medium":"EMAIL","destination":"a***@e***"}} <nil>
	// 400 {"version":1,"code":"malformed","remedy":"answer_prompt","message":"must be a string","field":"code","answerable":true} <nil>
	// Code answer <nil>
}
