// Clients of other projects remember a device at examples/pool. At the second sign-in the client
// proves the device, and needs no code. cognito-srp.test.js has a device of examples/signin at
// a server of another project.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { confirmSignIn, fetchDevices, forgetDevice, rememberDevice, signIn, signOut } from 'aws-amplify/auth';
import * as amplify from '../support/amplify.js';
import { Browser } from '../support/identity-js.js';
import { startPool } from '../support/pool.js';
import { issuer, verify } from '../support/tokens.js';
import { authFlows, deviceSettings, password } from '../support/users.js';

const always = { userPoolId: 'eu-central-1_Interop07', clientId: 'always' };
const optIn = { userPoolId: 'eu-central-1_Interop08', clientId: 'optin' };
const pool = await startPool({
  pools: [always, optIn].map(({ userPoolId: id, clientId }) => ({
    id, issuer: issuer(id), clients: [{ id: clientId, authFlows }], ...deviceSettings(clientId === optIn.clientId),
  })),
});
always.endpoint = optIn.endpoint = pool.endpoint;

const claims = (app, { tokens }) => verify(app.endpoint, app.userPoolId, app.clientId, tokens);

describe('amazon-cognito-identity-js, devices', () => {
  /** Signs in on a device that the pool does not remember. */
  async function withCode(browser) {
    const user = browser.user('sms');
    const { challenge } = await user.password(password);
    assert.equal(challenge, 'SMS_MFA');
    return { user, ...await user.code(await pool.code('sms')) };
  }

  async function withoutCode(browser) {
    const user = browser.user('sms');
    const result = await user.password(password);
    assert.ok(result.tokens, `asked for ${result.challenge}`);
    return { user, ...result };
  }

  test('a device is remembered, and forgotten', async () => {
    const browser = new Browser(always);
    const first = await withCode(browser);
    assert.ok(first.user.deviceKey);
    assert.equal(first.confirm, false);

    const second = await withoutCode(browser);
    const { access } = await claims(always, second);
    assert.equal(access.username, 'sms');
    assert.equal(access.device_key, first.user.deviceKey);

    await second.user.forgetDevice();
    const third = await withCode(browser);
    assert.notEqual(third.user.deviceKey, first.user.deviceKey);
  });

  test('an opt-in pool remembers a device if the user agrees', async () => {
    const browser = new Browser(optIn);
    assert.equal((await withCode(browser)).confirm, true);
    const { user } = await withCode(browser);
    await user.rememberDevice();
    await claims(optIn, await withoutCode(browser));
  });

  test('a device that was forgotten elsewhere', async () => {
    const browser = new Browser(always);
    const { user } = await withCode(browser);
    const elsewhere = await withCode(new Browser(always));
    await elsewhere.user.forgetDevice(user.deviceKey);
    await withCode(browser);
    await withoutCode(browser);
  });

  test('a wrong device password', async () => {
    const browser = new Browser(always);
    await withCode(browser);
    browser.tamper('randomPasswordKey', 'AAAA');
    await assert.rejects(browser.user('sms').password(password), { name: 'NotAuthorizedException' });
  });
});

describe('aws-amplify, devices', () => {
  afterEach(() => signOut());

  const start = (options) => signIn({ username: 'mail', password, options });
  const tokens = async (app, result) => {
    await amplify.signedIn(app, result, 'mail');
    return amplify.tokens();
  };
  async function withCode(app, options) {
    const { nextStep } = await start(options);
    assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    return tokens(app, await confirmSignIn({ challengeResponse: await pool.code('mail') }));
  }
  const withoutCode = async (app, options) => tokens(app, await start(options));

  test('a device is remembered, and forgotten', async () => {
    amplify.use(always);
    const { device } = await withCode(always);
    assert.ok(device?.deviceKey);
    await signOut();

    const second = await withoutCode(always);
    const { access } = await claims(always, { tokens: second });
    assert.equal(access.device_key, device.deviceKey);
    assert.deepEqual((await fetchDevices()).map(({ id }) => id), [device.deviceKey]);
    await signOut();

    await withoutCode(always, { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' });
    await forgetDevice();
    await signOut();

    const fourth = await withCode(always);
    assert.notEqual(fourth.device.deviceKey, device.deviceKey);
  });

  test('an opt-in pool remembers a device if the user agrees', async () => {
    amplify.use(optIn);
    await withCode(optIn);
    await signOut();
    await withCode(optIn);
    await rememberDevice();
    await signOut();
    await withoutCode(optIn);
  });
});
