package challenge

import "github.com/cognitoflow/cognitoflow/secret"

// customChallenge: the pool's own triggers ask, any number of times, and judge.
// An empty answer is an answer there.
var customChallenge = answerSpec{
	takes: map[kind]encoder{kindCustom: func(_ Challenge, g answerContent) (Responses, *AnswerError) {
		return Responses{params: secret.NewBox(map[string]string{"ANSWER": g.text})}, nil
	}},
}
