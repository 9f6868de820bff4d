// examples/signin against a server others wrote. cognito-local speaks the
// password flow only: it checks no SRP proof.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCognitoLocal } from '../support/cognito-local.js';
import { example, runToEnd } from '../support/program.js';

const alice = { username: 'alice', password: 'Correct-horse-1', attributes: { email: 'alice@example.com' } };

function signIn(server, password) {
  return runToEnd(example('signin'), [
    '-flow', 'USER_PASSWORD_AUTH', '-endpoint', server.endpoint, '-region', server.region,
    '-user-pool-id', server.userPoolId, '-client-id', server.clientId, '-username', alice.username, '-json',
  ], { env: { COGNITO_PASSWORD: password } });
}

test('examples/signin with USER_PASSWORD_AUTH against cognito-local', async (t) => {
  const server = await startCognitoLocal(t, alice);

  await t.test('the right password gives tokens', async () => {
    const { code, stdout, stderr } = await signIn(server, alice.password);
    assert.equal(code, 0, stderr);
    const tokens = JSON.parse(stdout);
    assert.equal(tokens.username, alice.username);
    for (const name of ['accessToken', 'idToken', 'refreshToken']) assert.ok(tokens[name], name);
    assert.ok(Date.parse(tokens.expiresAt) > Date.now(), `expiresAt ${tokens.expiresAt}`);
    const [, payload] = tokens.idToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    assert.equal(claims.email, alice.attributes.email);
    assert.equal(claims.aud, server.clientId);
  });

  await t.test('a wrong password is one line on standard error and exit code 1', async () => {
    const { code, stdout, stderr } = await signIn(server, 'Wrong-horse-1');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^[^\n]+\n$/);
    assert.doesNotMatch(stderr, /Wrong-horse-1/);
  });
});
