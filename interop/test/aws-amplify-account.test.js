// aws-amplify v6 manages an account at examples/pool. The tests of fetchDevices, rememberDevice
// and forgetDevice are in devices.test.js.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import * as auth from 'aws-amplify/auth';
import { Secret, TOTP } from 'otpauth';
import * as amplify from '../support/amplify.js';
import { withAuthenticator } from '../support/authenticator.js';
import { startPool } from '../support/pool.js';
import { issuer } from '../support/tokens.js';
import { authFlows, password, wrongCode } from '../support/users.js';

const app = { userPoolId: 'eu-central-1_Interop41', clientId: 'amplifyaccount' };
const origin = 'http://localhost:3000';
const email = (name) => `${name}@example.com`;
const user = (name, more = {}) => ({ name, password, attributes: { email: email(name), email_verified: 'true' }, ...more });
const chosen = 'Better-horse-2';

const pool = await startPool({
  pools: [{
    id: app.userPoolId, issuer: issuer(app.userPoolId), mfa: 'OPTIONAL', aliasAttributes: ['email', 'phone_number'],
    allowedFirstFactors: ['PASSWORD', 'EMAIL_OTP', 'WEB_AUTHN'], webauthn: { rpId: 'localhost', origins: [origin] },
    clients: [{ id: app.clientId, authFlows }],
    users: ['forgetful', 'changes', 'profile', 'wants-app', 'prefers', 'passkey', 'leaves', 'everywhere'].map((name) => user(name)),
  }],
});
app.endpoint = pool.endpoint;

const called = new Set();
/** aws-amplify/auth, with a list of the called functions. */
const { signIn, confirmSignIn, signOut, ...account } = Object.fromEntries(
  Object.entries(auth).map(([name, value]) => [name, (...args) => {
    called.add(name);
    return value(...args);
  }]));

const signedIn = (result, username) => amplify.signedIn(app, result, username);
const signsIn = async (username, secret = password) => signedIn(await signIn({ username, password: secret }), username);
const signUpOf = (username, options = {}) =>
  account.signUp({ username, password, options: { userAttributes: { email: email(username) }, ...options } });
const step = ({ nextStep }) => nextStep.signInStep;

amplify.use(app);
afterEach(() => signOut());

