// The Lambda function for the probes of the program live that need triggers. It does what the
// user's attribute "profile" says: words separated by spaces. For a sign-in the words are the
// challenges to ask, in order. For a sign-up they are those of signUp below. The functions in Go
// in live/internal/kit/triggers.go do the same; change both.

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

  // The session begins with SRP_A, which nobody answers. Challenges of devices are not led by
  // triggers.
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
