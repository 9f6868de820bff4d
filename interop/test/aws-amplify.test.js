// aws-amplify v6 in Node signs in with SRP against examples/pool. It knows no
// client secrets, and holds one signed-in user per process.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { Amplify } from 'aws-amplify';
import { confirmSignIn, fetchAuthSession, signIn, signOut } from 'aws-amplify/auth';
import { ConsoleLogger } from 'aws-amplify/utils';
import { startPool } from '../support/pool.js';
import { issuer, verify } from '../support/tokens.js';
import { password, settings, totp } from '../support/users.js';

const userPoolId = 'eu-central-1_Interop03';
const userPoolClientId = 'amplify';

const pool = await startPool({
  pools: [{ id: userPoolId, issuer: issuer(userPoolId), clients: [{ id: userPoolClientId }], ...settings }],
});
ConsoleLogger.LOG_LEVEL = 'ERROR'; // it warns of every endpoint that is not the service's
Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: pool.endpoint } } });
afterEach(() => signOut());

async function signedIn(result, username) {
  assert.deepEqual(result, { isSignedIn: true, nextStep: { signInStep: 'DONE' } });
  const { tokens } = await fetchAuthSession();
  const claims = await verify(pool.endpoint, userPoolId, userPoolClientId, {
    accessToken: tokens.accessToken.toString(), idToken: tokens.idToken.toString(),
  });
  assert.equal(claims.access.username, username);
  return claims;
}

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
      const { nextStep } = await signIn({ username, password });
      assert.equal(nextStep.signInStep, step);
      await signedIn(await confirmSignIn({ challengeResponse: await code() }), username);
    });
  }

  test('CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED', async () => {
    const { nextStep } = await signIn({ username: 'new', password });
    assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
    assert.deepEqual(nextStep.missingAttributes, ['email']);
    const result = await confirmSignIn({
      challengeResponse: 'Better-horse-2', options: { userAttributes: { email: 'new@example.com' } },
    });
    const { id } = await signedIn(result, 'new');
    assert.equal(id.email, 'new@example.com');
  });
});
