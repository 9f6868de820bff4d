package challenge

import "github.com/cognitoflow/cognitoflow/secret"

// customChallenge: triggers of the pool ask any number of times, and judge the answers. A
// trigger may expect an empty answer.
var customChallenge = answerSpec{
	takes: map[kind]encoder{kindCustom: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		return Responses{params: secret.NewBox(map[string]string{"ANSWER": g.text})}, nil
	}},
}
