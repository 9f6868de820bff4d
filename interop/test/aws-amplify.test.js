// aws-amplify v6 signs in to examples/pool in all ways that work in Node.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { confirmSignIn, signIn, signOut } from 'aws-amplify/auth';
import { Secret, TOTP } from 'otpauth';
import * as amplify from '../support/amplify.js';
import { startPool } from '../support/pool.js';
import { issuer } from '../support/tokens.js';
import { authFlows, password, questions, settings, setupSettings, severalTOTP, totp, wrongCode } from '../support/users.js';

const app = { userPoolId: 'eu-central-1_Interop03', clientId: 'amplify' };
const setupApp = { userPoolId: 'eu-central-1_Interop04', clientId: 'setup' };
const pool = await startPool({
  pools: [
    { id: app.userPoolId, issuer: issuer(app.userPoolId), clients: [{ id: app.clientId, authFlows }], ...settings },
    { id: setupApp.userPoolId, issuer: issuer(setupApp.userPoolId), clients: [{ id: setupApp.clientId }], ...setupSettings },
  ],
});
app.endpoint = setupApp.endpoint = pool.endpoint;

const signedIn = (result, username) => amplify.signedIn(app, result, username);
const answer = (challengeResponse) => confirmSignIn({ challengeResponse });

function asked({ isSignedIn, nextStep }, signInStep) {
  assert.equal(isSignedIn, false);
  assert.equal(nextStep.signInStep, signInStep);
  return nextStep;
}

amplify.use(app);
afterEach(() => signOut());