describe('aws-amplify, a sign-up', () => {
  test('a wrong code, a second code, and the right code', async () => {
    const { isSignUpComplete, nextStep, userId } = await signUpOf('newcomer');
    assert.equal(isSignUpComplete, false);
    assert.equal(nextStep.signUpStep, 'CONFIRM_SIGN_UP');
    assert.deepEqual([nextStep.codeDeliveryDetails.deliveryMedium, nextStep.codeDeliveryDetails.attributeName], ['EMAIL', 'email']);
    assert.doesNotMatch(nextStep.codeDeliveryDetails.destination, /newcomer/);
    await assert.rejects(signUpOf('newcomer'), { name: 'UsernameExistsException' });

    // aws-amplify returns the exception as a step.
    assert.equal(step(await signIn({ username: 'newcomer', password })), 'CONFIRM_SIGN_UP');

    await pool.code('newcomer');
    const { deliveryMedium } = await account.resendSignUpCode({ username: 'newcomer' });
    assert.equal(deliveryMedium, 'EMAIL');
    const code = await pool.code('newcomer');
    const confirm = (confirmationCode) => account.confirmSignUp({ username: 'newcomer', confirmationCode });
    await assert.rejects(confirm(wrongCode(code)), { name: 'CodeMismatchException' });
    assert.deepEqual(await confirm(code), { isSignUpComplete: true, nextStep: { signUpStep: 'DONE' } });
    const { access } = await signsIn('newcomer');
    assert.equal(access.sub, userId);
    await assert.rejects(account.resendSignUpCode({ username: 'newcomer' }), {
      name: 'InvalidParameterException', message: /already confirmed/,
    });
  });

  for (const [how, autoSignIn] of [['the password', true], ['USER_AUTH and the session', { authFlowType: 'USER_AUTH' }]]) {
    test(`autoSignIn with ${how}`, async () => {
      const username = autoSignIn === true ? 'automatic' : 'sessioned';
      await signUpOf(username, { autoSignIn });
      const { nextStep } = await account.confirmSignUp({ username, confirmationCode: await pool.code(username) });
      assert.equal(nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
      await signedIn(await amplify.autoSignIn(), username);
      assert.equal((await account.fetchUserAttributes()).email_verified, 'true');
    });
  }

  test('without a password, in a pool with codes as first factor', async () => {
    await account.signUp({
      username: 'passwordless',
      options: { userAttributes: { email: email('passwordless') }, autoSignIn: { authFlowType: 'USER_AUTH' } },
    });
    await account.confirmSignUp({ username: 'passwordless', confirmationCode: await pool.code('passwordless') });
    await signedIn(await amplify.autoSignIn(), 'passwordless');
    await signOut();

    const options = { authFlowType: 'USER_AUTH', preferredChallenge: 'EMAIL_OTP' };
    assert.equal(step(await signIn({ username: 'passwordless', options })), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    await signedIn(await confirmSignIn({ challengeResponse: await pool.code('passwordless') }), 'passwordless');
  });

  test('a password that the policy refuses', () =>
    assert.rejects(account.signUp({ username: 'weak', password: 'short', options: { userAttributes: { email: email('weak') } } }), {
      name: 'InvalidPasswordException', message: /Password did not conform with policy/,
    }));
});

describe('aws-amplify, passwords', () => {
  test('a forgotten password: a wrong code, then the right code', async () => {
    const username = 'forgetful';
    const { nextStep } = await account.resetPassword({ username });
    assert.equal(nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
    assert.deepEqual([nextStep.codeDeliveryDetails.deliveryMedium, nextStep.codeDeliveryDetails.attributeName], ['EMAIL', 'email']);
    const code = await pool.code(username);
    const confirm = (confirmationCode, newPassword = chosen) =>
      account.confirmResetPassword({ username, confirmationCode, newPassword });
    await assert.rejects(confirm(wrongCode(code)), { name: 'CodeMismatchException' });
    await assert.rejects(confirm(code, 'short'), { name: 'InvalidPasswordException' });
    await confirm(code);
    await assert.rejects(signIn({ username, password }), { name: 'NotAuthorizedException' });
    await signsIn(username, chosen);
  });

  test('a change by the user', async () => {
    await signsIn('changes');
    const change = (oldPassword, newPassword) => account.updatePassword({ oldPassword, newPassword });
    await assert.rejects(change('Wrong-horse-1', chosen), { name: 'NotAuthorizedException' });
    await assert.rejects(change(password, 'short'), { name: 'InvalidPasswordException' });
    await change(password, chosen);
    await signOut();
    await assert.rejects(signIn({ username: 'changes', password }), { name: 'NotAuthorizedException' });
    await signsIn('changes', chosen);
  });
});

describe('aws-amplify, attributes', () => {
  test('changed, verified, deleted', async () => {
    const { access } = await signsIn('profile');
    assert.deepEqual(await account.fetchUserAttributes(), { sub: access.sub, email: email('profile'), email_verified: 'true' });

    const updated = await account.updateUserAttributes({ userAttributes: { nickname: 'Al', phone_number: '+15550100125' } });
    assert.deepEqual(updated.nickname, { isUpdated: true, nextStep: { updateAttributeStep: 'DONE' } });
    assert.equal(updated.phone_number.nextStep.updateAttributeStep, 'CONFIRM_ATTRIBUTE_WITH_CODE');
    assert.equal(updated.phone_number.nextStep.codeDeliveryDetails.deliveryMedium, 'SMS');
    await pool.code('profile');

    const userAttributeKey = 'phone_number';
    const sent = await account.sendUserAttributeVerificationCode({ userAttributeKey });
    assert.deepEqual([sent.deliveryMedium, sent.attributeName], ['SMS', userAttributeKey]);
    const code = await pool.code('profile');
    const confirm = (confirmationCode) => account.confirmUserAttribute({ userAttributeKey, confirmationCode });
    await assert.rejects(confirm(wrongCode(code)), { name: 'CodeMismatchException' });
    await confirm(code);
    assert.equal((await account.fetchUserAttributes()).phone_number_verified, 'true');
    await signOut();
    await signedIn(await signIn({ username: '+15550100125', password }), 'profile');

    const one = await account.updateUserAttribute({ userAttribute: { attributeKey: 'nickname', value: 'Ally' } });
    assert.deepEqual(one, { isUpdated: true, nextStep: { updateAttributeStep: 'DONE' } });
    assert.equal((await account.fetchUserAttributes()).nickname, 'Ally');
    await account.deleteUserAttributes({ userAttributeKeys: ['nickname', userAttributeKey] });
    assert.deepEqual(Object.keys(await account.fetchUserAttributes()).sort(), ['email', 'email_verified', 'sub']);
    await assert.rejects(account.updateUserAttributes({ userAttributes: { email_verified: 'false' } }), { name: 'NotAuthorizedException' });
  });
});

describe('aws-amplify, second factors', () => {
  test('an authenticator app is set up, preferred, and turned off', async () => {
    await signsIn('wants-app');
    assert.deepEqual(await account.fetchMFAPreference(), { preferred: undefined, enabled: undefined });
    const details = await account.setUpTOTP();
    const uri = details.getSetupUri('Interop', 'wants-app');
    const authenticator = new TOTP({ secret: Secret.fromBase32(details.sharedSecret) });
    assert.equal(uri.searchParams.get('secret'), details.sharedSecret);
    await assert.rejects(account.verifyTOTPSetup({ code: wrongCode(authenticator) }), { name: 'EnableSoftwareTokenMFAException' });
    await account.verifyTOTPSetup({ code: authenticator.generate(), options: { friendlyDeviceName: 'Phone' } });
    await account.updateMFAPreference({ totp: 'PREFERRED' });
    assert.deepEqual(await account.fetchMFAPreference(), { preferred: 'TOTP', enabled: ['TOTP'] });

    await signOut();
    assert.equal(step(await signIn({ username: 'wants-app', password })), 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
    const next = authenticator.generate({ timestamp: Date.now() + 30_000 }); // each code works once
    await signedIn(await confirmSignIn({ challengeResponse: next }), 'wants-app');

    await account.updateMFAPreference({ totp: 'DISABLED' });
    await signOut();
    await signsIn('wants-app');
  });

  test('e-mail is preferred, then only enabled', async () => {
    await signsIn('prefers');
    await account.updateMFAPreference({ email: 'PREFERRED' });
    assert.deepEqual(await account.fetchMFAPreference(), { preferred: 'EMAIL', enabled: ['EMAIL'] });
    await account.updateMFAPreference({ email: 'NOT_PREFERRED' });
    assert.deepEqual(await account.fetchMFAPreference(), { preferred: undefined, enabled: ['EMAIL'] });
    await assert.rejects(account.updateMFAPreference({ sms: 'ENABLED' }), { name: 'InvalidParameterException' });
    await signOut();
    assert.equal(step(await signIn({ username: 'prefers', password })), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    await signedIn(await confirmSignIn({ challengeResponse: await pool.code('prefers') }), 'prefers');
  });
});

describe('aws-amplify, passkeys', () => {
  test('registered, used, listed by page, deleted', () => withAuthenticator(origin, async () => {
    const username = 'passkey';
    await signsIn(username);
    assert.deepEqual((await account.listWebAuthnCredentials()).credentials, []);
    await account.associateWebAuthnCredential();
    await account.associateWebAuthnCredential();
    await signOut();

    const withPasskey = () => signIn({ username, options: { authFlowType: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' } });
    await signedIn(await withPasskey(), username);
    await signOut();
    const { nextStep } = await signIn({ username, options: { authFlowType: 'USER_AUTH' } });
    assert.ok(nextStep.availableChallenges.includes('WEB_AUTHN'), `${nextStep.availableChallenges}`);
    await signedIn(await confirmSignIn({ challengeResponse: 'WEB_AUTHN' }), username);

    const first = await account.listWebAuthnCredentials({ pageSize: 1 });
    const second = await account.listWebAuthnCredentials({ pageSize: 1, nextToken: first.nextToken });
    const listed = [...first.credentials, ...second.credentials];
    assert.equal(new Set(listed.map(({ credentialId }) => credentialId)).size, 2);
    for (const { relyingPartyId, createdAt } of listed) {
      assert.equal(relyingPartyId, 'localhost');
      assert.ok(Math.abs(createdAt - Date.now()) < 60_000, `${createdAt}`);
    }

    for (const { credentialId } of listed) await account.deleteWebAuthnCredential({ credentialId });
    await assert.rejects(account.deleteWebAuthnCredential(listed[0]), { name: 'ResourceNotFoundException' });
    assert.deepEqual((await account.listWebAuthnCredentials()).credentials, []);
    await signOut();
    assert.equal(step(await withPasskey()), 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
  }));
});

describe('aws-amplify, the end', () => {
  test('signOut everywhere ends the sessions of other devices', async () => {
    await signsIn('everywhere');
    const { accessToken, refreshToken } = await amplify.tokens();
    const call = async (operation, body) => {
      const response = await fetch(app.endpoint, {
        method: 'POST', body: JSON.stringify(body),
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
      });
      return (await response.json()).__type ?? 'accepted';
    };
    const kept = () => Promise.all([
      call('GetUser', { AccessToken: accessToken }),
      call('InitiateAuth', { ClientId: app.clientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: refreshToken } }),
    ]);
    assert.deepEqual(await kept(), ['accepted', 'accepted']);
    await signOut({ global: true });
    assert.deepEqual(await kept(), ['NotAuthorizedException', 'NotAuthorizedException']);
    await signsIn('everywhere');
  });

  test('deleteUser', async () => {
    await signsIn('leaves');
    await account.deleteUser();
    await assert.rejects(account.fetchUserAttributes(), { name: 'UserUnAuthenticatedException' });
    await assert.rejects(signIn({ username: 'leaves', password }), { name: 'UserNotFoundException' });
  });
});

// The functions that this file must call.
test('aws-amplify: the tests call each function', () => {
  const expected = [
    'signUp', 'confirmSignUp', 'resendSignUpCode', 'resetPassword', 'confirmResetPassword', 'updatePassword',
    'fetchUserAttributes', 'updateUserAttributes', 'updateUserAttribute', 'confirmUserAttribute',
    'sendUserAttributeVerificationCode', 'deleteUserAttributes', 'setUpTOTP', 'verifyTOTPSetup', 'fetchMFAPreference',
    'updateMFAPreference', 'associateWebAuthnCredential', 'listWebAuthnCredentials', 'deleteWebAuthnCredential', 'deleteUser',
  ];
  assert.deepEqual(expected.filter((name) => !called.has(name)), []);
});
