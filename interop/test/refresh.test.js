// examples/signin and clients of other projects refresh each other's tokens. examples/pool
// issues all tokens.

import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { CognitoIdentityProviderClient, GetTokensFromRefreshTokenCommand } from '@aws-sdk/client-cognito-identity-provider';
import { confirmSignIn, fetchAuthSession, signIn as amplifySignIn, signOut } from 'aws-amplify/auth';
import * as amplify from '../support/amplify.js';
import { temporaryDirectory } from '../support/directory.js';
import { Browser } from '../support/identity-js.js';
import { startPool } from '../support/pool.js';
import { refused, signedIn, signIn } from '../support/signin.js';
import { issuer, verify } from '../support/tokens.js';
import { authFlows, deviceSettings, password, settings } from '../support/users.js';

const plain = { userPoolId: 'eu-central-1_Interop09', clientId: 'plain' };
const rotating = { userPoolId: plain.userPoolId, clientId: 'rotating' };
const tracking = { userPoolId: 'eu-central-1_Interop10', clientId: 'tracking' };
const pool = await startPool({
  pools: [
    {
      id: plain.userPoolId, issuer: issuer(plain.userPoolId), ...settings,
      clients: [{ id: plain.clientId, authFlows }, { id: rotating.clientId, authFlows, refreshTokenRotation: 'ENABLED' }],
    },
    {
      id: tracking.userPoolId, issuer: issuer(tracking.userPoolId), ...deviceSettings(false),
      clients: [{ id: tracking.clientId, authFlows }],
    },
  ],
});
plain.endpoint = rotating.endpoint = tracking.endpoint = pool.endpoint;

/** Checks that the tokens are new and belong to the same user. */
async function refreshed(app, before, now) {
  assert.notEqual(now.accessToken, before.accessToken);
  const [old, { access }] = await Promise.all([before, now].map((tokens) =>
    verify(app.endpoint, app.userPoolId, app.clientId, tokens)));
  for (const claim of ['sub', 'username', 'auth_time', 'device_key']) assert.equal(access[claim], old.access[claim], claim);
}

// The refresh token is in the environment, and the device key on the command line.
const ours = (app, { refreshToken }, flags) =>
  signIn(app, { flow: 'REFRESH_TOKEN_AUTH', refreshToken, flags });
const oursRefreshed = async (app, tokens, username, flags) =>
  refreshed(app, tokens, signedIn(await ours(app, tokens, flags), username));

describe('a refresh token of amazon-cognito-identity-js', () => {
  test('works with examples/signin', async () => {
    const { tokens } = await new Browser(plain).user('plain').password(password);
    await oursRefreshed(plain, tokens, 'plain');
  });

  test('works with examples/signin, after a sign-in by e-mail address', async () => {
    const { tokens } = await new Browser(plain).user('plain@example.com').password(password);
    await oursRefreshed(plain, tokens, 'plain');
  });

  test('works with examples/signin on its device, and not without the device', async () => {
    const user = new Browser(tracking).user('sms');
    await user.password(password);
    const { tokens } = await user.code(await pool.code('sms'));
    await oursRefreshed(tracking, tokens, 'sms', { 'device-key': user.deviceKey });
    refused(await ours(tracking, tokens), tokens.refreshToken);
  });

  test('is refused to another app client', async () => {
    const { tokens } = await new Browser(plain).user('plain').password(password);
    refused(await ours({ ...plain, clientId: rotating.clientId }, tokens), tokens.refreshToken);
  });
});

describe('a refresh token of examples/signin', () => {
  const signedInHere = async (app, username, more) =>
    signedIn(await signIn(app, { flow: 'USER_SRP_AUTH', username, password, ...more }), username);

  test('works with amazon-cognito-identity-js', async () => {
    const tokens = await signedInHere(plain, 'plain');
    const browser = new Browser(plain);
    browser.moveIn('plain');
    await refreshed(plain, tokens, (await browser.user('plain').refresh(tokens.refreshToken)).tokens);
  });

  test('works with amazon-cognito-identity-js on its device, and not without the device', async () => {
    const tokens = await signedInHere(tracking, 'sms', {
      flags: { 'device-dir': temporaryDirectory('device') }, answers: [() => pool.code('sms')],
    });
    assert.ok(tokens.deviceKey);
    const browser = new Browser(tracking);
    browser.moveIn('sms', tokens.deviceKey);
    await refreshed(tracking, tokens, (await browser.user('sms').refresh(tokens.refreshToken)).tokens);

    const elsewhere = new Browser(tracking);
    elsewhere.moveIn('sms');
    await assert.rejects(elsewhere.user('sms').refresh(tokens.refreshToken), { name: 'NotAuthorizedException' });
  });
});

// This client refreshes by GetTokensFromRefreshToken.
describe('aws-amplify, refresh', () => {
  afterEach(() => signOut());

  async function forced() {
    await fetchAuthSession({ forceRefresh: true });
    return amplify.tokens();
  }

  test('the refresh token works with examples/signin', async () => {
    amplify.use(plain);
    await amplifySignIn({ username: 'plain', password });
    const tokens = await amplify.tokens();
    await oursRefreshed(plain, tokens, 'plain');
    const now = await forced();
    await refreshed(plain, tokens, now);
    assert.equal(now.refreshToken, tokens.refreshToken);
  });

  test('a refresh on a device, and a refresh by examples/signin with the device key', async () => {
    amplify.use(tracking);
    await amplifySignIn({ username: 'mail', password });
    await confirmSignIn({ challengeResponse: await pool.code('mail') });
    const tokens = await amplify.tokens();
    await refreshed(tracking, tokens, await forced());
    await oursRefreshed(tracking, tokens, 'mail', { 'device-key': tokens.device.deviceKey });
  });

  test('rotation: each refresh token works once', async () => {
    amplify.use(rotating);
    await amplifySignIn({ username: 'plain', password });
    const generations = [await amplify.tokens()];
    for (let i = 0; i < 3; i++) {
      generations.push(await forced());
      await refreshed(rotating, ...generations.slice(-2));
    }
    assert.equal(new Set(generations.map((tokens) => tokens.refreshToken)).size, generations.length);

    const api = new CognitoIdentityProviderClient({ region: 'eu-central-1', endpoint: pool.endpoint });
    after(() => api.destroy());
    await assert.rejects(
      api.send(new GetTokensFromRefreshTokenCommand({ ClientId: rotating.clientId, RefreshToken: generations[0].refreshToken })),
      { name: 'RefreshTokenReuseException' },
    );
  });
});
