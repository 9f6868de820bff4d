// examples/signin answers the challenges of examples/pool that no server of another project has.
// The two programs share no code. The verifier of AWS verifies the tokens, and the package
// otpauth is the authenticator app.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { startPool } from '../support/pool.js';
import { refused, signedIn, signIn } from '../support/signin.js';
import { issuer, verify } from '../support/tokens.js';
import { authFlows, password, questions, settings, setupSettings, severalTOTP, totp, wrongCode } from '../support/users.js';

const app = { userPoolId: 'eu-central-1_Interop05', clientId: 'signin' };
const setupApp = { userPoolId: 'eu-central-1_Interop06', clientId: 'setup' };
const pool = await startPool({
  pools: [
    { id: app.userPoolId, issuer: issuer(app.userPoolId), clients: [{ id: app.clientId, authFlows }], ...settings },
    { id: setupApp.userPoolId, issuer: issuer(setupApp.userPoolId), clients: [{ id: setupApp.clientId }], ...setupSettings },
  ],
});
app.endpoint = setupApp.endpoint = pool.endpoint;

async function verified(app, result, username) {
  const tokens = signedIn(result, username);
  return verify(app.endpoint, app.userPoolId, app.clientId, tokens);
}

const sent = (username) => () => pool.code(username);
const rightAnswers = questions.map((q) => q.answer);
const wrongThenRight = (username) => {
  let code;
  return [async () => wrongCode(code = await pool.code(username)), () => code];
};

describe('examples/signin against examples/pool', () => {
  const withPassword = { flow: 'USER_SRP_AUTH', password };
  const prefer = (preferred) => ({ flow: 'USER_AUTH', username: 'anyhow', flags: { preferred } });
  const choice = { flow: 'USER_AUTH', username: 'anyhow' };
  const custom = { flow: 'CUSTOM_AUTH', username: 'plain' };

  for (const { name, ...how } of [
    { name: 'a code by e-mail', ...withPassword, username: 'mail', answers: [sent('mail')] },
    { name: 'a code by SMS, after a wrong one', ...withPassword, username: 'sms', answers: wrongThenRight('sms') },
    {
      name: 'a code of the app, after a wrong one', flow: 'USER_PASSWORD_AUTH', password, username: 'totp',
      answers: [() => wrongCode(totp), () => totp.generate()],
    },
    {
      name: 'SELECT_MFA_TYPE, e-mail', ...withPassword, username: 'several',
      answers: ['EMAIL_OTP', sent('several')],
    },
    {
      name: 'SELECT_MFA_TYPE, app', ...withPassword, username: 'several',
      answers: ['SOFTWARE_TOKEN_MFA', () => severalTOTP.generate()],
    },
    {
      name: 'NEW_PASSWORD_REQUIRED, after one that is too short', ...withPassword, username: 'new',
      answers: ['short', 'new@example.com', 'Better-horse-2', 'new@example.com'],
    },

    { name: 'PASSWORD preferred', ...prefer('PASSWORD'), password },
    { name: 'PASSWORD_SRP preferred', ...prefer('PASSWORD_SRP'), password },
    { name: 'EMAIL_OTP preferred', ...prefer('EMAIL_OTP'), answers: [sent('anyhow')] },
    { name: 'SMS_OTP preferred, a wrong code first', ...prefer('SMS_OTP'), answers: wrongThenRight('anyhow') },
    { name: 'SMS_OTP preferred, without a telephone', ...prefer('SMS_OTP'), username: 'plain', answers: ['PASSWORD', password] },
    { name: 'a second factor', ...prefer('PASSWORD_SRP'), username: 'mail', password, answers: [sent('mail')] },
    { name: 'PASSWORD_SRP chosen', ...choice, answers: ['PASSWORD_SRP', password] },
    { name: 'PASSWORD chosen', ...choice, password, answers: ['PASSWORD'] },
    { name: 'EMAIL_OTP chosen', ...choice, answers: ['EMAIL_OTP', sent('anyhow')] },
    { name: 'SMS_OTP chosen', ...choice, answers: ['SMS_OTP', sent('anyhow')] },

    { name: 'a wrong answer, then the right ones', ...custom, answers: ['purple', ...rightAnswers] },
    { name: 'a password, then the right answers', ...custom, password, answers: rightAnswers },
  ]) {
    test(`${how.flow}: ${name}`, async () => {
      const { access } = await verified(app, await signIn(app, how), how.username);
      assert.equal(access.username, how.username);
    });
  }

  test('CUSTOM_AUTH: three wrong answers', async () => {
    refused(await signIn(app, { ...custom, answers: ['purple', 'purple', 'purple'] }), 'purple');
  });

  test('CUSTOM_AUTH: a wrong password', async () => {
    const password = 'Wrong-horse-1';
    refused(await signIn(app, { ...custom, password, answers: rightAnswers }), password);
  });

  test('-sign-up, a second -sign-up, then -reset', async () => {
    const how = { flow: 'USER_SRP_AUTH', username: 'newcomer', password };
    const flags = { 'sign-up': true, attributes: 'email' };
    const { id } = await verified(app, await signIn(app, {
      ...how, flags, answers: ['newcomer@example.com', ...wrongThenRight('newcomer')],
    }), how.username);
    assert.equal(id.email, 'newcomer@example.com');

    const again = await signIn(app, { ...how, flags, answers: ['newcomer@example.com'] });
    refused(again, password);
    assert.match(again.stderr, /leave out -sign-up or give -confirm/);

    const reset = { ...how, password: 'Better-horse-2' };
    await verified(app, await signIn(app, { ...reset, flags: { reset: true }, answers: wrongThenRight('newcomer') }), how.username);
    await verified(app, await signIn(app, reset), how.username);
    refused(await signIn(app, how), password);
  });

  test('MFA_SETUP: an app, after a wrong code, and a sign-in with its next code', async () => {
    const how = { flow: 'USER_SRP_AUTH', username: 'wants-app', password };
    let authenticator;
    await verified(setupApp, await signIn(setupApp, {
      ...how,
      answers: [
        'SOFTWARE_TOKEN_MFA',
        async (told) => {
          const [, key] = await told(/authenticator app: (\w+)\n/);
          authenticator = new TOTP({ secret: Secret.fromBase32(key) });
          return wrongCode(authenticator);
        },
        () => authenticator.generate(),
      ],
    }), how.username);

    const next = authenticator.generate({ timestamp: Date.now() + 30_000 }); // each code works once
    await verified(setupApp, await signIn(setupApp, { ...how, answers: [next] }), how.username);
  });

  test('MFA_SETUP: e-mail', async () => {
    const how = { flow: 'USER_SRP_AUTH', username: 'wants-mail', password };
    const { id } = await verified(setupApp, await signIn(setupApp, {
      ...how, answers: ['EMAIL_OTP', 'wants-mail@example.com', sent('wants-mail')],
    }), how.username);
    assert.equal(id.email, 'wants-mail@example.com');
  });
});
