// examples/signin signs in to ministack, a server of another project. ministack checks proofs of
// SRP and SECRET_HASH. The authors of ministack measured the answers at the service. ministack
// has no devices, no USER_AUTH and no codes by SMS or e-mail.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AdminDeleteUserCommand, AdminDisableUserCommand, AdminEnableUserCommand, AdminResetUserPasswordCommand,
  AdminUserGlobalSignOutCommand, AssociateSoftwareTokenCommand, ConfirmForgotPasswordCommand, ConfirmSignUpCommand,
  GetUserCommand, SetUserMFAPreferenceCommand, SignUpCommand, VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Secret, TOTP } from 'otpauth';
import { credentials, startMinistack } from '../support/ministack.js';
import { everyone, randomUsers } from '../support/random.js';
import { later, refused, signedIn, signIn } from '../support/signin.js';
import { verify } from '../support/tokens.js';
import { password, questions, wrongCode } from '../support/users.js';

const ministack = await startMinistack();
const { admin: api } = ministack;
const pool = await ministack.pool({ AliasAttributes: ['email'], LambdaConfig: await ministack.triggers() });
const open = await pool.client();
const discreet = await pool.client({ PreventUserExistenceErrors: 'ENABLED' });
const confidential = await pool.client({ GenerateSecret: true });

const address = (name) => `${name}@example.com`;
const email = (name) => ({ email: address(name), email_verified: 'true' });
const plain = { name: 'plain', password, attributes: email('plain') };
const plainSub = await pool.user(plain);

const bySRP = { flow: 'USER_SRP_AUTH', username: plain.name, password };

/** Checks a sign-in, and verifies the tokens with the keys of the server. */
async function verified(app, result, username) {
  const tokens = signedIn(result, username);
  const { access } = await verify(app.endpoint, app.userPoolId, app.clientId, tokens);
  assert.equal(access.username, username);
  return tokens;
}

const comesThrough = async (app, how, username = how.username) => verified(app, await signIn(app, how), username);

/** Checks the operation, the exception and the advice of a refused sign-in. */
async function isRefused(app, how, ...said) {
  const result = await signIn(app, how);
  refused(result, how.password ?? 'no password');
  for (const text of said) assert.ok(result.stderr.includes(text), `${result.stderr} does not say ${text}`);
}

