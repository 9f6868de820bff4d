// The Lambda function for the probes of the program live that need triggers. The function follows
// the attribute "profile" of the user: words with spaces between them. For a sign-in the words are
// the challenges to ask, in order. For a sign-up the words are those of PreSignUp and
// PostConfirmation below. The Go functions in live/internal/kit/triggers.go do the same. Change both.

const question = 'colour';
const rightAnswer = 'blue';

const words = (event) => (event.request.userAttributes?.profile ?? '').split(' ').filter((word) => word !== '');

const triggers = {
  PreSignUp({ response }, plan) {
    response.autoConfirmUser = plan.includes('confirm');
    response.autoVerifyPhone = plan.includes('verify-phone');
  },

  PostConfirmation(_, plan) {
    if (plan.includes('fail-afterwards')) throw new Error('the plan says so');
  },

  // The session begins with SRP_A, which is no challenge. Triggers do not choose the challenges of
  // devices.
  DefineAuthChallenge({ request, response }, plan) {
    const rounds = request.session.filter(({ challengeName }) => challengeName !== 'SRP_A' && !challengeName.startsWith('DEVICE'));
    response.failAuthentication = false;
    response.issueTokens = rounds.length >= plan.length;
    if (!response.issueTokens) response.challengeName = plan[rounds.length];
  },

  CreateAuthChallenge({ response }) {
    response.publicChallengeParameters = { question };
    response.privateChallengeParameters = { answer: rightAnswer };
  },

  VerifyAuthChallengeResponse({ request, response }) {
    response.answerCorrect = request.challengeAnswer === request.privateChallengeParameters.answer;
  },
};

export const handler = async (event) => {
  const [name] = event.triggerSource.split('_');
  triggers[name]?.(event, words(event));
  return event;
};
