// amazon-cognito-identity-js signs in to examples/pool with SRP. Most web pages use this client,
// which knows no client secret.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Browser } from '../support/identity-js.js';
import { startPool } from '../support/pool.js';
import { issuer, verify } from '../support/tokens.js';
import { clientSecret, password, settings, totp, wrongCode } from '../support/users.js';

const userPoolId = 'eu-central-1_Interop01';
const clientId = 'interop';
const clients = [
  { id: clientId }, { id: 'discreet', preventUserExistenceErrors: 'ENABLED' }, { id: 'secretive', secret: clientSecret },
];

const pool = await startPool({ pools: [{ id: userPoolId, issuer: issuer(userPoolId), clients, ...settings }] });
const browser = new Browser({ endpoint: pool.endpoint, userPoolId, clientId });

const verified = ({ tokens }) => verify(pool.endpoint, userPoolId, clientId, tokens);
const refusal = (name) => (error) => error.name === name;

describe('amazon-cognito-identity-js', () => {
  test('the right password', async () => {
    const { id } = await verified(await browser.user('plain').password(password));
    assert.equal(id['cognito:username'], 'plain');
    assert.equal(id.email, 'plain@example.com');
  });

  test('the right password, by e-mail address', async () => {
    const { access } = await verified(await browser.user('plain@example.com').password(password));
    assert.equal(access.username, 'plain');
  });

  test('a name and a password outside ASCII', async () => {
    const { access } = await verified(await browser.user('Zoë.ünïcode').password('Grüße-пароль-9'));
    assert.equal(access.username, 'Zoë.ünïcode');
  });

  test('twenty sign-ins, each with its own salt, A and B', async () => {
    for (let i = 0; i < 20; i++) {
      assert.ok((await browser.user('plain').password(password)).tokens, `sign-in ${i}`);
    }
  });

  test('a wrong password', () =>
    assert.rejects(browser.user('plain').password('Wrong-horse-1'), refusal('NotAuthorizedException')));

  test('an unknown user', () =>
    assert.rejects(browser.user('nobody').password(password), refusal('UserNotFoundException')));

  test('with PreventUserExistenceErrors, an unknown user looks like a wrong password', () => {
    const discreet = new Browser({ endpoint: pool.endpoint, userPoolId, clientId: 'discreet' });
    return assert.rejects(discreet.user('nobody').password(password), refusal('NotAuthorizedException'));
  });

  test('an app client with a client secret refuses a request without SECRET_HASH', () => {
    const bare = new Browser({ endpoint: pool.endpoint, userPoolId, clientId: 'secretive' });
    return assert.rejects(bare.user('plain').password(password), refusal('NotAuthorizedException'));
  });

  test('SMS_MFA: a wrong code, then the right one', async () => {
    const user = browser.user('sms');
    const { challenge, parameters } = await user.password(password);
    assert.equal(challenge, 'SMS_MFA');
    assert.equal(parameters.CODE_DELIVERY_DELIVERY_MEDIUM, 'SMS');
    assert.match(parameters.CODE_DELIVERY_DESTINATION, /^\+\*+\d{4}$/);

    const code = await pool.code('sms');
    await assert.rejects(user.code(wrongCode(code)), refusal('CodeMismatchException'));
    const { access } = await verified(await user.code(code));
    assert.equal(access.username, 'sms');
  });

  test('SOFTWARE_TOKEN_MFA: a wrong code, then the right one', async () => {
    const user = browser.user('totp');
    assert.equal((await user.password(password)).challenge, 'SOFTWARE_TOKEN_MFA');

    await assert.rejects(user.code(wrongCode(totp), 'SOFTWARE_TOKEN_MFA'), refusal('CodeMismatchException'));
    const { access } = await verified(await user.code(totp.generate(), 'SOFTWARE_TOKEN_MFA'));
    assert.equal(access.username, 'totp');
  });

  test('NEW_PASSWORD_REQUIRED: a refused password, an accepted password, and a sign-in', async () => {
    const user = browser.user('new');
    const { challenge, requiredAttributes } = await user.password(password);
    assert.equal(challenge, 'NEW_PASSWORD_REQUIRED');
    assert.deepEqual(requiredAttributes, ['email']);

    const attributes = { email: 'new@example.com' };
    await assert.rejects(user.newPassword('short', attributes), refusal('InvalidPasswordException'));
    const chosen = 'Better-horse-2';
    const { id } = await verified(await user.newPassword(chosen, attributes));
    assert.equal(id.email, 'new@example.com');

    await assert.rejects(browser.user('new').password(password), refusal('NotAuthorizedException'));
    assert.ok((await browser.user('new').password(chosen)).tokens);
  });
});