/** Checks that the server refuses both tokens. */
async function signedOut(app, tokens) {
  for (const what of ['refresh', 'refresh-by-auth-flow']) {
    const { code, stderr } = await later(app, what, tokens);
    assert.equal(code, 1);
    assert.match(stderr, /NotAuthorizedException: "Refresh Token has been revoked" \[token_refused/);
  }
  await assert.rejects(api.send(new GetUserCommand({ AccessToken: tokens.accessToken })), {
    name: 'NotAuthorizedException', message: 'Access Token has been revoked',
  });
}

const wrong = { password: 'Wrong-horse-1' };
const checkCredentials = '[wrong_credentials';

for (const [kind, app] of [['public', open], ['secret', confidential]]) {
  describe(`examples/signin against ministack, ${kind} client`, () => {
    const tokensOf = () => comesThrough(app, bySRP);

    for (const flow of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
      test(`${flow}: the right password, by name and by e-mail address`, async () => {
        await comesThrough(app, { ...bySRP, flow });
        await comesThrough(app, { ...bySRP, flow, username: address('plain') }, 'plain');
      });

      test(`${flow}: a wrong password`, () => isRefused(app, { ...bySRP, flow, ...wrong },
        'NotAuthorizedException: "Incorrect username or password."', checkCredentials));
    }

    for (const flow of ['USER_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH']) {
      test(`${flow}, by an administrator`, async () => {
        const how = { ...bySRP, flow, admin: credentials };
        await comesThrough(app, how);
        await comesThrough(app, { ...how, username: address('plain') }, 'plain');
        await isRefused(app, { ...how, ...wrong }, 'NotAuthorizedException', checkCredentials);
      });
    }

    for (const [who, admin] of [['', undefined], [', by an administrator', credentials]]) {
      const custom = { flow: 'CUSTOM_AUTH', username: 'plain', admin };
      const right = questions.map(({ answer }) => answer);

      test(`CUSTOM_AUTH${who}: a wrong answer, then the right ones`, () =>
        comesThrough(app, { ...custom, answers: ['purple', ...right] }));

      test(`CUSTOM_AUTH${who}: three wrong answers`, () =>
        isRefused(app, { ...custom, answers: ['purple', 'purple', 'purple'] }, 'NotAuthorizedException'));

      // ministack_triggers.py says why one answer is enough after SRP.
      test(`CUSTOM_AUTH${who}: a password, then the right answer`, () =>
        comesThrough(app, { ...custom, password, answers: right.slice(0, 1) }));

      test(`CUSTOM_AUTH${who}: a wrong password`, () =>
        isRefused(app, { ...custom, ...wrong, answers: right }, 'PASSWORD_VERIFIER', 'NotAuthorizedException', checkCredentials));
    }

    test('SOFTWARE_TOKEN_MFA: a wrong code, then the right one', async () => {
      const user = { name: `app-${kind}`, password };
      await pool.user(user);
      const how = { ...bySRP, username: user.name };
      const { accessToken: AccessToken } = await comesThrough(app, how);
      const { SecretCode } = await api.send(new AssociateSoftwareTokenCommand({ AccessToken }));
      const authenticator = new TOTP({ secret: Secret.fromBase32(SecretCode) });
      await api.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: authenticator.generate() }));
      await api.send(new SetUserMFAPreferenceCommand({
        AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
      }));
      const answers = () => [wrongCode(authenticator), () => authenticator.generate()];
      await comesThrough(app, { ...how, answers: answers() });
      await comesThrough(app, { ...how, flow: 'USER_PASSWORD_AUTH', answers: answers() });
      await comesThrough(app, { ...how, admin: credentials, answers: answers() });
    });

    test('NEW_PASSWORD_REQUIRED, and a sign-in with the new password', async () => {
      const user = { name: `new-${kind}`, password, temporary: true };
      await pool.user(user);
      const how = { ...bySRP, username: user.name };
      const chosen = 'Better-horse-2';
      await comesThrough(app, { ...how, answers: [chosen] });
      await comesThrough(app, { ...how, password: chosen });
      await isRefused(app, how, 'NotAuthorizedException');
    });

    for (const what of ['refresh', 'refresh-by-auth-flow']) {
      test(`${what}, after a sign-in by e-mail address`, async () => {
        const tokens = await comesThrough(app, { ...bySRP, username: address('plain') }, 'plain');
        const refreshed = await verified(app, await later(app, what, tokens), 'plain');
        assert.notEqual(refreshed.accessToken, tokens.accessToken);
        assert.equal(refreshed.refreshToken, tokens.refreshToken);
      });
    }

    test('REFRESH_TOKEN_AUTH, by the user and by an administrator', async () => {
      const { refreshToken } = await tokensOf();
      const how = { flow: 'REFRESH_TOKEN_AUTH', username: 'plain', refreshToken };
      await comesThrough(app, how);
      await comesThrough(app, { ...how, admin: credentials });
    });

    test('a refresh token that was revoked', async () => {
      const tokens = await tokensOf();
      assert.equal((await later(app, 'sign-out', tokens)).code, 0);
      await signedOut(app, tokens);
    });

    test('a user who has signed out everywhere', async () => {
      const sessions = [await tokensOf(), await tokensOf()];
      assert.equal((await later(app, 'global-sign-out', sessions[0])).code, 0);
      for (const tokens of sessions) await signedOut(app, tokens);
      await tokensOf();
    });

    test('a user whom an administrator has signed out', async () => {
      const tokens = await tokensOf();
      await pool.send(AdminUserGlobalSignOutCommand, { Username: 'plain' });
      await signedOut(app, tokens);
    });
  });
}

