// The Lambda function of the program live, with the events of the developer guide.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handler } from '../../live/triggers/index.mjs';

const ask = async (triggerSource, profile, request = {}) => {
  const event = { version: '1', triggerSource, request: { userAttributes: { profile }, ...request }, response: {} };
  return (await handler(event)).response;
};
const define = (profile, ...session) => ask('DefineAuthChallenge_Authentication', profile, { session });
const passed = (challengeName) => ({ challengeName, challengeResult: true });
const wrong = (challengeName) => ({ challengeName, challengeResult: false });

test('a sign-in takes the challenges of the plan, in order', async () => {
  const plan = 'PASSWORD_VERIFIER CUSTOM_CHALLENGE';
  const begun = [passed('SRP_A')];
  assert.deepEqual(await define(plan, ...begun), { failAuthentication: false, issueTokens: false, challengeName: 'PASSWORD_VERIFIER' });
  begun.push(passed('PASSWORD_VERIFIER'));
  assert.equal((await define(plan, ...begun)).challengeName, 'CUSTOM_CHALLENGE');
  begun.push(wrong('CUSTOM_CHALLENGE'), passed('DEVICE_PASSWORD_VERIFIER'));
  assert.deepEqual(await define(plan, ...begun), { failAuthentication: false, issueTokens: true });
  assert.equal((await define('')).issueTokens, true);
});

test('a custom challenge takes one answer', async () => {
  const made = await ask('CreateAuthChallenge_Authentication', 'CUSTOM_CHALLENGE', { session: [] });
  assert.deepEqual(made.publicChallengeParameters, { question: 'colour' });
  const judge = async (challengeAnswer) => (await ask('VerifyAuthChallengeResponse_Authentication', '', {
    challengeAnswer, privateChallengeParameters: made.privateChallengeParameters,
  })).answerCorrect;
  assert.equal(await judge('blue'), true);
  assert.equal(await judge('green'), false);
});

test('a sign-up follows the plan', async () => {
  assert.deepEqual(await ask('PreSignUp_SignUp', 'confirm verify-phone'), { autoConfirmUser: true, autoVerifyPhone: true });
  assert.deepEqual(await ask('PreSignUp_AdminCreateUser', undefined), { autoConfirmUser: false, autoVerifyPhone: false });
  assert.deepEqual(await ask('PostConfirmation_ConfirmSignUp', 'confirm'), {});
  await assert.rejects(ask('PostConfirmation_ConfirmSignUp', 'confirm fail-afterwards'));
});