describe('aws-amplify', () => {
  test('the right password', async () => signedIn(await signIn({ username: 'plain', password }), 'plain'));

  test('the right password, by e-mail address', async () =>
    signedIn(await signIn({ username: 'plain@example.com', password }), 'plain'));

  test('a wrong password', () =>
    assert.rejects(signIn({ username: 'plain', password: 'Wrong-horse-1' }), { name: 'NotAuthorizedException' }));

  for (const { username, step, code } of [
    { username: 'sms', step: 'CONFIRM_SIGN_IN_WITH_SMS_CODE', code: () => pool.code('sms') },
    { username: 'mail', step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', code: () => pool.code('mail') },
    { username: 'totp', step: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE', code: () => totp.generate() },
  ]) {
    test(step, async () => {
      asked(await signIn({ username, password }), step);
      await signedIn(await answer(await code()), username);
    });
  }

  for (const { choice, step, code } of [
    { choice: 'EMAIL', step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', code: () => pool.code('several') },
    { choice: 'TOTP', step: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE', code: () => severalTOTP.generate() },
  ]) {
    test(`CONTINUE_SIGN_IN_WITH_MFA_SELECTION: ${choice}`, async () => {
      const { allowedMFATypes } = asked(
        await signIn({ username: 'several', password }), 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
      assert.deepEqual(allowedMFATypes, ['EMAIL', 'TOTP']);
      asked(await answer(choice), step);
      await signedIn(await answer(await code()), 'several');
    });
  }

  test('CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED', async () => {
    const { missingAttributes } = asked(
      await signIn({ username: 'new', password }), 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
    assert.deepEqual(missingAttributes, ['email']);
    const result = await confirmSignIn({
      challengeResponse: 'Better-horse-2', options: { userAttributes: { email: 'new@example.com' } },
    });
    const { id } = await signedIn(result, 'new');
    assert.equal(id.email, 'new@example.com');
  });
});

describe('aws-amplify, USER_AUTH', () => {
  const options = (preferredChallenge) => ({ authFlowType: 'USER_AUTH', preferredChallenge });
  const start = (preferredChallenge, more) =>
    signIn({ username: 'anyhow', options: options(preferredChallenge), ...more });
  const everyFactor = ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP', 'SMS_OTP'];

  for (const preferred of ['PASSWORD', 'PASSWORD_SRP']) {
    test(`${preferred} preferred`, async () => signedIn(await start(preferred, { password }), 'anyhow'));

    test(`${preferred} preferred, and a wrong password`, () =>
      assert.rejects(start(preferred, { password: 'Wrong-horse-1' }), { name: 'NotAuthorizedException' }));

    test(`${preferred} chosen`, async () => {
      const { availableChallenges } = asked(await start(), 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
      assert.deepEqual(availableChallenges, everyFactor);
      asked(await answer(preferred), 'CONFIRM_SIGN_IN_WITH_PASSWORD');
      await signedIn(await answer(password), 'anyhow');
    });
  }

  for (const { factor, step } of [
    { factor: 'EMAIL_OTP', step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE' },
    { factor: 'SMS_OTP', step: 'CONFIRM_SIGN_IN_WITH_SMS_CODE' },
  ]) {
    test(`${factor} preferred: a wrong code, then the right one`, async () => {
      asked(await start(factor), step);
      const code = await pool.code('anyhow');
      await assert.rejects(answer(wrongCode(code)), { name: 'CodeMismatchException' });
      await signedIn(await answer(code), 'anyhow');
    });

    test(`${factor} chosen`, async () => {
      asked(await start(), 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
      asked(await answer(factor), step);
      await signedIn(await answer(await pool.code('anyhow')), 'anyhow');
    });
  }

  test('a preferred factor that the user does not have: the pool asks', async () => {
    const { availableChallenges } = asked(await start('WEB_AUTHN'), 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
    assert.deepEqual(availableChallenges, everyFactor);
  });

  test('PASSWORD_SRP, then a second factor', async () => {
    asked(await start('PASSWORD_SRP', { username: 'mail', password }), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    await signedIn(await answer(await pool.code('mail')), 'mail');
  });
});

describe('aws-amplify, custom authentication', () => {
  for (const how of [
    { username: 'plain', options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } },
    { username: 'plain', password, options: { authFlowType: 'CUSTOM_WITH_SRP' } },
  ]) {
    test(`${how.options.authFlowType}: a wrong answer, then the right ones`, async () => {
      let result = await signIn(how);
      for (const given of ['wrong', ...questions.map((q) => q.answer)]) {
        const { additionalInfo } = asked(result, 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE');
        assert.equal(additionalInfo.question, questions[given === 'blau' ? 1 : 0].question);
        result = await answer(given);
      }
      await signedIn(result, 'plain');
    });
  }

  test('CUSTOM_WITHOUT_SRP: three wrong answers', async () => {
    await signIn({ username: 'plain', options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } });
    await answer('wrong');
    await answer('wrong');
    await assert.rejects(answer('wrong'), { name: 'NotAuthorizedException' });
  });

  test('CUSTOM_WITH_SRP: no question after a wrong password', () =>
    assert.rejects(
      signIn({ username: 'plain', password: 'Wrong-horse-1', options: { authFlowType: 'CUSTOM_WITH_SRP' } }),
      { name: 'NotAuthorizedException' },
    ));
});

describe('aws-amplify, CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION', () => {
  const choose = async (username, choice) => {
    amplify.use(setupApp);
    const { allowedMFATypes } = asked(await signIn({ username, password }), 'CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION');
    assert.deepEqual(allowedMFATypes, ['TOTP', 'EMAIL']);
    return answer(choice);
  };

  test('TOTP: a wrong code, the right code, and a sign-in with the next code', async () => {
    const { totpSetupDetails } = asked(await choose('wants-app', 'TOTP'), 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
    const authenticator = new TOTP({ secret: Secret.fromBase32(totpSetupDetails.sharedSecret) });
    const code = authenticator.generate();
    await assert.rejects(answer(wrongCode(authenticator)), { name: 'EnableSoftwareTokenMFAException' });
    await amplify.signedIn(setupApp, await answer(code), 'wants-app');

    await signOut();
    asked(await signIn({ username: 'wants-app', password }), 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
    const next = authenticator.generate({ timestamp: Date.now() + 30_000 }); // each code works once
    await amplify.signedIn(setupApp, await answer(next), 'wants-app');
  });

  test('EMAIL', async () => {
    asked(await choose('wants-mail', 'EMAIL'), 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP');
    asked(await answer('wants-mail@example.com'), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    const { id } = await amplify.signedIn(setupApp, await answer(await pool.code('wants-mail')), 'wants-mail');
    assert.equal(id.email, 'wants-mail@example.com');
  });
});