describe('examples/signin against ministack, the state of the user', () => {
  const atStart = 'InitiateAuth: ';
  const atProof = 'RespondToAuthChallenge PASSWORD_VERIFIER: ';

  test('an unknown user name', async () => {
    const how = { ...bySRP, username: 'nobody' };
    await isRefused(open, how, atStart, 'UserNotFoundException: "User does not exist."', checkCredentials);
    await isRefused(discreet, how, atProof, 'NotAuthorizedException: "Incorrect username or password."', checkCredentials);
  });

  test('a sub as user name', () => isRefused(open, { ...bySRP, username: plainSub }, atStart, 'UserNotFoundException'));

  test('unconfirmed: the server does not judge the password', async () => {
    const how = { ...bySRP, username: 'unconfirmed' };
    await api.send(new SignUpCommand({ ClientId: open.clientId, Username: how.username, Password: password }));
    for (const given of [password, wrong.password]) {
      await isRefused(open, { ...how, password: given }, atStart, 'UserNotConfirmedException', '[sign_up_unconfirmed');
    }
    await api.send(new ConfirmSignUpCommand({
      ClientId: open.clientId, Username: how.username, ConfirmationCode: '123456', // the only code of ministack
    }));
    await comesThrough(open, how);
  });

  test('disabled, and enabled again', async () => {
    const user = { name: 'disabled', password };
    await pool.user(user);
    const how = { ...bySRP, username: user.name };
    const tokens = await comesThrough(open, how);
    await pool.send(AdminDisableUserCommand, { Username: user.name });
    await isRefused(open, how, atStart, 'NotAuthorizedException: "User is disabled."', checkCredentials);
    assert.match((await later(open, 'refresh', tokens)).stderr, /"User is disabled\." \[token_refused/);
    await pool.send(AdminEnableUserCommand, { Username: user.name });
    await comesThrough(open, how);
  });

  test('a password that must be reset: only the right password gets the error', async () => {
    const user = { name: 'reset', password, attributes: email('reset') };
    await pool.user(user);
    const how = { ...bySRP, username: user.name };
    await pool.send(AdminResetUserPasswordCommand, { Username: user.name });
    await isRefused(open, { ...how, ...wrong }, atProof, 'NotAuthorizedException', checkCredentials);
    await isRefused(open, how, atProof, 'PasswordResetRequiredException', '[password_reset_required');
    const chosen = 'Better-horse-2';
    await api.send(new ConfirmForgotPasswordCommand({
      ClientId: open.clientId, Username: user.name, Password: chosen, ConfirmationCode: '654321', // the only code of ministack
    }));
    await comesThrough(open, { ...how, password: chosen });
  });

  test('deleted', async () => {
    const user = { name: 'deleted', password };
    await pool.user(user);
    const how = { ...bySRP, username: user.name };
    const tokens = await comesThrough(open, how);
    await pool.send(AdminDeleteUserCommand, { Username: user.name });
    await isRefused(open, how, atStart, 'UserNotFoundException', checkCredentials);
    assert.match((await later(open, 'refresh', tokens)).stderr, /NotAuthorizedException.* \[token_refused/);
  });
});

describe('examples/signin against ministack', () => {
  test('random names and passwords, with and without a client secret', async (t) => {
    const many = randomUsers(100).map((user, i) => ({ ...user, app: i % 4 < 2 ? open : confidential }));
    await Promise.all(many.map((user) => pool.user(user)));
    await everyone(t, many, ({ app, name, password }) => comesThrough(app, { ...bySRP, username: name, password }));
  });

  test('a wrong client secret, and no client secret', async () => {
    const app = (secret) => ({ ...confidential, secret });
    await isRefused(app(`${confidential.secret}no`), bySRP, 'NotAuthorizedException', 'Unable to verify secret hash');
    await isRefused(app(undefined), bySRP, 'NotAuthorizedException', 'SECRET_HASH was not received');
  });

  test('e-mail addresses as user names: the pool makes the name', async () => {
    const nameless = await ministack.pool({ UsernameAttributes: ['email'] });
    const uuid = await nameless.user({ name: address('ada'), password });
    for (const app of [await nameless.client(), await nameless.client({ GenerateSecret: true })]) {
      const tokens = await comesThrough(app, { ...bySRP, username: address('ada') }, uuid);
      await verified(app, await later(app, 'refresh-by-auth-flow', tokens), uuid);
      await comesThrough(app, { ...bySRP, username: address('ada'), admin: credentials }, uuid);
    }
  });
});
